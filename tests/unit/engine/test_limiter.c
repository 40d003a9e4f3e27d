/* Who may ask now: places, rates, back-off. */
#include <errno.h>

#include "room.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)

static void ask_many(struct room *room, struct key *key, unsigned n)
{
        while (n-- > 0)
                (void) room_ask(room, key, false);
}

/* Ask, and see it answered, so that only pace can hold the next one. */
static void ask_and_answer(struct room *room, struct key *key, long status, int64_t retry_after)
{
        (void) room_ask(room, key, false);
        assert_int_equal(room_flying(room), 1);
        room_answer(room, status, retry_after);
}

static void two_of_an_account_at_a_time(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 7), *sibling = room_key(room, 7);

        ask_many(room, key, 2);
        ask_many(room, sibling, 2);
        room_pass(room, 10 * USEC_PER_SEC);
        assert_int_equal(room_flying(room), 2);
        assert_int_equal(limiter_waiting(room->engine->limiter), 2);
        room_answer(room, 404, -1);
        room_pass(room, USEC_PER_SEC);
        assert_int_equal(room_flying(room), 2);
}

static void accounts_do_not_hold_each_other(void **state)
{
        struct room *room = *state;

        for (int64_t account = 1; account <= 5; account++)
                ask_many(room, room_key(room, account), 3);
        room_pass(room, USEC_PER_SEC);
        assert_int_equal(room_flying(room), 10);
}

static void modes_do_not_hold_each_other(void **state)
{
        struct room *room = *state;
        struct key *live = room_key(room, 7), *test = room_key(room, 7);

        test->mode = MODE_TEST;
        ask_many(room, live, 2);
        ask_many(room, test, 2);
        room_pass(room, USEC_PER_SEC);
        assert_int_equal(room_flying(room), 4);
}

static void unknown_accounts_are_each_their_own(void **state)
{
        struct room *room = *state;

        ask_many(room, room_key(room, 0), 2);
        ask_many(room, room_key(room, 0), 2);
        room_pass(room, USEC_PER_SEC);
        assert_int_equal(room_flying(room), 4);
}

static void an_account_has_its_pace(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 7);
        unsigned n = 0;

        ask_many(room, key, 20);
        for (usec_t start = room->now; room->now < start + USEC_PER_SEC;) {
                if (room_flying(room) > 0) {
                        room_answer(room, 404, -1);
                        n++;
                }
                room_pass(room, 10 * USEC_PER_MSEC);
        }
        assert_in_range(n, 3, room->conf->settings.stripe.account_rate);
}

static void all_have_a_pace(void **state)
{
        struct room *room = *state;

        room->conf->settings.stripe.rate = 20;
        for (int64_t account = 1; account <= 60; account++)
                ask_many(room, room_key(room, account), 1);
        room_pass(room, USEC_PER_SEC);
        assert_in_range(room_flying(room), 15, 21);
        room_pass(room, USEC_PER_SEC);
        assert_in_range(room_flying(room), 35, 41);
}

static void all_have_so_many_places(void **state)
{
        struct room *room = *state;

        room->conf->settings.stripe.concurrency = 3;
        for (int64_t account = 1; account <= 9; account++)
                ask_many(room, room_key(room, account), 1);
        room_pass(room, USEC_PER_MINUTE);
        assert_int_equal(room_flying(room), 3);
        room_answer(room, 404, -1);
        assert_int_equal(room_flying(room), 3);
        assert_int_equal(limiter_waiting(room->engine->limiter), 5);
}

static void what_is_urgent_goes_first(void **state)
{
        struct room *room = *state;
        struct key *first = room_key(room, 1), *second = room_key(room, 2), *third = room_key(room, 3);

        room->conf->settings.stripe.concurrency = 1;
        ask_many(room, first, 1);
        ask_many(room, second, 1);
        (void) room_ask(room, third, true);
        room_answer(room, 404, -1);
        room_pass(room, USEC_PER_SEC);
        assert_int_equal(room->flights[1].key_id, third->id);
}

static void who_is_throttled_waits_alone(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 7), *other = room_key(room, 8);

        ask_and_answer(room, key, 429, 60);
        ask_many(room, key, 1);
        ask_many(room, other, 1);
        room_pass(room, 59 * USEC_PER_SEC);
        assert_int_equal(room_flying(room), 1);
        room_pass(room, 2 * USEC_PER_MINUTE);
        assert_int_equal(room_flying(room), 2);
}

static void a_verdict_ends_the_wait(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 7);

        ask_and_answer(room, key, 429, -1);
        room_pass(room, USEC_PER_HOUR);
        ask_and_answer(room, key, 404, -1);
        room_pass(room, USEC_PER_SEC);
        ask_many(room, key, 1);
        assert_int_equal(room_flying(room), 1);
}

/* A second, two, four … and up to a quarter more, so that not all come back at once. */
static void waits_grow(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 7);
        usec_t waits[5];

        (void) room_ask(room, key, false);
        for (size_t i = 0; i < ELEMENTSOF(waits); i++) {
                room_answer(room, 429, -1);
                usec_t start = room->now;
                (void) room_ask(room, key, false);
                while (room_flying(room) == 0)
                        room_pass(room, 10 * USEC_PER_MSEC);
                waits[i] = room->now - start;
        }
        for (size_t i = 0; i < ELEMENTSOF(waits); i++)
                assert_in_range(waits[i], USEC_PER_SEC << i, (USEC_PER_SEC << i) * 13 / 10);
}

