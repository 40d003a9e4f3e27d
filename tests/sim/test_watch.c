/* The watch over weeks: what is alerted, when, and what must never be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim.h"

#define MINUTE USEC_PER_MINUTE
#define HOUR   USEC_PER_HOUR
#define DAY    USEC_PER_DAY

static bool long_form(void)
{
        return getenv("KEYVIGIL_LONG") != NULL;
}

static unsigned seeds(void)
{
        const char *text = getenv("KEYVIGIL_SEEDS");

        return text ? (unsigned) strtoul(text, NULL, 10) : long_form() ? 1000 : 20;
}

static uint64_t first_seed(void)
{
        const char *text = getenv("KEYVIGIL_SEED");

        return text ? strtoull(text, NULL, 10) : 1;
}

static size_t told_dead(const struct sim *sim, long key)
{
        return sim_count(sim, INCIDENT_KEY_REVOKED, key) + sim_count(sim, INCIDENT_KEY_EXPIRED, key) +
               sim_count(sim, INCIDENT_KEY_INVALID, key);
}

#define check(sim, condition)                                                                                \
        do {                                                                                                 \
                if (!(condition)) {                                                                          \
                        fprintf(stderr, "seed %llu: %s does not hold\n",                                     \
                                (unsigned long long) (sim)->options.seed, #condition);                       \
                        for (size_t n_ = 0; n_ < (sim)->n_entries && n_ < 12; n_++)                          \
                                fprintf(stderr, "%.0f s\n%s\n", (double) (sim)->entries[n_].at / 1e6,        \
                                        (sim)->entries[n_].fields);                                          \
                        fail();                                                                              \
                }                                                                                            \
        } while (0)

/* Everything that a network and a provider do wrong, a little of each. */
static enum sim_fault now_and_then(struct sim *sim, struct sim_key *key)
{
        (void) key;
        if (!sim_chance(sim, 0.08))
                return SIM_NONE;
        return (enum sim_fault)(SIM_500 + sim_random(sim, SIM_CONNECT - SIM_500 + 1));
}

static void no_living_key_is_called_dead(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(); i++) {
                struct sim_options options = { .seed = first_seed() + i, .keys = long_form() ? 200 : 20 };
                struct sim *sim = sim_new(&options);

                sim->fault = now_and_then;
                sim_run(sim, (long_form() ? 30 : 3) * DAY);
                check(sim, told_dead(sim, -1) == 0);
                check(sim, sim_count(sim, INCIDENT_KEY_BLOCKED, -1) == 0);
                check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, -1) == 0);
                sim_free(sim);
        }
}

static void revocations_are_told_in_time(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(); i++) {
                struct sim_options options = { .seed = first_seed() + i, .keys = 40 };
                struct sim *sim = sim_new(&options);
                usec_t bound = 5 * MINUTE + 35 * USEC_PER_SEC + 4 * 120 * USEC_PER_MSEC + USEC_PER_SEC;

                sim_run(sim, HOUR);
                for (int k = 0; k < 10; k++) {
                        size_t victim = (size_t) k * 4 + sim_random(sim, 4);

                        sim_run(sim, 11 * MINUTE + sim_random(sim, 10 * MINUTE));
                        sim_kill(sim, victim, k % 2 ? SIM_KEY_EXPIRED : SIM_KEY_UNKNOWN);
                        sim_run(sim, bound);
                        check(sim, told_dead(sim, (long) victim) == 1);
                }
                sim_run(sim, DAY);
                check(sim, told_dead(sim, -1) == 10);
                check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 0);
                check(sim, sim_count(sim, INCIDENT_MASS_REVOCATION, -1) == 0);
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

static void with_faults_each_is_told_once(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(); i++) {
                struct sim_options options = { .seed = first_seed() + i, .keys = 30 };
                struct sim *sim = sim_new(&options);

                sim_run(sim, HOUR);
                sim->fault = now_and_then;
                for (int k = 0; k < 6; k++) {
                        sim_run(sim, 2 * HOUR);
                        sim_kill(sim, (size_t) k * 5 + sim_random(sim, 5), SIM_KEY_EXPIRED);
                }
                sim_run(sim, DAY);
                check(sim, told_dead(sim, -1) == 6);
                check(sim, sim_cleared(sim, INCIDENT_KEY_REVOKED, -1) == 0);
                sim_free(sim);
        }
}

