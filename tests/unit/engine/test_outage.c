/* When the path is down, and when it is well again: told by which keys answer. */
#include "room.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)

static const struct judgement well = { .answer = ANSWER_GRANTED, .status = 404 },
                              timed_out = { .answer = ANSWER_UNCLEAR, .cause = CAUSE_TIMEOUT },
                              failed = { .answer = ANSWER_UNCLEAR,
                                         .cause = CAUSE_SERVER_ERROR,
                                         .status = 500 },
                              throttled = { .answer = ANSWER_THROTTLED, .status = 429 },
                              unlisted = { .answer = ANSWER_UNCLEAR, .cause = CAUSE_UNLISTED, .status = 401 },
                              local = { .answer = ANSWER_UNCLEAR, .cause = CAUSE_LOCAL };

#define FLEET_MAX 200
static struct key *fleet[FLEET_MAX];

/* So many keys, each its own account, all of which were answered a moment ago. */
static void answered_fleet(struct room *room, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                fleet[i] = room_key(room, (int64_t) i + 1);
                outage_count(room->engine, fleet[i]);
                outage_sample(room->engine, fleet[i], &well);
        }
}

static void sample(struct room *room, size_t from, size_t to, const struct judgement *judgement)
{
        for (size_t i = from; i < to; i++)
                outage_sample(room->engine, fleet[i], judgement);
}

static void a_fifth_opens(void **state)
{
        struct room *room = *state;

        answered_fleet(room, 60);
        sample(room, 0, 11, &timed_out);
        assert_false(outage_is_open(room->engine));
        sample(room, 11, 12, &timed_out);
        assert_true(outage_is_open(room->engine));
}

static void five_open_where_a_fifth_is_less(void **state)
{
        struct room *room = *state;

        answered_fleet(room, 10);
        sample(room, 0, 4, &failed);
        assert_false(outage_is_open(room->engine));
        sample(room, 4, 5, &failed);
        assert_true(outage_is_open(room->engine));
}

static void of_few_keys_all_must_fail_twice(void **state)
{
        struct room *room = *state;

        answered_fleet(room, 3);
        sample(room, 0, 3, &timed_out);
        assert_false(outage_is_open(room->engine));
        sample(room, 0, 2, &timed_out);
        assert_false(outage_is_open(room->engine));
        sample(room, 2, 3, &timed_out);
        assert_true(outage_is_open(room->engine));
}

static void an_answer_takes_the_second_failure_back(void **state)
{
        struct room *room = *state;

        answered_fleet(room, 3);
        sample(room, 0, 3, &timed_out);
        sample(room, 0, 2, &timed_out);
        sample(room, 0, 2, &well);
        sample(room, 0, 2, &timed_out);
        sample(room, 2, 3, &timed_out);
        assert_false(outage_is_open(room->engine));
        sample(room, 0, 2, &timed_out);
        assert_true(outage_is_open(room->engine));
}

static void one_key_that_fails_again_and_again_is_no_outage(void **state)
{
        struct room *room = *state;

        answered_fleet(room, 25);
        for (int i = 0; i < 100; i++)
                sample(room, 0, 4, &failed);
        assert_false(outage_is_open(room->engine));
}

/* What was not answered for long before is no sign that something happened now. */
static void what_failed_before_is_no_evidence(void **state)
{
        struct room *room = *state;

        answered_fleet(room, 25);
        room_pass(room, 2 * key_pulse(room->engine, fleet[0]) + 11 * USEC_PER_MINUTE);
        for (size_t i = 10; i < 25; i++)
                outage_sample(room->engine, fleet[i], &well);
        sample(room, 0, 10, &timed_out);
        assert_false(outage_is_open(room->engine));
}

static void what_is_not_the_paths_fault_is_no_evidence(void **state)
{
        static const struct judgement *const others[] = { &throttled, &unlisted, &local };
        struct room *room = *state;

        answered_fleet(room, 25);
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                for (int times = 0; times < 5; times++)
                        sample(room, 0, 25, others[i]);
        assert_false(outage_is_open(room->engine));
}

