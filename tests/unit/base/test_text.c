/* What may be stored, and how what others wrote is shown. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/text.h"

#define ACCOUNT "1PqVk2LmZx8RtYwE"
#define TAIL    "vT3bN8qRzXc5LmW2kYp7HsJd4FgA9uEiO1rKxMjQhB6nVtCwZyUaGfPlSoIeDq3T8R5k2X7vL9mNb4Jc"
#define MODERN  "rk_live_51" ACCOUNT TAIL "w"
#define OLD     "rk_test_4eC39HqLyjWDarjtT1zdp7dc"

/* Each of these, and no other way to write it, is in what is refused. */
#define BIDI     "\xe2\x80\xae"     /* U+202E */
#define ZERO     "\xe2\x80\x8b"     /* U+200B */
#define ARABIC   "\xd8\x9c"         /* U+061C */
#define HYPHEN   "\xc2\xad"         /* U+00AD */
#define TAG      "\xf3\xa0\x81\x81" /* U+E0041 */
#define NEL      "\xc2\x85"         /* U+0085 */
#define LINE     "\xe2\x80\xa8"     /* U+2028 */
#define OVERLONG "\xc0\xaf"
#define HALF     "\xed\xa0\x80" /* U+D800 */
#define NONE     "\xef\xbf\xbe" /* U+FFFE */
#define BEYOND   "\xf4\x90\x80\x80"

static void what_may_be_stored(void **state)
{
        static const struct {
                const char *text, *key;
                size_t max;
                bool valid;
        } cases[] = {
                { "", NULL, 64, true },
                { "acme, Inc.", NULL, 64, true },
                { "Zoë & Søn – 日本", NULL, 64, true },
                { "\xf0\x9f\x91\x8d", NULL, 4, true },
                { "\xf0\x9f\x91\x8d", NULL, 3, false },
                { "four", NULL, 3, false },
                { "a\nb", NULL, 64, false },
                { "a\tb", NULL, 64, false },
                { "a\x1b[2Jb", NULL, 64, false },
                { "a\x7f", NULL, 64, false },
                { "a" BIDI, NULL, 64, false },
                { ZERO "a", NULL, 64, false },
                { "a" ARABIC "b", NULL, 64, false },
                { "a" HYPHEN, NULL, 64, false },
                { "a" TAG, NULL, 64, false },
                { "a" NEL, NULL, 64, false },
                { "a" LINE, NULL, 64, false },
                { "a" OVERLONG, NULL, 64, false },
                { "a" HALF, NULL, 64, false },
                { "a" NONE, NULL, 64, false },
                { "a" BEYOND, NULL, 64, false },
                { "a\xff", NULL, 64, false },
                { "a\xe2\x80", NULL, 64, false },
                { "4eC39HqLyjWD", OLD, 64, false },
                { "note: T1zdp7dc is its end", OLD, 64, true },
                { "note: yjWDarjtT1zdp7dc", OLD, 64, false },
                { "acct_" ACCOUNT, MODERN, 64, true },
                { "51" ACCOUNT, MODERN, 64, true },
                { "acct_" ACCOUNT "v", MODERN, 64, false },
                { "KxMjQhB6nVtCw", MODERN, 64, false },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const char *reason = NULL, *key = cases[i].key;
                struct secret *secret = key ? secret_copy(key, strlen(key)) : NULL;
                int r = text_check(cases[i].text, cases[i].max, secret, &reason);

                if (r != (cases[i].valid ? 0 : -EINVAL) || !reason != cases[i].valid)
                        fail_msg("case %zu: %d, %s", i, r, reason ? reason : "valid");
                secret_free(secret);
        }
}

static void what_is_shown(void **state)
{
        static const struct {
                const char *from, *to;
        } cases[] = {
                { "", "" },
                { "Zoë\nSøn", "Zoë\nSøn" },
                { "a\x1b[2Jb\r", "a?[2Jb?" },
                { BIDI "x" ZERO TAG "y" ARABIC, "?x??y?" },
                { "\xff\xe2\x80", "???" },
                { "ü" OVERLONG "ü", "ü??ü" },
        };
        char text[64];

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                strcpy(text, cases[i].from);
                assert_int_equal(text_is_clean(text), strcmp(cases[i].from, cases[i].to) == 0);
                assert_string_equal(text_scrub(text), cases[i].to);
                assert_true(text_is_clean(text));
        }
        assert_null(text_scrub(NULL));
}

static void labels_have_names_for_the_journal(void **state)
{
        (void) state;
        assert_true(text_is_label_name("a"));
        assert_true(text_is_label_name("x_team_2"));
        assert_true(text_is_label_name("a23456789012345678901234567890123456789012345678"));
        assert_false(text_is_label_name("a234567890123456789012345678901234567890123456789"));
        assert_false(text_is_label_name(""));
        assert_false(text_is_label_name("2a"));
        assert_false(text_is_label_name("_a"));
        assert_false(text_is_label_name("Team"));
        assert_false(text_is_label_name("a-b"));
        assert_false(text_is_label_name("a\n"));
}

static void quotes_are_straightened(void **state)
{
        char to[16];

        (void) state;
        text_straighten("\xe2\x80\x9cyou\xe2\x80\x99ve\xe2\x80\x9d \xe2\x80\xa6", to, sizeof(to));
        assert_string_equal(to, "\"you've\" \xe2\x80\xa6");
        text_straighten("\xe2\x80\x98x\xe2\x80", to, sizeof(to));
        assert_string_equal(to, "'x\xe2\x80");
        text_straighten("0123456789", to, 4);
        assert_string_equal(to, "012");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_may_be_stored),
                cmocka_unit_test(what_is_shown),
                cmocka_unit_test(labels_have_names_for_the_journal),
                cmocka_unit_test(quotes_are_straightened),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
