/* Every silence has a bound: what was promised, and the longest that was measured. */
#include <sqlite3.h>

#include "check.h"
#include "model/silence.h"

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

/* --- what is told later, lower, or in short --- */

/* Its entry has the instant; that weeks are looked through costs less with longer steps. */
static const struct sim_entry *wait_for(struct sim *sim, int kind, long key, size_t n, usec_t patience)
{
        usec_t until = sim->now + patience;

        while (sim_count(sim, kind, key) < n && sim->now < until)
                sim_run(sim, MAX(patience / 1000, LOOK));
        check(sim, sim_count(sim, kind, key) >= n);
        return sim_last(sim, kind, key);
}

static usec_t wait_for_end(struct sim *sim, int kind, size_t n, usec_t patience)
{
        usec_t since = sim->now;

        while (sim_cleared(sim, kind, -1) < n && sim->now - since < patience)
                sim_run(sim, MAX(patience / 1000, LOOK));
        check(sim, sim_cleared(sim, kind, -1) >= n);
        return sim_last(sim, INCIDENT_INCIDENT_CLEARED, -1)->at - since;
}

/* Lost and given back every other hour, lacking whenever the silence may end. */
static void flapping_is_bounded(void **state)
{
        struct sim *sim = fleet_of(3, 0);
        usec_t last = 0;

        (void) state;
        for (size_t hour = 0; hour < 9 * 24 && sim_cleared(sim, INCIDENT_KEY_FLAPPING, 1) == 0; hour += 2) {
                last = sim->now;
                sim_grant(sim, 1, "Coupons", LEVEL_WRITE, hour % 4 != 0);
                sim_run(sim, 2 * HOUR);
        }
        usec_t told = sim_first(sim, INCIDENT_KEY_FLAPPING, 1)->at;
        usec_t again = sim_last(sim, INCIDENT_INCIDENT_CLEARED, 1)->at;
        check(sim, again > last);
        say(sim, "flapping that goes on, told again", 7 * DAY + 5 * MINUTE, again - told);
        sim_grant(sim, 1, "Coupons", LEVEL_WRITE, false);
        for (size_t i = 0; i < 8; i++) {
                last = sim->now;
                sim_grant(sim, 1, "Coupons", LEVEL_WRITE, i % 2);
                sim_run(sim, HOUR);
        }
        check(sim, sim_count(sim, INCIDENT_KEY_FLAPPING, 1) == 2);
        size_t ended = sim_cleared(sim, INCIDENT_KEY_FLAPPING, 1);
        usec_t quiet = sim->now - last;
        quiet += wait_for_end(sim, INCIDENT_KEY_FLAPPING, ended + 1, 3 * DAY);
        say(sim, "flapping that is over (a quiet day, and the pulse)", DAY + HOUR, quiet);
        sim_free(sim);
}

static usec_t all_writes(const struct sim *sim)
{
        size_t i, n = 0;

        if (profiles_find(sim->conf->profiles, "selgeo", &i) < 0)
                abort();
        for (size_t k = 0; k < sim->conf->profiles->list[i]->n_required; k++)
                n += sim->conf->profiles->list[i]->required[k].level == LEVEL_WRITE;
        return n * 5 * MINUTE;
}

static void an_acknowledgement_is_bounded(void **state)
{
        struct sim *sim = fleet_of(25, 0);
        char *why = NULL;

        (void) state;
        sim_grant(sim, 3, "Coupons", LEVEL_WRITE, false);
        const struct sim_entry *told = wait_for(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 3, 1, HOUR);
        int64_t id = strtoll(told->incident, NULL, 10);
        check(sim, engine_acknowledge(sim->engine, id, "known", INT64_MAX, 0, &why) == 0);
        usec_t since = sim->now;
        told = wait_for(sim, INCIDENT_INCIDENT_REMINDER, 3, 1, 40 * DAY);
        say(sim, "acknowledged without a date, reminded of", 30 * DAY + HOUR, told->at - since);
        check(sim, engine_acknowledge(sim->engine, id, "known", INT64_MAX, 0, &why) == 0);
        since = sim->now;
        sim_grant(sim, 3, "Promotion codes", LEVEL_WRITE, false);
        told = wait_for(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 3, 2, DAY);
        check(sim, told->priority == 3);
        say(sim, "acknowledged, and more is missing (all pulses)", all_writes(sim) + 36 * USEC_PER_SEC,
            told->at - since);
        sim_free(sim);
}

