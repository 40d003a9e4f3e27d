#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/looptime.h"
#include "base/macros.h"

static void nothing_seen(void **state)
{
        struct looptime times = { 0 };
        struct looptime_figures f = looptime_figures(&times, 1000 * USEC_PER_SEC);

        (void) state;
        assert_int_equal(f.turns, 0);
        assert_int_equal(f.longest, 0);
        assert_int_equal(f.most, 0);
}

static void the_last_minute(void **state)
{
        struct looptime times = { 0 };
        usec_t now = 1000 * USEC_PER_SEC;

        (void) state;
        looptime_add(&times, now, 90 * USEC_PER_MSEC, 2 * USEC_PER_MSEC);
        for (unsigned i = 0; i < 2000; i++)
                looptime_add(&times, now + i, 100, 80);
        struct looptime_figures f = looptime_figures(&times, now + USEC_PER_SEC);
        assert_int_equal(f.turns, 2001);
        assert_int_equal(f.longest, 90 * USEC_PER_MSEC);
        assert_int_equal(f.busiest, 2 * USEC_PER_MSEC);
        assert_in_range(f.most, 100, 125); /* one of two thousand is less than one of a thousand */

        for (unsigned i = 0; i < 4; i++)
                looptime_add(&times, now, 20 * USEC_PER_MSEC, 19 * USEC_PER_MSEC);
        assert_int_equal(looptime_figures(&times, now).busiest, 19 * USEC_PER_MSEC);
        assert_in_range(looptime_figures(&times, now).most, 20 * USEC_PER_MSEC, 25 * USEC_PER_MSEC);

        f = looptime_figures(&times, now + 61 * USEC_PER_SEC);
        assert_int_equal(f.turns, 0);
        assert_int_equal(f.longest, 0);
        assert_int_equal(f.busiest, 0);
        assert_int_equal(f.ever, 90 * USEC_PER_MSEC);
        looptime_add(&times, now + 60 * USEC_PER_SEC, 5, 4); /* takes the oldest one's place */
        assert_int_equal(looptime_figures(&times, now + 60 * USEC_PER_SEC).longest, 5);
}

/* Every length is told of as no less than it was, and as no more than a quarter above. */
static void lengths(void **state)
{
        (void) state;
        for (usec_t took = 0; took < 4 * USEC_PER_SEC; took += 1 + took / 7) {
                struct looptime times = { 0 };

                looptime_add(&times, 0, took, 0);
                looptime_add(&times, 0, 3600 * USEC_PER_SEC, 0);
                for (unsigned i = 0; i < 1998; i++)
                        looptime_add(&times, 0, took, 0);
                assert_in_range(looptime_figures(&times, 0).most, took, took + took / 4);
        }
}

/* Time in which nothing is done is none of the processor's. */
static void of_the_processor(void **state)
{
        usec_t busy = looptime_busy(), now = looptime_now();

        (void) state;
        while (looptime_busy() == busy)
                ;
        assert_true(looptime_now() > now);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nothing_seen),
                cmocka_unit_test(the_last_minute),
                cmocka_unit_test(lengths),
                cmocka_unit_test(of_the_processor),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
