/* Every silence has a bound: what was promised, and the longest that was measured. */
#include "check.h"

#define ANSWER (200 * USEC_PER_MSEC)
/* How finely is looked. */
#define LOOK USEC_PER_SEC

static void say(struct sim *sim, const char *silence, usec_t promised, usec_t measured)
{
        fprintf(stderr, "%-52s promised %8.1f s, measured %8.1f s\n", silence, (double) promised / 1e6,
                (double) measured / 1e6);
        check(sim, measured <= promised + LOOK);
}

static struct sim *fleet_of(size_t keys, usec_t pulse)
{
        struct sim_options options = { .seed = first_seed(), .keys = keys, .pulse = pulse, .adopt = true };
        struct sim *sim = sim_new(&options);

        sim_run(sim, 2 * HOUR);
        return sim;
}

/* How long a key is in doubt that comes to be so within `patience`; 0: it does not, or stays so. */
static usec_t doubt_of(struct sim *sim, size_t key, usec_t patience)
{
        usec_t until = sim->now + patience, since = 0;
        size_t n;

        while (sim->now < until) {
                sim_run(sim, LOOK);
                bool doubted = key_is_suspect(engine_keys(sim->engine, &n)[key]);

                if (doubted && since == 0)
                        since = sim->now;
                else if (!doubted && since > 0)
                        return sim->now - since;
        }
        return 0;
}

static enum sim_fault everybody;

static enum sim_fault to_everybody(struct sim *sim, struct sim_key *key)
{
        (void) sim;
        (void) key;
        return everybody;
}

static void a_confirmation_is_bounded(void **state)
{
        struct sim *sim = fleet_of(25, 0);
        usec_t longest = 0;

        (void) state;
        for (size_t i = 0; i < 3; i++) {
                sim_kill(sim, i, SIM_KEY_EXPIRED);
                usec_t doubt = doubt_of(sim, i, 10 * MINUTE);

                check(sim, doubt > 0);
                longest = MAX(longest, doubt);
                sim_run(sim, 2 * HOUR);
        }
        say(sim, "confirmation", 35 * USEC_PER_SEC + 5 * ANSWER, longest);
        sim_free(sim);
}

/* Throttled late in the hour, with the wish for another one. */
static void an_unanswered_doubt_is_bounded(void **state)
{
        static const enum sim_fault late[] = { SIM_500, SIM_429_HOUR };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(late); i++) {
                struct sim *sim = fleet_of(10, 45 * MINUTE); /* its slots do not end it in time */
                size_t n;

                sim_kill(sim, 3, SIM_KEY_EXPIRED);
                while (!key_is_suspect(engine_keys(sim->engine, &n)[3]))
                        sim_run(sim, LOOK);
                everybody = SIM_500;
                sim->fault = to_everybody;
                sim_run(sim, 45 * MINUTE);
                everybody = late[i];
                usec_t doubt = doubt_of(sim, 3, 3 * HOUR);
                check(sim, doubt > 0);
                say(sim, late[i] == SIM_500 ? "doubt that gets no answer" : "doubt that is throttled",
                    HOUR + MINUTE, 45 * MINUTE + doubt);
                sim_free(sim);
        }
}

static void holds_are_bounded(void **state)
{
        static const struct {
                const char *text;
                size_t keys;
                usec_t promised;
        } cases[] = {
                { "three holds, after confirmation", 10, 30 * MINUTE },
                { "one hold of an only key, after confirmation", 1, 5 * MINUTE },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct sim *sim = fleet_of(cases[i].keys, 0);

                everybody = SIM_EXPIRED;
                sim->fault = to_everybody;
                usec_t doubt = doubt_of(sim, 0, 2 * HOUR);
                check(sim, doubt > 0);
                /* What waits for others that die with it is part of the confirmation. */
                say(sim, cases[i].text,
                    cases[i].promised + 35 * USEC_PER_SEC + 20 * USEC_PER_SEC + 9 * ANSWER * 4, doubt);
                sim_free(sim);
        }
}

