/* Answers that are about no permission, although they look like it: endpoints that are gone, a version that
 * is not known, accounts that are refused. And the time that a permission takes to be missed and found. */
#include "check.h"
#include "engine/people/people.h"

/* What the world does to questions, by the row they are about. */
static struct trouble {
        enum sim_fault fault;
        const char *name; /* of the row; NULL: all of them */
        enum level level; /* NONE: both */
        unsigned struck, asked;
        unsigned first_account; /* keys of accounts from this on are spared */
} trouble;

static enum sim_fault make_trouble(struct sim *sim, struct sim_key *key)
{
        const char *name = sim->asked ? sim->conf->catalogue->rows[sim->asked->row].name : "";

        if (trouble.name && strcmp(trouble.name, name) == 0 &&
            (!trouble.level || sim->asked->level == trouble.level))
                trouble.asked++;
        if (trouble.fault == SIM_NONE || key->life != SIM_ALIVE || !sim->asked ||
            (trouble.first_account && key->account >= trouble.first_account) ||
            (trouble.name && strcmp(trouble.name, name) != 0) ||
            (trouble.name && trouble.level && sim->asked->level != trouble.level))
                return SIM_NONE;
        trouble.struck++;
        return trouble.fault;
}

static struct sim *begin(size_t keys, unsigned per_account, const char *profile)
{
        struct sim_options options = {
                .seed = first_seed(), .keys = keys, .keys_per_account = per_account, .profile = profile
        };
        struct sim *sim = sim_new(&options);

        trouble = (struct trouble){ .fault = SIM_NONE };
        sim->fault = make_trouble;
        sim_run(sim, 2 * HOUR);
        check(sim, in_state(sim, STATE_HEALTHY) == keys);
        check(sim, told_of_keys(sim) == 0);
        return sim;
}

/* --- the catalogue is behind the times --- */

/* One incident and nothing about keys; one that dies meanwhile is told as always, if others can be asked. */
static void check_stale(struct sim *sim, enum sim_fault fault, const char *row, usec_t span)
{
        size_t keys = sim->options.keys;
        unsigned long long before = sim->requests;

        trouble = (struct trouble){ .fault = fault, .name = row, .level = LEVEL_WRITE };
        sim_run(sim, span);
        sim_restart(sim, true, MINUTE);
        sim_run(sim, span);
        check(sim, trouble.struck > 0);
        check(sim, sim_count(sim, INCIDENT_CATALOGUE_STALE, -1) == 1);
        check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 0);
        check(sim, told_of_keys(sim) == 0);
        check(sim, in_state(sim, STATE_HEALTHY) == keys);
        /* Pulses, some full checks, the excess check: not more than usual; and what is asked hourly, of a
         * version four questions. */
        check(sim, (sim->requests - before) / keys <=
                           2 * span / (5 * MINUTE) * 5 / 4 + 2 * span / HOUR * 14 + 100);
        if (row && keys > 1) { /* else there is no witness */
                sim_kill(sim, 0, SIM_KEY_EXPIRED);
                sim_run(sim, 5 * MINUTE + 40 * USEC_PER_SEC);
                check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 0) == 1);
                sim_revive(sim, 0);
        }
        trouble.fault = SIM_NONE;
        sim_run(sim, HOUR + MINUTE);
        check(sim, sim_cleared(sim, INCIDENT_CATALOGUE_STALE, -1) == 1);
        sim_run(sim, DAY);
        check(sim, sim_count(sim, INCIDENT_CATALOGUE_STALE, -1) == 1);
        check(sim, in_state(sim, STATE_HEALTHY) == keys);
        sim_free(sim);
}

static const struct {
        size_t keys;
        unsigned per_account;
} fleets[] = { { 1, 1 }, { 2, 1 }, { 6, 3 }, { 40, 1 } };

/* The row is the pulse of its profile: the keys are asked something else meanwhile. */
static void a_retired_endpoint_is_told_once(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(fleets); i++)
                check_stale(begin(fleets[i].keys, fleets[i].per_account, NULL), SIM_UNRECOGNIZED,
                            "promotion_code", 30 * HOUR);
}

static void an_unknown_version_is_told_once(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(fleets); i++)
                check_stale(begin(fleets[i].keys, fleets[i].per_account, NULL), SIM_VERSION, NULL, 30 * HOUR);
}