/* As long as something waits: a lane without work forgets by itself. */
static void a_verdict_begins_the_waits_anew(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 7);

        (void) room_ask(room, key, false);
        for (size_t i = 0; i < 5; i++) {
                room_answer(room, 429, -1);
                (void) room_ask(room, key, false);
                room_pass(room, USEC_PER_MINUTE);
        }
        (void) room_ask(room, key, false);
        room_answer(room, 404, -1);
        room_answer(room, 429, -1);
        (void) room_ask(room, key, false);
        assert_int_equal(room_flying(room), 0);
        room_pass(room, 13 * USEC_PER_SEC / 10);
        assert_int_equal(room_flying(room), 1);
}

/* However many fail: how all are asked during an outage is not decided here. */
static void server_errors_hold_nobody_else(void **state)
{
        struct room *room = *state;

        for (int64_t account = 1; account <= 30; account++) {
                ask_and_answer(room, room_key(room, account), 500, -1);
                room_pass(room, USEC_PER_SEC / 10);
        }
        ask_many(room, room_key(room, 100), 1);
        assert_int_equal(room_flying(room), 1);
}

/* The end of an outage is to be seen soon, even where there is but one account. */
static void server_errors_do_not_hold_long(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 7);

        (void) room_ask(room, key, false);
        for (size_t i = 0; i < 20; i++) {
                room_answer(room, 500, -1);
                assert_true(limiter_backs_off(room->engine, key));
                (void) room_ask(room, key, false);
                room_pass(room, 21 * USEC_PER_SEC);
                assert_int_equal(room_flying(room), 1);
                assert_false(limiter_backs_off(room->engine, key));
        }
}

static void no_place_in_the_transport_is_tried_again(void **state)
{
        struct room *room = *state;

        room->start_error = -EMFILE;
        ask_many(room, room_key(room, 7), 1);
        assert_int_equal(room_flying(room), 0);
        assert_int_equal(limiter_waiting(room->engine->limiter), 1);
        room->start_error = 0;
        room_pass(room, USEC_PER_SEC);
        assert_int_equal(room_flying(room), 1);
}

static void what_is_let_go_frees_its_place(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 7);
        struct ask *flying = room_ask(room, key, false);

        room_pass(room, USEC_PER_SEC);
        (void) room_ask(room, key, false);
        room_pass(room, USEC_PER_SEC);
        struct ask *waiting = room_ask(room, key, false);
        (void) room_ask(room, key, false);
        ask_cancel(room->engine, waiting);
        assert_int_equal(limiter_waiting(room->engine->limiter), 1);
        ask_cancel(room->engine, flying);
        room_pass(room, USEC_PER_SEC);
        assert_int_equal(room_flying(room), 2);
        assert_int_equal(limiter_in_flight(room->engine->limiter), 2);
        assert_int_equal(limiter_waiting(room->engine->limiter), 0);
}

static void stopped_is_stopped(void **state)
{
        struct room *room = *state;

        limiter_stop(room->engine);
        ask_many(room, room_key(room, 7), 1);
        room_pass(room, USEC_PER_HOUR);
        assert_int_equal(room_flying(room), 0);
}

static void a_stall_is_one_only_if_nothing_hinders(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 7);

        ask_many(room, key, 3); /* the third waits for a place of its account */
        room_pass(room, USEC_PER_HOUR);
        assert_false(limiter_stalled(room->engine, USEC_PER_MINUTE));
}

/* The loop does not turn: what could start since long shows how long. */
static void what_nothing_hinders_is_a_stall(void **state)
{
        struct room *room = *state;

        room->conf->settings.stripe.rate = 1;
        ask_many(room, room_key(room, 7), 1);
        room->now += USEC_PER_SEC / 2;
        ask_many(room, room_key(room, 8), 1);
        assert_int_equal(room_flying(room), 1);
        assert_int_equal(limiter_lag(room->engine), 0);
        room->now += 3 * USEC_PER_MINUTE;
        assert_true(limiter_stalled(room->engine, USEC_PER_MINUTE));
        assert_int_equal(limiter_lag(room->engine), 3 * USEC_PER_MINUTE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(two_of_an_account_at_a_time),
                TEST(accounts_do_not_hold_each_other),
                TEST(modes_do_not_hold_each_other),
                TEST(unknown_accounts_are_each_their_own),
                TEST(an_account_has_its_pace),
                TEST(all_have_a_pace),
                TEST(all_have_so_many_places),
                TEST(what_is_urgent_goes_first),
                TEST(who_is_throttled_waits_alone),
                TEST(a_verdict_ends_the_wait),
                TEST(waits_grow),
                TEST(a_verdict_begins_the_waits_anew),
                TEST(server_errors_hold_nobody_else),
                TEST(server_errors_do_not_hold_long),
                TEST(no_place_in_the_transport_is_tried_again),
                TEST(what_is_let_go_frees_its_place),
                TEST(stopped_is_stopped),
                TEST(a_stall_is_one_only_if_nothing_hinders),
                TEST(what_nothing_hinders_is_a_stall),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
