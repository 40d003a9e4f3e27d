/* The same trouble in many accounts is one cause: told once, with nothing hidden behind it. */
#include "check.h"
#include "stripe/catalogue.h"

#define SEEDS 2

/* Entries that people see. */
static size_t told_aloud(const struct sim *sim, usec_t since)
{
        size_t n = 0;

        for (size_t i = 0; i < sim->n_entries; i++)
                n += sim->entries[i].priority < PRIORITY_QUIET && sim->entries[i].at >= since;
        return n;
}

static uint64_t count_of(const struct sim_entry *entry)
{
        const char *count = strstr(entry->fields, "\nKEYVIGIL_COUNT=");

        return count ? strtoull(count + strlen("\nKEYVIGIL_COUNT="), NULL, 10) : 0;
}

/* The entries of the one group of this kind: each but the first tells twice the count of the one before. */
static size_t check_one_group(struct sim *sim, enum incident_kind kind)
{
        const struct sim_entry *first = sim_first(sim, kind, -1);
        uint64_t last = 0;
        size_t n = 0;

        check(sim, first);
        for (size_t i = 0; i < sim->n_entries; i++) {
                const struct sim_entry *entry = &sim->entries[i];

                if (strcmp(entry->message_id, incident_kind_message_id(kind)) != 0)
                        continue;
                check(sim, strcmp(entry->incident, first->incident) == 0);
                check(sim, last == 0 || count_of(entry) == 2 * last);
                last = count_of(entry);
                n++;
        }
        return n;
}

static size_t open_incidents(const struct sim *sim)
{
        struct engine_status status;

        engine_status(sim->engine, &status);
        return status.open_incidents;
}

static const struct sim_entry *group_end(const struct sim *sim, enum incident_kind kind)
{
        const struct sim_entry *found = NULL;

        for (size_t i = 0; i < sim->n_entries; i++)
                if (strcmp(sim->entries[i].message_id, incident_kind_message_id(INCIDENT_INCIDENT_CLEARED)) ==
                            0 &&
                    strcmp(sim->entries[i].kind, incident_kind_name(kind)) == 0)
                        found = &sim->entries[i];
        return found;
}

static void many_dead_on_arrival_wake_nobody(void **state)
{
        size_t keys = long_form() ? 10000 : 2000, dead = 200;

        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim_options options = { .seed = seed, .keys = keys };
                struct sim *sim = sim_new(&options);

                for (size_t i = 0; i < dead; i++)
                        sim_kill(sim, i * (keys / dead), seed % 2 ? SIM_KEY_UNKNOWN : SIM_KEY_EXPIRED);
                sim_run(sim, 2 * HOUR);
                size_t told = check_one_group(sim, INCIDENT_KEYS_DEAD_ON_ARRIVAL);
                check(sim, told_aloud(sim, 0) <= 25);
                check(sim, sim_count(sim, INCIDENT_MASS_REVOCATION, -1) == 0);
                check(sim, sim_count(sim, INCIDENT_KEY_INVALID, -1) == dead);
                check(sim, open_incidents(sim) == dead);
                check(sim, group_end(sim, INCIDENT_KEYS_DEAD_ON_ARRIVAL) &&
                                   count_of(group_end(sim, INCIDENT_KEYS_DEAD_ON_ARRIVAL)) == dead);
                fprintf(stderr,
                        "%zu keys, %zu dead on arrival: the group is told %zu times, %zu entries above 6\n",
                        keys, dead, told, told_aloud(sim, 0));
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

static void refuse(struct sim *sim, const char *label, enum level level, bool refused)
{
        unsigned row;

        if (catalogue_find_label(sim->conf->catalogue, label, &row) < 0)
                abort();
        sim->refused[row][level == LEVEL_WRITE] = refused;
}

static void a_permission_that_all_lose_is_told_once(void **state)
{
        size_t keys = long_form() ? 2000 : 500;

        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim_options options = {
                        .seed = seed, .keys = keys, .profile = "keybrake-refunds", .adopt = true
                };
                struct sim *sim = sim_new(&options);

                sim_run(sim, DAY);
                usec_t begun = sim->now;
                refuse(sim, "Refunds", LEVEL_WRITE, true);
                sim_run(sim, 2 * HOUR);
                size_t told = check_one_group(sim, INCIDENT_PERMISSION_CHANGED);
                const struct sim_entry *first = sim_first(sim, INCIDENT_PERMISSION_CHANGED, -1);
                check(sim, strstr(first->fields, "\nKEYVIGIL_MISSING=charge_write\n"));
                check(sim, first->priority == 2 && strcmp(first->reason, "lost") == 0);
                check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, -1) == keys);
                check(sim, open_incidents(sim) == keys);
                check(sim, told_aloud(sim, begun) - told <= 25);
                fprintf(stderr,
                        "%zu keys lost one permission: the group is told %zu times, %zu others above 6\n",
                        keys, told, told_aloud(sim, begun) - told);

                /* What one merchant loses meanwhile is its own matter. */
                usec_t alone = sim->now;
                sim_grant(sim, 3, "Customers", LEVEL_READ, false);
                sim_run(sim, 25 * HOUR);
                const struct sim_entry *own = sim_last(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 3);
                check(sim, own->at > alone && own->priority == 3);
                check(sim, strstr(own->fields, "customer_read"));

                refuse(sim, "Refunds", LEVEL_WRITE, false);
                sim_grant(sim, 3, "Customers", LEVEL_READ, true);
                sim_run(sim, 3 * HOUR);
                check(sim, open_incidents(sim) == 0);
                check(sim, sim_cleared(sim, INCIDENT_KEY_PERMISSIONS_MISSING, -1) == keys);

                /* The next day one more is told alone. */
                sim_run(sim, DAY);
                alone = sim->now;
                sim_grant(sim, 7, "Refunds", LEVEL_WRITE, false);
                sim_run(sim, 3 * HOUR);
                own = sim_last(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 7);
                check(sim, own->at > alone && own->priority == 3);
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

