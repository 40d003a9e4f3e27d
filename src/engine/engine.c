#include "engine/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "engine/internal.h"

/* Something that could start and has not for this long: the watch does not go on. */
#define STALLED_AFTER USEC_PER_MINUTE

/* With a seed: splitmix64. */
uint32_t engine_random(struct engine *e)
{
        uint64_t z;

        if (!e->parts.seed)
                return vault_random();
        z = e->random += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        return (uint32_t) (z >> 32);
}

static uint8_t probed_bits(const struct permission *p, bool live)
{
        return (uint8_t) ((permission_probe(p, LEVEL_READ, live) ? 1 : 0) |
                          (permission_probe(p, LEVEL_WRITE, live) ? 2 : 0));
}

static int sync_probes(struct engine *e, const struct catalogue *catalogue)
{
        _cleanup_free_ struct permission_probes *probes = calloc(catalogue->n + 1, sizeof(*probes));

        if (!probes)
                return -ENOMEM;
        for (size_t i = 0; i < catalogue->n; i++) {
                const struct permission *p = &catalogue->rows[i];

                probes[i] = (struct permission_probes){
                        .slot = p->slot,
                        .levels = (uint8_t) ((p->read.no_such ? 0 : 1) | (p->write.no_such ? 0 : 2)),
                        .live = probed_bits(p, true),
                        .test = probed_bits(p, false),
                };
        }
        return store_permissions_probes(e->parts.store, probes, catalogue->n);
}

static int sync_catalogue(struct engine *e, struct catalogue *catalogue, const struct profiles *profiles)
{
        size_t n = catalogue->n, n_rows = 0;
        _cleanup_free_ const char **names = calloc(n + 1, sizeof(*names)),
                                  **labels = calloc(n + 1, sizeof(*labels));
        _cleanup_free_ unsigned *slots = calloc(n + 1, sizeof(*slots));

        if (!names || !labels || !slots)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                names[i] = catalogue->rows[i].name;
                labels[i] = catalogue->rows[i].labels[0];
        }
        int r = store_permissions_sync(e->parts.store, names, labels, n, slots);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++)
                catalogue->rows[i].slot = slots[i];
        if ((r = sync_probes(e, catalogue)) < 0)
                return r;

        for (size_t i = 0; i < profiles->n; i++)
                n_rows += profiles->list[i]->n_required;
        _cleanup_free_ struct profile_row *rows = calloc(n_rows + 1, sizeof(*rows));
        if (!rows)
                return -ENOMEM;
        n_rows = 0;
        for (size_t i = 0; i < profiles->n; i++)
                for (size_t k = 0; k < profiles->list[i]->n_required; k++) {
                        unsigned row = profiles->list[i]->required[k].row;

                        rows[n_rows++] =
                                (struct profile_row){ .profile = profiles->list[i]->name,
                                                      .slot = catalogue->rows[row].slot,
                                                      .level = profile_requires(profiles->list[i], row) };
                }
        return store_profiles_sync(e->parts.store, rows, n_rows);
}

static int parts_new(struct engine *e)
{
        int r = agenda_new(e->parts.clock, e, &e->agenda);

        if (r < 0 || (r = recorder_new(e, &e->recorder)) < 0 || (r = outbox_new(e, &e->outbox)) < 0 ||
            (r = limiter_new(e, &e->limiter)) < 0 || (r = witness_new(e, &e->witnesses)) < 0 ||
            (r = outage_new(e, &e->outage)) < 0 || (r = mass_new(e, &e->mass)) < 0 ||
            (r = reminder_new(e)) < 0 || (r = replay_new(e)) < 0 || (r = housekeeping_new(e)) < 0 ||
            (r = rounds_new(e)) < 0 || (r = stale_new(e)) < 0 || (r = sweep_new(e)) < 0)
                return r;
        return 0;
}

/* A hold goes on where it was: its end follows from when the key became suspect. Never longer than a whole
 * one, should the wall clock have jumped. */
static usec_t hold_left(const struct engine *e, const struct key *key)
{
        const struct settings *settings = e->parts.settings;
        usec_t all = 0, gone = (usec_t) MAX(engine_wall(e) - key->suspect_since, INT64_C(0)) * USEC_PER_SEC;

        for (size_t i = 0; i < settings->checks.n_confirm; i++)
                all += settings->checks.confirm[i];
        for (unsigned hold = 1; hold <= key->belief.holds; hold++)
                all += belief_hold(hold) * USEC_PER_SEC;
        return gone >= all ? 1 : MIN(all - gone, belief_hold(key->belief.holds) * USEC_PER_SEC);
}

