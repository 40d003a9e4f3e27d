/* Who vouches for the path when a key seems dead, and what a crash in the middle of any doubt changes:
 * nothing. */
#include "check.h"

#define SEEDS 3

/* --- witnesses: key 0 is really revoked
 * -------------------------------------------------------------------------- */

static enum sim_fault of_witness;

static enum sim_fault strike_witness(struct sim *sim, struct sim_key *key)
{
        return key == &sim->keys[0] ? SIM_NONE : of_witness;
}

static struct sim *keys_of(uint64_t seed, size_t keys, unsigned per_account)
{
        struct sim_options options = { .seed = seed, .keys = keys, .keys_per_account = per_account };
        struct sim *sim = sim_new(&options);

        sim_run(sim, 11 * MINUTE);
        check(sim, in_state(sim, STATE_HEALTHY) == keys);
        return sim;
}

static void check_soon(struct sim *sim, const char *how)
{
        sim_kill(sim, 0, SIM_KEY_EXPIRED);
        sim_run(sim, 5 * MINUTE + 40 * USEC_PER_SEC);
        check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 0) == 1);
        check(sim, strcmp(sim_first(sim, INCIDENT_KEY_REVOKED, 0)->reason, how) == 0);
        check(sim, sim_count(sim, INCIDENT_MASS_REVOCATION, -1) == 0);
}

static void check_late(struct sim *sim)
{
        sim_kill(sim, 0, SIM_KEY_EXPIRED);
        sim_run(sim, 29 * MINUTE);
        check(sim, told_dead(sim, false) + told_dead(sim, true) == 0);
        check(sim, sim_count(sim, INCIDENT_MASS_REVOCATION, -1) == 1);
        sim_run(sim, 15 * MINUTE);
        check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 0) == 1);
        check(sim, strstr(sim_first(sim, INCIDENT_KEY_REVOKED, 0)->fields, "three-holds"));
        sim->fault = NULL;
        sim_run(sim, HOUR);
        check(sim, sim_cleared(sim, INCIDENT_MASS_REVOCATION, -1) == 1);
        check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 0) == 1);
}

static void one_who_can_be_asked_is_enough(void **state)
{
        char *why = NULL;

        (void) state;
        for (unsigned i = 0; i < seeds(2 * SEEDS); i++) {
                struct sim *alone = keys_of(first_seed() + i, 1, 1);
                check_soon(alone, "expired-code unwitnessed");
                sim_free(alone);

                struct sim *same_account = keys_of(first_seed() + i, 2, 2);
                check_soon(same_account, "expired-code");
                sim_free(same_account);

                struct sim *last = keys_of(first_seed() + i, 2, 1);
                sim_kill(last, 1, SIM_KEY_EXPIRED);
                sim_run(last, HOUR);
                check(last, sim_count(last, INCIDENT_KEY_REVOKED, 1) == 1);
                check_soon(last, "expired-code unwitnessed");
                sim_free(last);

                struct sim *paused = keys_of(first_seed() + i, 2, 1);
                check(paused, engine_pause(paused->engine, "merchant-1", INT64_MAX, NULL, &why) == 0);
                if (i % 2)
                        sim_restart(paused, true, MINUTE);
                check_soon(paused, "expired-code unwitnessed");
                sim_free(paused);
        }
}

static void a_doubtful_witness_holds(void **state)
{
        static const enum sim_fault faults[] = { SIM_429, SIM_TRUNCATED, SIM_401_HTML, SIM_EXPIRED,
                                                 SIM_TIMEOUT };

        (void) state;
        for (unsigned i = 0; i < seeds(2 * SEEDS); i++)
                for (size_t k = 0; k < ELEMENTSOF(faults); k++) {
                        struct sim *sim = keys_of(first_seed() + i, 2, 1 + i % 2);

                        of_witness = faults[k];
                        sim->fault = strike_witness;
                        check_late(sim);
                        sim_free(sim);
                }
}

static void one_good_witness_of_three_will_do(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(2 * SEEDS); i++) {
                struct sim *sim = keys_of(first_seed() + i, 4, 1);

                sim_kill(sim, 0, SIM_KEY_EXPIRED);
                sim_kill(sim, 1, SIM_KEY_EXPIRED); /* suspect itself, so it is not asked, or not believed */
                sim_run(sim, 12 * MINUTE);
                check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 0) == 1);
                check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 1) == 1);
                check(sim, sim_count(sim, INCIDENT_MASS_REVOCATION, -1) == 0);
                sim_free(sim);
        }
}

/* --- crashes
 * ---------------------------------------------------------------------------------------------------- */

