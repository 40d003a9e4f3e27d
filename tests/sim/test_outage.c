/* An outage is told, ends soon, and blinds nobody: what gets no answer silences nothing about what is
 * answered. */
#include "check.h"

#define SEEDS 3

/* A pulse, three waits, five answers, the commit. */
#define TOLD_WITHIN (5 * MINUTE + 37 * USEC_PER_SEC)

static enum sim_fault what;
static size_t first, behind; /* keys that are struck */

static enum sim_fault strike(struct sim *sim, struct sim_key *key)
{
        size_t i = (size_t) (key - sim->keys);

        return i >= first && i < behind ? what : SIM_NONE;
}

static void begin(struct sim *sim, enum sim_fault fault, size_t from, size_t to)
{
        what = fault;
        first = from;
        behind = to;
        sim->fault = strike;
}

static bool is_open(const struct sim *sim)
{
        return sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) > sim_cleared(sim, INCIDENT_STRIPE_OUTAGE, -1);
}

static void check_death(struct sim *sim, size_t i, usec_t within)
{
        sim_kill(sim, i, i % 2 ? SIM_KEY_EXPIRED : SIM_KEY_UNKNOWN);
        sim_run(sim, within);
        check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, (long) i) == 1);
        check(sim, sim_first(sim, INCIDENT_KEY_REVOKED, (long) i)->priority == 2);
}

/* --- a few accounts that are answered oddly for ever --- */

static void a_few_odd_accounts_hide_nothing(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *sim = sim_fleet(seed, 25);

                begin(sim, seed % 2 ? SIM_401_HTML : SIM_500, 0, 5);
                sim_run(sim, 6 * MINUTE);
                check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 1);
                check_death(sim, 20, TOLD_WITHIN);
                sim_run(sim, 10 * MINUTE);
                check(sim, !is_open(sim)); /* no further one for ten minutes */
                sim_run(sim, 12 * HOUR);
                for (int i = 0; i < 10; i++) {
                        sim_restart(sim, i % 2, 5 * USEC_PER_SEC + sim_random(sim, 5 * MINUTE));
                        sim_run(sim, 20 * MINUTE);
                }
                check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 1); /* that is known of them */
                check_death(sim, 21, TOLD_WITHIN);
                sim_run(sim, 13 * HOUR);
                check(sim, sim_count(sim, INCIDENT_KEY_UNVERIFIED, -1) == 5);
                check(sim, told_dead(sim, false) == 2);
                sim_free(sim);
        }
}

/* Never asked before they were odd, and found so after each restart. */
static enum sim_fault strike_one_in_ten(struct sim *sim, struct sim_key *key)
{
        return (size_t) (key - sim->keys) * 2654435761u % 1000 < 100 ? what : SIM_NONE;
}

static void odd_accounts_and_restarts_blind_no_fleet(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(2); seed++) {
                struct sim_options options = { .seed = seed, .keys = 300, .adopt = true };
                struct sim *sim = sim_new(&options);

                what = SIM_401_HTML;
                sim->fault = strike_one_in_ten;
                sim_run(sim, HOUR);
                for (size_t i = 0; i < 20; i++) {
                        sim_restart(sim, i % 2, 5 * USEC_PER_SEC + sim_random(sim, 5 * MINUTE));
                        sim_run(sim, 20 * MINUTE);
                        check(sim, !is_open(sim));
                }
                check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) <= 1);
                check_death(sim, 7, TOLD_WITHIN);
                sim_free(sim);
        }
}

