/* Words that decide something are bits, and no other word is lost by that. */
#include "model/reason.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macros.h"

static void each_word_is_known_by_its_name(void **state)
{
        (void) state;
        for (int i = 0; i < _REASON_MAX; i++)
                assert_int_equal(reasons_parse(reason_name((enum reason) i)), 1u << i);
}

static void words_stand_alone(void **state)
{
        static const struct {
                const char *words;
                unsigned reasons;
        } cases[] = {
                { NULL, 0 },
                { "", 0 },
                { " ", 0 },
                { "money", 0 },
                { "profiles", 0 },
                { "pro", 0 },
                { "key-revoked-twice", 0 },
                { "money profile", 1u << REASON_PROFILE },
                { "profile  money ", 1u << REASON_PROFILE },
                { "unconfirmed reader", 1u << REASON_UNCONFIRMED | 1u << REASON_READER },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(reasons_parse(cases[i].words), cases[i].reasons);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_word_is_known_by_its_name),
                cmocka_unit_test(words_stand_alone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
