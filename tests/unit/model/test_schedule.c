#include "model/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../random.h"
#include "base/macros.h"

#define ANCHOR (UINT64_C(1795230000) * USEC_PER_SEC)

static void slots_come_every_period(void **state)
{
        const usec_t period = 5 * USEC_PER_MINUTE;
        usec_t at = 17;

        (void) state;
        usec_t first = schedule_slot("acme", period, at, ANCHOR);
        assert_true(first > at && first <= at + period);
        at = first;
        for (unsigned i = 1; i < 100; i++) {
                usec_t next = schedule_slot("acme", period, at, ANCHOR);

                assert_int_equal(next, at + period);
                at = next;
        }
}

/* Asked at any moment between two slots, the next one is the same. */
static void slots_stay_where_they_are(void **state)
{
        struct random random = random_new("slots_stay_where_they_are");
        const usec_t period = 5 * USEC_PER_MINUTE;

        (void) state;
        for (unsigned i = 0; i < 5000; i++) {
                usec_t slot =
                        schedule_slot("acme", period, random_below(&random, 100 * USEC_PER_HOUR), ANCHOR);
                usec_t before = slot > period ? slot - period : 0;

                assert_int_equal(
                        schedule_slot("acme", period, before + random_below(&random, slot - before), ANCHOR),
                        slot);
        }
}

/* The clock starts at zero after a boot; the wall clock goes on, and so do the slots. */
static void slots_outlive_a_restart(void **state)
{
        const usec_t period = 5 * USEC_PER_MINUTE, uptime = 1234567890;

        (void) state;
        for (unsigned i = 0; i < 1000; i++) {
                char name[32];

                snprintf(name, sizeof(name), "merchant-%u", i);
                usec_t before = schedule_slot(name, period, uptime, ANCHOR);
                usec_t after = schedule_slot(name, period, 0, ANCHOR + uptime);
                assert_int_equal(before - uptime, after);
        }
}

static void a_fleet_is_spread_evenly(void **state)
{
        static const usec_t periods[] = { USEC_PER_MINUTE, 5 * USEC_PER_MINUTE, USEC_PER_HOUR, USEC_PER_DAY };
        enum { KEYS = 60000, PARTS = 60 };

        (void) state;
        for (size_t p = 0; p < ELEMENTSOF(periods); p++) {
                unsigned in[PARTS] = { 0 };

                for (unsigned i = 0; i < KEYS; i++) {
                        char name[32];

                        snprintf(name, sizeof(name), "merchant-%06u", i);
                        usec_t wait = schedule_slot(name, periods[p], 0, ANCHOR);
                        assert_true(wait >= 1 && wait <= periods[p]);
                        in[(wait - 1) * PARTS / periods[p]]++;
                }
                for (unsigned i = 0; i < PARTS; i++) /* 1000 expected; five standard deviations */
                        assert_in_range(in[i], 840, 1160);
        }
}

static void dead_keys_are_asked_less(void **state)
{
        (void) state;
        assert_int_equal(schedule_dead_period(30 * USEC_PER_SEC), 6 * USEC_PER_MINUTE);
        assert_int_equal(schedule_dead_period(5 * USEC_PER_MINUTE), USEC_PER_HOUR);
        assert_int_equal(schedule_dead_period(15 * USEC_PER_MINUTE), USEC_PER_HOUR);
        assert_int_equal(schedule_dead_period(6 * USEC_PER_HOUR), 6 * USEC_PER_HOUR);
}

static void repeats_grow(void **state)
{
        static const unsigned seconds[] = { 5, 10, 20, 40, 60, 60, 60, 60, 60, 60 };

        (void) state;
        for (unsigned i = 0; i < ELEMENTSOF(seconds); i++)
                assert_int_equal(schedule_repeat(i), seconds[i] * USEC_PER_SEC);
        assert_int_equal(schedule_repeat(UINT32_MAX), USEC_PER_MINUTE);
}

static void backoff_grows_with_some_chance(void **state)
{
        static const unsigned seconds[] = { 1, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60 };
        struct random random = random_new("backoff_grows_with_some_chance");

        (void) state;
        for (unsigned i = 0; i < ELEMENTSOF(seconds); i++) {
                usec_t base = seconds[i] * USEC_PER_SEC;

                assert_int_equal(schedule_backoff(i, -1, 0), base);
                for (unsigned k = 0; k < 200; k++) {
                        usec_t is = schedule_backoff(i, -1, (uint32_t) random_next(&random));
                        assert_true(is >= base && is < base + base / 4);
                }
        }
        assert_int_equal(schedule_backoff(UINT32_MAX, -1, 0), USEC_PER_MINUTE);
}

static void retry_after_is_obeyed_within_reason(void **state)
{
        (void) state;
        assert_int_equal(schedule_backoff(1, 0, 0), USEC_PER_SEC);
        assert_int_equal(schedule_backoff(1, 30, 0), 30 * USEC_PER_SEC);
        assert_int_equal(schedule_backoff(7, 30, 0), 60 * USEC_PER_SEC);
        assert_int_equal(schedule_backoff(1, 3600, 0), USEC_PER_HOUR);
        assert_int_equal(schedule_backoff(1, 86400, 0), USEC_PER_HOUR);
        assert_int_equal(schedule_backoff(1, 1844674407371, 0), USEC_PER_HOUR);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(slots_come_every_period),
                cmocka_unit_test(slots_stay_where_they_are),
                cmocka_unit_test(slots_outlive_a_restart),
                cmocka_unit_test(a_fleet_is_spread_evenly),
                cmocka_unit_test(dead_keys_are_asked_less),
                cmocka_unit_test(repeats_grow),
                cmocka_unit_test(backoff_grows_with_some_chance),
                cmocka_unit_test(retry_after_is_obeyed_within_reason),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