static void nearly_all_revoked_is_told_within_a_minute(void **state)
{
        static const usec_t pulses[] = { 30 * USEC_PER_SEC, 5 * MINUTE, 15 * MINUTE };

        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(1); seed++)
                for (size_t k = 0; k < ELEMENTSOF(pulses); k++) {
                        struct sim_options options = {
                                .seed = seed, .keys = 207, .pulse = pulses[k], .adopt = true
                        };
                        struct sim *sim = sim_new(&options);
                        size_t singles = 0;

                        sim_run(sim, 2 * HOUR);
                        for (size_t i = 0; i < 200; i++)
                                sim_kill(sim, i, SIM_KEY_EXPIRED);
                        usec_t begun = sim->now;
                        sim_run(sim, 90 * MINUTE);
                        size_t told = check_one_group(sim, INCIDENT_MASS_REVOCATION);
                        const struct sim_entry *group = sim_first(sim, INCIDENT_MASS_REVOCATION, -1);
                        const struct sim_entry *first = NULL;
                        for (size_t i = 0; i < sim->n_entries; i++) {
                                const struct sim_entry *entry = &sim->entries[i];

                                if (!is_death(entry))
                                        continue;
                                if (!first)
                                        first = entry;
                                singles += entry->priority <= 3;
                        }
                        fprintf(stderr,
                                "200 of 207 revoked, pulse %.0f s: group after %.0f s with %llu, first of it "
                                "after %.0f "
                                "s, %zu single, told %zu times\n",
                                (double) pulses[k] / 1e6, (double) (group->at - begun) / 1e6,
                                (unsigned long long) count_of(group), (double) (first->at - begun) / 1e6,
                                singles, told);
                        check(sim, group->at <= first->at + MINUTE);
                        check(sim, singles <= 20);
                        check(sim, open_incidents(sim) == 200);
                        check(sim, count_of(group_end(sim, INCIDENT_MASS_REVOCATION)) == 200);
                        sim_assert_ids(sim);
                        sim_free(sim);
                }
}

/* The configuration anew, with this label required of the profile or not. */
static void reload(struct sim *sim, const char *profile, const char *label, bool required)
{
        _cleanup_(problems_clearp) struct problems problems = { 0 };
        struct conf *conf = NULL, *old = sim->conf;
        _cleanup_free_ char *why = NULL;
        unsigned row;
        size_t i, n = 0;

        if (conf_load(NULL, &conf, &problems) < 0 || profiles_find(conf->profiles, profile, &i) < 0 ||
            catalogue_find_label(conf->catalogue, label, &row) < 0)
                abort();
        struct profile *p = conf->profiles->list[i];
        p->pulse = old->profiles->list[i]->pulse;
        if (required) {
                p->required = reallocarray(p->required, p->n_required + 1, sizeof(*p->required));
                p->required[p->n_required++] = (struct requirement){ row, LEVEL_READ, strdup(label) };
        } else {
                for (size_t k = 0; k < p->n_required; k++)
                        if (p->required[k].row == row)
                                free(p->required[k].label);
                        else
                                p->required[n++] = p->required[k];
                p->n_required = n;
        }
        if (engine_reconfigure(sim->engine, &conf->settings, conf->catalogue, conf->profiles, &why) < 0)
                abort();
        sim->conf = conf;
        conf_free(old);
}

