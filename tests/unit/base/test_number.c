#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/number.h"

static void numbers_are_digits_and_nothing_else(void **state)
{
        static const struct {
                const char *text;
                int64_t min, max;
                int result;
                int64_t value;
        } cases[] = {
                { "0", 0, 10, 0, 0 },
                { "10", 0, 10, 0, 10 },
                { "007", 0, 10, 0, 7 },
                { "-3", -5, 5, 0, -3 },
                { "9223372036854775807", 0, INT64_MAX, 0, INT64_MAX },
                { "11", 0, 10, -ERANGE, 0 },
                { "-1", 0, 10, -ERANGE, 0 },
                { "9223372036854775808", 0, INT64_MAX, -ERANGE, 0 },
                { "", 0, 10, -EINVAL, 0 },
                { "-", -5, 5, -EINVAL, 0 },
                { "+1", 0, 10, -EINVAL, 0 },
                { " 1", 0, 10, -EINVAL, 0 },
                { "1 ", 0, 10, -EINVAL, 0 },
                { "1e3", 0, 10000, -EINVAL, 0 },
                { "0x10", 0, 100, -EINVAL, 0 },
                { "--1", -5, 5, -EINVAL, 0 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                int64_t value = 0;
                int r = number_parse(cases[i].text, cases[i].min, cases[i].max, &value);

                if (r != cases[i].result || value != cases[i].value)
                        fail_msg("\"%s\": %d, %lld", cases[i].text, r, (long long) value);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(numbers_are_digits_and_nothing_else) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
