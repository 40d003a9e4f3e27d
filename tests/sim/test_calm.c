/* One cause, one alert: what the provider, the network and mass revocations may bring about, and no more. */
#include "base/hash.h"
#include "check.h"

#define SEEDS 5

/* Everybody, or those whose account's number is below `share` of a hundred. */
static enum sim_fault what;
static unsigned share;

static enum sim_fault strike(struct sim *sim, struct sim_key *key)
{
        (void) sim;
        return key->account % 100 < share ? what : SIM_NONE;
}

static void suffer(struct sim *sim, enum sim_fault fault, unsigned percent, usec_t span)
{
        what = fault;
        share = percent;
        sim->fault = strike;
        sim_run(sim, span);
        sim->fault = NULL;
}

/* --- the simulation itself --- */

static enum sim_fault any(struct sim *sim, struct sim_key *key)
{
        (void) key;
        return sim_chance(sim, 0.15) ? (enum sim_fault) sim_random(sim, SIM_EXPIRED + 1) : SIM_NONE;
}

/* All that happened but the event ids: the secret that those are made of is a new one in every world. */
static uint64_t digest(const struct sim *sim)
{
        uint64_t sum = sim->requests;
        char line[256];

        for (size_t i = 0; i < sim->n_entries; i++) {
                const struct sim_entry *e = &sim->entries[i];

                snprintf(line, sizeof(line), "%llu %s %s %s %s %d", (unsigned long long) e->at, e->message_id,
                         e->key, e->incident, e->reason, e->priority);
                sum = sum * 31 + hash_text(line);
        }
        return sum;
}

static uint64_t hard_day(uint64_t seed, size_t *ret_entries)
{
        struct sim *sim = sim_fleet(seed, 60);

        sim->fault = any;
        for (size_t i = 0; i < 6; i++) {
                sim_kill(sim, sim_random(sim, 60), SIM_KEY_EXPIRED);
                sim_run(sim, 3 * HOUR + sim_random(sim, HOUR));
                sim_restart(sim, true, sim_random(sim, MINUTE));
        }
        uint64_t sum = digest(sim);
        *ret_entries = sim->n_entries;
        sim_free(sim);
        return sum;
}

static void a_seed_brings_everything_back(void **state)
{
        size_t entries[3];
        uint64_t one = hard_day(first_seed(), &entries[0]), again = hard_day(first_seed(), &entries[1]);

        (void) state;
        assert_int_equal(entries[0], entries[1]);
        assert_true(one == again);
        assert_true(hard_day(first_seed() + 1, &entries[2]) != one);
}

/* A pulse, what a request may take, and the same of its repeat: few keys must have failed twice. */
#define OPENS_WITHIN (5 * MINUTE + 50 * USEC_PER_SEC)

/* --- outage --- */

/* The most requests within ten seconds over the next `span`. */
static uint64_t busiest(struct sim *sim, usec_t span)
{
        uint64_t most = 0;

        for (usec_t end = sim->now + span; sim->now < end;) {
                uint64_t before = sim->requests;

                sim_run(sim, 10 * USEC_PER_SEC);
                most = MAX(most, sim->requests - before);
        }
        return most;
}

static void outage_of(uint64_t seed, size_t keys, enum sim_fault fault, unsigned percent, usec_t span)
{
        struct sim *sim = sim_fleet(seed, keys);
        uint64_t before = sim->requests, usual = busiest(sim, 10 * MINUTE),
                 ten_minutes = sim->requests - before;

        suffer(sim, fault, percent, OPENS_WITHIN);
        check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 1);
        before = sim->requests;
        suffer(sim, fault, percent, span - OPENS_WITHIN);
        /* Who is struck is asked more and more seldom, who is not as before. Of all one every few seconds. */
        uint64_t all = ten_minutes * ((span - OPENS_WITHIN) / (10 * MINUTE) + 1);
        check(sim, sim->requests - before <= (percent < 100 ? all : all / 2) + span / (5 * USEC_PER_SEC));
        check(sim, percent < 100 || sim_cleared(sim, INCIDENT_STRIPE_OUTAGE, -1) == 0);
        uint64_t then = busiest(sim, MINUTE);
        check(sim, then <= 10 * (uint64_t) sim->conf->settings.stripe.rate);
        check(sim, then <= usual + 3 * keys + 20);
        check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 1);
        check(sim, sim_cleared(sim, INCIDENT_STRIPE_OUTAGE, -1) == 1);
        sim_run(sim, HOUR);
        check(sim, told_of_keys(sim) == 0);
        check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 1);
        check(sim, sim_count(sim, INCIDENT_MASS_REVOCATION, -1) == 0);
        check(sim, in_state(sim, STATE_HEALTHY) == keys);
        check_fields(sim);
        sim_assert_ids(sim);
        sim_free(sim);
}

