/* What is asked and what is understood, over plain HTTP. */
#include "asker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void serve_refusal(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        while (peer_hear(fd, notes))
                peer_answer(fd, "403 Forbidden",
                            "Request-Id: req_abc123\r\n"
                            "Date: Fri, 06 Nov 2026 08:49:37 GMT\r\n"
                            "Retry-After: 17\r\n"
                            "Stripe-Should-Retry: false\r\n",
                            "{\"error\":{}}");
}

static void the_answer_is_handed_over(void **state)
{
        struct asker *asker = *state;
        const struct seen *seen;

        asker_serve(asker, serve_refusal);
        seen = asker_get(asker, "/v1/customers/x");
        assert_int_equal(seen->error, TRANSPORT_NONE);
        assert_int_equal(seen->status, 403);
        assert_string_equal(seen->detail, "");
        assert_string_equal(seen->body, "{\"error\":{}}");
        assert_int_equal(seen->size, strlen(seen->body));
        assert_string_equal(seen->request_id, "req_abc123");
        assert_int_equal(seen->date_wall, 1793954977);
        assert_int_equal(seen->retry_after, 17);
        assert_int_equal(seen->should_retry, 0);
        assert_true(seen->duration_usec > 0);
}

static void assert_asked(struct asker *asker, const char *line)
{
        if (!strcasestr(asker->peer.notes->last, line))
                fail_msg("'%s' is missing in: %s", line, asker->peer.notes->last);
}

static void assert_not_asked(struct asker *asker, const char *line)
{
        if (strcasestr(asker->peer.notes->last, line))
                fail_msg("'%s' is in: %s", line, asker->peer.notes->last);
}

static void the_request_says_who_and_what(void **state)
{
        struct asker *asker = *state;
        char authorization[256];

        asker_serve(asker, serve_refusal);
        asker_get(asker, "/v1/customers/x?limit=1");
        assert_asked(asker, "GET /v1/customers/x?limit=1 HTTP/1.1\r\n");
        snprintf(authorization, sizeof(authorization), "\r\nAuthorization: Bearer %s\r\n", asker->key->bytes);
        assert_asked(asker, authorization);
        assert_asked(asker, "\r\nStripe-Version: 2026-10-28.endive\r\n");
        assert_asked(asker, "\r\nUser-Agent: keyvigil/" PACKAGE_VERSION " (");
        assert_not_asked(asker, "Accept-Encoding");
        assert_not_asked(asker, "Cookie");
}

static void methods_follow_one_another_on_one_handle(void **state)
{
        struct asker *asker = *state;
        struct request request;

        asker_serve(asker, serve_refusal);
        for (int round = 0; round < 2; round++) {
                request = asker_request(asker, METHOD_POST, "/v1/coupons");
                request.body = "id=selgeo_probe_x&percent_off=1";
                asker_start(asker, &request);
                asker_await(asker, 1);
                assert_asked(asker, "POST /v1/coupons HTTP/1.1\r\n");
                assert_asked(asker, "\r\nContent-Type: application/x-www-form-urlencoded\r\n");
                assert_asked(asker, "\r\n\r\nid=selgeo_probe_x&percent_off=1");

                request = asker_request(asker, METHOD_DELETE, "/v1/coupons/x");
                asker_start(asker, &request);
                asker_await(asker, 1);
                assert_asked(asker, "DELETE /v1/coupons/x HTTP/1.1\r\n");
                assert_not_asked(asker, "selgeo_probe");

                request = asker_request(asker, METHOD_POST, "/v1/customers/x");
                asker_start(asker, &request);
                asker_await(asker, 1);
                assert_asked(asker, "POST /v1/customers/x HTTP/1.1\r\n");
                assert_asked(asker, "\r\nContent-Length: 0\r\n");

                asker_get(asker, "/v1/events");
                assert_asked(asker, "GET /v1/events HTTP/1.1\r\n");
                assert_not_asked(asker, "Content-Length");
        }
        assert_int_equal(asker->peer.notes->connections, 1);
}

static void serve_chatty(int fd, unsigned n, struct peer_notes *notes)
{
        (void) n;
        if (!peer_hear(fd, notes))
                return;
        peer_say(fd, "HTTP/1.1 103 Early Hints\r\nRequest-Id: req_early\r\nRetry-After: 5\r\n\r\n");
        peer_answer(fd, "200 OK", "", "");
}