/* What a stored belief wants done, when the run that knew is gone. */
static void resume_key(struct engine *e, struct key *key)
{
        usec_t now = engine_now(e);

        key->review = key->belief.life == LIFE_ALIVE;
        if (key->belief.life != LIFE_DEAD && key->paused_until <= engine_wall(e))
                rounds_joined(e, key);
        witness_count(e, key);
        if (key_is_suspect(key)) {
                struct work *w = key_work(key);

                w->first_dead = now;
                w->first_dead_wall = key->suspect_since;
                if (key->belief.life == LIFE_HELD) {
                        w->then = ACTION_HOLD;
                        w->again = now + hold_left(e, key);
                } else {
                        w->then = ACTION_CONFIRM;
                        w->again = now + e->parts.settings->checks.confirm[0];
                }
        } else if (key->belief.streak > 0) {
                key_work(key)->again = now + SCHEDULE_RECHECK;
        }
}

static int load(struct engine *e, char **ret_why)
{
        int r = sync_catalogue(e, e->parts.catalogue, e->parts.profiles);

        if (r < 0)
                return why(ret_why, r, "The permission catalogue could not be stored: %s.", strerror(-r));
        if ((r = keys_load(e, ret_why)) < 0)
                return *ret_why ? r : why(ret_why, r, "The stored keys could not be read: %s.", strerror(-r));
        if ((r = incident_load(e)) < 0 || (r = outbox_load(e)) < 0 || (r = rotation_load(e)) < 0)
                return why(ret_why, r, "The stored incidents could not be read: %s.", strerror(-r));
        for (size_t i = 0; i < e->n_keys; i++)
                resume_key(e, e->keys[i]);
        outage_resume(e);
        stale_resume(e);
        mass_resume(e);
        return 0;
}

int engine_new(const struct engine_parts *parts, struct engine **ret, char **ret_why)
{
        _cleanup_(engine_freep) struct engine *e = calloc(1, sizeof(*e));

        *ret_why = NULL;
        if (!e)
                return -ENOMEM;
        e->parts = *parts;
        e->random = parts->seed;
        LIST_INIT(&e->asks);
        LIST_INIT(&e->candidates);
        LIST_INIT(&e->rotations);
        e->started_wall = engine_wall(e);
        e->anchor = (usec_t) e->started_wall * USEC_PER_SEC - engine_now(e);
        int r = parts_new(e);
        if (r < 0)
                return r;
        if ((r = load(e, ret_why)) < 0)
                return r;
        *ret = TAKE(e);
        return 0;
}

void engine_start(struct engine *e)
{
        e->started = true;
        e->watching_since = engine_now(e);
        for (size_t i = 0; i < e->n_keys; i++)
                turn_plan(e, e->keys[i]);
        rotation_start(e);
        housekeeping_start(e);
        sweep_start(e);
        reminder_start(e);
}

void engine_stop(struct engine *e)
{
        if (e->stopped)
                return;
        e->stopped = true;
        limiter_stop(e);
        sweep_stop(e);
        candidates_free(e);
        for (size_t i = 0; i < e->n_keys; i++) {
                if (e->keys[i]->work)
                        e->keys[i]->work->ask = ask_cancel(e, e->keys[i]->work->ask);
                batch_key(recorder_batch(e), e->keys[i]);
        }
        int r = recorder_flush(e);
        if (r < 0)
                log_warning_errno(
                        r,
                        "Could not write the last results; they are asked for again at the next start: %m");
        outbox_stop(e);
        (void) recorder_flush(e); /* the marks of what was sent */
        log_notice("Stopped watching %zu keys; incidents open: %zu, journal entries not yet sent: %zu.",
                   e->n_keys, e->n_incidents, outbox_unsent(e));
}

