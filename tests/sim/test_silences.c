/* What protects may not blind: runs in which a silence once outlived its reason, or hid what it was not made
 * for. */
#include <malloc.h>
#include <sqlite3.h>
#include <time.h>

#include "check.h"

/* A pulse, the confirmation, five answers; and, where others doubt at the same time, the wait for a burst. */
#define TOLD_WITHIN (5 * MINUTE + 35 * USEC_PER_SEC + 30 * USEC_PER_SEC)
/* When no further key has become troubled for ten minutes, what is troubled is a matter of its own. */
#define OUTAGE_ENDS_WITHIN (25 * MINUTE)

static size_t open_now(const struct sim *sim, int kind)
{
        return sim_count(sim, kind, -1) - MIN(sim_cleared(sim, kind, -1), sim_count(sim, kind, -1));
}

static const struct sim_entry *death_of(const struct sim *sim, size_t key)
{
        static const int kinds[] = { INCIDENT_KEY_REVOKED, INCIDENT_KEY_EXPIRED, INCIDENT_KEY_INVALID };
        const struct sim_entry *e = NULL;

        for (size_t i = 0; i < ELEMENTSOF(kinds) && !e; i++)
                e = sim_first(sim, kinds[i], (long) key);
        return e;
}

/* It dies, and that is told in time, by itself, with its own priority. */
static void check_death(struct sim *sim, size_t key)
{
        sim_kill(sim, key, key % 2 ? SIM_KEY_UNKNOWN : SIM_KEY_EXPIRED);
        sim_run(sim, TOLD_WITHIN);
        check(sim, death_of(sim, key));
        check(sim, death_of(sim, key)->priority == 2);
}

/* --- accounts that are answered oddly --- */

static enum sim_fault odd_answer;
static unsigned odd_percent;
static size_t odd_first;

static enum sim_fault odd_some(struct sim *sim, struct sim_key *key)
{
        size_t i = (size_t) (key - sim->keys);

        if (odd_first > 0)
                return i < odd_first ? odd_answer : SIM_NONE;
        return (i * 2654435761u) % 100 < odd_percent ? odd_answer : SIM_NONE;
}

static void a_few_odd_accounts_hide_nothing(void **state)
{
        static const enum sim_fault answers[] = { SIM_UNLISTED, SIM_500, SIM_401_HTML, SIM_TIMEOUT };

        (void) state;
        for (size_t a = 0; a < ELEMENTSOF(answers); a++) {
                struct sim_options options = { .seed = first_seed(), .keys = 25 };
                struct sim *sim = sim_new(&options);

                sim_run(sim, 2 * HOUR);
                check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 0);
                odd_answer = answers[a];
                odd_first = 5;
                sim->fault = odd_some;
                check_death(sim, 19); /* just as it begins */
                sim_run(sim, OUTAGE_ENDS_WITHIN);
                check(sim, open_now(sim, INCIDENT_STRIPE_OUTAGE) == 0);
                sim_run(sim, DAY);
                check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) <= 1);
                check_death(sim, 20);
                check_death(sim, 21);
                sim_run(sim, DAY);
                for (long i = 0; i < 5; i++)
                        check(sim, sim_count(sim, INCIDENT_KEY_UNVERIFIED, i) == 1);
                sim_free(sim);
        }
}

/* Fleets in which some are odd for ever, over many starts: each begins with a small sample. */
static void restarts(uint64_t seed, unsigned percent, unsigned times, usec_t between)
{
        struct sim_options options = { .seed = seed, .keys = 300, .adopt = true };
        struct sim *sim = sim_new(&options);

        odd_answer = seed % 2 ? SIM_401_HTML : SIM_500;
        odd_first = 0;
        odd_percent = percent;
        sim->fault = odd_some;
        sim_run(sim, HOUR);
        for (unsigned i = 0; i < times; i++) {
                sim_restart(sim, false, (5 + sim_random(sim, 300)) * USEC_PER_SEC);
                sim_run(sim, between);
                check(sim, open_now(sim, INCIDENT_STRIPE_OUTAGE) == 0);
        }
        size_t key = 7;
        while ((key * 2654435761u) % 100 < percent)
                key++;
        check_death(sim, key);
        sim_free(sim);
}

static void restarts_open_no_outage_that_stays(void **state)
{
        unsigned times = long_form() ? 60 : 8;

        (void) state;
        for (uint64_t seed = first_seed(); seed < first_seed() + (long_form() ? 20 : 2); seed++) {
                restarts(seed, 10, times, 2 * HOUR);
                restarts(seed, long_form() ? 1 + seed % 8 : 5, times * 3, 30 * MINUTE);
        }
}

/* --- holds --- */

static bool lies, odd_held;

static enum sim_fault all_expired(struct sim *sim, struct sim_key *key)
{
        if (odd_held && key == &sim->keys[3])
                return SIM_UNLISTED;
        return lies ? SIM_EXPIRED : SIM_NONE;
}

static struct sim *held(uint64_t seed)
{
        struct sim_options options = { .seed = seed, .keys = 10 };
        struct sim *sim = sim_new(&options);