static void a_pause_without_a_date_is_noted(void **state)
{
        struct sim *sim = fleet_of(3, 0);
        usec_t since = sim->now, longest = 0;
        char *why = NULL;

        (void) state;
        check(sim, engine_pause(sim->engine, "merchant-1", INT64_MAX, NULL, &why) == 0);
        for (size_t n = 1; n <= 3; n++) {
                usec_t noted = wait_for(sim, INCIDENT_OPERATOR_ACTION, -1, n, 9 * DAY)->at;

                longest = MAX(longest, noted - since);
                since = noted;
        }
        say(sim, "paused without a date, noted", 7 * DAY + HOUR, longest);
        sim_free(sim);
}

/* The most that any minute has. */
static size_t densest(const struct sim *sim, int from, int to)
{
        size_t most = 0;

        for (size_t i = 0; i < sim->n_entries; i++) {
                size_t n = 0;

                for (size_t k = i; k < sim->n_entries && sim->entries[k].at < sim->entries[i].at + MINUTE;
                     k++)
                        n += sim->entries[k].priority >= from && sim->entries[k].priority <= to;
                most = MAX(most, n);
        }
        return most;
}

/* Few accounts with many keys, of both modes: no group, but many entries of priority 2 and of 4. */
static void a_crowd_is_summarised(void **state)
{
        struct sim_options options = {
                .seed = first_seed(), .keys = 800, .keys_per_account = 200, .test_every = 2, .adopt = true
        };
        struct sim *sim = sim_new(&options);
        usec_t last = 0, longest = 0;

        (void) state;
        sim_run(sim, 2 * HOUR);
        for (size_t i = 0; i < 700; i++)
                sim_kill(sim, i, SIM_KEY_EXPIRED);
        sim_run(sim, HOUR);
        for (size_t i = 0; i < sim->n_entries; i++) {
                const struct sim_entry *e = &sim->entries[i];

                if (strcmp(e->message_id, incident_kind_message_id(INCIDENT_JOURNAL_SUMMARY)) == 0)
                        longest = MAX(longest, e->at - last);
                else if (is_death(e))
                        last = e->at;
        }
        fprintf(stderr, "in a minute at most %zu of priority 3 and worse, %zu of 4 and 5\n",
                densest(sim, 0, 3), densest(sim, 4, 5));
        check(sim, densest(sim, 0, 3) == 60 && densest(sim, 4, 5) >= 60 && densest(sim, 4, 5) <= 62);
        check(sim, sim_count(sim, INCIDENT_JOURNAL_SUMMARY, -1) > 0);
        say(sim, "entries beyond the allowance, summarised", MINUTE, longest);
        sim_free(sim);
}

/* More join than a group needs to go on, for longer than it may. */
static void a_member_is_told_lower_for_an_hour(void **state)
{
        struct sim *sim = fleet_of(1000, 0);
        const struct sim_entry *first = NULL;
        usec_t opened, low = 0;

        (void) state;
        for (size_t i = 0; i < 900; i++) {
                sim_kill(sim, i, SIM_KEY_EXPIRED);
                sim_run(sim, 6 * USEC_PER_SEC);
        }
        sim_run(sim, HOUR);
        first = sim_first(sim, INCIDENT_MASS_REVOCATION, -1);
        check(sim, first);
        opened = first->at;
        for (size_t i = 0; i < sim->n_entries; i++)
                if (is_death(&sim->entries[i]) && sim->entries[i].priority == 6 &&
                    strcmp(sim->entries[i].incident, first->incident) == 0)
                        low = sim->entries[i].at;
        say(sim, "member of a group, told at PRIORITY 6", HOUR, low - opened);
        sim_free(sim);
}

