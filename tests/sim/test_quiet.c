/* What is told again, what is held back, and what is left in peace. */
#include <errno.h>

#include "check.h"
#include "engine/people/people.h"

#define SEEDS 5

static size_t reminders(const struct sim *sim, long key)
{
        return sim_count(sim, INCIDENT_INCIDENT_REMINDER, key);
}

static size_t reminders_of(const struct sim *sim, enum incident_kind kind)
{
        size_t n = 0;

        for (size_t i = 0; i < sim->n_entries; i++)
                n += strcmp(sim->entries[i].message_id,
                            incident_kind_message_id(INCIDENT_INCIDENT_REMINDER)) == 0 &&
                     strcmp(sim->entries[i].kind, incident_kind_name(kind)) == 0;
        return n;
}

/* --- reminders --- */

/* Days after the opening, and how many reminders there must have been. */
struct expected {
        double days;
        size_t critical, other;
};

static const struct expected month[] = {
        { 0.1, 0, 0 }, { 0.2, 1, 0 },  { 0.34, 2, 0 },  { 0.51, 3, 0 },  { 1.4, 3, 1 },  { 1.6, 4, 1 },
        { 7.4, 9, 7 }, { 7.6, 10, 7 }, { 14.3, 10, 8 }, { 14.6, 11, 8 }, { 29, 13, 10 },
};

static void reminders_grow_rare(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *sim = sim_fleet(seed, 6);

                sim_kill(sim, 2, SIM_KEY_EXPIRED);
                sim_grant(sim, 3, "Promotion codes", LEVEL_WRITE, false);
                sim_run(sim, 10 * MINUTE);
                usec_t opened = sim->now;
                for (size_t k = 0; k < ELEMENTSOF(month); k++) {
                        sim_run_until(sim, opened + (usec_t) (month[k].days * (double) DAY));
                        check(sim, reminders(sim, 2) == month[k].critical);
                        check(sim, reminders(sim, 3) == month[k].other);
                        if (seed % 3)
                                sim_restart(sim, seed % 3 == 1, MINUTE);
                }
                const struct sim_entry *last = sim_last(sim, INCIDENT_INCIDENT_REMINDER, 2);
                check(sim, last->priority == 2 && strstr(last->fields, "\nKEYVIGIL_SINCE="));
                last = sim_last(sim, INCIDENT_INCIDENT_REMINDER, 3);
                check(sim, last->priority == 3 && strstr(last->fields, "KEYVIGIL_MISSING=promotion_code"));
                check_fields(sim);
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

static void who_acknowledges_is_left_alone(void **state)
{
        struct sim *sim = sim_fleet(first_seed(), 6);
        char *why = NULL;

        (void) state;
        sim_kill(sim, 2, SIM_KEY_EXPIRED);
        sim_run(sim, 5 * HOUR);
        check(sim, reminders(sim, 2) == 1);
        int64_t id = strtoll(sim_first(sim, INCIDENT_KEY_REVOKED, 2)->incident, NULL, 10);
        int64_t until = sim->clock.wall(&sim->clock) + 3 * SEC_PER_DAY;
        check(sim, engine_acknowledge(sim->engine, id, "being replaced", until, 0, &why) == 0);
        sim_run(sim, DAY);
        sim_restart(sim, true, MINUTE);
        sim_run(sim, 2 * DAY - 2 * MINUTE);
        check(sim, reminders(sim, 2) == 1);
        sim_run(sim, 2 * MINUTE); /* the date has come */
        check(sim, reminders(sim, 2) == 2);
        check(sim, engine_acknowledge(sim->engine, id, "for good", INT64_MAX, 0, &why) == 0);
        sim_run(sim, 10 * DAY);
        check(sim, reminders(sim, 2) == 2);
        sim_revive(sim, 2); /* cleared, and dead again: a new incident */
        sim_run(sim, 3 * HOUR);
        check(sim, sim_cleared(sim, INCIDENT_KEY_REVOKED, 2) == 1);
        sim_kill(sim, 2, SIM_KEY_EXPIRED);
        sim_run(sim, 5 * HOUR);
        check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 2) == 2);
        check(sim, reminders(sim, 2) == 3);
        sim_free(sim);
}

