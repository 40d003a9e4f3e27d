/* A key gets a new secret, and the old one is watched until it is dead; and what else is about the identity
 * of a key: its age, its account, what sort of key it is. */
#include <errno.h>

#include "check.h"
#include "engine/people/people.h"

#define SEEDS 2
#define KEYS  4
#define OLD   2    /* the key that is rotated, and the number of its first secret */
#define NEW   KEYS /* the number of its second */

struct verdict {
        bool done, stored;
        enum check_outcome outcome;
        char message[512], missing[256], warning[256];
};

static void on_told(const struct check_result *result, void *userdata)
{
        struct verdict *got = userdata;

        got->done = true;
        got->stored = result->stored;
        got->outcome = result->outcome;
        snprintf(got->message, sizeof(got->message), "%s", result->message);
        snprintf(got->missing, sizeof(got->missing), "%s", result->missing);
        snprintf(got->warning, sizeof(got->warning), "%s", result->warning);
}

/* The successor is as Stripe has the old one, unless the test changes that. */
static void make_successor(struct sim *sim, size_t old, size_t new)
{
        sim->keys[new] = sim->keys[old];
        sim->keys[new].life = SIM_ALIVE;
        sim->keys[new].asked = 0;
}

static int try_rotate(struct sim *sim, size_t i, size_t new, struct key_request *q, struct verdict *ret)
{
        _cleanup_(secret_freep) struct secret *secret = sim_secret(sim, new);
        _cleanup_free_ char *why = NULL;
        char name[32];

        *ret = (struct verdict){ 0 };
        q->name = sim_name(i, name);
        int r = engine_rotate(sim->engine, q, secret, on_told, ret, &why);
        if (r < 0)
                snprintf(ret->message, sizeof(ret->message), "%s", why ? why : "");
        for (int k = 0; r >= 0 && k < 600 && !ret->done; k++)
                sim_run(sim, USEC_PER_SEC / 10);
        check(sim, r < 0 || ret->done);
        return r;
}

static struct verdict rotate(struct sim *sim, size_t i, size_t new)
{
        struct key_request q = { 0 };
        struct verdict got;

        try_rotate(sim, i, new, &q, &got);
        return got;
}

static const struct key *key_of(const struct sim *sim, size_t i)
{
        char name[32];

        return engine_key_named(sim->engine, sim_name(i, name));
}

static bool has_secret(const struct sim *sim, size_t i, enum slot slot)
{
        unsigned char blob[VAULT_SEALED_MAX];
        size_t size;

        return store_secret_read(sim->store, key_of(sim, i)->id, slot, blob, sizeof(blob), &size) == 0;
}

/* Events of this kind (or about it, if they say that it is over) of this key; a repeat after a crash is no
 * other one. */
static size_t distinct(const struct sim *sim, enum incident_kind kind, bool over, size_t key)
{
        enum incident_kind of = over ? INCIDENT_INCIDENT_CLEARED : kind;
        char name[32];
        size_t n = 0;

        sim_name(key, name);
        for (size_t i = 0; i < sim->n_entries; i++) {
                const struct sim_entry *e = &sim->entries[i];
                bool counts = strcmp(e->message_id, incident_kind_message_id(of)) == 0 &&
                              strcmp(e->kind, incident_kind_name(kind)) == 0 && strcmp(e->key, name) == 0;

                for (size_t k = 0; counts && k < i; k++)
                        counts = strcmp(e->event_id, sim->entries[k].event_id) != 0;
                n += counts;
        }
        return n;
}

static size_t told(const struct sim *sim, enum incident_kind kind)
{
        return distinct(sim, kind, false, OLD);
}

static size_t over(const struct sim *sim, enum incident_kind kind)
{
        return distinct(sim, kind, true, OLD);
}

static size_t deaths(const struct sim *sim)
{
        return told(sim, INCIDENT_KEY_REVOKED) + told(sim, INCIDENT_KEY_EXPIRED) +
               told(sim, INCIDENT_KEY_INVALID);
}