/* --- questions that are put off, events that wait --- */

static struct {
        bool gone;
        unsigned asked;
} invoices;

static enum sim_fault invoices_are_gone(struct sim *sim, struct sim_key *key)
{
        (void) key;
        if (!sim->asked || strcmp(sim->conf->catalogue->rows[sim->asked->row].name, "invoice") != 0)
                return SIM_NONE;
        invoices.asked++;
        return invoices.gone ? SIM_UNRECOGNIZED : SIM_NONE;
}

static void a_stale_row_is_asked(void **state)
{
        struct sim *sim = fleet_of(25, 0);
        usec_t last, longest = 0;

        (void) state;
        invoices.gone = true;
        sim->fault = invoices_are_gone;
        wait_for(sim, INCIDENT_CATALOGUE_STALE, -1, 1, 2 * DAY);
        last = sim->now;
        for (usec_t until = sim->now + 12 * HOUR; sim->now < until;) {
                unsigned before = invoices.asked;

                sim_run(sim, LOOK);
                if (invoices.asked != before) {
                        longest = MAX(longest, sim->now - last);
                        last = sim->now;
                }
        }
        say(sim, "a stale row is asked", HOUR, MAX(longest, sim->now - last));
        invoices.gone = false;
        say(sim, "a stale row that is answered again, over", HOUR,
            wait_for_end(sim, INCIDENT_CATALOGUE_STALE, 1, DAY));
        sim_free(sim);
}

static usec_t until_all_is_sent(struct sim *sim)
{
        struct engine_status status;
        usec_t since = sim->now;

        do {
                sim_run(sim, LOOK);
                engine_status(sim->engine, &status);
        } while ((status.unsent > 0 || status.store_trouble) && sim->now - since < HOUR);
        return sim->now - since;
}

static void what_waited_is_told_when_they_are_back(void **state)
{
        struct sim *sim = fleet_of(50, MINUTE);
        char path[128];
        sqlite3 *other;

        (void) state;
        sim->journal_down = true;
        for (size_t i = 0; i < 4; i++)
                sim_kill(sim, i, SIM_KEY_EXPIRED);
        sim_run(sim, 3 * HOUR);
        check(sim, told_dead(sim, false) == 0);
        sim->journal_down = false;
        say(sim, "journald back, all that waited is told", SILENCE_JOURNAL_MAX * USEC_PER_SEC,
            until_all_is_sent(sim));
        check(sim, told_dead(sim, false) == 4);

        snprintf(path, sizeof(path), "%s/keyvigil.db", sim->dir);
        assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
        assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        sim_kill(sim, 9, SIM_KEY_EXPIRED);
        sim_run(sim, 3 * MINUTE); /* each try to write waits a moment, really */
        sqlite3_exec(other, "COMMIT", NULL, NULL, NULL);
        sqlite3_close(other);
        say(sim, "store written again, all that waited is stored", 2 * SILENCE_JOURNAL_MAX * USEC_PER_SEC,
            until_all_is_sent(sim));
        check(sim, told_dead(sim, false) == 5);
        check(sim, sim_cleared(sim, INCIDENT_STORE_TROUBLE, -1) == 1);
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
                cmocka_unit_test(flapping_is_bounded),
                cmocka_unit_test(an_acknowledgement_is_bounded),
                cmocka_unit_test(a_pause_without_a_date_is_noted),
                cmocka_unit_test(a_crowd_is_summarised),
                cmocka_unit_test(a_member_is_told_lower_for_an_hour),
                cmocka_unit_test(a_stale_row_is_asked),
                cmocka_unit_test(what_waited_is_told_when_they_are_back),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