/* What nobody mended in a month is told again. */
static void an_acknowledgement_without_a_date_lasts_a_month(void **state)
{
        struct sim *sim = sim_fleet(first_seed(), 6);
        char *why = NULL;

        (void) state;
        sim_kill(sim, 2, SIM_KEY_EXPIRED);
        sim_run(sim, HOUR);
        int64_t id = strtoll(sim_first(sim, INCIDENT_KEY_REVOKED, 2)->incident, NULL, 10);
        check(sim, engine_acknowledge(sim->engine, id, "known", INT64_MAX, 0, &why) == 0);
        sim_run(sim, 29 * DAY);
        check(sim, reminders(sim, 2) == 0);
        sim_run(sim, 2 * DAY);
        check(sim, reminders(sim, 2) > 0);
        sim_free(sim);
}

/* What is left of a group is reminded of in one, however few they are. */
static void members_of_a_group_are_reminded_of_together(void **state)
{
        struct sim *sim = sim_fleet(first_seed(), 200);

        (void) state;
        for (size_t i = 0; i < 40; i++)
                sim_kill(sim, i, SIM_KEY_EXPIRED);
        sim_run(sim, HOUR);
        for (size_t i = 0; i < 36; i++)
                sim_revive(sim, i);
        sim_run(sim, 2 * HOUR);
        size_t before = reminders(sim, -1);
        sim_run(sim, 3 * HOUR);
        check(sim, reminders(sim, -1) == before + 1);
        check(sim, strstr(sim_last(sim, INCIDENT_INCIDENT_REMINDER, -1)->fields, "\nKEYVIGIL_COUNT=4\n"));
        sim_free(sim);
}

static void many_reminders_are_one(void **state)
{
        struct sim *sim = sim_fleet(first_seed(), 100);

        (void) state;
        for (size_t i = 0; i < 15; i++) {
                sim_kill(sim, i, SIM_KEY_EXPIRED);
                sim_run(sim, 2 * MINUTE);
        }
        sim_run(sim, 6 * HOUR);
        check(sim, told_dead(sim, false) == 15);
        check(sim, reminders(sim, -1) == 1);
        const struct sim_entry *entry = sim_first(sim, INCIDENT_INCIDENT_REMINDER, -1);
        check(sim, entry->key[0] == '\0' && strstr(entry->fields, "\nKEYVIGIL_COUNT=15\n"));
        check(sim, entry->priority == 2);
        sim_run(sim, 6 * DAY);
        check(sim, reminders(sim, -1) == 8); /* three after four hours each, five of the days */
        sim_free(sim);
}

/* --- flapping --- */

static void toggle(struct sim *sim, usec_t span, bool restarts)
{
        usec_t end = sim->now + span;

        for (bool alive = false; sim->now < end; alive = !alive) {
                if (alive)
                        sim_revive(sim, 1);
                else
                        sim_kill(sim, 1, SIM_KEY_EXPIRED);
                sim_run(sim, 10 * MINUTE);
                if (restarts && sim_chance(sim, 0.3))
                        sim_restart(sim, sim_chance(sim, 0.5), 5 * USEC_PER_SEC);
                sim_run(sim, 10 * MINUTE);
        }
}

