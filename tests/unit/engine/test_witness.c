/* Who is asked about a suspect. */
#include <stdio.h>

#include "room.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)

static int64_t wall(const struct room *room)
{
        return engine_wall(room->engine);
}

/* A key of this account that was healthy so long ago. */
static struct key *healthy(struct room *room, const char *name, int64_t account, int64_t seconds_ago)
{
        struct key *key = room_stored_key(room, name);

        key->account_id = account;
        key->belief = (struct belief){ .life = LIFE_ALIVE };
        key->last_healthy = key->last_checked = wall(room) - seconds_ago;
        witness_count(room->engine, key);
        if (seconds_ago == 0)
                witness_offer(room->engine, key);
        return key;
}

static struct key *suspect_of(struct room *room, int64_t account)
{
        struct key *key = healthy(room, "suspect", account, 60);
        struct work *work = key_work(key);

        key->belief = (struct belief){ .life = LIFE_SUSPECT, .former = LIFE_ALIVE };
        key->suspect_since = wall(room);
        work->first_dead = room->now;
        witness_count(room->engine, key);
        return key;
}

/* The id of the key that was asked; 0: nobody. */
static int64_t asked(struct room *room, struct key *suspect)
{
        size_t before = room->n_flights;

        witness_ask(room->engine, suspect);
        room_pass(room, USEC_PER_SEC);
        return room->n_flights > before ? room->flights[before].key_id : 0;
}

static void another_accounts_key_rather_than_its_own(void **state)
{
        struct room *room = *state;

        (void) healthy(room, "sibling", 1, 0);
        struct key *stranger = healthy(room, "stranger", 2, 0);
        assert_int_equal(asked(room, suspect_of(room, 1)), stranger->id);
}

static void another_accounts_old_answer_rather_than_its_own_new_one(void **state)
{
        struct room *room = *state;

        (void) healthy(room, "sibling", 1, 0);
        struct key *stranger = healthy(room, "stranger", 2, SEC_PER_DAY);
        assert_int_equal(asked(room, suspect_of(room, 1)), stranger->id);
}

static void a_fresh_one_rather_than_an_old_one(void **state)
{
        struct room *room = *state;

        for (int i = 0; i < 20; i++) {
                char name[16];

                snprintf(name, sizeof(name), "old-%d", i);
                witness_offer(room->engine, healthy(room, name, 10 + i, SEC_PER_DAY));
        }
        struct key *fresh = healthy(room, "fresh", 2, 0);
        assert_int_equal(asked(room, suspect_of(room, 1)), fresh->id);
}

static void its_own_account_rather_than_nobody(void **state)
{
        struct room *room = *state;
        struct key *sibling = healthy(room, "sibling", 1, 0);

        assert_int_equal(asked(room, suspect_of(room, 1)), sibling->id);
}

static void keys_of_unknown_account_are_strangers(void **state)
{
        struct room *room = *state;
        struct key *other = healthy(room, "other", 0, 0);

        assert_int_equal(asked(room, suspect_of(room, 0)), other->id);
}

static void make_paused(struct key *key)
{
        key->paused_until = INT64_MAX;
}

static void make_test(struct key *key)
{
        key->mode = MODE_TEST;
}

static void make_dead(struct key *key)
{
        key->belief.life = LIFE_DEAD;
}

static void make_unclear(struct key *key)
{
        key->last_checked++;
}

static void make_odd(struct key *key)
{
        key->odd = true;
}

/* One that can speak among many that cannot. */
static void who_cannot_speak_is_not_asked(void **state)
{
        static void (*const spoils[])(struct key *) = { make_paused, make_test, make_dead, make_unclear,
                                                        make_odd };
        struct room *room = *state;
        char name[24];

        for (size_t i = 0; i < ELEMENTSOF(spoils); i++)
                for (int k = 0; k < 8; k++) {
                        snprintf(name, sizeof(name), "spoiled-%zu-%d", i, k);
                        spoils[i](healthy(room, name, 100 + 10 * (int64_t) i + k, 0));
                }
        struct key *well = healthy(room, "well", 6, 0);
        assert_int_equal(asked(room, suspect_of(room, 1)), well->id);
}

