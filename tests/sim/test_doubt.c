/* Who vouches for the path when a key seems dead, and what a crash in the middle of any doubt changes:
 * nothing. */
#include "check.h"
#include "engine/keys/work.h"

#define SEEDS 5

/* --- witnesses: key 0 is really revoked --- */

static enum sim_fault of_witness, everybody;

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
        if (strstr(how, "unwitnessed")) { /* one hold before it is believed */
                sim_run(sim, 5 * MINUTE);
                check(sim, told_dead(sim, false) == sim_count(sim, INCIDENT_KEY_REVOKED, 1));
        }
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
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *alone = keys_of(seed, 1, 1);
                check_soon(alone, "expired-code unwitnessed");
                sim_free(alone);

                struct sim *same_account = keys_of(seed, 2, 2);
                check_soon(same_account, "expired-code");
                sim_free(same_account);

                struct sim *last = keys_of(seed, 2, 1);
                sim_kill(last, 1, SIM_KEY_EXPIRED);
                sim_run(last, HOUR);
                check(last, sim_count(last, INCIDENT_KEY_REVOKED, 1) == 1);
                check_soon(last, "expired-code unwitnessed");
                sim_free(last);

                struct sim *paused = keys_of(seed, 2, 1);
                check(paused, engine_pause(paused->engine, "merchant-1", INT64_MAX, NULL, &why) == 0);
                if (seed % 2)
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
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++)
                for (size_t k = 0; k < ELEMENTSOF(faults); k++) {
                        struct sim *sim = keys_of(seed, 2, 1 + seed % 2);

                        of_witness = faults[k];
                        sim->fault = strike_witness;
                        check_late(sim);
                        sim_free(sim);
                }
}

static void one_good_witness_of_three_will_do(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *sim = keys_of(seed, 4, 1);

                sim_kill(sim, 0, SIM_KEY_EXPIRED);
                sim_kill(sim, 1, SIM_KEY_EXPIRED); /* suspect itself, so it is not asked, or not believed */
                sim_run(sim, 12 * MINUTE);
                check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 0) == 1);
                check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 1) == 1);
                check(sim, sim_count(sim, INCIDENT_MASS_REVOCATION, -1) == 0);
                sim_free(sim);
        }
}

/* Two witnesses give no answer, the third does: that is enough. */
static enum sim_fault strike_two(struct sim *sim, struct sim_key *key)
{
        return key == &sim->keys[1] || key == &sim->keys[2] ? of_witness : SIM_NONE;
}

static void the_third_witness_is_asked(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *sim = keys_of(seed, 4, 1);

                sim_kill(sim, 0, SIM_KEY_EXPIRED);
                of_witness = seed % 2 ? SIM_429 : SIM_TIMEOUT;
                sim->fault = strike_two;
                sim_run(sim, 5 * MINUTE + 40 * USEC_PER_SEC + 2 * 20 * USEC_PER_SEC);
                check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 0) == 1);
                sim_free(sim);
        }
}

/* --- doubts that get no second answer --- */

static enum sim_fault strike_first(struct sim *sim, struct sim_key *key)
{
        return key == &sim->keys[0] ? everybody : SIM_NONE;
}

static void what_gets_no_answer_is_asked_with_patience(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++)
                for (int fault = SIM_500; fault <= SIM_CONNECT; fault++) {
                        struct sim *sim = keys_of(seed, 10, 1);
                        const struct key *key = engine_key_named(sim->engine, "merchant-0");

                        sim_grant(sim, 0, "Promotion codes", LEVEL_WRITE, false);
                        while (!key->work || key->work->n_doubts == 0) /* until it was refused once */
                                sim_run(sim, USEC_PER_SEC);
                        everybody = (enum sim_fault) fault;
                        sim->fault = strike_first;
                        unsigned asked = sim->keys[0].asked;
                        sim_run(sim, 10 * MINUTE);
                        check(sim, sim->keys[0].asked - asked <= 30);
                        sim->fault = NULL;
                        sim_run(sim, 20 * MINUTE); /* its turn comes with every third pulse */
                        check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 0) == 1);
                        sim_free(sim);
                }
}