static void restarts_lose_and_repeat_nothing(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(); i++) {
                struct sim_options options = { .seed = first_seed() + i, .keys = 30 };
                struct sim *sim = sim_new(&options);

                sim_run(sim, HOUR);
                for (int k = 0; k < 6; k++) {
                        sim_kill(sim, (size_t) k * 5, SIM_KEY_EXPIRED);
                        for (int n = 0; n < 4; n++) {
                                uint64_t before = sim->requests;

                                sim_run(sim, sim_random(sim, 10 * MINUTE));
                                sim_restart(sim, sim_chance(sim, 0.7), sim_random(sim, 2 * MINUTE));
                                sim_run(sim, 2 * USEC_PER_SEC);
                                /* nothing bursts: at most twice the even share, and what is being confirmed
                                 */
                                check(sim, sim->requests - before < 600);
                        }
                        sim_run(sim, 20 * MINUTE);
                }
                sim_run(sim, HOUR);
                for (int k = 0; k < 6; k++) {
                        check(sim, told_dead(sim, k * 5) >= 1);
                }
                sim_assert_ids(sim);
                /* told again after a crash is told with the same id: count the ids */
                size_t ids = 0;
                for (size_t n = 0; n < sim->n_entries; n++)
                        if (strcmp(sim->entries[n].message_id,
                                   incident_kind_message_id(INCIDENT_KEY_REVOKED)) == 0)
                                ids += n == 0 ||
                                       strcmp(sim->entries[n].event_id, sim->entries[n - 1].event_id) != 0;
                check(sim, ids == 6);
                sim_free(sim);
        }
}

static void recovery_is_told_once(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(); i++) {
                struct sim_options options = { .seed = first_seed() + i, .keys = 10 };
                struct sim *sim = sim_new(&options);

                sim_run(sim, HOUR);
                sim_kill(sim, 3, SIM_KEY_EXPIRED);
                sim_run(sim, HOUR);
                check(sim, told_dead(sim, 3) == 1);
                sim_revive(sim, 3);
                sim_run(sim, HOUR + MINUTE);
                check(sim, sim_cleared(sim, INCIDENT_KEY_REVOKED, 3) == 1);
                sim_run(sim, DAY);
                check(sim, sim_cleared(sim, -1, -1) == 1);
                sim_free(sim);
        }
}

static void permissions_are_missed_and_found_again(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(); i++) {
                struct sim_options options = { .seed = first_seed() + i, .keys = 8 };
                struct sim *sim = sim_new(&options);

                sim_run(sim, 2 * HOUR);
                sim_grant(sim, 2, "Promotion codes", LEVEL_WRITE, false);
                sim_grant(sim, 2, "Promotion codes", LEVEL_READ, false);
                sim_grant(sim, 2, "Invoices", LEVEL_READ, false);
                /* Three write permissions have their turn, one with each pulse. */
                sim_run(sim, 15 * MINUTE + 40 * USEC_PER_SEC);
                check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 2) == 1);
                /* read permissions are asked daily: what is found later joins the same incident */
                sim_run(sim, DAY + 10 * MINUTE);
                check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, -1) == 2);
                const struct sim_entry *last = sim_last(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 2);
                check(sim, strstr(last->fields, "KEYVIGIL_MISSING=invoice_read promotion_code_write\n"));
                check(sim, strcmp(last->incident,
                                  sim_first(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 2)->incident) == 0);
                sim_grant(sim, 2, "Promotion codes", LEVEL_WRITE, true);
                sim_grant(sim, 2, "Invoices", LEVEL_READ, true);
                sim_run(sim, HOUR + 10 * MINUTE);
                check(sim, sim_cleared(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 2) == 1);
                sim_free(sim);
        }
}

static void blocked_is_not_dead(void **state)
{
        struct sim_options options = { .seed = first_seed(), .keys = 8 };
        struct sim *sim = sim_new(&options);

        (void) state;
        sim_run(sim, HOUR);
        sim_kill(sim, 1, SIM_KEY_BLOCKED);
        sim_kill(sim, 2, SIM_KEY_REFUSED);
        sim_run(sim, 2 * DAY);
        check(sim, told_dead(sim, -1) == 0);
        check(sim, sim_count(sim, INCIDENT_KEY_BLOCKED, 1) == 1);
        check(sim, sim_count(sim, INCIDENT_KEY_ACCOUNT_REFUSED, 2) == 1);
        sim_revive(sim, 1);
        sim_revive(sim, 2);
        sim_run(sim, HOUR);
        check(sim, sim_cleared(sim, INCIDENT_KEY_BLOCKED, 1) == 1);
        check(sim, sim_cleared(sim, INCIDENT_KEY_ACCOUNT_REFUSED, 2) == 1);
        sim_free(sim);
}

static void rounds_are_told(void **state)
{
        struct sim_options options = { .seed = first_seed(), .keys = 8 };
        struct sim *sim = sim_new(&options);

        (void) state;
        sim_run(sim, HOUR);
        check(sim, sim_count(sim, INCIDENT_ROUND_COMPLETED, -1) >= 11);
        check(sim, sim_count(sim, INCIDENT_ROUND_COMPLETED, -1) <= 14);
        sim_free(sim);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(no_living_key_is_called_dead),
                cmocka_unit_test(revocations_are_told_in_time),
                cmocka_unit_test(with_faults_each_is_told_once),
                cmocka_unit_test(restarts_lose_and_repeat_nothing),
                cmocka_unit_test(recovery_is_told_once),
                cmocka_unit_test(permissions_are_missed_and_found_again),
                cmocka_unit_test(blocked_is_not_dead),
                cmocka_unit_test(rounds_are_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