static void what_no_rule_lists_is_told_soon(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *sim = sim_fleet(seed, 10);
                const struct sim_entry *entry;

                begin(sim, SIM_UNLISTED, 3, 4);
                sim_run(sim, 14 * MINUTE);
                check(sim, told_of_keys(sim) == 0);
                sim_run(sim, 20 * MINUTE);
                check(sim, sim_count(sim, INCIDENT_KEY_UNVERIFIED, 3) == 1);
                entry = sim_first(sim, INCIDENT_KEY_UNVERIFIED, 3);
                check(sim, strcmp(entry->reason, "unlisted-answer") == 0);
                check(sim, strstr(entry->fields, "\nKEYVIGIL_HTTP_STATUS=401\n"));
                check(sim, strstr(entry->fields, "\nKEYVIGIL_STATE=unverified\n"));
                sim_restart(sim, true, MINUTE);
                sim_run(sim, 2 * HOUR);
                check(sim, in_state(sim, STATE_UNVERIFIED) == 1);
                sim->fault = NULL;
                sim_run(sim, 6 * MINUTE);
                check(sim, sim_cleared(sim, INCIDENT_KEY_UNVERIFIED, 3) == 1);
                check(sim, in_state(sim, STATE_HEALTHY) == 10);
                begin(sim, SIM_UNLISTED, 0, 10); /* nobody is healthy: that is no single key's matter */
                sim_run(sim, 3 * HOUR);
                check(sim, told_of_keys(sim) == 1);
                check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 0);
                sim_free(sim);
        }
}

/* --- while it lasts --- */

static void who_is_answered_is_watched_as_usual(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *sim = sim_fleet(seed, 100);

                begin(sim, seed % 2 ? SIM_TIMEOUT : SIM_500, 0, 30);
                sim_run(sim, 6 * MINUTE);
                check(sim, is_open(sim));
                sim_grant(sim, 60, "Promotion codes", LEVEL_WRITE, false);
                check_death(sim, 70, TOLD_WITHIN);
                sim_run(sim, 15 * MINUTE);
                check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 60) == 1);
                check(sim, told_of_keys(sim) == 2);
                sim_run(sim, 25 * HOUR); /* by now they are matters of their own */
                check(sim, !is_open(sim));
                check(sim, sim_count(sim, INCIDENT_KEY_UNVERIFIED, -1) == 30);
                sim_free(sim);
        }
}

/* A provider-shaped answer is the account's own matter. */
static void refused_accounts_are_no_outage(void **state)
{
        struct sim *sim = sim_fleet(first_seed(), 60);

        (void) state;
        for (size_t i = 0; i < 60; i += 2)
                sim->keys[i].life = SIM_KEY_UNSERVED;
        sim_run(sim, HOUR);
        check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 0);
        check(sim, sim_count(sim, INCIDENT_KEY_ACCOUNT_REFUSED, -1) == 30);
        sim_free(sim);
}

/* What has no verdict for too long is told of each: a restart makes no outage of it. */
static void keys_without_verdicts_are_none_after_a_restart(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(2); seed++) {
                const struct sim_options options = { .seed = seed, .keys = 2 };
                struct sim *sim = sim_new(&options);

                begin(sim, SIM_UNLISTED, 0, 2);
                sim_run(sim, 26 * HOUR);
                check(sim, sim_count(sim, INCIDENT_KEY_UNVERIFIED, -1) == 2);
                what = SIM_500;
                sim_run(sim, HOUR);
                sim_restart(sim, false, MINUTE);
                sim_run(sim, HOUR);
                check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 0);
                sim_free(sim);
        }
}

static enum sim_fault strike_test_mode(struct sim *sim, struct sim_key *key)
{
        return (size_t) (key - sim->keys) % sim->options.test_every == 0 ? what : SIM_NONE;
}

static void test_mode_alone_can_be_down(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim_options options = { .seed = seed, .keys = 90, .test_every = 9 };
                struct sim *sim = sim_new(&options);

                sim_run(sim, HOUR);
                what = SIM_CONNECT;
                sim->fault = strike_test_mode;
                sim_run(sim, 10 * MINUTE);
                check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 1);
                check(sim,
                      strstr(sim_first(sim, INCIDENT_STRIPE_OUTAGE, -1)->fields, "KEYVIGIL_MODE=test\n"));
                check_death(sim, 10, TOLD_WITHIN);
                begin(sim, SIM_CONNECT, 0, 90); /* now both */
                sim_run(sim, 10 * MINUTE);
                check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 2);
                sim_restart(sim, true, 5 * USEC_PER_SEC);
                sim_run(sim, 5 * MINUTE);
                sim->fault = NULL;
                sim_run(sim, MINUTE);
                check(sim, sim_cleared(sim, INCIDENT_STRIPE_OUTAGE, -1) == 2);
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

