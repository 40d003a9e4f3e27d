/* What a key is, beside what it may do: how old, of which account, of which sort. */
#include <errno.h>

#include "check.h"
#include "engine/people/people.h"

#define SEEDS 3
#define KEYS  3
#define DUE   (long_form() ? 90 * DAY : 20 * DAY) /* built in: 90 days; each of them costs a second */

static const struct key *key_of(const struct sim *sim, size_t i)
{
        char name[32];

        return engine_key_named(sim->engine, sim_name(i, name));
}

static void set(struct sim *sim, size_t i, struct key_change change)
{
        _cleanup_free_ char *why = NULL;
        char name[32];

        check(sim, engine_set(sim->engine, sim_name(i, name), &change, &why) == 0);
}

static void on_told(const struct check_result *result, void *userdata)
{
        *(int *) userdata = result->stored ? 1 : -1;
}

static void rotate(struct sim *sim, size_t i, size_t new, int64_t expires)
{
        _cleanup_(secret_freep) struct secret *secret = sim_secret(sim, new);
        _cleanup_free_ char *why = NULL;
        struct key_request q = { .expires = expires };
        char name[32];
        int stored = 0;

        sim->keys[new] = sim->keys[i];
        q.name = sim_name(i, name);
        check(sim, engine_rotate(sim->engine, &q, secret, on_told, &stored, &why) == 0);
        sim_run(sim, 20 * USEC_PER_SEC);
        check(sim, stored == 1);
        sim_kill(sim, i, SIM_KEY_EXPIRED);
}

static struct sim *slow(uint64_t seed, const char *profile)
{
        struct sim_options options = { .seed = seed, .keys = KEYS, .pulse = 2 * HOUR, .profile = profile };
        struct sim *sim = sim_new(&options);

        for (size_t i = 0; i < sim->conf->profiles->n; i++) {
                check(sim, sim->conf->profiles->list[i]->rotation_due == 90 * DAY);
                sim->conf->profiles->list[i]->rotation_due = DUE;
        }
        sim_run(sim, 5 * HOUR);
        check(sim, in_state(sim, STATE_HEALTHY) == KEYS);
        return sim;
}

/* --- age --- */

static void live(struct sim *sim, usec_t span, bool restarts)
{
        usec_t end = sim->now + span;

        while (restarts && sim->now + 3 * DAY < end) {
                sim_run(sim, sim_random(sim, 3 * DAY));
                sim_restart(sim, sim_chance(sim, 0.5), MINUTE);
        }
        sim_run_until(sim, end);
}

static void an_old_secret_is_due_once(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(SEEDS); i++) {
                struct sim *sim = slow(first_seed() + i, NULL);

                live(sim, DUE - DAY, i % 2);
                check(sim, told_of_keys(sim) == 0);
                live(sim, 30 * HOUR, false);
                for (long k = 0; k < KEYS; k++)
                        check(sim, sim_count(sim, INCIDENT_KEY_ROTATION_DUE, k) == 1);
                check(sim, sim_first(sim, INCIDENT_KEY_ROTATION_DUE, 1)->priority == 5);
                check(sim, strcmp(sim_first(sim, INCIDENT_KEY_ROTATION_DUE, 1)->reason, "age") == 0);
                live(sim, 5 * DAY, i % 2);
                rotate(sim, 1, KEYS, 0);
                live(sim, DAY, i % 2);
                check(sim, sim_cleared(sim, INCIDENT_KEY_ROTATION_DUE, 1) == 1);
                check(sim, sim_cleared(sim, INCIDENT_KEY_ROTATION_DUE, -1) == 1);
                live(sim, DUE - 10 * DAY, i % 2);
                check(sim, sim_count(sim, INCIDENT_KEY_ROTATION_DUE, 1) == 1);
                live(sim, 10 * DAY, false); /* and as long after that once more */
                check(sim, sim_count(sim, INCIDENT_KEY_ROTATION_DUE, 1) == 2);
                check(sim, sim_count(sim, INCIDENT_KEY_ROTATION_DUE, 2) == 1);
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

static void an_end_is_announced_two_weeks_ahead(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(SEEDS); i++) {
                struct sim *sim = slow(first_seed() + i, NULL);
                int64_t wall = sim->clock.wall(&sim->clock);

                set(sim, 1, (struct key_change){ .expires = wall + 18 * SEC_PER_DAY });
                set(sim, 2, (struct key_change){ .expires = wall + 33 * SEC_PER_DAY });
                live(sim, 3 * DAY + 12 * HOUR, i % 2);
                check(sim, told_of_keys(sim) == 0);
                live(sim, DAY, false);
                check(sim, told_of_keys(sim) == 1);
                const struct sim_entry *e = sim_first(sim, INCIDENT_KEY_ROTATION_DUE, 1);
                check(sim, e && e->priority == 5 && strcmp(e->reason, "expiry") == 0);
                if (i % 3 == 0) { /* it is replaced in time, or its end is put off, or it ends */
                        rotate(sim, 1, KEYS, wall + 300 * SEC_PER_DAY);
                        check(sim, key_of(sim, 1)->expires == wall + 300 * SEC_PER_DAY);
                } else if (i % 3 == 1) {
                        set(sim, 1, (struct key_change){ .expires = wall + 300 * SEC_PER_DAY });
                } else {
                        live(sim, 13 * DAY + 12 * HOUR, true);
                        sim_kill(sim, 1, SIM_KEY_EXPIRED);
                }
                live(sim, DAY, false);
                check(sim, sim_cleared(sim, INCIDENT_KEY_ROTATION_DUE, 1) == 1); /* a death ends it, too */
                check(sim, sim_count(sim, INCIDENT_KEY_EXPIRED, 1) == (i % 3 == 2));
                check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 1) == 0);
                while (sim->clock.wall(&sim->clock) < wall + 19 * SEC_PER_DAY + SEC_PER_DAY / 2)
                        sim_run(sim, HOUR); /* the other one: its end is near before it is old; told once */
                check(sim, sim_count(sim, INCIDENT_KEY_ROTATION_DUE, 2) == 1);
                check(sim, strcmp(sim_first(sim, INCIDENT_KEY_ROTATION_DUE, 2)->reason, "expiry") == 0);
                sim_run(sim, 3 * DAY);
                check(sim, sim_count(sim, INCIDENT_KEY_ROTATION_DUE, 2) == 1);
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