        odd_held = false;
        sim_run(sim, 2 * HOUR);
        lies = true;
        sim->fault = all_expired;
        return sim;
}

/* Whatever became of the held one: the incident ends, and later deaths are told as what they are. */
static void check_after_hold(struct sim *sim)
{
        lies = false;
        sim_run(sim, 3 * HOUR);
        check(sim, told_dead(sim, false) + told_dead(sim, true) == 0);
        check(sim, open_now(sim, INCIDENT_MASS_REVOCATION) == 0);
        for (size_t i = 5; i < 8; i++) {
                check_death(sim, i);
                sim_run(sim, DAY);
        }
        sim_free(sim);
}

static void a_held_key_that_is_paused_keeps_nothing_open(void **state)
{
        struct sim *sim = held(first_seed());
        _cleanup_free_ char *why = NULL;
        char name[32];

        (void) state;
        sim_run(sim, 14 * MINUTE);
        check(sim,
              engine_pause(sim->engine, sim_name(3, name), INT64_MAX, "calling the merchant", &why) == 0);
        check_after_hold(sim);
}

static void on_checked(const struct check_result *result, void *userdata)
{
        (void) result;
        (void) userdata;
}

/* Nobody asks on about a paused key: what a person's question finds is told to that person, and begins no
 * doubt. */
static void a_paused_key_that_is_checked_is_in_no_doubt(void **state)
{
        struct sim_options options = { .seed = first_seed(), .keys = 10 };
        struct sim *sim = sim_new(&options);
        _cleanup_free_ char *why = NULL;
        struct engine_status status;
        char name[32];

        (void) state;
        sim_run(sim, 2 * HOUR);
        check(sim, engine_pause(sim->engine, sim_name(3, name), INT64_MAX, "asked for", &why) == 0);
        sim_kill(sim, 3, SIM_KEY_EXPIRED);
        check(sim, engine_check(sim->engine, name, CHECK_PULSE, on_checked, NULL, &why) == 0);
        sim_run(sim, 2 * HOUR);
        engine_status(sim->engine, &status);
        check(sim, status.suspects == 0);
        check(sim, !death_of(sim, 3));
        check(sim, engine_resume(sim->engine, name, &why) == 0);
        sim_run(sim, TOLD_WITHIN);
        check(sim, death_of(sim, 3));
        sim_free(sim);
}

struct heard {
        bool done;
        enum check_outcome outcome;
        char message[512];
};

static void on_heard(const struct check_result *result, void *userdata)
{
        struct heard *heard = userdata;

        heard->done = true;
        heard->outcome = result->outcome;
        snprintf(heard->message, sizeof(heard->message), "%s", result->message);
}

static enum sim_fault invoices_fail(struct sim *sim, struct sim_key *key)
{
        (void) key;
        return sim->asked && strcmp(sim->conf->catalogue->rows[sim->asked->row].name, "invoice") == 0
                       ? SIM_500
                       : SIM_NONE;
}

/* One question of many gets no answer, and what it asks for is known from before: no list to be empty. */
static void what_a_check_could_not_ask_is_said(void **state)
{
        struct sim_options options = { .seed = first_seed(), .keys = 10 };
        struct sim *sim = sim_new(&options);
        _cleanup_free_ char *why = NULL;
        struct heard heard = { 0 };
        char name[32];

        (void) state;
        sim_run(sim, 2 * HOUR);
        sim->fault = invoices_fail;
        check(sim, engine_check(sim->engine, sim_name(3, name), CHECK_FULL, on_heard, &heard, &why) == 0);
        sim_run(sim, HOUR);
        check(sim, heard.done && heard.outcome == OUTCOME_UNCLEAR);
        if (strstr(heard.message, ": .") || strncmp(heard.message, "Could not tell", 14) != 0)
                fail_msg("a check said: %s", heard.message);
        sim_free(sim);
}

static void a_held_key_that_becomes_odd_keeps_nothing_open(void **state)
{
        struct sim *sim = held(first_seed());

        (void) state;
        sim_run(sim, 14 * MINUTE);
        odd_held = true;
        check_after_hold(sim);
}

static void nothing_that_people_ask_shortens_a_hold(void **state)
{
        (void) state;
        for (int way = 0; way < 2; way++) {
                struct sim *sim = held(first_seed());
                char name[32];

                for (int minute = 0; minute < 28; minute++) {
                        _cleanup_free_ char *why = NULL;

                        sim_run(sim, MINUTE);
                        sim_name(3, name);
                        check(sim, (way ? engine_check(sim->engine, name, CHECK_PULSE, on_checked, NULL, &why)
                                        : engine_resume(sim->engine, name, &why)) >= 0);
                        check(sim, told_dead(sim, false) + told_dead(sim, true) == 0);
                }
                lies = false;
                sim_run(sim, 2 * HOUR);
                check(sim, told_dead(sim, false) + told_dead(sim, true) == 0);
                sim_free(sim);
        }
}

/* --- many at a time --- */