/* Everything about the key that was rotated, but that things are over. */
static size_t told_all(const struct sim *sim)
{
        size_t n = 0;

        for (int kind = 0; kind <= INCIDENT_KEY_FLAPPING; kind++)
                n += told(sim, (enum incident_kind) kind);
        return n;
}

static size_t told_of_others(const struct sim *sim)
{
        size_t n = 0;

        for (int kind = 0; kind <= INCIDENT_KEY_FLAPPING; kind++)
                for (long i = 0; i < KEYS; i++)
                        n += i != OLD ? sim_count(sim, kind, i) : 0;
        return n;
}

/* --- what a successor must prove --- */

static void nothing_changed(struct sim *sim)
{
        unsigned asked = sim->keys[NEW].asked;
        const struct key *key = key_of(sim, OLD);

        check(sim, !key->has_old && !has_secret(sim, OLD, SLOT_OLD));
        sim_run(sim, 20 * MINUTE);
        check(sim, sim->keys[NEW].asked == asked); /* forgotten at once */
        check(sim, key_state(key, sim->clock.wall(&sim->clock)) == STATE_HEALTHY);
        check(sim, told_all(sim) == 0);
}

static void a_successor_must_grant_the_same(void **state)
{
        struct sim *sim = sim_fleet(first_seed(), KEYS);
        const struct profile *profile = key_profile(sim->engine, key_of(sim, OLD));

        (void) state;
        for (size_t i = 0; i < profile->n_required; i++) {
                const struct requirement *r = &profile->required[i];

                make_successor(sim, OLD, NEW);
                sim->keys[NEW].granted[r->row][r->level == LEVEL_WRITE] = false;
                struct verdict got = rotate(sim, OLD, NEW);
                check(sim, !got.stored && got.outcome == OUTCOME_FINDINGS);
                check(sim, strstr(got.message, "STRIPE_PERMISSIONS_MISSING"));
                check(sim, strstr(got.missing, sim->conf->catalogue->rows[r->row].name));
                nothing_changed(sim);
        }
        sim_free(sim);
}

static void a_successor_must_be_of_the_same_account(void **state)
{
        struct sim *sim = sim_fleet(first_seed(), KEYS);

        (void) state;
        make_successor(sim, OLD, NEW);
        sim->keys[NEW].account = 77;
        struct verdict got = rotate(sim, OLD, NEW);
        check(sim, !got.stored && strstr(got.message, "another account"));
        nothing_changed(sim);
        struct key_request force = { .force = true };
        try_rotate(sim, OLD, NEW, &force, &got);
        check(sim, !got.stored && strstr(got.message, "another account"));
        nothing_changed(sim);
        sim_free(sim);
}

static void a_successor_must_live_and_be_new(void **state)
{
        struct sim *sim = sim_fleet(first_seed(), KEYS);
        struct key_request q = { 0 };
        struct verdict got;

        (void) state;
        make_successor(sim, OLD, NEW);
        sim_kill(sim, NEW, SIM_KEY_UNKNOWN);
        got = rotate(sim, OLD, NEW);
        check(sim, !got.stored && strstr(got.message, "does not know this key"));
        nothing_changed(sim);
        uint64_t requests = sim->requests;
        check(sim, try_rotate(sim, OLD, OLD, &q, &got) == -EALREADY); /* the secret that it has */
        check(sim, strstr(got.message, "has already"));
        check(sim, try_rotate(sim, OLD, 3, &q, &got) == -EALREADY); /* another key's */
        check(sim, strstr(got.message, "merchant-3"));
        check(sim, sim->requests == requests); /* nobody was asked */
        nothing_changed(sim);
        sim_free(sim);
}

