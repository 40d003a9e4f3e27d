/* Answers that are not the provider's, or were on their way for too long: none of them is a verdict, and no
 * key comes through. */
#include "stripe/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../random.h"
#include "answers.h"
#include "base/macros.h"
#include "stripe/redact.h"

#define BYTES(literal) (literal), sizeof(literal) - 1

static const char expired[] =
        "{\n  \"error\": {\n    \"code\": \"api_key_expired\",\n    \"message\": \"Expired API Key "
        "provided: rk_test_****KtSz7X\",\n    \"type\": \"invalid_request_error\"\n  }\n}\n";

/* Sent with each of 200, 400, 401, 403, 404, 409, 429. */
static const struct {
        const char *name;
        const char *body;
        size_t size;
} mangled[] = {
        { "empty", BYTES("") },
        { "blank", BYTES(" \n\t ") },
        { "HTML", BYTES("<!DOCTYPE html><html><body>Invalid API Key provided</body></html>") },
        { "XML", BYTES("<?xml version=\"1.0\"?><Error><Code>api_key_expired</Code></Error>") },
        { "plain text", BYTES("Invalid API Key provided: x") },
        { "form", BYTES("error=invalid&code=api_key_expired") },
        { "null", BYTES("null") },
        { "true", BYTES("true") },
        { "number", BYTES("401") },
        { "string", BYTES("\"api_key_expired\"") },
        { "empty array", BYTES("[]") },
        { "array of answers", BYTES("[{\"error\":{\"code\":\"api_key_expired\",\"type\":\"x\"}}]") },
        { "empty object", BYTES("{}") },
        { "string error",
          BYTES("{\"error\":\"invalid_grant\",\"error_description\":\"Invalid API Key provided\"}") },
        { "null error", BYTES("{\"error\":null}") },
        { "array error", BYTES("{\"error\":[{\"code\":\"api_key_expired\"}]}") },
        { "number error", BYTES("{\"error\":401}") },
        { "true error", BYTES("{\"error\":true}") },
        { "errors", BYTES("{\"errors\":{\"code\":\"api_key_expired\",\"type\":\"x\"}}") },
        { "Error", BYTES("{\"Error\":{\"code\":\"api_key_expired\",\"type\":\"x\"}}") },
        { "number code",
          BYTES("{\"error\":{\"code\":403,\"message\":\"required permissions\",\"type\":\"x\"}}") },
        { "array code", BYTES("{\"error\":{\"code\":[\"api_key_expired\"],\"type\":\"x\"}}") },
        { "number message",
          BYTES("{\"error\":{\"code\":\"resource_missing\",\"message\":5,\"type\":\"x\"}}") },
        { "object message",
          BYTES("{\"error\":{\"code\":\"api_key_expired\",\"message\":{},\"type\":\"x\"}}") },
        { "number type", BYTES("{\"error\":{\"code\":\"api_key_expired\",\"type\":1}}") },
        { "number object", BYTES("{\"object\":1,\"data\":[]}") },
        { "null object", BYTES("{\"object\":null,\"data\":[]}") },
        { "object object", BYTES("{\"object\":{\"object\":\"list\"}}") },
        { "NUL in front", BYTES("\0{\"error\":{\"code\":\"api_key_expired\",\"type\":\"x\"}}") },
        { "NUL behind", BYTES("{\"error\":{\"code\":\"api_key_expired\",\"type\":\"x\"}}\0") },
        { "NUL inside", BYTES("{\"error\":{\"code\":\"api_key_expired\0\",\"type\":\"x\"}}") },
        { "escaped NUL in code", BYTES("{\"error\":{\"code\":\"api_key_expired\\u0000\",\"type\":\"x\"}}") },
        { "escaped NUL in object", BYTES("{\"object\":\"list\\u0000\"}") },
        { "escaped NUL in a name",
          BYTES("{\"error\\u0000\":{\"code\":\"api_key_expired\",\"type\":\"x\"}}") },
        { "byte order mark", BYTES("\xef\xbb\xbf{\"error\":{\"code\":\"api_key_expired\",\"type\":\"x\"}}") },
        { "UTF-16", BYTES("{\0\"\0e\0r\0r\0o\0r\0\"\0:\0{\0}\0}\0") },
        { "Latin-1",
          BYTES("{\"error\":{\"code\":\"api_key_expired\",\"message\":\"Schl\xfcssel\",\"type\":\"x\"}}") },
        { "overlong",
          BYTES("{\"error\":{\"code\":\"api_key_expired\",\"message\":\"\xc0\xaf\",\"type\":\"x\"}}") },
        { "half a surrogate",
          BYTES("{\"error\":{\"code\":\"api_key_expired\",\"message\":\"\\ud800\",\"type\":\"x\"}}") },
        { "single quotes", BYTES("{'error':{'code':'api_key_expired','type':'x'}}") },
        { "trailing comma", BYTES("{\"error\":{\"code\":\"api_key_expired\",\"type\":\"x\",}}") },
        { "comment", BYTES("/* x */ {\"error\":{\"code\":\"api_key_expired\",\"type\":\"x\"}}") },
        { "two objects",
          BYTES("{\"object\":\"list\"}{\"error\":{\"code\":\"api_key_expired\",\"type\":\"x\"}}") },
        { "text behind", BYTES("{\"error\":{\"code\":\"api_key_expired\",\"type\":\"x\"}} ok") },
        { "double error",
          BYTES("{\"error\":{\"type\":\"x\"},\"error\":{\"code\":\"api_key_expired\",\"type\":\"x\"}}") },
        { "double code", BYTES("{\"error\":{\"code\":\"x\",\"code\":\"api_key_expired\",\"type\":\"x\"}}") },
        { "guarded", BYTES(")]}'\n{\"error\":{\"code\":\"api_key_expired\",\"type\":\"x\"}}") },
        { "chunk header",
          BYTES("1f\r\n{\"error\":{\"code\":\"api_key_expired\",\"type\":\"x\"}}\r\n0\r\n\r\n") },
        { "huge integer",
          BYTES("{\"error\":{\"code\":\"api_key_expired\",\"type\":\"x\",\"n\":99999999999999999999}}") },
        { "huge real", BYTES("{\"error\":{\"code\":\"api_key_expired\",\"type\":\"x\",\"n\":1e999}}") },
        { "NaN", BYTES("{\"error\":{\"code\":\"api_key_expired\",\"type\":\"x\",\"n\":NaN}}") },
        { "gzip", BYTES("\x1f\x8b\x08\0\0\0\0\0\0\x03\xabV*-N-R\xb2RP") },
};