/* A profile that wants more is one cause, and not Stripe's: told once, with its reason. */
static void a_changed_profile_is_told_as_such(void **state)
{
        size_t keys = 200;

        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim_options options = {
                        .seed = seed, .keys = keys, .profile = "keybrake-refunds", .adopt = true
                };
                struct sim *sim = sim_new(&options);

                sim_run(sim, DAY);
                usec_t begun = sim->now;
                reload(sim, options.profile, "Invoices", true);
                sim_run(sim, 3 * HOUR);
                check(sim, check_one_group(sim, INCIDENT_PERMISSION_CHANGED) > 0);
                const struct sim_entry *first = sim_first(sim, INCIDENT_PERMISSION_CHANGED, -1);
                check(sim, strcmp(first->reason, "profile") == 0);
                check(sim, strstr(first->fields, "\nKEYVIGIL_MISSING=invoice_read\n"));
                check(sim, strstr(first->fields, "which the changed profile wants now"));
                check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, -1) == keys);
                check(sim, open_incidents(sim) == keys);
                check(sim, told_aloud(sim, begun) <= 35);
                fprintf(stderr, "%zu keys lack what the profile wants now: %zu entries above 6\n", keys,
                        told_aloud(sim, begun));

                /* What Stripe takes from one of them meanwhile is no matter of the profile. */
                sim_grant(sim, 3, "Refunds", LEVEL_WRITE, false);
                sim_run(sim, 2 * HOUR);
                const struct sim_entry *own = sim_last(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 3);
                check(sim, own->priority == 3 && strcmp(own->reason, "profile") != 0);
                sim_grant(sim, 3, "Refunds", LEVEL_WRITE, true);

                reload(sim, options.profile, "Invoices", false);
                sim_run(sim, 3 * HOUR);
                check(sim, open_incidents(sim) == 0);
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

/* The same key by key, as a list or a loop does it. */
static void a_set_profile_is_told_as_such(void **state)
{
        struct sim_options options = {
                .seed = first_seed(), .keys = 50, .profile = "keybrake-catalog", .adopt = true
        };
        struct sim *sim = sim_new(&options);
        struct key_change change = { .profile = "keybrake-refunds", .expires = -1 };
        char name[32];

        (void) state;
        sim_run(sim, DAY);
        for (size_t i = 0; i < options.keys; i++) {
                _cleanup_free_ char *why = NULL;

                check(sim, engine_set(sim->engine, sim_name(i, name), &change, &why) == 0);
        }
        sim_run(sim, 3 * HOUR);
        const struct sim_entry *first = sim_first(sim, INCIDENT_PERMISSION_CHANGED, -1);
        check(sim, first && strcmp(first->reason, "profile") == 0);
        check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, -1) == options.keys);
        sim_free(sim);
}

/* One merchant with many keys, of unknown account even, is one merchant. */
static void one_account_is_no_group(void **state)
{
        struct sim_options options = { .seed = first_seed(), .keys = 60, .keys_per_account = 30 };
        struct sim *sim = sim_new(&options);

        (void) state;
        for (size_t i = 0; i < 30; i++)
                sim_kill(sim, i, SIM_KEY_UNKNOWN);
        sim_run(sim, 2 * HOUR);
        check(sim, sim_count(sim, INCIDENT_KEYS_DEAD_ON_ARRIVAL, -1) == 0);
        check(sim, told_dead(sim, false) == 30);
        sim_free(sim);
}

/* A group that is open for one cause lowers nobody else's voice. */
static void behind_a_group_nobody_hides(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *sim = sim_new_settled(seed, 500);

                for (size_t i = 0; i < 50; i++)
                        sim_kill(sim, i, SIM_KEY_EXPIRED);
                sim_run(sim, 40 * MINUTE);
                check(sim, sim_cleared(sim, INCIDENT_MASS_REVOCATION, -1) == 1);
                for (size_t i = 100; i < 104; i++) {
                        sim_kill(sim, i, SIM_KEY_EXPIRED);
                        sim_run(sim, 2 * HOUR);
                        check(sim, sim_last(sim, INCIDENT_KEY_REVOKED, (long) i)->priority == 2);
                }
                sim_free(sim);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(many_dead_on_arrival_wake_nobody),
                cmocka_unit_test(a_permission_that_all_lose_is_told_once),
                cmocka_unit_test(nearly_all_revoked_is_told_within_a_minute),
                cmocka_unit_test(a_changed_profile_is_told_as_such),
                cmocka_unit_test(a_set_profile_is_told_as_such),
                cmocka_unit_test(one_account_is_no_group),
                cmocka_unit_test(behind_a_group_nobody_hides),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
