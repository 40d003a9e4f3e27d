#include "model/grants.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "base/macros.h"

/* What is known of read and of write, in each grant: 1 yes, 0 no, -1 not known. */
static const struct {
        enum grant grant;
        int read, write;
        enum level level;
} known[] = {
        { GRANT_UNKNOWN, -1, -1, LEVEL_NONE },    { GRANT_NONE, 0, 0, LEVEL_NONE },
        { GRANT_NOT_WRITE, -1, 0, LEVEL_NONE },   { GRANT_READ, 1, 0, LEVEL_READ },
        { GRANT_READ_ONWARD, 1, -1, LEVEL_READ }, { GRANT_WRITE, 1, 1, LEVEL_WRITE },
        { GRANT_OFF, -1, -1, LEVEL_NONE },
};

static void what_is_known(void **state)
{
        (void) state;
        assert_int_equal(ELEMENTSOF(known), _GRANT_MAX);
        for (size_t i = 0; i < ELEMENTSOF(known); i++) {
                assert_int_equal(grant_has(known[i].grant, LEVEL_READ), known[i].read);
                assert_int_equal(grant_has(known[i].grant, LEVEL_WRITE), known[i].write);
                assert_int_equal(grant_level(known[i].grant), known[i].level);
        }
}

static void every_answer_to_every_grant(void **state)
{
        static const enum grant after[_GRANT_MAX][4] = {
                /*                     read refused, read granted, write refused, write granted */
                [GRANT_UNKNOWN] = { GRANT_NONE, GRANT_READ_ONWARD, GRANT_NOT_WRITE, GRANT_WRITE },
                [GRANT_NONE] = { GRANT_NONE, GRANT_READ, GRANT_NONE, GRANT_WRITE },
                [GRANT_NOT_WRITE] = { GRANT_NONE, GRANT_READ, GRANT_NOT_WRITE, GRANT_WRITE },
                [GRANT_READ] = { GRANT_NONE, GRANT_READ, GRANT_READ, GRANT_WRITE },
                [GRANT_READ_ONWARD] = { GRANT_NONE, GRANT_READ_ONWARD, GRANT_READ, GRANT_WRITE },
                [GRANT_WRITE] = { GRANT_NONE, GRANT_WRITE, GRANT_READ, GRANT_WRITE },
                [GRANT_OFF] = { GRANT_NONE, GRANT_READ_ONWARD, GRANT_NOT_WRITE, GRANT_WRITE },
        };

        (void) state;
        for (int before = 0; before < _GRANT_MAX; before++)
                for (int i = 0; i < 4; i++) {
                        enum level level = i < 2 ? LEVEL_READ : LEVEL_WRITE;
                        enum grant is = grant_seen((enum grant) before, level, i % 2 == 1);

                        if (is != after[before][i])
                                fail_msg("grant %d, answer %d: %d", before, i, (int) is);
                        assert_int_equal(grant_has(is, level), i % 2); /* the answer is always believed */
                }
}

static void slots_do_not_touch_each_other(void **state)
{
        struct random random = random_new("slots_do_not_touch_each_other");
        enum grant model[SLOTS_MAX] = { 0 };
        struct grants grants = { 0 };

        (void) state;
        assert_int_equal(sizeof(grants), 80);
        for (unsigned i = 0; i < 20000; i++) {
                unsigned slot = (unsigned) random_below(&random, SLOTS_MAX);

                model[slot] = (enum grant) random_below(&random, _GRANT_MAX);
                grants_put(&grants, slot, model[slot]);
                if (i % 97 == 0)
                        for (unsigned k = 0; k < SLOTS_MAX; k++)
                                assert_int_equal(grants_get(&grants, k), model[k]);
        }

        char text[SLOTS_MAX + 1];
        struct grants back;
        grants_format(&grants, SLOTS_MAX, text);
        grants_parse(text, &back);
        assert_memory_equal(&back, &grants, sizeof(back));
}

static void text(void **state)
{
        struct grants grants;
        char is[SLOTS_MAX + 1];

        (void) state;
        grants_parse("?-xrRwo", &grants);
        for (unsigned i = 0; i < _GRANT_MAX; i++)
                assert_int_equal(grants_get(&grants, i), i);
        grants_format(&grants, 8, is);
        assert_string_equal(is, "?-xrRwo?");
        grants_format(&grants, 0, is);
        assert_string_equal(is, "");
        grants_format(&grants, 2, is);
        assert_string_equal(is, "?-");
}

static void text_of_a_foreign_file(void **state)
{
        char longer[2 * SLOTS_MAX + 1], is[SLOTS_MAX + 1];
        struct grants grants;

        (void) state;
        grants_parse("wZw\xff"
                     "w\nw",
                     &grants);
        grants_format(&grants, 8, is);
        assert_string_equal(is, "w?w?w?w?");
        memset(longer, 'w', sizeof(longer) - 1);
        longer[sizeof(longer) - 1] = '\0';
        grants_parse(longer, &grants);
        assert_int_equal(grants_get(&grants, SLOTS_MAX - 1), GRANT_WRITE);
        grants_parse("", &grants);
        for (unsigned i = 0; i < SLOTS_MAX; i++)
                assert_int_equal(grants_get(&grants, i), GRANT_UNKNOWN);
}

static void levels(void **state)
{
        (void) state;
        assert_string_equal(level_name(LEVEL_NONE), "none");
        assert_string_equal(level_name(LEVEL_READ), "read");
        assert_string_equal(level_name(LEVEL_WRITE), "write");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_known),
                cmocka_unit_test(every_answer_to_every_grant),
                cmocka_unit_test(slots_do_not_touch_each_other),
                cmocka_unit_test(text),
                cmocka_unit_test(text_of_a_foreign_file),
                cmocka_unit_test(levels),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