static void age_becomes_a_deadline(void **state)
{
        struct sim *sim = slow(first_seed(), NULL);

        (void) state;
        sim_run(sim, DUE + DAY);
        check(sim, sim_count(sim, INCIDENT_KEY_ROTATION_DUE, 1) == 1);
        set(sim, 1, (struct key_change){ .expires = sim->clock.wall(&sim->clock) + 10 * SEC_PER_DAY });
        sim_run(sim, 2 * DAY);
        check(sim, sim_count(sim, INCIDENT_KEY_ROTATION_DUE, 1) == 2); /* of one incident */
        check(sim, strcmp(sim_last(sim, INCIDENT_KEY_ROTATION_DUE, 1)->reason, "expiry") == 0);
        check(sim, strcmp(sim_first(sim, INCIDENT_KEY_ROTATION_DUE, 1)->incident,
                          sim_last(sim, INCIDENT_KEY_ROTATION_DUE, 1)->incident) == 0);
        sim_free(sim);
}

/* --- account --- */

static void a_wrong_account_is_told_until_it_is_mended(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(SEEDS); i++) {
                struct sim_options options = { .seed = first_seed() + i, .keys = KEYS };
                struct sim *sim = sim_new(&options);

                set(sim, 1, (struct key_change){ .account = "acct_DECLARED", .expires = -1 });
                set(sim, 2, (struct key_change){ .account = "acct_SIM2", .expires = -1 });
                sim_run(sim, DAY); /* something out of the profile is refused, and that names the account */
                check(sim, sim_count(sim, INCIDENT_KEY_WRONG_ACCOUNT, -1) == 1);
                const struct sim_entry *e = sim_first(sim, INCIDENT_KEY_WRONG_ACCOUNT, 1);
                check(sim, e && e->priority == 2);
                check(sim, strstr(e->fields, "acct_SIM1") && strstr(e->fields, "acct_DECLARED"));
                if (i % 2)
                        sim_restart(sim, true, MINUTE);
                sim_run(sim, DAY);
                check(sim, sim_count(sim, INCIDENT_KEY_WRONG_ACCOUNT, -1) == 1);
                if (i % 3 == 0) { /* the declaration was wrong, or the key was, or nobody knows */
                        set(sim, 1, (struct key_change){ .account = "acct_SIM1", .expires = -1 });
                } else if (i % 3 == 1) {
                        sim->keys[1].account = 99; /* whatever it was; the successor is of the declared one */
                        set(sim, 1, (struct key_change){ .account = "acct_SIM99", .expires = -1 });
                } else {
                        set(sim, 1, (struct key_change){ .account = "", .expires = -1 });
                        check(sim, key_of(sim, 1)->account_id == 0);
                }
                sim_run(sim, 3 * DAY);
                check(sim, sim_cleared(sim, INCIDENT_KEY_WRONG_ACCOUNT, 1) == 1);
                check(sim, sim_count(sim, INCIDENT_KEY_WRONG_ACCOUNT, -1) == 1);
                check(sim, key_of(sim, 1)->account_id != 0);
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

/* Nothing is asked beyond this profile but what may tell the account, once. */
static void a_declared_account_is_looked_into_once(void **state)
{
        struct sim_options options = { .seed = first_seed(), .keys = KEYS, .profile = "stackone" };
        struct sim *sim = sim_new(&options);

        (void) state;
        set(sim, 1, (struct key_change){ .account = "acct_DECLARED", .expires = -1 });
        set(sim, 2, (struct key_change){ .account = "acct_SIM2", .expires = -1 });
        sim_run(sim, HOUR);
        check(sim, sim_count(sim, INCIDENT_KEY_WRONG_ACCOUNT, -1) == 1);
        check(sim, sim_count(sim, INCIDENT_KEY_WRONG_ACCOUNT, 1) == 1);
        for (size_t i = 0; i < KEYS; i++) /* four pulses, what is required, one refusal */
                check(sim, sim->keys[i].asked <= 4 + 1 + 1 + 1);
        sim_free(sim);
}

/* Stripe has said long ago whose key it is, and may never say it again. */
static void what_stripe_said_stands_against_a_declaration(void **state)
{
        struct sim_options options = { .seed = first_seed(), .keys = KEYS };
        struct sim *sim = sim_new(&options);

        (void) state;
        sim_run(sim, 2 * HOUR);
        check(sim, key_of(sim, 1)->account_id != 0);
        set(sim, 1, (struct key_change){ .account = "acct_DECLARED", .expires = -1 });
        sim_run(sim, USEC_PER_SEC);
        check(sim, sim_count(sim, INCIDENT_KEY_WRONG_ACCOUNT, -1) == 1);
        check(sim, sim_count(sim, INCIDENT_KEY_WRONG_ACCOUNT, 1) == 1);
        set(sim, 1, (struct key_change){ .account = "acct_SIM1", .expires = -1 });
        sim_run(sim, 2 * HOUR);
        check(sim, sim_cleared(sim, INCIDENT_KEY_WRONG_ACCOUNT, 1) == 1);
        check(sim, sim_count(sim, INCIDENT_KEY_WRONG_ACCOUNT, -1) == 1);
        sim_free(sim);
}

static void a_successor_of_the_right_account_mends_it(void **state)
{
        struct sim_options options = { .seed = first_seed(), .keys = KEYS };
        struct sim *sim = sim_new(&options);

        (void) state;
        set(sim, 1, (struct key_change){ .account = "acct_SIM42", .expires = -1 });
        sim_run(sim, DAY);
        check(sim, sim_count(sim, INCIDENT_KEY_WRONG_ACCOUNT, 1) == 1);
        unsigned was = sim->keys[1].account;
        sim->keys[1].account = 42;
        sim->keys[KEYS] = sim->keys[1];
        sim->keys[1].account = was;
        {
                _cleanup_(secret_freep) struct secret *secret = sim_secret(sim, KEYS);
                _cleanup_free_ char *why = NULL;
                char name[32];
                struct key_request q = { .name = sim_name(1, name) };
                int stored = 0;

                check(sim, engine_rotate(sim->engine, &q, secret, on_told, &stored, &why) == 0);
                sim_run(sim, 20 * USEC_PER_SEC);
                check(sim, stored == 1);
        }
        sim_run(sim, 3 * DAY);
        check(sim, sim_cleared(sim, INCIDENT_KEY_WRONG_ACCOUNT, 1) == 1);
        check(sim, sim_count(sim, INCIDENT_KEY_WRONG_ACCOUNT, 1) == 1);
        sim_free(sim);
}

/* Starts of one account: in any second, and at once. */
static struct {
        usec_t times[8];
        size_t n;
        size_t most;
} starts;

static enum sim_fault count_starts(struct sim *sim, struct sim_key *key)
{
        size_t within = 0;

        if (key->account != 0)
                return SIM_NONE;
        starts.times[starts.n++ % ELEMENTSOF(starts.times)] = sim->now;
        for (size_t i = 0; i < MIN(starts.n, ELEMENTSOF(starts.times)); i++)
                within += starts.times[i] + USEC_PER_SEC > sim->now;
        starts.most = MAX(starts.most, within);
        return SIM_NONE;
}

static void check_all(struct sim *sim)
{
        char name[32], *why = NULL;
        int told = 0;

        starts.n = starts.most = 0;
        sim->fault = count_starts;
        for (size_t i = 0; i < sim->options.keys; i++)
                check(sim,
                      engine_check(sim->engine, sim_name(i, name), CHECK_FULL, on_told, &told, &why) == 0);
        sim_run(sim, 5 * MINUTE);
        sim->fault = NULL;
}

/* Eight keys of one account are eight lanes until that is known, and one from then on. */
static void keys_of_one_account_share_its_limits(void **state)
{
        struct sim_options options = { .seed = first_seed(), .keys = 16, .keys_per_account = 8 };
        struct sim *sim = sim_new(&options);

        (void) state;
        sim_run(sim, 30 * USEC_PER_SEC); /* not all were asked yet */
        sim_run(sim, HOUR);
        for (size_t i = 1; i < 8; i++)
                check(sim, key_of(sim, i)->account_id == key_of(sim, 0)->account_id);
        check(sim, key_of(sim, 8)->account_id != key_of(sim, 0)->account_id);
        check_all(sim);
        check(sim, starts.n >= 64 && starts.most <= 5);
        sim_restart(sim, true, MINUTE);
        sim_run(sim, MINUTE);
        check_all(sim);
        check(sim, starts.n >= 64 && starts.most <= 5);
        sim_free(sim);
}

/* --- sort --- */

static size_t beyond; /* requests for what the profile does not require */

static enum sim_fault watch_probes(struct sim *sim, struct sim_key *key)
{
        static const char *const wanted[] = { "/v1/balance",  "/v1/charges",         "/v1/customers",
                                              "/v1/invoices", "/v1/payment_intents", "/v1/payouts",
                                              "/v1/products", "/v1/prices",          "/v1/refunds",
                                              "/v1/plans",    "/v1/credit_notes" };
        bool found = false;

        (void) key;
        for (size_t i = 0; i < ELEMENTSOF(wanted); i++)
                found = found || strncmp(sim->asked_path, wanted[i], strlen(wanted[i])) == 0;
        beyond += !found;
        return SIM_NONE;
}

static void a_full_secret_key_is_told_once_and_not_probed(void **state)
{
        struct sim_options options = {
                .seed = first_seed(), .keys = 3, .profile = "combidesk", .full_secrets = true
        };
        struct sim *sim = sim_new(&options);

        (void) state;
        for (size_t i = 0; i < 3; i++)
                for (size_t row = 0; row < SLOTS_MAX; row++)
                        sim->keys[i].granted[row][0] = sim->keys[i].granted[row][1] = true;
        sim->fault = watch_probes;
        beyond = 0;
        sim_run(sim, HOUR);
        for (long i = 0; i < 3; i++)
                check(sim, sim_count(sim, INCIDENT_KEY_UNRESTRICTED, i) == 1);
        check(sim, sim_first(sim, INCIDENT_KEY_UNRESTRICTED, 0)->priority == 4);
        sim_run(sim, 4 * DAY);
        sim_restart(sim, true, MINUTE);
        sim_run(sim, 4 * DAY);
        check(sim, told_of_keys(sim) == 3); /* no excess, although it grants everything */
        check(sim, beyond == 0);
        for (size_t i = 0; i < 3; i++) /* a pulse each 15 minutes, eleven more a day */
                check(sim, sim->keys[i].asked < 9 * (96 + 12));

        sim->fault = NULL;
        sim->options.full_secrets = false; /* a restricted one takes its place */
        for (size_t row = 0; row < SLOTS_MAX; row++)
                sim->keys[1].granted[row][1] = false;
        rotate(sim, 1, 3, 0);
        sim_run(sim, DAY);
        check(sim, key_of(sim, 1)->kind == KIND_RESTRICTED);
        check(sim, sim_cleared(sim, INCIDENT_KEY_UNRESTRICTED, 1) == 1);
        check(sim, sim_count(sim, INCIDENT_KEY_UNRESTRICTED, 1) == 1);
        sim_free(sim);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_old_secret_is_due_once),
                cmocka_unit_test(an_end_is_announced_two_weeks_ahead),
                cmocka_unit_test(age_becomes_a_deadline),
                cmocka_unit_test(a_wrong_account_is_told_until_it_is_mended),
                cmocka_unit_test(a_declared_account_is_looked_into_once),
                cmocka_unit_test(what_stripe_said_stands_against_a_declaration),
                cmocka_unit_test(a_successor_of_the_right_account_mends_it),
                cmocka_unit_test(keys_of_one_account_share_its_limits),
                cmocka_unit_test(a_full_secret_key_is_told_once_and_not_probed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