/* A permission that is lost and given back every other hour says nothing about the life of the key. */
static void a_kind_that_flaps_hides_no_other(void **state)
{
        struct sim_options options = { .seed = first_seed(), .keys = 5, .pulse = MINUTE };
        struct sim *sim = sim_new(&options);

        (void) state;
        sim_run(sim, HOUR);
        for (size_t i = 0; i < 12; i++) {
                sim_grant(sim, 1, "Coupons", LEVEL_WRITE, i % 2 != 0);
                sim_run(sim, HOUR);
        }
        check(sim, sim_count(sim, INCIDENT_KEY_FLAPPING, 1) == 1);
        check(sim, strcmp(sim_first(sim, INCIDENT_KEY_FLAPPING, 1)->reason, "key-permissions-missing") == 0);
        check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 1) <= 3);
        sim_kill(sim, 1, SIM_KEY_EXPIRED);
        sim_run(sim, 5 * MINUTE);
        check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 1) == 1);
        check(sim, sim_first(sim, INCIDENT_KEY_REVOKED, 1)->priority == 2);
        sim_free(sim);
}

static void a_pause_without_a_date_is_noted_each_week(void **state)
{
        struct sim_options options = { .seed = first_seed(), .keys = 4 };
        struct sim *sim = sim_new(&options);
        char *why = NULL;

        (void) state;
        sim_run(sim, HOUR);
        assert_int_equal(engine_pause(sim->engine, "merchant-1", INT64_MAX, NULL, &why), 0);
        assert_int_equal(engine_pause(sim->engine, "merchant-2", INT64_MAX, NULL, &why), 0);
        assert_int_equal(engine_pause(sim->engine, "merchant-3", 2000000000, NULL, &why), 0);
        sim_run(sim, 6 * DAY);
        check(sim, sim_count(sim, INCIDENT_OPERATOR_ACTION, -1) == 0); /* nobody's name was on the pause */
        sim_run(sim, 2 * DAY);
        check(sim, sim_count(sim, INCIDENT_OPERATOR_ACTION, -1) == 1);
        check(sim, strstr(sim_last(sim, INCIDENT_OPERATOR_ACTION, -1)->fields, "MESSAGE=2 keys stay paused"));
        sim_restart(sim, true, MINUTE);
        sim_run(sim, 5 * DAY);
        check(sim, sim_count(sim, INCIDENT_OPERATOR_ACTION, -1) == 1);
        sim_run(sim, 2 * DAY);
        check(sim, sim_count(sim, INCIDENT_OPERATOR_ACTION, -1) == 2);
        assert_int_equal(engine_resume(sim->engine, "merchant-1", &why), 0);
        assert_int_equal(engine_resume(sim->engine, "merchant-2", &why), 0);
        sim_run(sim, 15 * DAY);
        check(sim, sim_count(sim, INCIDENT_OPERATOR_ACTION, -1) == 2);
        sim_free(sim);
}

static void flapping_is_told_again_after_a_week(void **state)
{
        struct sim_options options = { .seed = first_seed(), .keys = 3, .pulse = 5 * MINUTE };
        struct sim *sim = sim_new(&options);

        (void) state;
        sim_run(sim, HOUR);
        for (size_t hour = 0; hour < 9 * 24; hour += 2) { /* lacking whenever the silence may end */
                sim_grant(sim, 1, "Coupons", LEVEL_WRITE, hour % 4 != 0);
                sim_run(sim, 2 * HOUR);
        }
        check(sim, sim_cleared(sim, INCIDENT_KEY_FLAPPING, 1) == 1);
        check(sim, sim_count(sim, INCIDENT_KEY_FLAPPING, 1) == 2); /* and once more from the next change on */
        const struct sim_entry *again = sim_last(sim, INCIDENT_KEY_FLAPPING, 1);
        check(sim, again->at > 7 * DAY && again->at < 8 * DAY);
        sim_free(sim);
}