struct engine *engine_free(struct engine *e)
{
        if (!e)
                return NULL;
        sweep_free(e);
        candidates_free(e);
        rotations_free(e);
        incident_free_all(e);
        keys_free(e);
        while (!LIST_EMPTY(&e->asks))
                ask_cancel(e, LIST_FIRST(&e->asks));
        recorder_free(e->recorder);
        outbox_free(e->outbox);
        limiter_free(e->limiter);
        witness_free(e->witnesses);
        outage_free(e->outage);
        mass_free(e->mass);
        reminder_free(e);
        replay_free(e);
        housekeeping_free(e);
        rounds_free(e);
        excess_plans_free(e);
        stale_free(e);
        agenda_free(e->agenda);
        return mfree(e);
}

int engine_reconfigure(struct engine *e, const struct settings *settings, struct catalogue *catalogue,
                       const struct profiles *profiles, char **ret_why)
{
        _cleanup_free_ uint16_t *moved = calloc(e->parts.profiles->n + 1, sizeof(*moved));
        size_t index;

        *ret_why = NULL;
        if (!moved)
                return -ENOMEM;
        for (size_t i = 0; i < e->n_keys; i++) {
                const char *name = key_profile(e, e->keys[i])->name;

                if (profiles_find(profiles, name, &index) < 0)
                        return why(ret_why, -ENOENT, "The profile '%s' is missing, and the key '%s' uses it.",
                                   name, e->keys[i]->name);
                moved[e->keys[i]->profile] = (uint16_t) index;
        }
        int r = sync_catalogue(e, catalogue, profiles);
        if (r < 0)
                return why(ret_why, r, "The permission catalogue could not be stored: %s.", strerror(-r));
        candidates_give_up(e);
        rotation_pause(e);
        for (size_t i = 0; i < e->n_keys; i++) {
                struct key *key = e->keys[i];

                work_reset(e, key); /* questions refer to rows of the old catalogue */
                key->profile = moved[key->profile];
                key->review = true;
        }
        stale_reconfigure(e, settings, catalogue);
        excess_plans_free(e);
        e->parts.settings = settings;
        e->parts.catalogue = catalogue;
        e->parts.profiles = profiles;
        for (size_t i = 0; i < e->n_keys; i++)
                turn_plan(e, e->keys[i]);
        rotation_start(e);
        return 0;
}

void engine_status(const struct engine *e, struct engine_status *ret)
{
        struct engine_status s = {
                .keys = e->n_keys,
                .in_flight = limiter_in_flight(e->limiter),
                .waiting = limiter_waiting(e->limiter),
                .overdue = housekeeping_overdue(e),
                .unsent = outbox_unsent(e),
                .open_incidents = e->n_incidents,
                .store_trouble = recorder_in_trouble(e),
                .outage = outage_is_open(e),
                .master_beside_store = vault_beside_store(e->parts.vault),
                .started_wall = e->started_wall,
        };
        int64_t wall = engine_wall(e);

        for (size_t i = 0; i < e->n_keys; i++) {
                const struct key *key = e->keys[i];
                usec_t period = key_period(e, key);

                s.by_state[key_state(key, wall)]++;
                s.suspects += key_is_suspect(key);
                if (key->paused_until > wall)
                        continue;
                s.needed_rate += (double) USEC_PER_SEC / (double) period;
                if (key->belief.life != LIFE_DEAD)
                        s.longest_pulse_seconds =
                                MAX(s.longest_pulse_seconds, (int64_t) (period / USEC_PER_SEC));
        }
        rounds_status(e, &s.last_round_wall, &s.round_seconds);
        *ret = s;
}

bool engine_progresses(const struct engine *e)
{
        return e->stopped || !limiter_stalled(e, STALLED_AFTER);
}

const struct key *engine_key(const struct engine *e, int64_t id)
{
        return keys_find(e, id);
}

const struct key *engine_key_named(struct engine *e, const char *name)
{
        return keys_named(e, name);
}

const struct key *const *engine_keys(const struct engine *e, size_t *ret_n)
{
        *ret_n = e->n_keys;
        return (const struct key *const *) e->keys;
}

int engine_flush(struct engine *e)
{
        return recorder_flush(e);
}

int engine_flush_key(struct engine *e, const struct key *key)
{
        batch_key(recorder_batch(e), (struct key *) key);
        return recorder_flush(e);
}

int engine_flush_all(struct engine *e)
{
        for (size_t i = 0; i < e->n_keys; i++)
                batch_key(recorder_batch(e), e->keys[i]);
        return recorder_flush(e);
}