static void what_the_old_lacked_the_new_may_lack(void **state)
{
        struct sim *sim = sim_fleet(first_seed(), KEYS);

        (void) state;
        sim_grant(sim, OLD, "Coupons", LEVEL_WRITE, false);
        sim_run(sim, 25 * HOUR);
        check(sim, told(sim, INCIDENT_KEY_PERMISSIONS_MISSING) == 1);
        make_successor(sim, OLD, NEW);
        struct verdict got = rotate(sim, OLD, NEW);
        check(sim, got.stored && got.outcome == OUTCOME_FINDINGS);
        sim_run(sim, MINUTE); /* the incident of the old is over, the new one has its own */
        check(sim, over(sim, INCIDENT_KEY_PERMISSIONS_MISSING) == 1);
        check(sim, told(sim, INCIDENT_KEY_PERMISSIONS_MISSING) == 2);
        make_successor(sim, OLD, NEW + 1);
        sim_grant(sim, NEW + 1, "Coupons", LEVEL_WRITE, true);
        got = rotate(sim, OLD, NEW + 1);
        check(sim, got.stored && got.outcome == OUTCOME_WELL);
        check(sim, strstr(got.warning, "older secret")); /* the first one is watched no more */
        sim_run(sim, MINUTE);
        check(sim, over(sim, INCIDENT_KEY_PERMISSIONS_MISSING) == 2);
        check(sim, in_state(sim, STATE_HEALTHY) == KEYS);
        sim_free(sim);
}

/* --- the old one
 * ---------------------------------------------------------------------------------------------------------
 */

static const enum sim_life dead_answers[] = { SIM_KEY_EXPIRED, SIM_KEY_UNKNOWN };

static struct sim *rotated(uint64_t seed)
{
        struct sim *sim = sim_fleet(seed, KEYS);

        make_successor(sim, OLD, NEW);
        struct verdict got = rotate(sim, OLD, NEW);
        check(sim, got.stored && got.outcome == OUTCOME_WELL && !*got.warning);
        check(sim, has_secret(sim, OLD, SLOT_OLD) && key_of(sim, OLD)->has_old);
        return sim;
}

/* A time of day or two, with a stop or a crash at any moment of it if wanted. */
static void live(struct sim *sim, usec_t span, bool restarts)
{
        usec_t end = sim->now + span;

        while (restarts && sim->now + DAY < end) {
                sim_run(sim, sim_random(sim, DAY));
                sim_restart(sim, sim_chance(sim, 0.5), sim_random(sim, 5 * MINUTE));
        }
        sim_run_until(sim, end);
}

/* From the death on a restart falls into every phase: after the first dead answer, the second, the witness.
 */
static void die(struct sim *sim, enum sim_life how, bool restarts)
{
        sim_kill(sim, OLD, how);
        for (int i = 0; restarts && i < 40; i++) {
                sim_run(sim, sim_random(sim, MINUTE));
                sim_restart(sim, sim_chance(sim, 0.7), USEC_PER_SEC);
                if (i % 4 == 0)
                        sim_run(sim, 6 * MINUTE); /* else its turn may never come */
        }
        sim_run(sim, 2 * HOUR + 10 * MINUTE);
}

static void the_old_is_gone(struct sim *sim)
{
        check(sim, told(sim, INCIDENT_KEY_ROLLED) == 1);
        check(sim, sim_first(sim, INCIDENT_KEY_ROLLED, OLD)->priority == 5);
        check(sim, deaths(sim) == 0 && told_of_others(sim) == 0);
        check(sim, !key_of(sim, OLD)->has_old && !has_secret(sim, OLD, SLOT_OLD));
        check(sim, in_state(sim, STATE_HEALTHY) == KEYS);
        unsigned asked = sim->keys[OLD].asked;
        sim_run(sim, DAY);
        check(sim, sim->keys[OLD].asked == asked);
        check(sim, sim_count(sim, INCIDENT_INCIDENT_REMINDER, -1) == 0 ||
                           told(sim, INCIDENT_KEY_OLD_STILL_ALIVE) == 1);
        sim_assert_ids(sim);
        sim_free(sim);
}