/* Of three accounts an hour, however many there are; nothing is lost with a restart. */
static void check_asked_hourly(size_t keys, unsigned per_account)
{
        struct sim *sim = begin(keys, per_account, NULL);
        size_t accounts = MIN(keys / per_account, (size_t) 3);

        trouble = (struct trouble){ .fault = SIM_UNRECOGNIZED, .name = "invoice", .level = LEVEL_READ };
        while (sim_count(sim, INCIDENT_CATALOGUE_STALE, -1) == 0)
                sim_run(sim, HOUR);
        sim_restart(sim, true, MINUTE);
        trouble.asked = 0;
        sim_run(sim, 12 * HOUR);
        /* And with the full check of each, once a day. */
        check(sim, trouble.asked >= 12 * accounts - 3 && trouble.asked <= 12 * accounts + keys);
        trouble.fault = SIM_NONE;
        sim_run(sim, HOUR + MINUTE);
        check(sim, sim_cleared(sim, INCIDENT_CATALOGUE_STALE, -1) == 1);
        trouble.asked = 0;
        sim_run(sim, 12 * HOUR);
        check(sim, trouble.asked <= keys);
        check(sim, told_of_keys(sim) == 0);
        sim_free(sim);
}

static void what_was_told_is_asked_hourly(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(fleets); i++)
                check_asked_hourly(fleets[i].keys, fleets[i].per_account);
}

/* Accounts without a feature are answered in vain, most are not: that is no news. */
static void a_missing_feature_is_not_told_again(void **state)
{
        struct sim *sim = begin(20, 1, NULL);

        (void) state;
        trouble = (struct trouble){ .fault = SIM_UNRECOGNIZED, .name = "invoice", .first_account = 8 };
        sim_run(sim, 20 * DAY);
        check(sim, trouble.struck > 150);
        check(sim, sim_count(sim, INCIDENT_CATALOGUE_STALE, -1) <= 1);
        check(sim, told_of_keys(sim) == 0);
        sim_free(sim);
}

/* --- an account is refused --- */

static const char *const profiles[] = { "selgeo",           "combidesk",
                                        "stackone",         "cleverops-readonly",
                                        "keybrake-refunds", "keybrake-reconciliation",
                                        "keybrake-catalog" };

static void check_refused(const char *profile, enum sim_life life)
{
        struct sim *sim = begin(3, 1, profile);
        usec_t pulse = key_pulse(sim->engine, sim->engine->keys[0]);

        sim_kill(sim, 1, life);
        sim_run(sim, pulse + 40 * USEC_PER_SEC);
        check(sim, sim_count(sim, INCIDENT_KEY_ACCOUNT_REFUSED, 1) == 1);
        sim_run(sim, 2 * DAY);
        sim_restart(sim, true, MINUTE);
        sim_run(sim, DAY);
        check(sim, sim_count(sim, INCIDENT_KEY_ACCOUNT_REFUSED, 1) == 1 && told_of_keys(sim) == 1);
        check(sim, in_state(sim, STATE_HEALTHY) == 3);
        sim_revive(sim, 1);
        sim_run(sim, pulse + 40 * USEC_PER_SEC);
        check(sim, sim_cleared(sim, INCIDENT_KEY_ACCOUNT_REFUSED, 1) == 1);
        sim_run(sim, DAY);
        check(sim, told_of_keys(sim) == 1 && sim_cleared(sim, -1, -1) == 1);
        sim_free(sim);
}

static void a_refused_account_is_no_permission(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(profiles); i++) {
                check_refused(profiles[i], SIM_KEY_REFUSED);
                check_refused(profiles[i], SIM_KEY_UNSERVED);
        }
}

/* It may be one endpoint only, for a feature's sake. */
static void one_refused_endpoint_is_no_account(void **state)
{
        static const char *const rows[] = { "invoice", "promotion_code", "issuing_card" };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                struct sim *sim = begin(3, 1, NULL);

                trouble = (struct trouble){ .fault = SIM_UNSERVED, .name = rows[i] };
                sim_run(sim, 9 * DAY);
                check(sim, trouble.struck > 0);
                check(sim, told_of_keys(sim) == 0);
                sim_free(sim);
        }
}

/* --- how long it takes --- */

/* What selgeo may write: they are asked in turn. */
#define WRITES 3

static void what_writes_is_missed_in_its_turn(void **state)
{
        struct sim *sim = begin(3, 1, NULL);

        (void) state;
        sim_grant(sim, 1, "Promotion codes", LEVEL_WRITE, false);
        sim_run(sim, WRITES * 5 * MINUTE + 35 * USEC_PER_SEC);
        check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 1) == 1);
        sim_run(sim, HOUR);
        trouble = (struct trouble){ .name = "promotion_code", .level = LEVEL_WRITE };
        sim_run(sim, HOUR);
        /* Of the one that lacks it with each pulse, of two others in its turn. */
        check(sim, trouble.asked >= 12 + 2 * 12 / WRITES && trouble.asked <= 13 + 2 * (13 / WRITES + 1));
        sim_grant(sim, 1, "Promotion codes", LEVEL_WRITE, true);
        sim_run(sim, 5 * MINUTE + 35 * USEC_PER_SEC);
        check(sim, sim_cleared(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 1) == 1);
        check(sim, told_of_keys(sim) == 1);
        sim_free(sim);
}