static void the_dead_and_the_paused_do_not_count(void **state)
{
        struct room *room = *state;

        answered_fleet(room, 40);
        for (size_t i = 0; i < 30; i++) {
                if (i % 2)
                        fleet[i]->belief.life = LIFE_DEAD;
                else
                        fleet[i]->paused_until = INT64_MAX;
                outage_count(room->engine, fleet[i]);
        }
        sample(room, 0, 30, &timed_out);
        assert_false(outage_is_open(room->engine));
        sample(room, 30, 35, &timed_out); /* five of the ten that count */
        assert_true(outage_is_open(room->engine));
}

static void a_mode_may_be_down_alone(void **state)
{
        struct room *room = *state;

        for (size_t i = 0; i < 20; i++) {
                fleet[i] = room_key(room, (int64_t) i + 1);
                fleet[i]->mode = i < 10 ? MODE_TEST : MODE_LIVE;
                outage_count(room->engine, fleet[i]);
                outage_sample(room->engine, fleet[i], &well);
        }
        sample(room, 0, 10, &timed_out);
        assert_true(outage_is_open(room->engine));
        assert_true(outage_strikes(room->engine, fleet[0]));
        assert_false(outage_strikes(room->engine, fleet[19]));
}

static void it_ends_with_the_answers(void **state)
{
        struct room *room = *state;

        answered_fleet(room, 20);
        sample(room, 0, 20, &timed_out);
        assert_true(outage_is_open(room->engine));
        sample(room, 0, 17, &well);
        assert_true(outage_is_open(room->engine));
        sample(room, 17, 20, &well);
        assert_false(outage_is_open(room->engine));
        assert_null(incident_find(room->engine, NULL, INCIDENT_STRIPE_OUTAGE));
}

static void who_never_answers_again_does_not_keep_it_open(void **state)
{
        struct room *room = *state;

        answered_fleet(room, 25);
        sample(room, 0, 5, &failed);
        assert_true(outage_is_open(room->engine));
        for (int minute = 0; minute < 30 && outage_is_open(room->engine); minute++) {
                room_pass(room, USEC_PER_MINUTE);
                sample(room, 0, 5, &failed);
                sample(room, 5, 25, &well);
        }
        assert_false(outage_is_open(room->engine));
        assert_true(fleet[0]->odd);
        assert_false(fleet[24]->odd);
        sample(room, 0, 1, &well);
        assert_false(fleet[0]->odd);
}

static void what_is_odd_opens_no_other(void **state)
{
        struct room *room = *state;

        answered_fleet(room, 25);
        for (size_t i = 0; i < 10; i++) {
                fleet[i]->odd = true;
                outage_count(room->engine, fleet[i]);
        }
        for (int times = 0; times < 20; times++)
                sample(room, 0, 10, &failed);
        assert_false(outage_is_open(room->engine));
}

static void only_troubled_keys_are_asked_more_slowly(void **state)
{
        struct room *room = *state;
        unsigned skipped = 0;

        answered_fleet(room, 20);
        for (int times = 0; times < 5; times++)
                sample(room, 0, 10, &timed_out);
        for (int turn = 0; turn < 64; turn++) {
                room_pass(room, key_pulse(room->engine, fleet[0]));
                assert_false(outage_skips(room->engine, fleet[15]));
                skipped += outage_is_open(room->engine) && outage_skips(room->engine, fleet[0]);
                if (!outage_is_open(room->engine))
                        break;
        }
        assert_true(skipped > 0);
}

static void a_removed_key_is_forgotten(void **state)
{
        struct room *room = *state;

        answered_fleet(room, 10);
        sample(room, 0, 5, &timed_out);
        assert_true(outage_is_open(room->engine));
        for (size_t i = 0; i < 5; i++)
                outage_forget(room->engine, fleet[i]);
        assert_false(outage_is_open(room->engine));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_fifth_opens),
                TEST(five_open_where_a_fifth_is_less),
                TEST(of_few_keys_all_must_fail_twice),
                TEST(an_answer_takes_the_second_failure_back),
                TEST(one_key_that_fails_again_and_again_is_no_outage),
                TEST(what_failed_before_is_no_evidence),
                TEST(what_is_not_the_paths_fault_is_no_evidence),
                TEST(the_dead_and_the_paused_do_not_count),
                TEST(a_mode_may_be_down_alone),
                TEST(it_ends_with_the_answers),
                TEST(who_never_answers_again_does_not_keep_it_open),
                TEST(what_is_odd_opens_no_other),
                TEST(only_troubled_keys_are_asked_more_slowly),
                TEST(a_removed_key_is_forgotten),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