static void it_dies_in_time(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(2 * SEEDS); i++) {
                struct sim *sim = rotated(first_seed() + i);

                live(sim, sim_random(sim, 6 * DAY), i % 4 >= 2);
                check(sim, told_all(sim) == 0);
                check(sim, sim->keys[OLD].asked > 0 && sim->keys[NEW].asked > 8);
                die(sim, dead_answers[i % 2], i % 4 >= 2);
                check(sim, told(sim, INCIDENT_KEY_OLD_STILL_ALIVE) == 0);
                check(sim, told_all(sim) == 1); /* that it was replaced as planned */
                the_old_is_gone(sim);
        }
}

static void it_dies_late(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(2 * SEEDS); i++) {
                struct sim *sim = rotated(first_seed() + i);
                bool restarts = i % 4 >= 2;

                live(sim, 7 * DAY - 10 * MINUTE, restarts);
                check(sim, told_all(sim) == 0);
                live(sim, 70 * MINUTE, false);
                check(sim, told(sim, INCIDENT_KEY_OLD_STILL_ALIVE) == 1);
                check(sim, sim_first(sim, INCIDENT_KEY_OLD_STILL_ALIVE, OLD)->priority == 4);
                live(sim, DAY + sim_random(sim, 6 * DAY), restarts);
                check(sim, told_all(sim) == 1);
                die(sim, dead_answers[i % 2], restarts);
                check(sim, over(sim, INCIDENT_KEY_OLD_STILL_ALIVE) == 1);
                check(sim, told_all(sim) == 2);
                the_old_is_gone(sim);
        }
}

static void it_never_dies(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(2); i++) {
                struct sim *sim = rotated(first_seed() + i);
                usec_t begin = sim->now;

                live(sim, 40 * DAY, i % 2);
                check(sim, told_all(sim) == 1);
                const struct sim_entry *e = sim_first(sim, INCIDENT_KEY_OLD_STILL_ALIVE, OLD);
                check(sim, e && e->at >= begin + 7 * DAY && e->at < begin + 7 * DAY + 70 * MINUTE);
                check(sim, sim_count(sim, INCIDENT_INCIDENT_REMINDER, OLD) >= 7); /* a week, then weekly */
                check(sim, sim_count(sim, INCIDENT_INCIDENT_REMINDER, OLD) <= 12);
                check(sim, has_secret(sim, OLD, SLOT_OLD));
                /* In every pulse for a week, then hourly: not for ever at the price of a second key. */
                check(sim, sim->keys[OLD].asked < 12 * 24 * 7 + 24 * 34 + 12 * 24 * 2);
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

/* What Stripe does to all keys for a while is no proof that the old one is dead. */
static enum sim_fault mistaken(struct sim *sim, struct sim_key *key)
{
        (void) sim;
        (void) key;
        return SIM_EXPIRED;
}

static void a_mistake_of_the_providers_erases_nothing(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(SEEDS); i++) {
                struct sim *sim = rotated(first_seed() + i);

                sim_run(sim, DAY + sim_random(sim, HOUR));
                for (int k = 0; k < 5; k++) {
                        sim->fault = mistaken;
                        sim_run(sim, 5 * MINUTE + sim_random(sim, 20 * MINUTE));
                        sim->fault = NULL;
                        sim_run(sim, 2 * HOUR);
                }
                check(sim, told_all(sim) == 0);
                check(sim, has_secret(sim, OLD, SLOT_OLD));
                die(sim, dead_answers[i % 2], false);
                the_old_is_gone(sim);
        }
}

static void a_blocked_one_is_alive(void **state)
{
        struct sim *sim = rotated(first_seed());

        (void) state;
        sim_kill(sim, OLD, SIM_KEY_BLOCKED);
        sim_run(sim, 7 * DAY - HOUR);
        check(sim, told_all(sim) == 0);
        sim_run(sim, 3 * HOUR);
        check(sim, told_all(sim) == 1);
        check(sim, told(sim, INCIDENT_KEY_OLD_STILL_ALIVE) == 1);
        sim_free(sim);
}

/* --- around a rotation --- */

