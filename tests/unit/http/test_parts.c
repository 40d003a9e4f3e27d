/* The parts that need no server: options, header lines, buffers, libcurl's codes. */
#include "asker.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#include "http/buffer.h"
#include "http/cause.h"
#include "http/head.h"
#include "http/site.h"

static int try_base(const char *base)
{
        const struct http_options options = { .api_base = base,
                                              .api_version = "2026-10-28.endive",
                                              .timeout = USEC_PER_SEC,
                                              .concurrency = 1 };
        struct site *site = NULL;
        int r = site_new(&options, &site);

        assert_true(r == 0 || !site);
        site_unref(site);
        return r;
}

static void bases(void **state)
{
        static const char *const good[] = {
                "https://api.stripe.com", "https://api.stripe.com/", "https://localhost:8443/prefix",
                "http://127.0.0.1:80",    "http://127.9.9.9",        "http://[::1]:1234",
                "http://localhost:12111", "https://192.0.2.1",
        };
        static const char *const bad[] = {
                "",
                "api.stripe.com",
                "/v1",
                "ftp://127.0.0.1",
                "file:///etc/passwd",
                "http://api.stripe.com",
                "http://192.0.2.1",
                "http://0.0.0.0",
                "http://127.0.0.1.example",
                "http://128.0.0.1",
                "http://[::2]",
                "http://localhost.example",
                "https://user@api.stripe.com",
                "https://user:word@api.stripe.com",
                "https://api.stripe.com?x=y",
                "https://api.stripe.com#x",
                "https://api.stripe.com/\r\nX: y",
                "https://",
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                if (try_base(good[i]) != 0)
                        fail_msg("refused: %s", good[i]);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                if (try_base(bad[i]) != -EINVAL)
                        fail_msg("not refused: %s", bad[i]);
}

static void other_options(void **state)
{
        const struct http_options good = {
                .api_base = "https://x", .api_version = "v", .timeout = USEC_PER_SEC, .concurrency = 1
        };
        struct http_options bad[4] = { good, good, good, good };
        struct site *site = NULL, *same = NULL;

        (void) state;
        bad[0].timeout = 0;
        bad[1].concurrency = 0;
        bad[2].api_version = "v\r\nX: y";
        bad[3].user_agent = "a\nb";
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_int_equal(site_new(&bad[i], &site), -EINVAL);
        assert_null(site);
        assert_int_equal(site_new(&good, &site), 0);
        assert_int_equal(site_new(&good, &same), 0);
        assert_true(site_equal(site, same));
        same->concurrency++;
        assert_false(site_equal(site, same));
        site_unref(site);
        site_unref(same);
}

static void header_lines(void **state)
{
        static const struct {
                const char *line;
                int64_t date, retry;
                int should_retry;
                const char *id;
        } cases[] = {
                { "Date: Fri, 31 Dec 2010 23:59:59 GMT\r\n", -1, -1, -1, "" }, /* Stripe was not there */
                { "Date: Fri, 06 Nov 999999 08:49:37 GMT\r\n", -1, -1, -1, "" },
                { "Date: Fri, 06 Nov 2026 08:49:37 GMT\r\n", 1793954977, -1, -1, "" },
                { "date:Friday, 06-Nov-26 08:49:37 GMT", 1793954977, -1, -1, "" },
                { "Date: Fri Nov  6 08:49:37 2026", 1793954977, -1, -1, "" },
                { "Date: yesterday", -1, -1, -1, "" },
                { "Date:", -1, -1, -1, "" },
                { "Date: Fri, 06 Nov 2026 08:49:37 GMT and a good deal more than any date is long", -1, -1,
                  -1, "" },
                { "Request-Id: req_1", -1, -1, -1, "req_1" },
                { "REQUEST-ID:\treq_1 \r\n", -1, -1, -1, "req_1" },
                { "X-Request-Id: req_1", -1, -1, -1, "" },
                { "Request-Id req_1", -1, -1, -1, "" },
                { "Retry-After: 0", -1, 0, -1, "" },
                { "retry-after: 120\r\n", -1, 120, -1, "" },
                { "Retry-After: 99999999999999999999999", -1, INT32_MAX, -1, "" },
                { "Retry-After: -1", -1, -1, -1, "" },
                { "Retry-After: soon", -1, -1, -1, "" },
                { "Retry-After: Fri, 06 Nov 2026 08:49:37 GMT", -1, 37, -1, "" },
                { "Retry-After: Fri, 06 Nov 2026 08:48:37 GMT", -1, 0, -1, "" },
                { "Stripe-Should-Retry: true", -1, -1, 1, "" },
                { "stripe-should-retry: FALSE\r\n", -1, -1, 0, "" },
                { "Stripe-Should-Retry: perhaps", -1, -1, -1, "" },
                { ":", -1, -1, -1, "" },
                { "", -1, -1, -1, "" },
                { "\r\n", -1, -1, -1, "" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct head head = { 0 };

                head_reset(&head);
                head_line(&head, cases[i].line, strlen(cases[i].line));
                if (head.date_wall != cases[i].date ||
                    head_retry_after(&head, 1793954940) != cases[i].retry ||
                    head.should_retry != cases[i].should_retry || strcmp(head.request_id, cases[i].id) != 0)
                        fail_msg("misread: %s", cases[i].line);
        }
}

static void retry_dates_count_from_the_providers_clock(void **state)
{
        static const char *const lines[] = { "Retry-After: Fri, 06 Nov 2026 08:49:37 GMT",
                                             "Date: Fri, 06 Nov 2026 08:49:27 GMT" };
        struct head head = { 0 };

        (void) state;
        head_reset(&head);
        for (size_t i = 0; i < ELEMENTSOF(lines); i++)
                head_line(&head, lines[i], strlen(lines[i]));
        assert_int_equal(head_retry_after(&head, 0), 10);
        head_line(&head, "Retry-After: 3", 14);
        assert_int_equal(head_retry_after(&head, 0), 3);
        head_line(&head, "HTTP/2 200", 10);
        assert_int_equal(head_retry_after(&head, 0), -1);
        assert_int_equal(head.date_wall, -1);
}

static void a_long_request_id_is_cut(void **state)
{
        char line[400] = "Request-Id: ";
        struct head head = { 0 };

        (void) state;
        memset(line + 12, 'x', sizeof(line) - 12);
        head_reset(&head);
        head_line(&head, line, sizeof(line));
        assert_int_equal(strlen(head.request_id), REQUEST_ID_MAX);
}

static void buffers(void **state)
{
        struct buffer buffer = { 0 };

        (void) state;
        buffer_cut(&buffer, 0);
        buffer_clear(&buffer, 0);
        assert_int_equal(buffer_append(&buffer, "", 0), 0);
        assert_string_equal(buffer.bytes, "");
        for (int i = 0; i < 1000; i++)
                assert_int_equal(buffer_append(&buffer, "0123456789", 10), 0);
        assert_int_equal(buffer.size, 10000);
        assert_int_equal(strlen(buffer.bytes), 10000);
        assert_string_equal(buffer.bytes + 9990, "0123456789");
        buffer_cut(&buffer, 5);
        assert_string_equal(buffer.bytes, "01234");
        assert_int_equal(buffer.bytes[9999], '\0');
        buffer_clear(&buffer, buffer.room);
        assert_non_null(buffer.bytes);
        assert_string_equal(buffer.bytes, "");
        buffer_clear(&buffer, 100);
        assert_null(buffer.bytes);
        assert_int_equal(buffer.room, 0);
}

static void codes(void **state)
{
        static const struct {
                CURLcode code;
                enum transport_error error;
        } cases[] = {
                { CURLE_OK, TRANSPORT_NONE },
                { CURLE_COULDNT_RESOLVE_HOST, TRANSPORT_RESOLVE },
                { CURLE_COULDNT_RESOLVE_PROXY, TRANSPORT_RESOLVE },
                { CURLE_COULDNT_CONNECT, TRANSPORT_CONNECT },
                { CURLE_SSL_CONNECT_ERROR, TRANSPORT_TLS },
                { CURLE_PEER_FAILED_VERIFICATION, TRANSPORT_CERTIFICATE },
                { CURLE_OPERATION_TIMEDOUT, TRANSPORT_TIMEOUT },
                { CURLE_HTTP2_STREAM, TRANSPORT_BROKEN },
                { CURLE_HTTP2, TRANSPORT_BROKEN },
                { CURLE_SEND_ERROR, TRANSPORT_BROKEN },
                { CURLE_SSL_CACERT_BADFILE, TRANSPORT_LOCAL },
                { CURLE_OUT_OF_MEMORY, TRANSPORT_LOCAL },
                { CURLE_URL_MALFORMAT, TRANSPORT_LOCAL },
                { CURL_LAST, TRANSPORT_LOCAL },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(cause_class(cases[i].code), cases[i].error);
        for (int code = CURLE_OK + 1; code <= CURL_LAST; code++)
                assert_int_not_equal(cause_class((CURLcode) code), TRANSPORT_NONE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(bases),
                cmocka_unit_test(other_options),
                cmocka_unit_test(header_lines),
                cmocka_unit_test(retry_dates_count_from_the_providers_clock),
                cmocka_unit_test(a_long_request_id_is_cut),
                cmocka_unit_test(buffers),
                cmocka_unit_test(codes),
        };

        return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
