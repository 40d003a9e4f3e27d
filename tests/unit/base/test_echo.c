/* A key in an answer, in whatever shape, is blanked; what is no key stays. */
#include <ctype.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "base/echo.h"
#include "base/macros.h"

#define ACCOUNT "1PqVk2LmZx8RtYwE"
#define TAIL    "vT3bN8qRzXc5LmW2kYp7HsJd4FgA9uEiO1rKxMjQhB6nVtCwZyUaGfPlSoIeDq3T8R5k2X7vL9mNb4Jc"

/* The modern body with the account in it, one that is random, and an old one. */
static const char *const keys[] = {
        "rk_live_51" ACCOUNT TAIL "w",
        "rk_live_Zq7" ACCOUNT TAIL,
        "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
};

static void shape_whole(const char *key, char *to)
{
        strcpy(to, key);
}

static void shape_body(const char *key, char *to)
{
        strcpy(to, strrchr(key, '_') + 1);
}

static void shape_account(const char *key, char *to)
{
        sprintf(to, "acct_%.24s", strrchr(key, '_') + 1);
}

static void shape_object(const char *key, char *to)
{
        sprintf(to, "apikeys/mk_%s", strrchr(key, '_') + 1);
}

static void shape_end(const char *key, char *to)
{
        sprintf(to, "ends with %s.", key + strlen(key) - 8);
}

static void shape_backwards(const char *key, char *to)
{
        size_t n = strlen(key);

        for (size_t i = 0; i < n; i++)
                to[i] = key[n - 1 - i];
        to[n] = '\0';
}

static void shape_small(const char *key, char *to)
{
        for (; *key; key++)
                *to++ = (char) tolower(*key);
        *to = '\0';
}

static void shape_apart(const char *key, char *to)
{
        for (size_t i = 0; *key; key++, i++)
                to += sprintf(to, "%c%s", *key, i % 4 == 3 ? "-" : "");
}

static void shape_json(const char *key, char *to)
{
        for (; *key; key++)
                to += sprintf(to, "\\u%04x", *key);
}

static void shape_percent(const char *key, char *to)
{
        for (; *key; key++)
                to += sprintf(to, "%%%02X", *key);
}

static void shape_percent_twice(const char *key, char *to)
{
        for (; *key; key++)
                to += sprintf(to, "%%25%%%02x%%%02x", "0123456789abcdef"[*key >> 4],
                              "0123456789abcdef"[*key & 15]);
}

static void shape_percent_in_json(const char *key, char *to)
{
        for (; *key; key++)
                to += sprintf(to, "\\u0025%02x", *key);
}

/* By the other way than the code: byte triples. */
static void base64(const char *bytes, char *to)
{
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        size_t n = strlen(bytes);

        for (size_t i = 0; i < n; i += 3) {
                unsigned long three = (unsigned long) (unsigned char) bytes[i] << 16;

                if (i + 1 < n)
                        three |= (unsigned long) (unsigned char) bytes[i + 1] << 8;
                if (i + 2 < n)
                        three |= (unsigned char) bytes[i + 2];
                *to++ = digits[three >> 18];
                *to++ = digits[three >> 12 & 63];
                *to++ = i + 1 < n ? digits[three >> 6 & 63] : '=';
                *to++ = i + 2 < n ? digits[three & 63] : '=';
        }
        *to = '\0';
}

static void shape_base64(const char *key, char *to)
{
        base64(key, to);
}

static void shape_base64_bearer(const char *key, char *to)
{
        char text[300];

        sprintf(text, "Bearer %s:", key);
        base64(text, to);
}

static void shape_base64_body(const char *key, char *to)
{
        base64(strrchr(key, '_') + 1, to);
}

static void shape_hex(const char *key, char *to)
{
        for (; *key; key++)
                to += sprintf(to, "%02X", *key);
}

static const struct shape {
        const char *name;
        void (*make)(const char *key, char *to);
        bool encoded; /* nothing of it may stay */
} shapes[] = {
        { "whole", shape_whole, false },
        { "its body", shape_body, false },
        { "as an account", shape_account, false },
        { "as an object", shape_object, false },
        { "its end", shape_end, false },
        { "backwards", shape_backwards, false },
        { "in small letters", shape_small, false },
        { "with hyphens", shape_apart, false },
        { "in \\u escapes", shape_json, false },
        { "in percent escapes", shape_percent, false },
        { "in percent escapes twice", shape_percent_twice, false },
        { "in percent escapes in \\u escapes", shape_percent_in_json, false },
        { "in base64", shape_base64, true },
        { "in base64 with its header", shape_base64_bearer, true },
        { "its body in base64", shape_base64_body, true },
        { "in hexadecimal", shape_hex, true },
};

static bool blank(const char *key, char *bytes)
{
        struct echo echo;
        bool found;

        echo_init(&echo, key, strlen(key));
        found = echo_blank(&echo, bytes, strlen(bytes));
        echo_clear(&echo);
        return found;
}