static void a_key_that_flaps_is_told_once(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim_options options = { .seed = seed, .keys = 5, .pulse = MINUTE };
                struct sim *sim = sim_new(&options);
                bool dies = seed % 2;

                sim_run(sim, 10 * MINUTE);
                toggle(sim, DAY, seed % 3 == 1);
                check(sim, sim_count(sim, INCIDENT_KEY_FLAPPING, 1) == 1);
                check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 1) <= 3);
                size_t told = told_of_keys(sim), cleared = sim_cleared(sim, -1, -1);
                if (dies)
                        sim_kill(sim, 1, SIM_KEY_EXPIRED);
                else
                        sim_revive(sim, 1);
                sim_run(sim, 23 * HOUR);
                sim_restart(sim, true, MINUTE);
                check(sim, told_of_keys(sim) == told);
                check(sim, sim_cleared(sim, -1, -1) == cleared);
                check(sim, reminders_of(sim, INCIDENT_KEY_FLAPPING) == reminders(sim, 1));
                sim_run(sim, 4 * HOUR);
                check(sim, sim_cleared(sim, INCIDENT_KEY_FLAPPING, 1) == 1);
                check(sim, told_of_keys(sim) == told + dies); /* what outlasts the silence is told */
                check(sim, sim_cleared(sim, -1, -1) == cleared + 1);
                check(sim, sim_cleared(sim, INCIDENT_KEY_REVOKED, 1) + dies ==
                                   sim_count(sim, INCIDENT_KEY_REVOKED, 1));
                sim_run(sim, 2 * DAY);
                check(sim, told_of_keys(sim) == told + dies);
                check_fields(sim);
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

/* --- the journal's room --- */

/* Kinds that no answer of a healthy key ends, and too few to be called flapping. */
/* Of those that nothing the key answers meanwhile would clear. */
static const enum incident_kind flood_kinds[] = { INCIDENT_KEY_ROLLED, INCIDENT_KEY_INVALID,
                                                  INCIDENT_KEY_EXPIRED, INCIDENT_KEY_REVOKED };

static void flood(struct sim *sim)
{
        for (size_t k = 0; k < ELEMENTSOF(flood_kinds); k++)
                for (size_t i = 0; i < sim->engine->n_keys; i++) {
                        struct notice n = { .kind = flood_kinds[k] };

                        incident_open(sim->engine, sim->engine->keys[i], &n, engine_wall(sim->engine));
                }
}

static uint64_t summarised(const struct sim *sim)
{
        uint64_t n = 0;

        for (size_t i = 0; i < sim->n_entries; i++) {
                const char *count = strstr(sim->entries[i].fields, "\nKEYVIGIL_COUNT=");

                if (strcmp(sim->entries[i].message_id, incident_kind_message_id(INCIDENT_JOURNAL_SUMMARY)) ==
                    0)
                        n += strtoull(count + 16, NULL, 10);
        }
        return n;
}

/* Of entries of such priorities, no minute has more than that. */
static void check_share(const struct sim *sim, int from, int to, size_t per_minute)
{
        usec_t last[1000] = { 0 };
        size_t n = 0;

        for (size_t i = 0; i < sim->n_entries; i++) {
                if (sim->entries[i].priority < from || sim->entries[i].priority > to)
                        continue;
                check(sim, !last[n % per_minute] || sim->entries[i].at - last[n % per_minute] >= MINUTE);
                last[n++ % per_minute] = sim->entries[i].at;
        }
}

static void check_rate(const struct sim *sim)
{
        check_share(sim, 0, 3, 60);
        check_share(sim, 4, 5, 60);
        check_share(sim, 6, 7, 1000);
}

static int compare_ids(const void *a, const void *b)
{
        return strcmp(((const struct sim_entry *) a)->event_id, ((const struct sim_entry *) b)->event_id);
}