static void an_informational_answer_is_not_the_answer(void **state)
{
        struct asker *asker = *state;
        const struct seen *seen;

        asker_serve(asker, serve_chatty);
        seen = asker_get(asker, "/");
        assert_int_equal(seen->status, 200);
        assert_string_equal(seen->request_id, "");
        assert_int_equal(seen->retry_after, -1);
        assert_int_equal(seen->date_wall, -1);
        assert_int_equal(seen->should_retry, -1);
        assert_int_equal(seen->size, 0);
        assert_string_equal(seen->body, "");
}

static void serve_echo(int fd, unsigned n, struct peer_notes *notes)
{
        char headers[512], body[1024], *key;

        (void) n;
        if (!peer_hear(fd, notes))
                return;
        key = strstr(notes->last, "Bearer ") + 7;
        snprintf(headers, sizeof(headers), "Request-Id: req_%.20s\r\n", key + 5);
        snprintf(body, sizeof(body), "{\"seen\": \"%.*s!\"}", (int) strcspn(key, "\r"), key);
        peer_answer(fd, "200 OK", headers, body);
}

static void a_key_that_is_echoed_reaches_nobody(void **state)
{
        struct asker *asker = *state;
        const char *body = strrchr(asker->key->bytes, '_') + 1;

        asker_serve(asker, serve_echo);
        assert_string_equal(asker_get(asker, "/")->request_id, "");
        assert_non_null(strstr(asker->last.body, "{\"seen\": \""));
        assert_null(strstr(asker->last.body, body));
        assert_non_null(strstr(asker->last.body, "***!\"}"));
        assert_int_equal(asker->last.status, 200);
}

static void requests_that_must_not_be_sent_are_refused(void **state)
{
        struct asker *asker = *state;
        struct request sound, request;
        struct secret *bad = secret_copy("rk_test\r\nX: y", 13), *empty = secret_new(0);
        struct call *call = NULL;
        const struct secret *keys[] = { bad, empty };
        const char *paths[] = { "", "v1", "@evil.example/", "/a b", "/a\r\nX: y", "/\xc3\xa4" };

        asker_serve(asker, serve_refusal);
        sound = request = asker_request(asker, METHOD_GET, "/");
        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                request.key = keys[i];
                assert_int_equal(
                        asker->transport->start(asker->transport, &request, asker_note, asker, &call),
                        -EINVAL);
        }
        request = sound;
        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                request.path = paths[i];
                assert_int_equal(
                        asker->transport->start(asker->transport, &request, asker_note, asker, &call),
                        -EINVAL);
        }
        request = sound;
        request.body = "a=b";
        assert_int_equal(asker->transport->start(asker->transport, &request, asker_note, asker, &call),
                         -EINVAL);
        assert_null(call);
        secret_free(bad);
        secret_free(empty);
        assert_int_equal(asker_get(asker, "/")->status, 403);
        assert_int_equal(asker->peer.notes->requests, 1);
}

static void more_than_the_concurrency_is_refused(void **state)
{
        struct asker *asker = *state;
        struct request request;
        struct call *call = NULL;

        asker->options.concurrency = 2;
        asker_serve(asker, serve_refusal);
        request = asker_request(asker, METHOD_GET, "/");
        asker_start(asker, &request);
        asker_start(asker, &request);
        assert_int_equal(asker->transport->start(asker->transport, &request, asker_note, asker, &call),
                         -EMFILE);
        assert_null(call);
        asker_await(asker, 2);
        assert_int_equal(asker_get(asker, "/")->status, 403);
        assert_int_equal(asker->peer.notes->requests, 3);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, asker_setup, asker_teardown)
                TEST(the_answer_is_handed_over),
                TEST(the_request_says_who_and_what),
                TEST(methods_follow_one_another_on_one_handle),
                TEST(an_informational_answer_is_not_the_answer),
                TEST(a_key_that_is_echoed_reaches_nobody),
                TEST(requests_that_must_not_be_sent_are_refused),
                TEST(more_than_the_concurrency_is_refused),
        };

        return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