static void a_refused_account_is_told_soon(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *sim = keys_of(seed, 3, 1);

                sim_run(sim, 2 * DAY); /* nothing but pulses is asked any more */
                sim_kill(sim, 0, SIM_KEY_REFUSED);
                sim_run(sim, 5 * MINUTE + 35 * USEC_PER_SEC);
                check(sim, sim_count(sim, INCIDENT_KEY_ACCOUNT_REFUSED, 0) == 1);
                sim_run(sim, HOUR);
                check(sim, told_of_keys(sim) == 1);
                sim_free(sim);
        }
}

/* --- crashes --- */

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
        for (uint64_t seed = first_seed(); seed < end_seed(1); seed++)
                for (size_t k = 0; k < ELEMENTSOF(instants); k++) {
                        struct sim *sim =
                                crash_within(seed, 40, SIM_CONNECT, 20 * MINUTE, instants[k] * USEC_PER_SEC);

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
        for (uint64_t seed = first_seed(); seed < end_seed(1); seed++)
                for (size_t k = 0; k < ELEMENTSOF(instants); k++) {
                        struct sim *sim =
                                crash_within(seed, 40, SIM_EXPIRED, 20 * MINUTE, instants[k] * USEC_PER_SEC);

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
        for (uint64_t seed = first_seed(); seed < end_seed(1); seed++)
                for (size_t k = 0; k < ELEMENTSOF(instants); k++) {
                        struct sim *sim = keys_of(seed, 100, 1);
                        bool all = k % 2;

                        for (size_t n = 0; n < (all ? 100 : 40); n++)
                                sim_kill(sim, n, SIM_KEY_EXPIRED);
                        sim_run(sim, instants[k] * USEC_PER_SEC);
                        sim_restart(sim, true, 2 * USEC_PER_SEC);
                        sim_run(sim, 2 * HOUR);
                        check(sim, distinct(sim, INCIDENT_KEY_REVOKED) == (all ? 100 : 40));
                        check(sim, told_dead(sim, false) < 20);
                        check(sim, distinct(sim, INCIDENT_INCIDENT_CLEARED) == (all ? 2 : 1));
                        check(sim, strstr(sim_last(sim, INCIDENT_INCIDENT_CLEARED, -1)->fields,
                                          all ? "KEYVIGIL_COUNT=100\n" : "KEYVIGIL_COUNT=40\n"));
                        check_fields(sim);
                        sim_assert_ids(sim);
                        sim_free(sim);
                }
}

/* --- the same story with and without a crash --- */

static enum sim_fault strike_third(struct sim *sim, struct sim_key *key)
{
        (void) sim;
        return key->account % 10 < 3 ? everybody : SIM_NONE;
}

static void partial_outage(struct sim *sim)
{
        everybody = sim->options.seed % 2 ? SIM_500 : SIM_TIMEOUT;
        sim->fault = strike_third;
        sim_at(sim, sim->now + 40 * MINUTE, strike_end, 0);
}

static void change(struct sim *sim, int argument)
{
        if (argument)
                sim_kill(sim, 1, SIM_KEY_EXPIRED);
        else
                sim_revive(sim, 1);
}

static void flapping(struct sim *sim)
{
        for (int i = 0; i < 72; i++)
                sim_at(sim, sim->now + (usec_t) i * 20 * MINUTE, change, i % 2 == 0);
}

static void death_and_reminders(struct sim *sim)
{
        sim_kill(sim, 1, SIM_KEY_EXPIRED);
        sim_grant(sim, 2, "Promotion codes", LEVEL_WRITE, false);
        sim_kill(sim, 3, SIM_KEY_BLOCKED);
        sim_kill(sim, 4, SIM_KEY_REFUSED);
        sim_at(sim, sim->now + 60 * HOUR, change, 0);
}

static const struct scenario {
        void (*begin)(struct sim *sim);
        size_t keys;
        usec_t pulse, phases, length; /* crashes fall into the phases */
} scenarios[] = {
        { partial_outage, 60, 5 * MINUTE, 45 * MINUTE, 2 * HOUR },
        { partial_outage, 250, 5 * MINUTE, 45 * MINUTE, 2 * HOUR },
        { flapping, 5, MINUTE, 25 * HOUR, 50 * HOUR },
        { death_and_reminders, 6, 5 * MINUTE, 62 * HOUR, 72 * HOUR },
};

static int compare_lines(const void *a, const void *b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

/* What was told, each once, in an order that does not depend on the instants. */
static char *story(const struct sim *sim)
{
        char **lines = calloc(sim->n_entries + 1, sizeof(*lines)), *text = NULL;
        size_t n = 0, size;
        FILE *out = open_memstream(&text, &size);

        for (size_t i = 0; i < sim->n_entries; i++) {
                const struct sim_entry *e = &sim->entries[i];
                bool repeated =
                        strcmp(e->message_id, incident_kind_message_id(INCIDENT_ROUND_COMPLETED)) == 0;

                for (size_t k = 0; k < i && !repeated; k++)
                        repeated = strcmp(sim->entries[k].event_id, e->event_id) == 0;
                if (!repeated &&
                    asprintf(&lines[n], "%s %s %s %s", e->message_id, e->kind, e->key, e->reason) > 0)
                        n++;
        }
        qsort(lines, n, sizeof(*lines), compare_lines);
        for (size_t i = 0; i < n; i++) {
                fprintf(out, "%s\n", lines[i]);
                free(lines[i]);
        }
        fclose(out);
        free(lines);
        return text;
}

static char *play(const struct scenario *scenario, uint64_t seed, usec_t crash, usec_t down)
{
        struct sim_options options = { .seed = seed, .keys = scenario->keys, .pulse = scenario->pulse };
        struct sim *sim = sim_new(&options);

        sim_run(sim, 2 * scenario->pulse + MINUTE);
        scenario->begin(sim);
        usec_t end = sim->now + scenario->length;
        if (crash) {
                sim_run(sim, crash);
                sim_restart(sim, true, down);
        }
        sim_run_until(sim, end);
        char *text = story(sim);
        sim_assert_ids(sim);
        sim_free(sim);
        return text;
}

static void a_crash_changes_no_story(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(1); seed++)
                for (size_t i = 0; i < ELEMENTSOF(scenarios); i++) {
                        char *calm = play(&scenarios[i], seed, 0, 0);
                        struct sim random = { .random = seed * 77 + i };

                        for (int k = 0; k < 12; k++) {
                                usec_t crash = sim_random(&random, scenarios[i].phases) + 1;
                                usec_t down = sim_random(&random, 10 * USEC_PER_SEC);
                                char *text = play(&scenarios[i], seed, crash, down);

                                if (strcmp(text, calm) != 0)
                                        fail_msg("seed %llu, scenario %zu, crash after %.3f s for %.3f "
                                                 "s:\n%s---\n%s",
                                                 (unsigned long long) seed, i, (double) crash / 1e6,
                                                 (double) down / 1e6, text, calm);
                                free(text);
                        }
                        free(calm);
                }
}

/* What it lacked when it died may have been given to it since: it is asked before it is told again. */
static void what_a_dead_key_lacked_is_asked_again(void **state)
{
        (void) state;
        for (int given = 0; given < 2; given++) {
                struct sim *sim = sim_fleet(first_seed(), 20);

                sim_run(sim, HOUR);
                sim_grant(sim, 0, "Invoices", LEVEL_READ, false);
                sim_run(sim, 26 * HOUR); /* it is no question of the pulse */
                check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 0) == 1);
                sim_kill(sim, 0, SIM_KEY_EXPIRED);
                sim_run(sim, HOUR);
                if (given)
                        sim_grant(sim, 0, "Invoices", LEVEL_READ, true);
                sim->keys[0].life = SIM_ALIVE;
                sim_run(sim, 3 * HOUR);
                check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 0) == (given ? 1 : 2));
                check(sim, engine_key_named(sim->engine, "merchant-0")->state ==
                                   (given ? STATE_HEALTHY : STATE_DEGRADED));
                sim_free(sim);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_a_dead_key_lacked_is_asked_again),
                cmocka_unit_test(one_who_can_be_asked_is_enough),
                cmocka_unit_test(a_doubtful_witness_holds),
                cmocka_unit_test(one_good_witness_of_three_will_do),
                cmocka_unit_test(the_third_witness_is_asked),
                cmocka_unit_test(what_gets_no_answer_is_asked_with_patience),
                cmocka_unit_test(a_refused_account_is_told_soon),
                cmocka_unit_test(a_crash_changes_no_outage),
                cmocka_unit_test(a_crash_changes_no_hold),
                cmocka_unit_test(a_crash_changes_no_mass_death),
                cmocka_unit_test(a_crash_changes_no_story),
        };

        say_seeds(SEEDS);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