static void a_flood_is_summarised(void **state)
{
        size_t keys = long_form() ? 10000 : 500, n = keys * ELEMENTSOF(flood_kinds), replayed;
        /* Of one account, so that they are no group. */
        struct sim_options options = { .seed = first_seed(), .keys = keys, .keys_per_account = 100000 };
        struct sim *sim = sim_new(&options);
        char *why = NULL;

        (void) state;
        flood(sim);
        sim_run(sim, 10 * MINUTE);
        check_rate(sim);
        for (size_t i = 0; i < 60; i++) {
                check(sim, sim->entries[i].priority <= 2);
        }
        check(sim, sim_count(sim, INCIDENT_JOURNAL_SUMMARY, -1) == 2); /* of each share */
        check(sim, told_of_keys(sim) + summarised(sim) == n);
        check(sim, strstr(sim_first(sim, INCIDENT_JOURNAL_SUMMARY, -1)->fields, "key-revoked"));

        sim_forget_entries(sim);
        check(sim, engine_replay(sim->engine, 0, &replayed, &why) == 0);
        size_t unused;
        check(sim, engine_replay(sim->engine, 0, &unused, &why) == -EBUSY);
        free(why);
        sim_run(sim, USEC_PER_SEC);
        check(sim, sim->n_entries == replayed && replayed >= n);
        qsort(sim->entries, sim->n_entries, sizeof(*sim->entries), compare_ids);
        for (size_t i = 1; i < sim->n_entries; i++) {
                check(sim, strcmp(sim->entries[i].event_id, sim->entries[i - 1].event_id) != 0);
        }
        sim_free(sim);
}

static void a_deaf_journal_loses_nothing(void **state)
{
        struct sim_options options = { .seed = first_seed(), .keys = 40, .keys_per_account = 100 };
        struct sim *sim = sim_new(&options);

        (void) state;
        sim->journal_down = true;
        flood(sim);
        sim_run(sim, 10 * MINUTE);
        sim_restart(sim, true, USEC_PER_SEC);
        sim_run(sim, 10 * MINUTE);
        check(sim, sim->n_entries == 0);
        sim->journal_down = false;
        sim_run(sim, 10 * MINUTE);
        check_rate(sim);
        check(sim, sim->entries[0].priority == 2);
        /* The keys are healthy in truth: the restart ended each incident, which is an event, too. */
        check(sim, told_of_keys(sim) + sim_cleared(sim, -1, -1) + summarised(sim) ==
                           2 * 40 * ELEMENTSOF(flood_kinds));
        check_fields(sim);
        sim_assert_ids(sim);
        sim_free(sim);
}

/* --- left behind --- */

static void what_nobody_mends_stays_quiet(void **state)
{
        size_t dead = long_form() ? 1000 : 100, days = 30;
        struct sim *sim = sim_fleet(first_seed(), dead + 10);

        (void) state;
        for (size_t i = 0; i < dead; i++)
                sim_kill(sim, i, SIM_KEY_EXPIRED);
        sim_run(sim, DAY);
        check(sim, told_dead(sim, false) + told_dead(sim, true) == dead);
        size_t first = sim->n_entries - sim_count(sim, INCIDENT_ROUND_COMPLETED, -1);
        sim_forget_entries(sim);
        sim_run(sim, (days - 1) * DAY);
        size_t later = sim->n_entries - sim_count(sim, INCIDENT_ROUND_COMPLETED, -1);
        fprintf(stderr, "%zu dead keys: %zu entries on the first day, %.1f a day in the month after it\n",
                dead, first, (double) later / (double) (days - 1));
        check(sim, later <= 3 * days);
        sim_free(sim);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reminders_grow_rare),
                cmocka_unit_test(who_acknowledges_is_left_alone),
                cmocka_unit_test(an_acknowledgement_without_a_date_lasts_a_month),
                cmocka_unit_test(many_reminders_are_one),
                cmocka_unit_test(members_of_a_group_are_reminded_of_together),
                cmocka_unit_test(a_kind_that_flaps_hides_no_other),
                cmocka_unit_test(flapping_is_told_again_after_a_week),
                cmocka_unit_test(a_pause_without_a_date_is_noted_each_week),
                cmocka_unit_test(a_key_that_flaps_is_told_once),
                cmocka_unit_test(a_flood_is_summarised),
                cmocka_unit_test(a_deaf_journal_loses_nothing),
                cmocka_unit_test(what_nobody_mends_stays_quiet),
        };

        say_seeds(SEEDS);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
