#include "stripe/keyshape.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "base/macros.h"

struct shape {
        enum key_kind kind;
        enum key_mode mode;
        bool odd;
        const char *why;
};

static int parse(const void *bytes, size_t size, struct shape *ret)
{
        struct secret *secret = secret_copy(bytes, size);

        assert_non_null(secret);
        int r = keyshape_parse(secret, &ret->kind, &ret->mode, &ret->odd, &ret->why);
        secret_free(secret);
        return r;
}

/* The prefix, then `n` letters. */
static int parse_long(const char *prefix, size_t n, struct shape *ret)
{
        char bytes[512];
        size_t m = strlen(prefix);

        memcpy(bytes, prefix, m);
        memset(bytes + m, 'x', n);
        return parse(bytes, m + n, ret);
}

static void kinds_and_modes(void **state)
{
        static const struct {
                const char *prefix;
                enum key_kind kind;
                enum key_mode mode;
        } cases[] = {
                { "rk_live_", KIND_RESTRICTED, MODE_LIVE },
                { "rk_test_", KIND_RESTRICTED, MODE_TEST },
                { "sk_live_", KIND_SECRET, MODE_LIVE },
                { "sk_test_", KIND_SECRET, MODE_TEST },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct shape shape = { .why = "untouched" };

                assert_int_equal(parse_long(cases[i].prefix, 99, &shape), 0);
                assert_int_equal(shape.kind, cases[i].kind);
                assert_int_equal(shape.mode, cases[i].mode);
                assert_false(shape.odd);
                assert_string_equal(shape.why, "untouched");
        }
}

static void lengths(void **state)
{
        struct shape shape = { .why = NULL };

        (void) state;
        for (size_t n = 0; n <= 300; n++) {
                int r = parse_long("rk_live_", n, &shape);

                assert_int_equal(r, n >= 10 && n <= 247 ? 0 : -EINVAL);
                if (r == 0)
                        assert_int_equal(shape.odd, n != 24 && n != 99);
        }
        assert_int_equal(parse_long("rk_live_", 9, &shape), -EINVAL);
        assert_non_null(strstr(shape.why, "too short"));
        assert_int_equal(parse_long("rk_live_", 248, &shape), -EINVAL);
        assert_non_null(strstr(shape.why, "too long"));
}

static void refused_with_the_reason(void **state)
{
        static const struct {
                const char *text, *why;
        } cases[] = {
                { "", "nothing" },
                { "pk_live_0123456789abcdefghijklmn", "publishable" },
                { "whsec_0123456789abcdefghijklmn+/=", "webhook signing" },
                { "sk_org_live_0123456789abcdefghijklmn", "organization" },
                { "rkcs_test_0123456789abcdefghijklmn", "claimable sandbox" },
                { "ek_live_0123456789abcdefghijklmn", "ephemeral" },
                { "pss_live_0123456789abcdefghijklmn", "Terminal" },
                { "mk_1AbCdEfGhIjKlMn", "id of a key" },
                { "acct_1AbCdEfGhIjKlMn", "id of an account" },
                { "rk_live_***j4va7j", "masked" },
                { "rk_live_...SYT3", "masked" },
                { " rk_live_0123456789abcdefghijklmn", "a byte that no key has" },
                { "rk_live_0123456789abcdefghijklmn ", "a byte that no key has" },
                { "rk_live_0123456789abcdefghijklmn\n", "a byte that no key has" },
                { "\"rk_live_0123456789abcdefghijklmn\"", "a byte that no key has" },
                { "rk_live_0123456789abc-efghijklmn", "a byte that no key has" },
                { "rk_live_0123456789\xc3\xbc", "a byte that no key has" },
                { "ghp_0123456789abcdefghijklmn", "starts with rk_" },
                { "RK_LIVE_0123456789abcdefghijklmn", "starts with rk_" },
                { "0123456789abcdefghijklmn", "starts with rk_" },
                { "rk_0123456789abcdefghijklmn", "mode is missing" },
                { "rk_prod_0123456789abcdefghijklmn", "mode is missing" },
                { "rk_live", "mode is missing" },
                { "rk_live_", "too short" },
                { "rk_live_abc_0123456789abcdefghijklmn", "a _ too many" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct shape shape = { .kind = (enum key_kind) 77, .mode = (enum key_mode) 78, .why = NULL };

                assert_int_equal(parse(cases[i].text, strlen(cases[i].text), &shape), -EINVAL);
                if (!shape.why || !strstr(shape.why, cases[i].why))
                        fail_msg("'%s': %s", cases[i].text, shape.why ? shape.why : "(null)");
                assert_int_equal(shape.kind, 77); /* outputs stay untouched */
                assert_int_equal(shape.mode, 78);
        }
}

static void a_nul_is_no_end(void **state)
{
        static const char bytes[] = "rk_live_0123456789abcdefghijklmn\0rk_live";
        struct shape shape = { .why = NULL };

        (void) state;
        assert_int_equal(parse(bytes, sizeof(bytes) - 1, &shape), -EINVAL);
        assert_int_equal(parse(bytes, 33, &shape), -EINVAL); /* one NUL at the end */
        assert_int_equal(parse(bytes, 32, &shape), 0);
        assert_int_equal(parse("\0", 1, &shape), -EINVAL);
}

static void reasons_never_echo(void **state)
{
        struct random random = random_new("reasons_never_echo");

        (void) state;
        for (unsigned i = 0; i < 3000; i++) {
                char text[160];
                struct shape shape = { .why = NULL };

                random_key(&random, text);
                size_t n = strlen(text);
                if (random_below(&random, 2))
                        text[random_below(&random, n)] = (char) (1 + random_below(&random, 255));
                if (parse(text, n, &shape) == 0)
                        continue;
                /* Static text: the same pointer for another input of the same fault would do; what counts is
                 * that no piece of the body is in it. */
                char piece[7] = { 0 };
                memcpy(piece, text + n - 6, 6);
                assert_null(strstr(shape.why, piece));
        }
}

static void key_names(void **state)
{
        static const struct {
                const char *name;
                bool valid;
        } cases[] = {
                { "a", true },
                { "7", true },
                { "acme-prod", true },
                { "shop.example:17@eu_west", true },
                { "0123456789012345678901234567890123456789012345678901234567890123", true },
                { "01234567890123456789012345678901234567890123456789012345678901234", false },
                { "", false },
                { "-a", false },
                { ".a", false },
                { "_a", false },
                { "@a", false },
                { "a b", false },
                { "a/b", false },
                { "a\n", false },
                { "\xc3\xbc", false },
                { "a\xc3\xbc", false },
                { "rk_live_abc", false },
                { "x-sk_test_abc", false },
                { "whsec_abc", false },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(key_name_valid(cases[i].name), cases[i].valid);
}

static void accounts(void **state)
{
        static const struct {
                const char *account;
                bool valid;
        } cases[] = {
                { "acct_1", true },
                { "acct_1AbCdEfGhIjKlMnO", true },
                { "acct_01234567890123456789012345678901", true },
                { "acct_012345678901234567890123456789012", false },
                { "acct_", false },
                { "", false },
                { "acct", false },
                { "ACCT_1", false },
                { "acct_1-2", false },
                { "acct_1_2", false },
                { " acct_1", false },
                { "acct_1 ", false },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(account_valid(cases[i].account), cases[i].valid);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(kinds_and_modes),
                cmocka_unit_test(lengths),
                cmocka_unit_test(refused_with_the_reason),
                cmocka_unit_test(a_nul_is_no_end),
                cmocka_unit_test(reasons_never_echo),
                cmocka_unit_test(key_names),
                cmocka_unit_test(accounts),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
