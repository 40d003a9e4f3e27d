#include "engine/incidents/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define WINDOW (10 * USEC_PER_MINUTE)
#define START  (100 * USEC_PER_DAY)

static struct tally *tally_made(size_t asked)
{
        struct tally *t = NULL;

        assert_int_equal(tally_new(&t), 0);
        tally_begin(t, START, WINDOW);
        for (size_t i = 0; i < asked; i++)
                tally_asked(t, (int64_t) i + 1, START);
        return t;
}

/* Which of so many accounts, all at once, opens a group. */
static size_t opens_at(size_t asked)
{
        struct tally *t = tally_made(asked);
        size_t n = 1;

        while (tally_add(t, (int64_t) n, START, WINDOW) == TALLY_ALONE && n < 100)
                n++;
        assert_int_equal(tally_count(t), n);
        tally_free(t);
        return n;
}

static void a_tenth_of_those_asked_within_bounds(void **state)
{
        static const struct {
                size_t asked, threshold;
        } cases[] = { { 0, 5 },    { 7, 5 },    { 50, 5 },    { 51, 6 },
                      { 110, 11 }, { 200, 20 }, { 1000, 20 }, { 1000000, 20 } };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_int_equal(opens_at(cases[i].asked), cases[i].threshold);
}

static void the_same_account_counts_once_in_a_day(void **state)
{
        struct tally *t = tally_made(0);

        (void) state;
        for (int i = 0; i < 100; i++)
                assert_int_equal(tally_add(t, 1 + i % 4, START + (usec_t) i * USEC_PER_MINUTE, WINDOW),
                                 TALLY_ALONE);
        /* A day later it does again, from the beginning. */
        for (int i = 1; i < 5; i++)
                assert_int_equal(tally_add(t, i, START + 2 * USEC_PER_DAY, WINDOW), TALLY_ALONE);
        assert_int_equal(tally_add(t, 5, START + 2 * USEC_PER_DAY, WINDOW), TALLY_OPENED);
        tally_free(t);
}

static void what_is_far_apart_is_no_group(void **state)
{
        struct tally *t = tally_made(0);

        (void) state;
        for (int i = 1; i < 1000; i++)
                assert_int_equal(tally_add(t, i, START + (usec_t) i * WINDOW / 4, WINDOW), TALLY_ALONE);
        for (int i = 0; i < 2; i++)
                assert_int_equal(tally_add(t, 2000 + i, START + 1000 * WINDOW / 4, WINDOW),
                                 i == 1 ? TALLY_OPENED : TALLY_ALONE);
        tally_free(t);
}

static struct tally *opened(void)
{
        struct tally *t = tally_made(0);

        for (int i = 1; i < 5; i++)
                assert_int_equal(tally_add(t, i, START, WINDOW), TALLY_ALONE);
        assert_int_equal(tally_add(t, 5, START, WINDOW), TALLY_OPENED);
        return t;
}

static void others_join_and_are_counted(void **state)
{
        struct tally *t = opened();

        (void) state;
        assert_int_equal(tally_would(t, 6, START + 1, WINDOW), TALLY_JOINED);
        assert_int_equal(tally_count(t), 5);
        assert_int_equal(tally_add(t, 6, START + 1, WINDOW), TALLY_JOINED);
        assert_int_equal(tally_add(t, 6, START + 2, WINDOW), TALLY_AGAIN);
        assert_int_equal(tally_add(t, 1, START + 2, WINDOW), TALLY_AGAIN);
        assert_int_equal(tally_count(t), 6);
        assert_int_equal(tally_ends(t), START + 1 + TALLY_QUIET);
        tally_end(t);
        assert_int_equal(tally_count(t), 0);
        assert_int_equal(tally_ends(t), 0);
        tally_free(t);
}

static void nobody_hides_behind_it(void **state)
{
        struct tally *t = opened();
        usec_t now = START + TALLY_QUIET + 1;

        (void) state;
        /* Ten minutes after the burst, with one or two that trickled in, the next is told alone. */
        assert_int_equal(tally_add(t, 6, START + 5 * USEC_PER_MINUTE, WINDOW), TALLY_JOINED);
        assert_int_equal(tally_add(t, 7, START + 6 * USEC_PER_MINUTE, WINDOW), TALLY_JOINED);
        assert_int_equal(tally_add(t, 8, now, WINDOW), TALLY_ALONE);
        assert_int_equal(tally_add(t, 1, now, WINDOW), TALLY_AGAIN); /* of that group it is still one */
        tally_free(t);
}

