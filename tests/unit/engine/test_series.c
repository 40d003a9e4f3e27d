/* The questions of a check, one after the other. */
#include "room.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)

static const struct judgement granted = { .answer = ANSWER_GRANTED }, unclear = { .answer = ANSWER_UNCLEAR },
                              throttled = { .answer = ANSWER_THROTTLED },
                              expired = { .answer = ANSWER_DEAD_EXPIRED },
                              stale = { .answer = ANSWER_UNCLEAR, .stale_probe = true };

/* A key with a full check under way. */
static struct key *checked(struct room *room)
{
        struct key *key = room_key(room, 7);

        series_requested(room->engine, key, CHECK_FULL);
        assert_non_null(key->work->series);
        return key;
}

static unsigned take_all(struct room *room, struct key *key)
{
        struct item item;
        unsigned n = 0;

        while (series_next(room->engine, key, &item))
                n++;
        return n;
}

static void a_check_begins_with_the_pulse(void **state)
{
        struct room *room = *state;
        struct key *key = checked(room);
        struct item pulse = pulse_item(room->engine, key), first;

        assert_true(series_next(room->engine, key, &first));
        assert_true(item_same(first, pulse));
}

static void nothing_is_asked_twice(void **state)
{
        struct room *room = *state;
        struct key *key = checked(room);
        const struct series *series = key->work->series;

        for (size_t i = 0; i < series->n; i++)
                for (size_t k = 0; k < i; k++)
                        assert_false(item_same(series->items[i], series->items[k]));
}

static void a_full_check_asks_all_that_is_required(void **state)
{
        struct room *room = *state;
        struct key *key = checked(room);
        const struct profile *profile = key_profile(room->engine, key);

        for (size_t i = 0; i < profile->n_required; i++) {
                unsigned row = profile->required[i].row;
                struct item item = { .row = (uint16_t) row, .level = profile_requires(profile, row) };
                bool found = !permission_probe(&room->conf->catalogue->rows[row], item.level, true);

                for (size_t k = 0; k < key->work->series->n; k++)
                        found = found || item_same(key->work->series->items[k], item);
                assert_true(found);
        }
}

/* Each that goes on takes its memory. */
static void beyond_many_checks_only_the_pulse_is_asked(void **state)
{
        struct room *room = *state;
        struct engine *e = room->engine;
        struct key *key = room_key(room, 0);

        e->n_series = 1000000;
        assert_false(series_scheduled(e, key));
        e->n_series = 0;
        assert_true(series_scheduled(e, key));
        assert_int_equal(e->n_series, 1);
        series_abandon(e, key);
        assert_int_equal(e->n_series, 0);
}

static void a_pulse_is_one_question(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 7);

        series_requested(room->engine, key, CHECK_PULSE);
        assert_int_equal(take_all(room, key), 1);
        assert_null(key->work->series);
}

static void the_end_is_noted_when_all_was_told(void **state)
{
        struct room *room = *state;
        struct key *key = checked(room);
        struct item item;

        while (series_next(room->engine, key, &item))
                series_answered(room->engine, key, &granted);
        assert_true(key->last_full > 0);
}

static void what_was_given_up_is_not_done(void **state)
{
        struct room *room = *state;
        struct key *key = checked(room);
        struct item item;

        assert_true(series_next(room->engine, key, &item));
        series_answered(room->engine, key, &granted);
        series_abandon(room->engine, key);
        assert_null(key->work->series);
        assert_int_equal(key->last_full, 0);
}

static void an_unclear_answer_is_asked_again(void **state)
{
        struct room *room = *state;
        struct key *key = checked(room);
        struct item first, again;

        assert_true(series_next(room->engine, key, &first));
        series_answered(room->engine, key, &unclear);
        assert_true(key->work->again > room->now);
        assert_true(series_next(room->engine, key, &again));
        assert_true(item_same(first, again));
}

