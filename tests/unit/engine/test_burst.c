/* Many keys that are suspected at once: who dies together, who alone. */
#include <stdio.h>

#include "room.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)

#define SUSPECTS_MAX 8

/* So many keys, each of an account of its own, that gave a dead answer. */
static void make_suspects(struct room *room, struct key *suspects[SUSPECTS_MAX], size_t n)
{
        static const struct judgement dead = { .answer = ANSWER_DEAD_INVALID, .status = 401 };
        char name[16];

        for (size_t i = 0; i < n; i++) {
                snprintf(name, sizeof(name), "suspect-%zu", i);
                suspects[i] = room_stored_key(room, name);
                suspects[i]->account_id = 100 + (int64_t) i;
                suspects[i]->belief = (struct belief){ .life = LIFE_ALIVE };
                suspects[i]->last_healthy = engine_wall(room->engine) - 60;
                life_event(room->engine, suspects[i], BELIEF_DEAD, &dead);
                assert_int_equal(suspects[i]->belief.life, LIFE_SUSPECT);
        }
}

static size_t count_dead(struct key *const suspects[SUSPECTS_MAX], size_t n)
{
        size_t dead = 0;

        for (size_t i = 0; i < n; i++)
                dead += suspects[i]->belief.life == LIFE_DEAD;
        return dead;
}

static void a_single_death_waits_for_nobody(void **state)
{
        struct room *room = *state;
        struct key *suspects[SUSPECTS_MAX];

        make_suspects(room, suspects, 3);
        burst_witnessed(room->engine, suspects[0]);
        assert_int_equal(count_dead(suspects, 3), 1);
}

static void many_deaths_are_believed_together(void **state)
{
        struct room *room = *state;
        struct key *suspects[SUSPECTS_MAX];

        make_suspects(room, suspects, 5);
        for (size_t i = 0; i < 4; i++) {
                burst_witnessed(room->engine, suspects[i]);
                assert_int_equal(count_dead(suspects, 5), 0);
        }
        burst_witnessed(room->engine, suspects[4]);
        assert_int_equal(count_dead(suspects, 5), 5);
}

static void too_few_for_a_group_wait_for_a_moment(void **state)
{
        struct room *room = *state;
        struct key *suspects[SUSPECTS_MAX];

        make_suspects(room, suspects, 4);
        for (size_t i = 0; i < 4; i++)
                burst_witnessed(room->engine, suspects[i]);
        room_pass(room, 19 * USEC_PER_SEC);
        assert_int_equal(count_dead(suspects, 4), 0);
        room_pass(room, 2 * USEC_PER_SEC);
        assert_int_equal(count_dead(suspects, 4), 4);
}

/* A key that never was healthy is a bad copy, and no part of a mass revocation. */
static void bad_copies_do_not_make_up_the_number(void **state)
{
        struct room *room = *state;
        struct key *suspects[SUSPECTS_MAX];

        make_suspects(room, suspects, 5);
        suspects[1]->last_healthy = 0;
        for (size_t i = 0; i < 5; i++)
                burst_witnessed(room->engine, suspects[i]);
        assert_int_equal(count_dead(suspects, 5), 0);
}

static void who_is_acquitted_waits_no_more(void **state)
{
        static const struct judgement well = { .answer = ANSWER_GRANTED, .status = 404 };
        struct room *room = *state;
        struct key *suspects[SUSPECTS_MAX];

        make_suspects(room, suspects, 4);
        burst_witnessed(room->engine, suspects[0]);
        life_event(room->engine, suspects[0], BELIEF_HEALTHY, &well);
        assert_int_equal(suspects[0]->belief.life, LIFE_ALIVE);
        room_pass(room, 30 * USEC_PER_SEC);
        assert_int_equal(suspects[0]->belief.life, LIFE_ALIVE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_single_death_waits_for_nobody),       TEST(many_deaths_are_believed_together),
                TEST(too_few_for_a_group_wait_for_a_moment), TEST(bad_copies_do_not_make_up_the_number),
                TEST(who_is_acquitted_waits_no_more),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