static void a_dead_key_is_replaced(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(SEEDS); i++) {
                struct sim *sim = sim_fleet(first_seed() + i, KEYS);

                sim_kill(sim, OLD, dead_answers[i % 2]);
                sim_run(sim, HOUR);
                check(sim, deaths(sim) == 1);
                make_successor(sim, OLD, NEW);
                struct verdict got = rotate(sim, OLD, NEW);
                check(sim, got.stored && got.outcome == OUTCOME_WELL);
                if (i % 2)
                        sim_restart(sim, true, USEC_PER_SEC);
                sim_run(sim, HOUR);
                check(sim, over(sim, INCIDENT_KEY_REVOKED) == 1);
                check(sim, deaths(sim) == 1);
                check(sim, told(sim, INCIDENT_KEY_ROLLED) == 1);
                check(sim, !has_secret(sim, OLD, SLOT_OLD));
                check(sim, in_state(sim, STATE_HEALTHY) == KEYS);
                sim_kill(sim, NEW, SIM_KEY_EXPIRED); /* that one was not planned */
                sim_run(sim, HOUR);
                check(sim, deaths(sim) == 2);
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

/* The old one dies while the new one is asked, or is suspect already: still it was planned. */
static void the_old_may_die_meanwhile(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(4 * SEEDS); i++) {
                struct sim *sim = sim_fleet(first_seed() + i, KEYS);
                usec_t killed = sim->now;

                make_successor(sim, OLD, NEW);
                sim_kill(sim, OLD, dead_answers[i % 2]);
                while (!key_is_suspect(key_of(sim, OLD)) && sim->now < killed + HOUR)
                        sim_run(sim, USEC_PER_SEC / 10);
                sim_run(sim, sim_random(sim, 25 * USEC_PER_SEC));
                struct verdict got = rotate(sim, OLD, NEW);
                check(sim, got.stored);
                if (i % 4 >= 2)
                        sim_restart(sim, i % 4 == 2, USEC_PER_SEC);
                sim_run(sim, HOUR);
                the_old_is_gone(sim);
        }
}

static void both_die(void **state)
{
        struct sim *sim = rotated(first_seed());

        (void) state;
        sim_run(sim, DAY);
        sim_kill(sim, OLD, SIM_KEY_EXPIRED);
        sim_kill(sim, NEW, SIM_KEY_EXPIRED);
        sim_run(sim, HOUR);
        check(sim, deaths(sim) == 1); /* of the new one */
        check(sim, told(sim, INCIDENT_KEY_ROLLED) == 1);
        check(sim, told_all(sim) == 2);
        check(sim, !has_secret(sim, OLD, SLOT_OLD));
        sim_free(sim);
}

/* Killed at any moment of it, either the old or the new secret is in place, and the story goes on from there.
 */
static void a_crash_in_the_middle_loses_nothing(void **state)
{
        size_t swapped = 0, n = seeds(8 * SEEDS);

        (void) state;
        for (unsigned i = 0; i < n; i++) {
                struct sim *sim = sim_fleet(first_seed() + i, KEYS);
                _cleanup_(secret_freep) struct secret *secret = sim_secret(sim, NEW);
                char name[32], *why = NULL;
                struct key_request q = { .name = sim_name(OLD, name) };
                size_t was_dead = i % 2;
                struct verdict got = { 0 };

                if (was_dead) {
                        sim_kill(sim, OLD, SIM_KEY_EXPIRED);
                        sim_run(sim, HOUR);
                }
                make_successor(sim, OLD, NEW);
                check(sim, engine_rotate(sim->engine, &q, secret, on_told, &got, &why) == 0);
                if (i % 3 == 0)
                        while (!got.done) /* directly after it was told, before anything else is written */
                                sim_run(sim, USEC_PER_MSEC);
                else
                        sim_run(sim, sim_random(sim, 4 * USEC_PER_SEC));
                sim_restart(sim, true, USEC_PER_SEC);
                check(sim, !got.stored || key_of(sim, OLD)->has_old); /* what was promised holds */
                size_t has_new = key_of(sim, OLD)->has_old;
                swapped += has_new;
                sim_run(sim, HOUR);
                check(sim, (sim->keys[NEW].asked > 30) == (has_new == 1));
                check(sim, in_state(sim, STATE_HEALTHY) == KEYS - was_dead * (1 - has_new));
                check(sim, over(sim, INCIDENT_KEY_REVOKED) == was_dead * has_new);
                check(sim, deaths(sim) == was_dead);
                check(sim, told(sim, INCIDENT_KEY_ROLLED) == was_dead * has_new);
                sim_assert_ids(sim);
                sim_free(sim);
        }
        fprintf(stderr, "%zu of %zu crashes came after the swap\n", swapped, n);
        assert_true(n < 8 || (swapped > 0 && swapped < n));
}

