#include "base/datetime.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "base/macros.h"

static void formats(void **state)
{
        static const struct {
                int64_t wall;
                const char *text;
        } cases[] = {
                { INT64_MIN, "never" },
                { -1, "never" },
                { 0, "never" },
                { 1, "1970-01-01T00:00:01Z" },
                { 951782400, "2000-02-29T00:00:00Z" },
                { 1795230733, "2026-11-21T03:12:13Z" },
                { 4102444799, "2099-12-31T23:59:59Z" },
                { 253402300799, "9999-12-31T23:59:59Z" },
                { INT64_MAX, "never" },
        };
        char buffer[DATETIME_MAX];

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_ptr_equal(datetime_format(cases[i].wall, buffer), buffer);
                assert_string_equal(buffer, cases[i].text);
        }
}

static void parses(void **state)
{
        static const struct {
                const char *text;
                int64_t wall;
        } cases[] = {
                { "1970-01-01", 0 },
                { "2026-11-21", 1795219200 },
                { "2026-11-21T03:12:13Z", 1795230733 },
                { "2026-11-21t03:12:13z", 1795230733 },
                { "2026-11-21 03:12:13Z", 1795230733 },
                { "2026-11-21T03:12:13+01:00", 1795227133 },
                { "2026-11-21T03:12:13-01:30", 1795236133 },
                { "2026-11-21T00:00:00+00:00", 1795219200 },
                { "2000-02-29", 951782400 },
                { "2024-02-29", 1709164800 },
                { "9999-12-31T23:59:59Z", 253402300799 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                int64_t wall = -7;

                assert_int_equal(datetime_parse(cases[i].text, &wall), 0);
                assert_int_equal(wall, cases[i].wall);
        }
}

static void refuses(void **state)
{
        static const char *const cases[] = {
                "",
                "now",
                "2026",
                "2026-11",
                "2026-11-2",
                "2026-1-21",
                "26-11-21",
                "2026/11/21",
                "2026-11-21x",
                "2026-11-21T",
                "2026-11-21 ",
                "2026-11-21T03:12",
                "2026-11-21T03:12:13",
                "2026-11-21T03:12:13x",
                "2026-11-21T03:12:13ZZ",
                "2026-11-21T03:12:13.5Z",
                "2026-11-21T03:12:13+1:00",
                "2026-11-21T03:12:13+0100",
                "2026-11-21T03:12:13+24:00",
                "2026-11-21T03:12:13+01:60",
                "2026-11-21T03:12:13+01:00x",
                "2026-11-21T24:00:00Z",
                "2026-11-21T03:60:00Z",
                "2026-11-21T03:12:60Z",
                "2026-11-21T-3:12:13Z",
                "2026-11-21T03 12 13Z",
                "2026-02-29",
                "1900-02-29",
                "2026-02-30",
                "2026-04-31",
                "2026-00-10",
                "2026-13-10",
                "2026-11-00",
                "2026-11-32",
                "1969-12-31",
                "0000-00-00",
                "-026-11-21",
                "+026-11-21",
                " 2026-11-21",
                "2026-11-\xb2\xb3",
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                int64_t wall = -7;

                if (datetime_parse(cases[i], &wall) != -EINVAL)
                        fail_msg("'%s' was accepted", cases[i]);
                assert_int_equal(wall, -7);
        }
}

static void what_is_formatted_parses(void **state)
{
        struct random random = random_new("what_is_formatted_parses");
        char buffer[DATETIME_MAX];

        (void) state;
        for (unsigned i = 0; i < 10000; i++) {
                int64_t wall = 1 + (int64_t) (random_next(&random) % 253402300799), back = -7;

                assert_int_equal(datetime_parse(datetime_format(wall, buffer), &back), 0);
                assert_int_equal(back, wall);
        }
}

static void durations(void **state)
{
        static const struct {
                const char *text;
                usec_t duration;
        } cases[] = {
                { "0s", 0 },
                { "1s", USEC_PER_SEC },
                { "30s", 30 * USEC_PER_SEC },
                { "007s", 7 * USEC_PER_SEC },
                { "90s", 90 * USEC_PER_SEC },
                { "5m", 5 * USEC_PER_MINUTE },
                { "2h", 2 * USEC_PER_HOUR },
                { "7d", 7 * USEC_PER_DAY },
                { "1h30m", 90 * USEC_PER_MINUTE },
                { "1d2h3m4s", USEC_PER_DAY + 2 * USEC_PER_HOUR + 3 * USEC_PER_MINUTE + 4 * USEC_PER_SEC },
                { "1d1s", USEC_PER_DAY + USEC_PER_SEC },
                { "36500d", 36500 * USEC_PER_DAY },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                usec_t duration = 7;

                assert_int_equal(duration_parse(cases[i].text, &duration), 0);
                assert_int_equal(duration, cases[i].duration);
        }
}

static void no_durations(void **state)
{
        static const struct {
                const char *text;
                int error;
        } cases[] = {
                { "", -EINVAL },
                { "5", -EINVAL },
                { "s", -EINVAL },
                { "5x", -EINVAL },
                { "5S", -EINVAL },
                { "5 m", -EINVAL },
                { " 5m", -EINVAL },
                { "5m ", -EINVAL },
                { "-5m", -EINVAL },
                { "+5m", -EINVAL },
                { "1.5h", -EINVAL },
                { "1e3s", -EINVAL },
                { "0x10s", -EINVAL },
                { "5min", -EINVAL },
                { "5ms", -EINVAL },
                { "1w", -EINVAL },
                { "30m1h", -EINVAL },
                { "1h1h", -EINVAL },
                { "1h30", -EINVAL },
                { "36501d", -ERANGE },
                { "36500d1s", -ERANGE },
                { "3153600001s", -ERANGE },
                { "99999999999999999999999999s", -ERANGE },
                { "18446744073709551616s", -ERANGE },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                usec_t duration = 7;

                assert_int_equal(duration_parse(cases[i].text, &duration), cases[i].error);
                assert_int_equal(duration, 7);
        }
}

/* Numbers whose product with the unit wraps around 64 bits must not pass for small ones. */
static void products_do_not_wrap(void **state)
{
        (void) state;
        for (usec_t days = 36501; days < 3153600000; days += days / 4096 + 1) {
                char text[32];
                usec_t duration = 7;

                snprintf(text, sizeof(text), "%llud", (unsigned long long) days);
                if (duration_parse(text, &duration) != -ERANGE)
                        fail_msg("%s was read as %llu us", text, (unsigned long long) duration);
        }
        for (unsigned k = 1; k < 15; k++) { /* just above k * 2^64 */
                char text[32];
                usec_t duration = 7;
                unsigned __int128 product = ((unsigned __int128) k << 64) + USEC_PER_DAY - 1;

                snprintf(text, sizeof(text), "%llud", (unsigned long long) (product / USEC_PER_DAY));
                assert_int_equal(duration_parse(text, &duration), -ERANGE);
        }
}

static void durations_for_people(void **state)
{
        static const struct {
                usec_t duration;
                const char *text;
        } cases[] = {
                { 0, "0s" },
                { 1, "0s" },
                { USEC_PER_SEC - 1, "0s" },
                { 35 * USEC_PER_SEC, "35s" },
                { 90 * USEC_PER_SEC, "1m30s" },
                { USEC_PER_HOUR, "1h" },
                { 3 * USEC_PER_DAY + 4 * USEC_PER_HOUR + 5 * USEC_PER_MINUTE, "3d4h" },
                { USEC_PER_DAY + 5 * USEC_PER_SEC, "1d5s" },
                { 36500 * USEC_PER_DAY, "36500d" },
        };
        char buffer[DATETIME_MAX];

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_ptr_equal(duration_format(cases[i].duration, buffer), buffer);
                assert_string_equal(buffer, cases[i].text);
        }
        duration_format(USEC_INFINITY, buffer);
        assert_true(strlen(buffer) < sizeof(buffer));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(formats),
                cmocka_unit_test(parses),
                cmocka_unit_test(refuses),
                cmocka_unit_test(what_is_formatted_parses),
                cmocka_unit_test(durations),
                cmocka_unit_test(no_durations),
                cmocka_unit_test(products_do_not_wrap),
                cmocka_unit_test(durations_for_people),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