static const long statuses[] = { 200, 201, 400, 401, 402, 403, 404, 409, 429 };

static void assert_foreign(const char *name, long status, const char *body, size_t size)
{
        struct reply reply = reply_bytes(status, body, size);
        struct judgement j;

        judge(&reply, NULL, &j);
        if (j.answer != ANSWER_UNCLEAR || j.cause != CAUSE_FOREIGN || j.stale_probe)
                fail_msg("%s with %ld: %s/%s", name, status, answer_name(j.answer), cause_name(j.cause));
        assert_string_equal(j.code, "");
}

static void mangled_answers_are_unclear(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(mangled); i++)
                for (size_t k = 0; k < ELEMENTSOF(statuses); k++)
                        assert_foreign(mangled[i].name, statuses[k], mangled[i].body, mangled[i].size);
}

/* The right shape for another status is the wrong shape for this one. */
static void success_with_error_and_the_reverse(void **state)
{
        static const char list[] = "{\"object\":\"list\",\"data\":[]}";

        (void) state;
        assert_foreign("error in 200", 200, BYTES(expired));
        for (size_t i = 2; i < ELEMENTSOF(statuses); i++)
                assert_foreign("list in an error", statuses[i], BYTES(list));
}

/* A gateway that speaks JSON must not be taken for a living key. */
static void json_of_a_gateway(void **state)
{
        (void) state;
        assert_foreign("bare refusal", 403, BYTES("{\"error\":{\"message\":\"Forbidden\"}}"));
        assert_foreign("nothing said", 403, BYTES("{\"error\":{}}"));
        assert_foreign("status as code", 403,
                       BYTES("{\"error\":{\"code\":403,\"message\":\"Forbidden\",\"status\":\"PERMISSION_"
                             "DENIED\"}}"));
}