static usec_t outage_lasts(struct sim *sim, usec_t patience)
{
        usec_t since = sim->now;

        while (sim_cleared(sim, INCIDENT_STRIPE_OUTAGE, -1) == 0 && sim->now - since < patience)
                sim_run(sim, LOOK);
        check(sim, sim_cleared(sim, INCIDENT_STRIPE_OUTAGE, -1) == 1);
        return sim->now - since;
}

static void the_end_of_an_outage_is_seen(void **state)
{
        static const size_t sizes[] = { 1, 8, 100, 1000 };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                struct sim *sim = fleet_of(sizes[i], 0);
                char text[64];

                everybody = SIM_500;
                sim->fault = to_everybody;
                sim_run(sim, 30 * MINUTE);
                check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 1);
                everybody = SIM_NONE;
                snprintf(text, sizeof(text), "outage, after its end, %zu keys", sizes[i]);
                say(sim, text, sizes[i] <= 100 ? 45 * USEC_PER_SEC : 2 * MINUTE, outage_lasts(sim, HOUR));
                sim_free(sim);
        }
}

static enum sim_fault to_the_first_five(struct sim *sim, struct sim_key *key)
{
        return key < &sim->keys[5] ? SIM_500 : SIM_NONE;
}

static void five_odd_merchants_end_their_outage(void **state)
{
        struct sim *sim = fleet_of(25, 0);

        (void) state;
        sim->fault = to_the_first_five;
        while (sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 0)
                sim_run(sim, LOOK);
        say(sim, "outage that does not spread (key-unverified waits)", 10 * MINUTE + 30 * USEC_PER_SEC,
            outage_lasts(sim, DAY));
        sim_free(sim);
}

static void a_group_ends(void **state)
{
        struct sim *sim = fleet_of(500, 0);
        const struct sim_entry *last = NULL;

        (void) state;
        for (size_t i = 0; i < 100; i++)
                sim_kill(sim, i, SIM_KEY_EXPIRED);
        while (sim_cleared(sim, INCIDENT_MASS_REVOCATION, -1) == 0)
                sim_run(sim, LOOK);
        for (size_t i = 0; i < sim->n_entries; i++)
                if (is_death(&sim->entries[i]))
                        last = &sim->entries[i];
        check(sim, last);
        say(sim, "group, after its last member", 10 * MINUTE, sim->now - last->at);
        sim_free(sim);
}

/* The longest time in which a key is not asked. */
static usec_t longest_gap(struct sim *sim, size_t key, usec_t span)
{
        usec_t until = sim->now + span, since = sim->now, longest = 0;
        unsigned asked = sim->keys[key].asked;

        while (sim->now < until) {
                sim_run(sim, LOOK);
                if (sim->keys[key].asked == asked)
                        continue;
                asked = sim->keys[key].asked;
                longest = MAX(longest, sim->now - since);
                since = sim->now;
        }
        return MAX(longest, sim->now - since);
}

static void the_dead_and_the_throttled_are_asked(void **state)
{
        struct sim *sim = fleet_of(25, 15 * MINUTE);

        (void) state;
        sim_kill(sim, 3, SIM_KEY_EXPIRED);
        sim_run(sim, HOUR);
        say(sim, "a dead key is asked slowly", HOUR, longest_gap(sim, 3, 12 * HOUR));
        everybody = SIM_429_HOUR;
        sim->fault = to_everybody;
        sim_run(sim, 3 * HOUR);
        say(sim, "back-off of one account (and the pulse)", HOUR + 15 * MINUTE,
            longest_gap(sim, 5, 12 * HOUR));
        sim_free(sim);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_confirmation_is_bounded),
                cmocka_unit_test(an_unanswered_doubt_is_bounded),
                cmocka_unit_test(holds_are_bounded),
                cmocka_unit_test(the_end_of_an_outage_is_seen),
                cmocka_unit_test(five_odd_merchants_end_their_outage),
                cmocka_unit_test(a_group_ends),
                cmocka_unit_test(the_dead_and_the_throttled_are_asked),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