static void who_waits_is_told(void **state)
{
        struct sim *sim = sim_fleet(first_seed(), KEYS);
        struct verdict checked = { 0 }, got = { 0 };
        char name[32], *why = NULL;
        _cleanup_(secret_freep) struct secret *secret = sim_secret(sim, NEW);
        struct key_request q = { .name = sim_name(OLD, name) };

        (void) state;
        make_successor(sim, OLD, NEW);
        check(sim, engine_rotate(sim->engine, &q, secret, on_told, &got, &why) == 0);
        sim_run(sim, USEC_PER_SEC);
        check(sim, engine_check(sim->engine, name, CHECK_EXCESS, on_told, &checked, &why) == 0);
        sim_run(sim, 5 * MINUTE);
        check(sim, got.done && got.stored && checked.done);
        sim_free(sim);
}

/* The old secret's changes are none of the new one's, whatever became of the clock since. */
static void what_flapped_was_the_old_one(void **state)
{
        static const int64_t jumps[] = { 0, -2 * SEC_PER_HOUR, 2 * SEC_PER_HOUR };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(jumps); i++) {
                struct sim_options options = { .seed = first_seed(), .keys = KEYS, .pulse = MINUTE };
                struct sim *sim = sim_new(&options);

                sim_run(sim, HOUR);
                for (size_t k = 0; k < 7; k++) {
                        sim_grant(sim, OLD, "Coupons", LEVEL_WRITE, k % 2);
                        sim_run(sim, 10 * MINUTE);
                }
                check(sim, told(sim, INCIDENT_KEY_FLAPPING) == 1);
                size_t missing = told(sim, INCIDENT_KEY_PERMISSIONS_MISSING);
                sim->wall_offset += jumps[i];
                make_successor(sim, OLD, NEW);
                check(sim, rotate(sim, OLD, NEW).stored);
                sim_run(sim, 10 * MINUTE);
                check(sim, told(sim, INCIDENT_KEY_FLAPPING) == 1 && over(sim, INCIDENT_KEY_FLAPPING) == 1);
                check(sim, told(sim, INCIDENT_KEY_PERMISSIONS_MISSING) == missing + 1);
                sim_free(sim);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_successor_must_grant_the_same),
                cmocka_unit_test(a_successor_must_be_of_the_same_account),
                cmocka_unit_test(a_successor_must_live_and_be_new),
                cmocka_unit_test(what_the_old_lacked_the_new_may_lack),
                cmocka_unit_test(it_dies_in_time),
                cmocka_unit_test(it_dies_late),
                cmocka_unit_test(it_never_dies),
                cmocka_unit_test(a_mistake_of_the_providers_erases_nothing),
                cmocka_unit_test(a_blocked_one_is_alive),
                cmocka_unit_test(a_dead_key_is_replaced),
                cmocka_unit_test(the_old_may_die_meanwhile),
                cmocka_unit_test(both_die),
                cmocka_unit_test(a_crash_in_the_middle_loses_nothing),
                cmocka_unit_test(who_waits_is_told),
                cmocka_unit_test(what_flapped_was_the_old_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