static void truncated_at_every_byte(void **state)
{
        static const struct {
                long status;
                const char *body;
        } cases[] = {
                { 401, expired },
                { 200, "{\"object\":\"list\",\"url\":\"/v1/"
                       "coupons\",\"has_more\":false,\"data\":[{\"id\":\"x\"}]}" },
                { 404, "{\"error\":{\"code\":\"resource_missing\",\"type\":\"invalid_request_error\"}}" },
                { 403,
                  "{\"error\":{\"code\":\"more_permissions_required\",\"type\":\"invalid_request_error\"}}" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                size_t end = strlen(cases[i].body);

                while (cases[i].body[end - 1] == '\n')
                        end--;
                for (size_t n = 0; n < end; n++)
                        assert_foreign("truncated", cases[i].status, cases[i].body, n);
        }
}

static char *repeated(const char *piece, size_t times, const char *end)
{
        size_t n = strlen(piece);
        char *text = malloc(n * times + strlen(end) + 1), *to = text;

        assert_non_null(text);
        for (size_t i = 0; i < times; i++)
                to = mempcpy(to, piece, n);
        memcpy(to, end, strlen(end) + 1);
        return text;
}

static void nesting_bombs(void **state)
{
        static const char *const pieces[] = { "[", "{\"error\":", "{\"a\":[", "{\"object\":" };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(pieces); i++)
                for (size_t times = 2040; times <= 400000; times *= 14) {
                        char *bomb = repeated(pieces[i], times, "");

                        assert_foreign("bomb", 401, bomb, strlen(bomb));
                        assert_foreign("bomb", 200, bomb, strlen(bomb));
                        free(bomb);
                }
}

static void huge_answers(void **state)
{
        char *blank = repeated(" ", 1 << 20, "<html>");
        char *page = repeated("<p>Invalid API Key provided</p>\n", 40000, "");
        char *long_message = repeated("x", 100000, "\"}}");
        char *whole;
        struct judgement j;

        (void) state;
        assert_foreign("blank", 401, blank, strlen(blank));
        assert_foreign("page", 401, page, strlen(page));

        /* Huge and yet the provider's shape: judged, and cut to what is kept. */
        assert_true(asprintf(&whole,
                             "{\"error\":{\"type\":\"x\",\"code\":\"resource_missing\",\"message\":\"%s",
                             long_message) > 0);
        struct reply reply = reply_text(404, whole);
        judge(&reply, NULL, &j);
        assert_int_equal(j.answer, ANSWER_GRANTED);
        assert_int_equal(strlen(j.text), sizeof(j.text) - 1);
        assert_foreign("cut", 404, whole, strlen(whole) - 2);
        free(whole);
        free(long_message);
        free(page);
        free(blank);
}

static const char *const templates[] = {
        "Invalid API Key provided: @",
        "Permission denied. The provided key '@' does not have the required permissions for this endpoint on "
        "account "
        "'@'. Enabling \\\"@\\\" ('@') permissions at "
        "https://dashboard.stripe.com/b/@?destination=%2Fapikeys%2Fmk_@",
        "The provided key '@' does not have the required permissions on account 'acct_@'. Having the "
        "'rak_@_read' "
        "permission would allow this request to continue.",
        "No such coupon: '@'",
        "@",
        "Enabling @ ('coupon_write') required permissions",
        "Enabling \\\"Coupons Write @\\\" ('@_write') required permissions",
        "word@word @\\n@",
        "\\u00fc@\\u2026@",
};