/* The first question stays without verdict: so would the others. */
static void a_first_question_in_vain_ends_it(void **state)
{
        struct room *room = *state;
        struct key *key = checked(room);
        struct item item;
        unsigned asked = 0;

        while (key->work->series && series_next(room->engine, key, &item)) {
                series_answered(room->engine, key, asked % 2 ? &unclear : &throttled);
                assert_true(++asked < 10);
        }
        assert_int_equal(key->last_full, 0);
}

static void one_question_in_vain_does_not_end_it(void **state)
{
        struct room *room = *state;
        struct key *key = checked(room);
        struct item item, vain = { 0 };
        unsigned asked = 0, judged = 0;
        size_t n = key->work->series->n;

        while (series_next(room->engine, key, &item)) {
                if (asked++ == 2)
                        vain = item;
                bool is_vain = asked > 2 && item_same(item, vain);
                judged += !is_vain;
                series_answered(room->engine, key, is_vain ? &unclear : &granted);
                if (!key->work->series)
                        break;
        }
        assert_int_equal(judged, n - 1);
        assert_int_equal(key->last_full, 0); /* it is tried again */
}

static void a_retired_endpoint_fails_no_check(void **state)
{
        struct room *room = *state;
        struct key *key = checked(room);
        struct item item;
        unsigned asked = 0;

        while (series_next(room->engine, key, &item))
                series_answered(room->engine, key, asked++ == 2 ? &stale : &granted);
        assert_true(key->last_full > 0);
}

static void a_dead_answer_ends_it(void **state)
{
        struct room *room = *state;
        struct key *key = checked(room);
        struct item item;

        assert_true(series_next(room->engine, key, &item));
        series_answered(room->engine, key, &expired);
        assert_null(key->work->series);
}

static void the_account_is_learned_only_until_it_is_known(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 0);
        struct series *series = series_candidate(room->engine, key);
        size_t all = series->n, n = 0;
        struct item item;

        assert_true(series->learn_from < all);
        series->account_told = true;
        while (series_take(room->engine, key, series, &item))
                n++;
        assert_int_equal(n, series->learn_from);
        free(series);
}

static void excess_that_was_not_asked_keeps_its_turn(void **state)
{
        struct room *room = *state;
        struct key *key = checked(room);

        key->work->series->excess_before[0] = 11;
        key->work->series->excess_before[1] = 12;
        key->last_excess[0] = key->last_excess[1] = 99;
        series_abandon(room->engine, key);
        assert_int_equal(key->last_excess[0], 11);
        assert_int_equal(key->last_excess[1], 12);
}

static void read_is_not_asked_where_write_was_seen(void **state)
{
        struct room *room = *state;
        struct key *key = room_key(room, 7);
        unsigned with = 0, without = 0;
        struct item item;

        series_requested(room->engine, key, CHECK_EXCESS);
        while (series_next(room->engine, key, &item))
                with++;
        for (unsigned i = 0; i < room->conf->catalogue->n; i++)
                if (profile_requires(key_profile(room->engine, key), i) == LEVEL_NONE)
                        grants_put(&key->grants, room->conf->catalogue->rows[i].slot, GRANT_WRITE);
        series_requested(room->engine, key, CHECK_EXCESS);
        while (series_next(room->engine, key, &item))
                without++;
        assert_true(without < with);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_check_begins_with_the_pulse),
                TEST(nothing_is_asked_twice),
                TEST(a_full_check_asks_all_that_is_required),
                TEST(beyond_many_checks_only_the_pulse_is_asked),
                TEST(a_pulse_is_one_question),
                TEST(the_end_is_noted_when_all_was_told),
                TEST(what_was_given_up_is_not_done),
                TEST(an_unclear_answer_is_asked_again),
                TEST(a_first_question_in_vain_ends_it),
                TEST(one_question_in_vain_does_not_end_it),
                TEST(a_retired_endpoint_fails_no_check),
                TEST(a_dead_answer_ends_it),
                TEST(the_account_is_learned_only_until_it_is_known),
                TEST(excess_that_was_not_asked_keeps_its_turn),
                TEST(read_is_not_asked_where_write_was_seen),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