static void up_to_three_are_tried_until_one_is_judged(void **state)
{
        struct room *room = *state;
        struct key *suspect;
        char name[16];

        for (int i = 0; i < 6; i++) {
                snprintf(name, sizeof(name), "witness-%d", i);
                (void) healthy(room, name, 10 + i, 0);
        }
        suspect = suspect_of(room, 1);
        witness_ask(room->engine, suspect);
        for (unsigned i = 0; i < 3; i++) {
                room_pass(room, USEC_PER_SEC);
                assert_int_equal(suspect->work->witness_tries, i + 1);
                room_answer(room, 500, -1);
        }
        assert_int_equal(room->n_flights, 3);
        for (size_t i = 0; i < 3; i++)
                for (size_t k = 0; k < i; k++)
                        assert_int_not_equal(room->flights[i].key_id, room->flights[k].key_id);
        assert_int_equal(suspect->belief.life, LIFE_HELD);
}

static void a_healthy_one_lets_the_suspect_be_asked_once_more(void **state)
{
        struct room *room = *state;
        struct key *suspect;

        (void) healthy(room, "witness", 2, 0);
        suspect = suspect_of(room, 1);
        witness_ask(room->engine, suspect);
        room_pass(room, USEC_PER_SEC);
        room_answer(room, 404, -1);
        assert_int_equal(suspect->belief.life, LIFE_SUSPECT);
        assert_true(suspect->work->vouched > 0);
        assert_int_equal(suspect->work->again, room->now);
}

/* On the connection of the dead answer the witness speaks for all that was opened since; elsewhere only what
 * is opened from now on is another one. */
static void the_last_question_goes_over_another_connection(void **state)
{
        struct room *room = *state;
        struct key *suspect;

        (void) healthy(room, "witness", 2, 0);
        suspect = suspect_of(room, 1);
        suspect->work->last_dead = room->now - USEC_PER_SEC;
        for (uint64_t connection = 0; connection < 2; connection++) {
                suspect->work->dead_connection = connection; /* answers come on number 0 */
                witness_ask(room->engine, suspect);
                room_pass(room, USEC_PER_SEC);
                room_answer(room, 404, -1);
                assert_int_equal(suspect->work->decides_after,
                                 connection == 0 ? suspect->work->last_dead : room->now);
        }
}

static void who_would_be_waited_for_is_not_asked(void **state)
{
        struct room *room = *state;
        struct key *throttled = healthy(room, "throttled", 2, 0);
        struct key *old = healthy(room, "old", 3, SEC_PER_DAY);

        (void) room_ask(room, throttled, false);
        room_answer(room, 429, 600);
        assert_true(limiter_backs_off(room->engine, throttled));
        assert_int_equal(asked(room, suspect_of(room, 1)), old->id);
}

static void suspects_do_not_hang_on_one_witness(void **state)
{
        struct room *room = *state;
        int64_t first = 0;
        bool differs = false;
        char name[16];

        for (int i = 0; i < 20; i++) {
                snprintf(name, sizeof(name), "witness-%d", i);
                (void) healthy(room, name, 10 + i, 0);
        }
        struct key *suspect = suspect_of(room, 1);
        for (int i = 0; i < 10; i++) {
                int64_t id = asked(room, suspect);

                differs = differs || (first && id != first);
                first = id;
                suspect->work->witness = ask_cancel(room->engine, suspect->work->witness);
        }
        assert_true(differs);
}

static void a_witness_that_goes_is_replaced(void **state)
{
        struct room *room = *state;
        struct key *witness = healthy(room, "witness", 2, 0), *suspect = suspect_of(room, 1);

        assert_int_equal(asked(room, suspect), witness->id);
        witness_release(room->engine, witness);
        assert_null(suspect->work->witness);
        assert_int_equal(suspect->work->again, room->now);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(another_accounts_key_rather_than_its_own),
                TEST(another_accounts_old_answer_rather_than_its_own_new_one),
                TEST(a_fresh_one_rather_than_an_old_one),
                TEST(its_own_account_rather_than_nobody),
                TEST(keys_of_unknown_account_are_strangers),
                TEST(who_cannot_speak_is_not_asked),
                TEST(up_to_three_are_tried_until_one_is_judged),
                TEST(a_healthy_one_lets_the_suspect_be_asked_once_more),
                TEST(the_last_question_goes_over_another_connection),
                TEST(who_would_be_waited_for_is_not_asked),
                TEST(suspects_do_not_hang_on_one_witness),
                TEST(a_witness_that_goes_is_replaced),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