/* Every @ of the template becomes `key`. */
static void fill(const char *template, const char *key, char *to, size_t size)
{
        for (; *template != '\0'; template ++) {
                const char *put = *template == '@' ? key : template;
                size_t n = *template == '@' ? strlen(key) : 1;

                assert_true(n < size);
                to = mempcpy(to, put, n);
                size -= n;
        }
        *to = '\0';
}

static void no_key_in_any_text(void **state)
{
        struct random random = random_new("no_key_in_any_text");
        const long all[] = { 200, 400, 401, 402, 403, 404, 409, 429, 500 };

        (void) state;
        for (unsigned i = 0; i < 20000; i++) {
                char key[128], message[2048], body[4096];
                struct judgement j;

                random_key(&random, key);
                fill(templates[random_below(&random, ELEMENTSOF(templates))], key, message, sizeof(message));
                snprintf(body, sizeof(body),
                         "{\"object\":\"%s\",\"error\":{\"type\":\"%s\",\"code\":\"%s\",\"message\":\"%s\"}}",
                         key, key, random_below(&random, 3) > 0 ? "more_permissions_required" : key, message);

                struct reply reply = reply_text(all[random_below(&random, ELEMENTSOF(all))], body);
                reply.request_id = random_below(&random, 2) ? key : "req_1";
                if (random_below(&random, 8) == 0) {
                        reply.error = TRANSPORT_CERTIFICATE;
                        reply.detail = message;
                }
                judge(&reply, NULL, &j);

                const char *texts[] = JUDGEMENT_TEXTS(&j);
                size_t visible = strlen(key) >= 12 ? strlen(key) - 12 : 0;
                for (size_t k = 0; k < N_JUDGEMENT_TEXTS; k++) {
                        assert_false(looks_like_key(texts[k]));
                        for (size_t at = 0; at < visible; at++) {
                                char piece[13];

                                memcpy(piece, key + at, 12);
                                piece[12] = '\0';
                                if (strstr(texts[k], piece))
                                        fail_msg("%s survives in %s (status %ld)", piece, texts[k],
                                                 reply.status);
                        }
                }
        }
}

/* Four megabytes of the smallest objects would take the parser 333. */
static void crowded_answers(void **state)
{
        static const char begin[] = "{\"object\":\"list\",\"data\":[", end[] = "{}]}";
        const size_t size = (size_t) 4 << 20;
        char *body = malloc(size + sizeof(end));
        struct judgement j;
        size_t n = sizeof(begin) - 1;

        (void) state;
        assert_non_null(body);
        memcpy(body, begin, n);
        for (; n + 3 < size; n += 3)
                memcpy(body + n, "{},", 3);
        memcpy(body + n, end, sizeof(end));
        struct reply reply = reply_text(200, body);
        judge(&reply, NULL, &j);
        assert_int_equal(j.answer, ANSWER_UNCLEAR);
        free(body);
}

static void nothing_of_a_401_message_is_kept(void **state)
{
        struct random random = random_new("nothing_of_a_401_message_is_kept");

        (void) state;
        for (unsigned i = 0; i < 2000; i++) {
                char word[32], body[256];
                struct judgement j;

                random_alnum(&random, word, 12);
                snprintf(body, sizeof(body), "{\"error\":{\"type\":\"x\",\"message\":\"%s%s\"}}",
                         random_below(&random, 2) ? "Invalid API Key provided: " : "", word);
                struct reply reply = reply_text(401, body);
                judge(&reply, NULL, &j);
                const char *texts[] = JUDGEMENT_TEXTS(&j);
                for (size_t k = 0; k < N_JUDGEMENT_TEXTS; k++)
                        assert_null(strstr(texts[k], word));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(mangled_answers_are_unclear),
                cmocka_unit_test(success_with_error_and_the_reverse),
                cmocka_unit_test(json_of_a_gateway),
                cmocka_unit_test(truncated_at_every_byte),
                cmocka_unit_test(nesting_bombs),
                cmocka_unit_test(huge_answers),
                cmocka_unit_test(crowded_answers),
                cmocka_unit_test(no_key_in_any_text),
                cmocka_unit_test(nothing_of_a_401_message_is_kept),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