/* The letters and digits of what is left, in small letters, percent escapes resolved. */
static void plain(const char *text, unsigned depth, char *to)
{
        unsigned byte;
        char *start = to;

        for (; *text; text++)
                if (depth > 0 && sscanf(text, "%%%2x", &byte) == 1 && isxdigit(text[2])) {
                        *to++ = (char) byte;
                        text += 2;
                } else {
                        *to++ = *text;
                }
        *to = '\0';
        if (depth > 1) {
                char *copy = strdup(start);

                plain(copy, depth - 1, start);
                free(copy);
                return;
        }
        to = start;
        for (const char *at = start; *at; at++)
                if (isalnum((unsigned char) *at))
                        *to++ = (char) tolower(*at);
        *to = '\0';
}

static void assert_gone(const char *key, const char *what, const char *left)
{
        const char *body = strrchr(key, '_') + 1;
        size_t from = strncmp(body, "51", 2) == 0 ? 18 - 7 : 0, n = strlen(body);
        char text[4096], piece[9] = "", turned[9] = "";

        for (unsigned depth = 0; depth <= 2; depth++) {
                plain(left, depth, text);
                for (size_t i = from; i + 8 <= n; i++) {
                        for (size_t k = 0; k < 8; k++) {
                                piece[k] = (char) tolower(body[i + k]);
                                turned[7 - k] = piece[k];
                        }
                        if (strstr(text, piece) || strstr(text, turned))
                                fail_msg("%s: a piece of the key is left", what);
                }
        }
}

static void every_shape_is_blanked(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                for (size_t k = 0; k < ELEMENTSOF(shapes); k++) {
                        char echoed[2048], answer[4096], *before;
                        const char *left;
                        json_t *json;

                        shapes[k].make(keys[i], echoed);
                        snprintf(answer, sizeof(answer),
                                 "{\"error\": {\"message\": \"No such '%s'\\n; none\", \"x\": {\"y\": 17}}}",
                                 echoed);
                        before = strdup(answer);
                        if (!blank(keys[i], answer))
                                fail_msg("%s: not seen", shapes[k].name);
                        assert_int_equal(strlen(answer), strlen(before));
                        json = json_loads(answer, 0, NULL);
                        assert_non_null(json);
                        left = json_string_value(json_object_get(json_object_get(json, "error"), "message"));
                        assert_gone(keys[i], shapes[k].name, left);
                        assert_true(strstr(left, "No such '") && strstr(left, "; none"));
                        if (shapes[k].encoded)
                                for (const char *at = left + strlen("No such '"); *at != '\''; at++)
                                        assert_int_equal(*at, '*');
                        json_decref(json);
                        free(before);
                }
}

/* A modern body seems to begin with its account: that much of it may be read. */
static void the_account_stays(void **state)
{
        char text[] = "on account 'acct_" ACCOUNT "' https://dashboard.stripe.com/b/acct_" ACCOUNT;
        char longer[] = "on account 'acct_" ACCOUNT "vT3'";
        char bare[] = "51" ACCOUNT;
        char other[] = "on account 'acct_" ACCOUNT "'";

        (void) state;
        assert_false(blank(keys[0], text));
        assert_non_null(strstr(text, "acct_" ACCOUNT "'"));
        assert_false(blank(keys[0], bare));
        assert_true(blank(keys[0], longer)); /* goes on: all of it is the key's */
        assert_string_equal(longer, "on account 'acct_*******************'");
        assert_true(blank(keys[1], other)); /* no modern body: not the account's own characters */
        assert_string_equal(other, "on account 'acct_****************'");
}

/* Also where the run that goes on is read backwards. */
static void the_account_goes_with_what_follows_it(void **state)
{
        char text[160];

        (void) state;
        shape_backwards("51" ACCOUNT "vT3", text);
        assert_true(blank(keys[0], text));
        assert_string_equal(text, "*********************");
}

/* A backslash that begins no escape of JSON hides nothing. */
static void a_backslash_hides_nothing(void **state)
{
        char text[] = "\\T3qR8 \\R8T3qDeIoSlP";

        (void) state;
        assert_true(blank(keys[1], text));
        assert_string_equal(text, "\\T3qR8 \\************");
}

static void innocent_text_stays(void **state)
{
        static const char *const texts[] = {
                "",
                "{\"error\":{\"message\":\"Expired API Key provided: rk_live_*********************mNb4Jc\"}}",
                "The provided key 'rk_live_51********' does not have the required permissions",
                "acct_1AbCdEfGhIjKlMnO req_AbCdEfGhIjKlMn selgeo_probe_ABCDEFGH01234567",
                "\\",
                "%",
                "%2",
                "%25",
                "\\u",
                "\\u0",
                "\\u00e4",
                "\\u00",
                "a\\",
                "50%",
        };
        char copy[512];

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                for (size_t k = 0; k < ELEMENTSOF(texts); k++) {
                        strcpy(copy, texts[k]);
                        if (blank(keys[i], copy))
                                fail_msg("'%s' became '%s'", texts[k], copy);
                        assert_string_equal(copy, texts[k]);
                }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_shape_is_blanked),
                cmocka_unit_test(the_account_stays),
                cmocka_unit_test(the_account_goes_with_what_follows_it),
                cmocka_unit_test(a_backslash_hides_nothing),
                cmocka_unit_test(innocent_text_stays),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