static void an_outage_is_one_incident(void **state)
{
        static const enum sim_fault faults[] = { SIM_TIMEOUT, SIM_CONNECT, SIM_500, SIM_502_HTML,
                                                 SIM_RESOLVE };

        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++)
                outage_of(seed, fleet(), faults[seed % ELEMENTSOF(faults)], 100, HOUR);
}

static void a_partial_outage_is_one_incident(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++)
                outage_of(seed, fleet(), seed % 2 ? SIM_TIMEOUT : SIM_500, 30, HOUR);
}

/* However many keys there are: neither our own patience with a failing provider, nor the places that
 * unanswered requests take, may hide it. */
static void a_large_fleet_sees_an_outage_in_time(void **state)
{
        static const enum sim_fault faults[] = { SIM_500, SIM_TIMEOUT };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(faults); i++)
                for (unsigned percent = 30; percent <= 100; percent += 70) {
                        struct sim *sim = sim_fleet(first_seed(), 6000);

                        suffer(sim, faults[i], percent, OPENS_WITHIN);
                        check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 1);
                        sim_free(sim);
                }
}

static void small_fleets_see_an_outage_too(void **state)
{
        static const size_t sizes[] = { 1, 3, 10 };

        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++)
                for (size_t k = 0; k < ELEMENTSOF(sizes); k++)
                        outage_of(seed, sizes[k], seed % 2 ? SIM_CONNECT : SIM_TIMEOUT, 100, HOUR);
}

static void a_proxy_page_is_an_outage(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++)
                outage_of(seed, seed % 2 ? fleet() : 20, seed % 2 ? SIM_401_HTML : SIM_403_HTML, 100,
                          10 * MINUTE);
}

static void nobody_is_unverified_for_an_outage(void **state)
{
        struct sim *sim = sim_fleet(first_seed(), 100);

        (void) state;
        suffer(sim, SIM_CONNECT, 100, 26 * HOUR);
        sim_run(sim, HOUR);
        check(sim, sim_count(sim, INCIDENT_KEY_UNVERIFIED, -1) == 0);
        sim_restart(sim, false, 30 * HOUR);
        sim_run(sim, HOUR);
        check(sim, sim_count(sim, INCIDENT_KEY_UNVERIFIED, -1) == 0);
        what = SIM_429; /* of one account, for good: that key has no verdict, and this is told */
        share = 1;
        sim->fault = strike;
        sim_run(sim, 25 * HOUR);
        check(sim, sim_count(sim, INCIDENT_KEY_UNVERIFIED, -1) == 1);
        check(sim, sim_count(sim, INCIDENT_KEY_UNVERIFIED, 0) == 1);
        sim_free(sim);
}

/* --- the provider is wrong --- */

static void a_short_mistake_kills_nobody(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                size_t keys = seed % 2 ? fleet() : 2 + seed % 10;
                struct sim *sim = sim_fleet(seed, keys);

                suffer(sim, SIM_EXPIRED, 100, 4 * MINUTE);
                sim_run(sim, HOUR);
                check(sim, told_of_keys(sim) == 0);
                check(sim, sim_count(sim, INCIDENT_MASS_REVOCATION, -1) == 0);
                check(sim, in_state(sim, STATE_HEALTHY) == keys);
                sim_free(sim);
        }
}