static void after_an_hour_nobody_joins(void **state)
{
        struct tally *t = opened();
        usec_t now = START;
        int account = 6;

        (void) state;
        while (now <= START + TALLY_JOINING_MAX) {
                assert_int_equal(tally_add(t, account++, now, WINDOW), TALLY_JOINED);
                now += USEC_PER_MINUTE;
        }
        /* It goes on: the next group needs a whole threshold of those that were in none. */
        for (int i = 0; i < 4; i++)
                assert_int_equal(tally_add(t, account++, now, WINDOW), TALLY_ALONE);
        for (int i = 1; i < 6; i++)
                assert_int_equal(tally_add(t, i, now, WINDOW), TALLY_ALONE);
        tally_free(t);
}

static void a_second_group_takes_other_accounts(void **state)
{
        struct tally *t = opened();
        usec_t now = START + USEC_PER_HOUR;

        (void) state;
        tally_end(t);
        for (int i = 1; i < 6; i++) /* those were in the first one today */
                assert_int_equal(tally_add(t, i, now, WINDOW), TALLY_ALONE);
        for (int i = 11; i < 15; i++)
                assert_int_equal(tally_add(t, i, now, WINDOW), TALLY_ALONE);
        assert_int_equal(tally_add(t, 15, now, WINDOW), TALLY_OPENED);
        assert_int_equal(tally_count(t), 5);
        tally_free(t);
}

static void a_restart_forgets_nothing(void **state)
{
        struct tally *t = NULL;

        (void) state;
        assert_int_equal(tally_new(&t), 0);
        tally_reopen(t, START);
        for (int i = 1; i < 8; i++)
                tally_restore(t, i, START + (usec_t) i, true, WINDOW);
        tally_restore(t, 8, START - USEC_PER_HOUR, false, WINDOW);
        assert_int_equal(tally_count(t), 7);
        assert_int_equal(tally_add(t, 1, START + USEC_PER_MINUTE, WINDOW), TALLY_AGAIN);
        assert_int_equal(tally_add(t, 8, START + USEC_PER_MINUTE, WINDOW), TALLY_ALONE);
        assert_int_equal(tally_add(t, 9, START + USEC_PER_MINUTE, WINDOW), TALLY_JOINED);
        tally_free(t);
}

/* Four before it and one after it are no mass where a hundred others were asked since. */
static void after_a_restart_a_tenth_is_a_tenth(void **state)
{
        struct tally *t = NULL;

        (void) state;
        assert_int_equal(tally_new(&t), 0);
        for (int i = 1; i < 5; i++)
                tally_restore(t, i, START + (usec_t) i, false, WINDOW);
        for (int i = 1; i <= 100; i++)
                tally_asked(t, i, START + USEC_PER_MINUTE);
        for (int i = 5; i < 10; i++)
                assert_int_equal(tally_add(t, i, START + 2 * USEC_PER_MINUTE, WINDOW), TALLY_ALONE);
        assert_int_equal(tally_add(t, 10, START + 2 * USEC_PER_MINUTE, WINDOW), TALLY_OPENED);
        tally_free(t);
}

static void what_is_old_takes_no_memory(void **state)
{
        struct tally *t = tally_made(0);
        usec_t now = START;

        (void) state;
        for (int i = 1; i < 10000; i++)
                tally_add(t, i, now += USEC_PER_HOUR, WINDOW);
        assert_false(tally_is_idle(t, now));
        assert_true(tally_is_idle(t, now + TALLY_ONCE));
        tally_free(t);
        assert_null(tally_free(NULL));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_tenth_of_those_asked_within_bounds),
                cmocka_unit_test(the_same_account_counts_once_in_a_day),
                cmocka_unit_test(what_is_far_apart_is_no_group),
                cmocka_unit_test(others_join_and_are_counted),
                cmocka_unit_test(nobody_hides_behind_it),
                cmocka_unit_test(after_an_hour_nobody_joins),
                cmocka_unit_test(a_second_group_takes_other_accounts),
                cmocka_unit_test(a_restart_forgets_nothing),
                cmocka_unit_test(after_a_restart_a_tenth_is_a_tenth),
                cmocka_unit_test(what_is_old_takes_no_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