static void what_reads_is_found_again_in_an_hour(void **state)
{
        struct sim *sim = begin(1, 1, NULL);

        (void) state;
        sim_grant(sim, 0, "Invoices", LEVEL_READ, false);
        sim_run(sim, DAY + 6 * MINUTE);
        check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 0) == 1);
        trouble = (struct trouble){ .name = "invoice", .level = LEVEL_READ };
        sim_run(sim, 12 * HOUR);
        check(sim, trouble.asked >= 11 && trouble.asked <= 14);
        sim_grant(sim, 0, "Invoices", LEVEL_READ, true);
        sim_run(sim, HOUR + 35 * USEC_PER_SEC);
        check(sim, sim_cleared(sim, INCIDENT_KEY_PERMISSIONS_MISSING, 0) == 1);
        check(sim, told_of_keys(sim) == 1);
        sim_free(sim);
}

/* One refusal alone is nothing, and a second answer that does not come is waited for with patience. */
static void one_refusal_is_no_loss(void **state)
{
        struct sim *sim = begin(3, 1, NULL);

        (void) state;
        for (unsigned i = 0; i < 20; i++) {
                unsigned asked;

                trouble =
                        (struct trouble){ .fault = SIM_NONE, .name = "promotion_code", .level = LEVEL_WRITE };
                sim_grant(sim, 1, "Promotion codes", LEVEL_WRITE, false);
                asked = sim->keys[1].asked;
                while (sim->keys[1].asked == asked)
                        sim_run(sim, USEC_PER_SEC);
                sim_run(sim, USEC_PER_SEC);
                trouble.fault = i % 2 ? SIM_500 : SIM_NONE;
                sim_grant(sim, 1, "Promotion codes", LEVEL_WRITE, true);
                sim_run(sim, 20 * MINUTE);
                /* all of three keys: an outage, whose end is looked for every few seconds */
                check(sim, trouble.struck <= 200);
                trouble.fault = SIM_NONE;
                sim_run(sim, 20 * MINUTE);
        }
        check(sim, told_of_keys(sim) == 0);
        sim_free(sim);
}

/* Half of the merchants are answered, half are not: no endpoint that is gone. Told twice, then after a week;
 * but when it goes for all, that is told after a quiet day. */
static void what_only_some_are_answered_is_told_rarely(void **state)
{
        struct sim *sim = begin(12, 1, NULL);
        usec_t since = sim->now;

        (void) state;
        trouble = (struct trouble){
                .fault = SIM_UNRECOGNIZED, .name = "invoice", .level = LEVEL_READ, .first_account = 6
        };
        while (sim_count(sim, INCIDENT_CATALOGUE_STALE, -1) == 0 && sim->now - since < 3 * DAY)
                sim_run(sim, MINUTE);
        sim_run(sim, 6 * DAY);
        check(sim, sim_count(sim, INCIDENT_CATALOGUE_STALE, -1) >= 1);
        check(sim, sim_count(sim, INCIDENT_CATALOGUE_STALE, -1) <= 4);
        size_t before = sim_count(sim, INCIDENT_CATALOGUE_STALE, -1);
        check(sim, sim_cleared(sim, INCIDENT_CATALOGUE_STALE, -1) == before);
        trouble.first_account = 0;
        sim_run(sim, 2 * DAY + HOUR);
        check(sim, sim_count(sim, INCIDENT_CATALOGUE_STALE, -1) > before);
        check(sim,
              sim_cleared(sim, INCIDENT_CATALOGUE_STALE, -1) < sim_count(sim, INCIDENT_CATALOGUE_STALE, -1));
        check(sim, told_of_keys(sim) == 0);
        sim_free(sim);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_retired_endpoint_is_told_once),
                cmocka_unit_test(an_unknown_version_is_told_once),
                cmocka_unit_test(what_was_told_is_asked_hourly),
                cmocka_unit_test(a_missing_feature_is_not_told_again),
                cmocka_unit_test(a_refused_account_is_no_permission),
                cmocka_unit_test(one_refused_endpoint_is_no_account),
                cmocka_unit_test(what_writes_is_missed_in_its_turn),
                cmocka_unit_test(what_reads_is_found_again_in_an_hour),
                cmocka_unit_test(one_refusal_is_no_loss),
                cmocka_unit_test(what_only_some_are_answered_is_told_rarely),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