/* Entries of a kind, a repeat with the same id counting once. */
static size_t distinct(const struct sim *sim, int kind)
{
        const char *id = incident_kind_message_id((enum incident_kind) kind);
        size_t n = 0;

        for (size_t i = 0; i < sim->n_entries; i++) {
                bool repeated = strcmp(sim->entries[i].message_id, id) != 0;

                for (size_t k = 0; k < i && !repeated; k++)
                        repeated = strcmp(sim->entries[k].event_id, sim->entries[i].event_id) == 0;
                n += !repeated;
        }
        return n;
}

static enum sim_fault everybody;

static enum sim_fault strike_all(struct sim *sim, struct sim_key *key)
{
        (void) sim;
        (void) key;
        return everybody;
}

static void strike_end(struct sim *sim, int argument)
{
        (void) argument;
        sim->fault = NULL;
}

/* A trouble of `span` for everybody, with a crash at some instant during it or after it. */
static struct sim *crash_within(uint64_t seed, size_t keys, enum sim_fault fault, usec_t span, usec_t crash)
{
        struct sim *sim = keys_of(seed, keys, 1);

        everybody = fault;
        sim->fault = strike_all;
        sim_at(sim, sim->now + span, strike_end, 0);
        sim_run(sim, crash);
        sim_restart(sim, true, 2 * USEC_PER_SEC);
        sim_run(sim, 2 * HOUR);
        return sim;
}

static const usec_t instants[] = { 20, 50, 100, 200, 330, 500, 660, 900, 1190, 1210, 1240, 1500, 1900, 2300 };

static void a_crash_changes_no_outage(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(1); i++)
                for (size_t k = 0; k < ELEMENTSOF(instants); k++) {
                        struct sim *sim = crash_within(first_seed() + i, 40, SIM_CONNECT, 20 * MINUTE,
                                                       instants[k] * USEC_PER_SEC);

                        check(sim, distinct(sim, INCIDENT_STRIPE_OUTAGE) == 1);
                        check(sim, distinct(sim, INCIDENT_INCIDENT_CLEARED) == 1);
                        check(sim, told_of_keys(sim) == 0);
                        check_fields(sim);
                        sim_assert_ids(sim);
                        sim_free(sim);
                }
}

static void a_crash_changes_no_hold(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(1); i++)
                for (size_t k = 0; k < ELEMENTSOF(instants); k++) {
                        struct sim *sim = crash_within(first_seed() + i, 40, SIM_EXPIRED, 20 * MINUTE,
                                                       instants[k] * USEC_PER_SEC);

                        check(sim, told_of_keys(sim) == 0);
                        check(sim, distinct(sim, INCIDENT_MASS_REVOCATION) == 1);
                        check(sim, distinct(sim, INCIDENT_INCIDENT_CLEARED) == 1);
                        check(sim, in_state(sim, STATE_HEALTHY) == 40);
                        check_fields(sim);
                        sim_assert_ids(sim);
                        sim_free(sim);
                }
}

static void a_crash_changes_no_mass_death(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(1); i++)
                for (size_t k = 0; k < ELEMENTSOF(instants); k++) {
                        struct sim *sim = keys_of(first_seed() + i, 100, 1);
                        bool all = k % 2;

                        for (size_t n = 0; n < (all ? 100 : 40); n++)
                                sim_kill(sim, n, SIM_KEY_EXPIRED);
                        sim_run(sim, instants[k] * USEC_PER_SEC);
                        sim_restart(sim, true, 2 * USEC_PER_SEC);
                        sim_run(sim, 2 * HOUR);
                        check(sim, distinct(sim, INCIDENT_KEY_REVOKED) == (all ? 100 : 40));
                        check(sim, told_dead(sim, false) < 20);
                        check(sim, distinct(sim, INCIDENT_MASS_REVOCATION) == (all ? 2 : 1));
                        check(sim, distinct(sim, INCIDENT_INCIDENT_CLEARED) == 1);
                        check(sim, strstr(sim_last(sim, INCIDENT_INCIDENT_CLEARED, -1)->fields,
                                          all ? "KEYVIGIL_COUNT=100\n" : "KEYVIGIL_COUNT=40\n"));
                        check_fields(sim);
                        sim_assert_ids(sim);
                        sim_free(sim);
                }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_who_can_be_asked_is_enough),
                cmocka_unit_test(a_doubtful_witness_holds),
                cmocka_unit_test(one_good_witness_of_three_will_do),
                cmocka_unit_test(a_crash_changes_no_outage),
                cmocka_unit_test(a_crash_changes_no_hold),
                cmocka_unit_test(a_crash_changes_no_mass_death),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