static void a_long_mistake_is_doubted(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *sim = sim_fleet(seed, fleet());

                suffer(sim, SIM_EXPIRED, 100, (seed % 2 ? 20 : 29) * MINUTE);
                check(sim, sim_count(sim, INCIDENT_MASS_REVOCATION, -1) == 1);
                const struct sim_entry *mass = sim_first(sim, INCIDENT_MASS_REVOCATION, -1);
                check(sim, strcmp(mass->reason, "unconfirmed") == 0);
                check(sim, strstr(mass->fields, "\nKEYVIGIL_COUNT="));
                sim_run(sim, HOUR);
                check(sim, told_of_keys(sim) == 0);
                check(sim, sim_count(sim, INCIDENT_MASS_REVOCATION, -1) == 1);
                check(sim, sim_cleared(sim, INCIDENT_MASS_REVOCATION, -1) == 1);
                check(sim, in_state(sim, STATE_HEALTHY) == fleet());
                check_fields(sim);
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

static void a_mistake_about_some_does_little_harm(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *sim = sim_fleet(seed, fleet());

                suffer(sim, SIM_EXPIRED, 33, 4 * MINUTE);
                sim_run(sim, 3 * HOUR);
                size_t dead = told_dead(sim, false) + told_dead(sim, true);
                check(sim, dead > 0 && dead <= 20);
                check(sim, told_of_keys(sim) == dead);
                check(sim, sim_cleared(sim, INCIDENT_KEY_REVOKED, -1) == dead);
                check(sim, sim_count(sim, INCIDENT_MASS_REVOCATION, -1) == 1);
                check(sim, sim_cleared(sim, INCIDENT_MASS_REVOCATION, -1) == 1);
                check(sim, in_state(sim, STATE_HEALTHY) == fleet());
                sim_free(sim);
        }
}

/* --- many keys are really revoked --- */

static void kill_each(struct sim *sim, size_t n, enum sim_life life)
{
        for (size_t i = 0; i < n; i++)
                sim_kill(sim, i * (sim->options.keys / n), life);
}

static size_t open_incidents(const struct sim *sim)
{
        struct engine_status status;

        engine_status(sim->engine, &status);
        return status.open_incidents;
}

static uint64_t count_of(const struct sim_entry *entry)
{
        const char *count = strstr(entry->fields, "\nKEYVIGIL_COUNT=");

        return count ? strtoull(count + strlen("\nKEYVIGIL_COUNT="), NULL, 10) : 0;
}

/* How many entries of the kind are about this one incident; each after the first tells twice the count. */
static size_t doublings(const struct sim *sim, enum incident_kind kind, const char *reason)
{
        uint64_t last = 0;
        size_t n = 0;

        for (size_t i = 0; i < sim->n_entries; i++) {
                const struct sim_entry *entry = &sim->entries[i];

                if (strcmp(entry->message_id, incident_kind_message_id(kind)) != 0 ||
                    strcmp(entry->reason, reason) != 0)
                        continue;
                check(sim, last == 0 || count_of(entry) == 2 * last);
                last = count_of(entry);
                n++;
        }
        return n;
}

static void check_listed(struct sim *sim, size_t n, usec_t begun)
{
        const struct sim_entry *mass = sim_first(sim, INCIDENT_MASS_REVOCATION, -1);

        check(sim, told_dead(sim, false) < 20);
        check(sim, told_dead(sim, false) + told_dead(sim, true) == n);
        check(sim, mass->at <= begun + 5 * MINUTE + 2 * MINUTE);
        check(sim, strcmp(mass->reason, "revoked") == 0);
        check(sim, count_of(mass) >= 5 && count_of(mass) <= 20);
        check(sim, doublings(sim, INCIDENT_MASS_REVOCATION, "revoked") ==
                           sim_count(sim, INCIDENT_MASS_REVOCATION, -1));
        for (size_t i = 0; i < sim->n_entries; i++) {
                const struct sim_entry *entry = &sim->entries[i];

                if (!is_death(entry) || entry->priority != 6)
                        continue;
                check(sim, strcmp(entry->incident, mass->incident) == 0);
                check(sim, strstr(entry->fields, "\nKEYVIGIL_KEY=") != NULL);
        }
}