/* --- its end --- */

static void ends_within(struct sim *sim, usec_t within)
{
        usec_t end = sim->now;

        sim->fault = NULL;
        while (is_open(sim) && sim->now < end + within)
                sim_run(sim, USEC_PER_SEC);
        check(sim, !is_open(sim));
}

static void the_end_is_seen_soon(void **state)
{
        static const enum sim_fault faults[] = { SIM_500, SIM_TIMEOUT, SIM_CONNECT, SIM_502_HTML };
        static const size_t sizes[] = { 1, 3, 8, 30, 100, 1000 };
        static const usec_t spans[] = { 6 * MINUTE, 17 * MINUTE, 5 * HOUR };

        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(1); seed++)
                for (size_t f = 0; f < ELEMENTSOF(faults); f++)
                        for (size_t s = 0; s < ELEMENTSOF(sizes); s++) {
                                struct sim *sim = sim_fleet(seed, sizes[s]);

                                for (size_t k = 0; k < ELEMENTSOF(spans); k++) {
                                        begin(sim, faults[f], 0, sizes[s]);
                                        sim_run(sim, spans[k] + sim_random(sim, MINUTE));
                                        check(sim, is_open(sim));
                                        ends_within(sim, (sizes[s] <= 100 ? 45 : 120) * USEC_PER_SEC);
                                        sim_run(sim, 20 * MINUTE);
                                        check(sim, !is_open(sim));
                                        check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == k + 1);
                                }
                                sim_free(sim);
                        }
}

static void who_died_meanwhile_is_told_at_once(void **state)
{
        static const enum sim_fault faults[] = { SIM_500, SIM_TIMEOUT, SIM_CONNECT };

        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++)
                for (size_t f = 0; f < ELEMENTSOF(faults); f++) {
                        struct sim *sim = sim_fleet(seed, 8);

                        begin(sim, faults[f], 0, 8);
                        sim_run(sim, 2 * MINUTE + sim_random(sim, 8 * MINUTE));
                        sim_kill(sim, 3, SIM_KEY_EXPIRED);
                        sim_run(sim, MINUTE);
                        sim->fault = NULL;
                        sim_run(sim, MINUTE);
                        check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 3) == 1);
                        check(sim, !is_open(sim));
                        check(sim, told_of_keys(sim) == 1);
                        sim_free(sim);
                }
}

/* Some answers come, others do not, for hours: no storm of questions, nothing about any key. */
static enum sim_fault every_other(struct sim *sim, struct sim_key *key)
{
        (void) key;
        return sim_chance(sim, 0.6) ? what : SIM_NONE;
}

static void a_stammering_provider_is_not_flooded(void **state)
{
        struct sim *sim = sim_fleet(first_seed(), 200);
        uint64_t before = sim->requests;

        (void) state;
        what = SIM_500;
        sim->fault = every_other;
        sim_run(sim, 3 * HOUR);
        check(sim, sim->requests - before < 200 * 36 * 5);
        check(sim, told_of_keys(sim) == 0);
        ends_within(sim, 2 * MINUTE);
        sim_free(sim);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_few_odd_accounts_hide_nothing),
                cmocka_unit_test(odd_accounts_and_restarts_blind_no_fleet),
                cmocka_unit_test(what_no_rule_lists_is_told_soon),
                cmocka_unit_test(who_is_answered_is_watched_as_usual),
                cmocka_unit_test(refused_accounts_are_no_outage),
                cmocka_unit_test(keys_without_verdicts_are_none_after_a_restart),
                cmocka_unit_test(test_mode_alone_can_be_down),
                cmocka_unit_test(the_end_is_seen_soon),
                cmocka_unit_test(who_died_meanwhile_is_told_at_once),
                cmocka_unit_test(a_stammering_provider_is_not_flooded),
        };

        say_seeds(SEEDS);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
