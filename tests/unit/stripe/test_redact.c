#include "stripe/redact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "base/macros.h"

static const struct {
        const char *from, *to;
} texts[] = {
        { "", "" },
        { "nothing secret", "nothing secret" },
        { "No such coupon: 'NOPE123'", "No such coupon: 'NOPE123'" },
        /* Forms of keys, plain and masked. */
        { "key rk_live_abcDEF123 is", "key [key] is" },
        { "rk_live_***j4va7j", "[key]" },
        { "rk_live_...SYT3", "[key]" },
        { "rk_live_\xe2\x80\xa6SYT3", "[key]" },
        { "rk_live_\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2SYT3", "[key]" },
        { "provided: \"sk_test***M6F\"", "provided: \"[key]\"" },
        { "'ek_test_YW***\xe2\x80\xa6_******ZRhu'", "'[key]'" },
        { "'rk_live_51AbC********dEf9'", "'[key]'" },
        { "rk_live_########cdef.", "[key]" },
        { "rk_live_xxxxxxxxxxxxcdef", "[key]" },
        { "sk_test_****lder", "[key]" },
        { "'sk_live_x' and 'rk_test_y'", "'[key]' and '[key]'" },
        { "rkcs_test_abc", "[key]" },
        { "pk_live_abc", "[key]" },
        { "ek_test_abc", "[key]" },
        { "pss_live_abc", "[key]" },
        { "whsec_abc+x", "[key]+x" },
        { "sk_org_live_abc", "[key]" },
        { "SK_LIVE_ABC", "[key]" },
        { "sk_a", "[key]" },
        { "sk_", "sk_" },
        { "'sk_'", "'sk_'" },
        { "_sk_live_a", "_[key]" },
        { "Bearer=rk_test_a&b", "Bearer=[key]&b" },
        /* Split by bytes that a terminal would not show. */
        { "sk_live_abc\x01zzz", "[key]" },
        { "sk_live_abc\xe2\x80\x8bzzz", "[key]" },
        { "sk_live_abc\ndef", "[key]" },
        { "sk_live_abc\xff"
          "def",
          "[key]" },
        /* Glued to a word: a mode and enough of a body. */
        { "keysk_live_abcdefgh", "key[key]" },
        { "keysk_live_abcdefg", "keysk_live_abcdefg" },
        { "keywhsec_abcdefgh", "key[key]" },
        { "\\nsk_live_...ab", "\\n[key]" },
        { "task_list", "task_list" },
        { "disk_test_7", "disk_test_7" },
        { "rak_coupon_write", "rak_coupon_write" },
        { "risk_read, bank_write", "risk_read, bank_write" },
        /* Bodies without their prefix, and ids that must stay readable. */
        { "51AbCdEfGhIjKlMnOpQrStUvWx", "[key]" },
        { "live_51AbCdEfGhIjKlMnOpQrStUvWx", "live_[key]" },
        { "rk%5Flive%5F51AbCdEfGhIjKlMnOpQrStUvWx", "rk%5Flive%[key]" },
        { "acct_1032D82eZvKYlo2CAbCdEf", "acct_1032D82eZvKYlo2CAbCdEf" },
        { "mk_1AbCdEfGhIjKlMnOpQrStUvWx", "mk_1AbCdEfGhIjKlMnOpQrStUvWx" },
        { "apikeys%2Fmk_1AbCdEfGhIjKlMnOpQrSt%2Fedit", "apikeys%2Fmk_1AbCdEfGhIjKlMnOpQrSt%2Fedit" },
        { "onlysmallletters0000000000000", "onlysmallletters0000000000000" },
        { "1AbCdEfGhIjKlMnOpQr", "1AbCdEfGhIjKlMnOpQr" },
        /* Text that could play tricks. */
        { "a\x1b[31mb", "a?[31mb" },
        { "line\nline", "line?line" },
        { "\x7f", "?" },
        { "\xc2\x85", "?" },
        { "a\xe2\x80\xae-", "a?-" },
        { "\xef\xbb\xbfx", "?x" },
        { "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
        { "\xf0\x9f\x94\x91", "\xf0\x9f\x94\x91" },
        { "\xc3", "?" },
        { "\xc3(", "?(" },
        { "\xc0\xaf", "??" },
        { "\xe0\x80\xaf", "???" },
        { "\xed\xa0\x80", "???" },
        { "\xf4\x90\x80\x80", "????" },
        { "\xf8\x88\x80\x80\x80", "?????" },
        { "\xff\xfe", "??" },
};

static void table(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                char to[256];

                redact(texts[i].from, to, sizeof(to));
                assert_string_equal(to, texts[i].to);
        }
}

static void cut_to_every_size(void **state)
{
        static const char text[] = "a\xc3\xbc rk_live_abcdef \xf0\x9f\x94\x91 end";
        static const char whole[] = "a\xc3\xbc [key] \xf0\x9f\x94\x91 end";

        (void) state;
        for (size_t size = 1; size <= sizeof(whole) + 2; size++) {
                char to[sizeof(whole) + 4];

                memset(to, 'Z', sizeof(to));
                redact(text, to, size);
                size_t n = strlen(to);
                assert_true(n < size);
                assert_memory_equal(to, whole, n);
                assert_true((to[n] == '\0') && ((unsigned char) whole[n] & 0xc0) != 0x80);
                assert_int_equal(to[size], 'Z'); /* nothing is written beyond */
        }

        char untouched = 'Z';
        redact(text, &untouched, 0);
        assert_int_equal(untouched, 'Z');
}

static void key_likeness(void **state)
{
        static const struct {
                const char *text;
                bool like;
        } cases[] = {
                { "", false },
                { "merchant-17", false },
                { "task_list", false },
                { "sk_live_x", true },
                { "shop: rk_test_***", true },
                { "whsec_x", true },
                { "0ujsswThIGTUYm2K8FjOOfXtY1K", false }, /* a bare run may be somebody's customer number */
                { "mk_1AbC", false },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(looks_like_key(cases[i].text), cases[i].like);
}

/* Whatever goes in: the result is a string within its bounds, without keys and control bytes, and stable. */
static void any_bytes(void **state)
{
        struct random random = random_new("any_bytes");

        (void) state;
        for (unsigned i = 0; i < 20000; i++) {
                char from[300], once[200], twice[200];
                size_t n = 0;

                while (n < 150) {
                        char key[128];

                        switch (random_below(&random, 8)) {
                        case 0:
                                random_key(&random, key);
                                n += (size_t) snprintf(from + n, 128, "%s", key);
                                break;
                        case 1:
                        case 2:
                                from[n++] = (char) (1 + random_below(&random, 255));
                                break;
                        default:
                                from[n++] = "abkrs_ .*live"[random_below(&random, 13)];
                        }
                }
                from[n] = '\0';
                redact(from, once, sizeof(once));
                assert_true(strlen(once) < sizeof(once));
                assert_false(looks_like_key(once));
                for (const char *at = once; *at != '\0'; at++)
                        assert_true((unsigned char) *at >= 0x20 && *at != 0x7f);
                redact(once, twice, sizeof(twice));
                assert_string_equal(once, twice);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(table),
                cmocka_unit_test(cut_to_every_size),
                cmocka_unit_test(key_likeness),
                cmocka_unit_test(any_bytes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