static size_t heap(const struct sim *sim)
{
        size_t ours = sim->entries_room * sizeof(*sim->entries);
        struct mallinfo2 info = mallinfo2();

        for (size_t i = 0; i < sim->n_entries; i++)
                ours += strlen(sim->entries[i].fields) + 16;
        return info.uordblks + info.hblkhd - MIN(ours, info.uordblks + info.hblkhd);
}

/* Every tenth key may not write coupons: others are elected to look for them, at a bounded price. */
static void an_election_asks_only_those_of_the_account(void **state)
{
        size_t keys = long_form() ? 20000 : 1000;
        struct sim_options options = { .seed = 1, .keys = keys, .adopt = true, .pulse = 6 * HOUR };
        struct sim *sim = sim_new(&options);

        (void) state;
        sim_run(sim, 2 * HOUR);
        uint64_t before = sim->requests;
        sim_run(sim, 2 * HOUR);
        uint64_t usual = sim->requests - before;
        for (size_t i = 0; i < keys; i += 10)
                sim_grant(sim, i, "Coupons", LEVEL_WRITE, false);
        sim_run(sim, 28 * HOUR); /* noticed by the pulses, or the daily full checks */
        before = sim->requests;
        clock_t cpu = clock();
        sim_run(sim, 2 * HOUR);
        fprintf(stderr, "%zu keys, a tenth without coupons: two hours took %.2f s of processor\n", keys,
                (double) (clock() - cpu) / CLOCKS_PER_SEC);
        check(sim, sim->requests - before <= usual * 3 / 2);
        sim_free(sim);
}

/* All keys grow older than they should be: each has its incident, and people are reminded once, not n times.
 */
static void many_reminders_are_one(void **state)
{
        size_t keys = long_form() ? 20000 : 1000;
        struct sim_options options = { .seed = 1, .keys = keys, .adopt = true, .pulse = 12 * HOUR };
        struct sim *sim = sim_new(&options);
        struct engine_status status;

        (void) state;
        sim_run(sim, 30 * MINUTE);
        size_t before = heap(sim);
        sim->wall_offset += 91 * 86400;
        sim_run(sim, 40 * MINUTE);
        engine_status(sim->engine, &status);
        check(sim, status.open_incidents >= keys);
        check(sim, heap(sim) < before + keys * 2048 + (4u << 20));
        sim_run(sim, 26 * HOUR);
        check(sim, sim_count(sim, INCIDENT_INCIDENT_REMINDER, -1) <= 30);
        engine_status(sim->engine, &status);
        check(sim, status.unsent == 0);
        sim_restart(sim, false, 5 * USEC_PER_SEC);
        engine_status(sim->engine, &status);
        check(sim, status.open_incidents >= keys);
        sim_free(sim);
}

/* --- the store --- */

static sqlite3 *lock_out(const struct sim *sim)
{
        char path[128];
        sqlite3 *other;

        snprintf(path, sizeof(path), "%s/keyvigil.db", sim->dir);
        assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
        assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        return other;
}

static void a_store_in_trouble_costs_bounded_memory_and_no_event(void **state)
{
        struct sim_options options = { .seed = 1, .keys = long_form() ? 2000 : 200, .adopt = true };
        struct sim *sim = sim_new(&options);
        struct engine_status status;

        (void) state;
        odd_answer = SIM_500;
        odd_first = 0;
        odd_percent = 5;
        sim->fault = odd_some;
        sim_run(sim, 2 * HOUR);
        size_t before = heap(sim);
        sqlite3 *other = lock_out(sim);
        sim_run(sim, 10 * MINUTE);
        sim_kill(sim, 7, SIM_KEY_EXPIRED);
        sim_run(sim, long_form() ? 24 * HOUR : HOUR / 2); /* each try to write waits a moment, really */
        engine_status(sim->engine, &status);
        check(sim, status.store_trouble);
        check(sim, death_of(sim, 7));
        check(sim, death_of(sim, 7)->unsaved);
        check(sim, heap(sim) < before + (64u << 20));
        sqlite3_exec(other, "COMMIT", NULL, NULL, NULL);
        sqlite3_close(other);
        sim_run(sim, 2 * MINUTE);
        engine_status(sim->engine, &status);
        check(sim, !status.store_trouble);
        check(sim, status.unsent == 0);
        check(sim, open_now(sim, INCIDENT_STORE_TROUBLE) == 0);
        sim_assert_ids(sim);
        sim_free(sim);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_few_odd_accounts_hide_nothing),
                cmocka_unit_test(restarts_open_no_outage_that_stays),
                cmocka_unit_test(a_held_key_that_is_paused_keeps_nothing_open),
                cmocka_unit_test(a_paused_key_that_is_checked_is_in_no_doubt),
                cmocka_unit_test(what_a_check_could_not_ask_is_said),
                cmocka_unit_test(a_held_key_that_becomes_odd_keeps_nothing_open),
                cmocka_unit_test(nothing_that_people_ask_shortens_a_hold),
                cmocka_unit_test(an_election_asks_only_those_of_the_account),
                cmocka_unit_test(many_reminders_are_one),
                cmocka_unit_test(a_store_in_trouble_costs_bounded_memory_and_no_event),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