static void many_deaths_are_one_incident(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *sim = sim_fleet(seed, fleet());
                size_t n = fleet() / 20;

                kill_each(sim, n, seed % 2 ? SIM_KEY_EXPIRED : SIM_KEY_UNKNOWN);
                usec_t begun = sim->now;
                sim_run(sim, 5 * MINUTE + 8 * MINUTE);
                check_listed(sim, n, begun);
                check(sim, open_incidents(sim) == n + 1);
                sim_run(sim, 30 * MINUTE);
                check(sim, sim_cleared(sim, INCIDENT_MASS_REVOCATION, -1) == 1);
                check(sim, count_of(sim_last(sim, INCIDENT_INCIDENT_CLEARED, -1)) == n);
                check(sim, open_incidents(sim) == n);
                check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 0);
                check(sim, told_of_keys(sim) == n);

                for (size_t k = 0; k < n; k++)
                        sim_revive(sim, k * (fleet() / n));
                sim_run(sim, 2 * HOUR); /* more than sixty a minute become a summary, none is lost */
                check(sim, in_state(sim, STATE_HEALTHY) == fleet());
                check(sim, long_form() || sim_cleared(sim, INCIDENT_KEY_REVOKED, -1) == n);
                check_fields(sim);
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

static void a_blocked_address_is_one_incident(void **state)
{
        struct sim *sim = sim_fleet(first_seed(), fleet());

        (void) state;
        for (size_t i = 0; i < fleet(); i++)
                sim_kill(sim, i, SIM_KEY_BLOCKED);
        sim_run(sim, 20 * MINUTE);
        check(sim, doublings(sim, INCIDENT_MASS_REVOCATION, "blocked") ==
                           sim_count(sim, INCIDENT_MASS_REVOCATION, -1));
        check(sim, strcmp(sim_first(sim, INCIDENT_MASS_REVOCATION, -1)->reason, "blocked") == 0);
        check(sim, sim_count(sim, INCIDENT_KEY_BLOCKED, -1) == fleet());
        check(sim, told_of_keys(sim) == fleet());
        /* a revocation meanwhile is a thing of its own */
        sim_kill(sim, 7, SIM_KEY_EXPIRED);
        sim_run(sim, 2 * HOUR);
        check(sim, told_dead(sim, false) == 1);
        check(sim, sim_cleared(sim, INCIDENT_MASS_REVOCATION, -1) == 1);
        sim_free(sim);
}

static void the_death_of_all_is_believed_in_the_end(void **state)
{
        (void) state;
        for (uint64_t seed = first_seed(); seed < end_seed(SEEDS); seed++) {
                struct sim *sim = sim_fleet(seed, fleet());

                kill_each(sim, fleet(), SIM_KEY_EXPIRED);
                sim_run(sim, 29 * MINUTE);
                check(sim, told_of_keys(sim) == 0);
                check(sim, sim_count(sim, INCIDENT_MASS_REVOCATION, -1) == 1);
                sim_run(sim, 40 * MINUTE);
                check(sim, told_dead(sim, false) < 20);
                check(sim, told_dead(sim, false) + told_dead(sim, true) == fleet());
                /* The doubt is one incident, what became of it another. */
                check(sim, doublings(sim, INCIDENT_MASS_REVOCATION, "unconfirmed") == 1);
                check(sim, doublings(sim, INCIDENT_MASS_REVOCATION, "revoked") >= 1);
                check(sim, sim_cleared(sim, INCIDENT_MASS_REVOCATION, -1) == 2);
                check(sim, count_of(sim_last(sim, INCIDENT_INCIDENT_CLEARED, -1)) == fleet());
                check_fields(sim);
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_seed_brings_everything_back),
                cmocka_unit_test(an_outage_is_one_incident),
                cmocka_unit_test(a_partial_outage_is_one_incident),
                cmocka_unit_test(a_large_fleet_sees_an_outage_in_time),
                cmocka_unit_test(small_fleets_see_an_outage_too),
                cmocka_unit_test(a_proxy_page_is_an_outage),
                cmocka_unit_test(nobody_is_unverified_for_an_outage),
                cmocka_unit_test(a_short_mistake_kills_nobody),
                cmocka_unit_test(a_long_mistake_is_doubted),
                cmocka_unit_test(a_mistake_about_some_does_little_harm),
                cmocka_unit_test(many_deaths_are_one_incident),
                cmocka_unit_test(a_blocked_address_is_one_incident),
                cmocka_unit_test(the_death_of_all_is_believed_in_the_end),
        };

        say_seeds(SEEDS);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
