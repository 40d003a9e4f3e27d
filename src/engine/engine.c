#include "engine/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/why.h"
#include "engine/incidents/group.h"
#include "engine/load.h"
#include "engine/people/people.h"
#include "engine/requests/limiter.h"
#include "vault/vault.h"

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

int engine_secret(struct engine *e, const struct key *key, enum slot slot, struct secret **ret)
{
        unsigned char blob[VAULT_SEALED_MAX];
        size_t size;
        int r = store_secret_read(e->parts.store, key->id, slot, blob, sizeof(blob), &size);

        if (r < 0)
                return r;
        return vault_unseal(e->parts.vault, key->id, slot, blob, size, ret);
}

char *engine_account(const struct engine *e, const struct key *key)
{
        char *name = NULL;
        bool known = key->account_id != 0 && store_account_name(e->parts.store, key->account_id, &name) >= 0;

        return known ? name : NULL;
}

struct key *engine_named(struct engine *e, const char *name)
{
        int64_t id;

        /* The store's index by name serves here, too: a second one would cost memory for every key. */
        return store_key_id(e->parts.store, name, &id) < 0 ? NULL : keys_find(e, id);
}

int engine_account_learned(struct engine *e, struct key *key, int64_t account_id)
{
        return sweep_account(e, key, account_id);
}

static int parts_new(struct engine *e)
{
        int r = agenda_new(e->parts.clock, e, &e->agenda);

        if (r < 0 || (r = recorder_new(e, &e->recorder)) < 0 || (r = outbox_new(e, &e->outbox)) < 0 ||
            (r = limiter_new(e, &e->limiter)) < 0 || (r = witness_new(e, &e->witnesses)) < 0 ||
            (r = outage_new(e, &e->outage)) < 0 || (r = groups_new(e, &e->groups)) < 0 ||
            (r = burst_new(e, &e->burst)) < 0 || (r = reminder_new(e)) < 0 || (r = replay_new(e)) < 0 ||
            (r = housekeeping_new(e)) < 0 || (r = rounds_new(e)) < 0 || (r = stale_new(e)) < 0 ||
            (r = sweep_new(e)) < 0)
                return r;
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
        figures_init(&e->figures);
        e->started_wall = engine_wall(e);
        e->anchor = (usec_t) e->started_wall * USEC_PER_SEC - engine_now(e);
        int r = parts_new(e);
        if (r < 0 || (r = counts_of_profiles(parts->profiles, &e->counts.by_profile)) < 0)
                return r;
        if ((r = engine_load(e, ret_why)) < 0)
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

/* Cancels the questions of the schedule. The other questions end with the job that asked them. */
static void cancel_turns(struct engine *e)
{
        struct ask *ask, *next;

        for (ask = LIST_FIRST(&e->asks); ask; ask = next) {
                struct work *work = ask->key->work;

                next = LIST_NEXT(ask, in_engine);
                if (work && work->ask == ask)
                        work->ask = ask_cancel(e, ask);
        }
}

void engine_stop(struct engine *e)
{
        if (e->stopped)
                return;
        e->stopped = true;
        limiter_stop(e);
        sweep_stop(e);
        puts_free(e);
        decisions_free(e);
        candidates_free(e);
        cancel_turns(e);
        int r = recorder_flush(e);
        if (r >= 0)
                r = housekeeping_save(e);
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
        puts_free(e);
        decisions_free(e);
        candidates_free(e);
        rotations_free(e);
        incident_free_all(e);
        agenda_empty(e->agenda);
        keys_free(e);
        free(e->requires_anew);
        while (!LIST_EMPTY(&e->asks))
                ask_cancel(e, LIST_FIRST(&e->asks));
        recorder_free(e->recorder);
        outbox_free(e->outbox);
        limiter_free(e->limiter);
        witness_free(e->witnesses);
        outage_free(e->outage);
        burst_free(e->burst);
        groups_free(e->groups);
        reminder_free(e);
        replay_free(e);
        housekeeping_free(e);
        rounds_free(e);
        excess_plans_free(e);
        stale_free(e);
        unknown_free(e);
        agenda_free(e->agenda);
        return mfree(e);
}

static bool requires(const struct catalogue *catalogue, const struct profile *profile, const char *name,
                     enum level level)
{
        unsigned row;

        return catalogue_find(catalogue, name, &row) >= 0 && profile_requires(profile, row) == level;
}

/* Does `a` require anything that `b` does not? Rows may be others in another catalogue. */
static bool requires_more(const struct catalogue *catalogue_a, const struct profile *a,
                          const struct catalogue *catalogue_b, const struct profile *b)
{
        for (size_t i = 0; i < a->n_required; i++) {
                unsigned row = a->required[i].row;

                if (!requires(catalogue_b, b, catalogue_a->rows[row].name, profile_requires(a, row)))
                        return true;
        }
        return false;
}

/* A reload changed a profile that keys use: those keys are checked again where it may matter. */
struct moved {
        uint16_t to;
        bool used, changed;
};

/* The first key of that profile, for people. */
static const struct key *key_with(const struct engine *e, size_t profile)
{
        size_t i = 0;

        while (i < e->n_keys && e->keys[i]->profile != profile)
                i++;
        return i < e->n_keys ? e->keys[i] : NULL;
}

static int find_moved(const struct engine *e, const struct profiles *profiles, struct moved *moved,
                      char **ret_why)
{
        for (size_t i = 0; i < e->parts.profiles->n; i++) {
                const struct profile_count *count = &e->counts.by_profile[i];
                const char *name = e->parts.profiles->list[i]->name;
                size_t index;

                moved[i].used = count->alive + count->dead + count->paused > 0;
                if (moved[i].used && profiles_find(profiles, name, &index) < 0)
                        return why(ret_why, -ENOENT, "The profile '%s' is missing, and the key '%s' uses it.",
                                   name, key_with(e, i)->name);
                moved[i].to = moved[i].used ? (uint16_t) index : 0;
        }
        return 0;
}

static void find_changed(const struct engine *e, const struct catalogue *catalogue,
                         const struct profiles *profiles, struct moved *moved)
{
        const struct catalogue *before = e->parts.catalogue;

        for (size_t i = 0; i < e->parts.profiles->n; i++) {
                const struct profile *old = e->parts.profiles->list[i], *new = profiles->list[moved[i].to];

                moved[i].changed = moved[i].used && (requires_more(before, old, catalogue, new) ||
                                                     requires_more(catalogue, new, before, old));
        }
}

/* Everything under way refers to rows of the old catalogue. Of the keys nothing but what cannot wait. */
static void leave_old(struct engine *e, const struct settings *settings, const struct catalogue *catalogue,
                      const struct moved *moved)
{
        candidates_give_up(e);
        rotation_pause(e);
        for (size_t i = 0; i < e->n_keys; i++) {
                struct key *key = e->keys[i];

                key->profile = moved[key->profile].to;
                if (!key->work)
                        continue;
                turn_reset(e, key);
                if (key_is_suspect(key) && key->work && key->work->again)
                        turn_soon(e, key, key->work->again); /* a doubt does not wait for the walk */
        }
        stale_reconfigure(e, settings, catalogue);
        excess_plans_free(e);
}

/* The counts of the old profiles, for the new ones; and which of these require something else now. */
static void move_profiles(struct engine *e, const struct moved *moved, struct profile_count *counts,
                          bool *requires_anew)
{
        bool goes_on = keys_walk_goes_on(&e->replan);

        for (size_t i = 0; i < e->parts.profiles->n; i++) {
                if (!moved[i].used)
                        continue;
                counts[moved[i].to] = e->counts.by_profile[i];
                requires_anew[moved[i].to] = moved[i].changed || (goes_on && e->requires_anew[i]);
        }
        free(e->counts.by_profile);
        e->counts.by_profile = counts;
        free(e->requires_anew);
        e->requires_anew = requires_anew;
}

/* What is asked of it, and when, may be something else now. */
static void replan(struct engine *e, struct key *key)
{
        key->review = true;
        if (e->requires_anew[key->profile])
                series_wanted_anew(e, key);
        turn_plan(e, key);
}

int engine_reconfigure(struct engine *e, const struct settings *settings, struct catalogue *catalogue,
                       const struct profiles *profiles, char **ret_why)
{
        bool moves = strcmp(settings->stripe.api_base, e->parts.settings->stripe.api_base) != 0;
        _cleanup_free_ struct moved *moved = calloc(e->parts.profiles->n + 1, sizeof(*moved));
        _cleanup_free_ struct profile_count *counts = NULL;
        _cleanup_free_ bool *requires_anew = calloc(profiles->n + 1, sizeof(*requires_anew));
        int r;

        *ret_why = NULL;
        if (!moved || !requires_anew || counts_of_profiles(profiles, &counts) < 0)
                return -ENOMEM;
        r = find_moved(e, profiles, moved, ret_why);
        if (r < 0)
                return r;
        r = engine_sync_catalogue(e, catalogue, profiles);
        if (r < 0)
                return why(ret_why, r, "The permission catalogue could not be stored: %s.", strerror(-r));
        find_changed(e, catalogue, profiles, moved);
        leave_old(e, settings, catalogue, moved);
        move_profiles(e, moved, TAKE(counts), TAKE(requires_anew));
        e->parts.settings = settings;
        e->parts.catalogue = catalogue;
        e->parts.profiles = profiles;
        if (moves)
                sweep_give_up(e);
        keys_walk_begin(e, &e->replan, replan);
        rotation_start(e);
        return 0;
}

const struct figures *engine_figures(const struct engine *e)
{
        return &e->figures;
}

void engine_status(const struct engine *e, struct engine_status *ret)
{
        struct engine_status s = {
                .keys = e->n_keys,
                .in_flight = limiter_in_flight(e->limiter),
                .waiting = limiter_waiting(e->limiter),
                .lag_seconds = (double) limiter_lag(e) / (double) USEC_PER_SEC,
                .overdue = housekeeping_overdue(e),
                .unsent = outbox_unsent(e),
                .suspects = e->counts.suspects,
                .held = e->counts.held,
                .untold = e->counts.untold,
                .open_incidents = e->n_incidents,
                .incidents.critical = e->n_open[INCIDENT_CRITICAL],
                .incidents.warning = e->n_open[INCIDENT_WARNING],
                .incidents.lesser = e->n_open[INCIDENT_LESSER],
                .incidents.acknowledged = e->n_open[INCIDENT_ACKNOWLEDGED],
                .needed_rate = counts_needed_rate(e),
                .longest_pulse_seconds = (int64_t) (counts_longest_pulse(e, false) / USEC_PER_SEC),
                .store_trouble = recorder_in_trouble(e),
                .outage = outage_is_open(e),
                .master_beside_store = vault_beside_store(e->parts.vault),
                .started_wall = e->started_wall,
        };

        limiter_waits(e, &s.waits);
        for (int mode = 0; mode < _MODE_MAX; mode++)
                for (int state = 0; state < _STATE_MAX; state++) {
                        s.by_mode[mode][state] = e->counts.by_mode[mode][state];
                        s.by_state[state] += s.by_mode[mode][state];
                }
        rounds_status(e, &s);
        *ret = s;
}

bool engine_progresses(const struct engine *e)
{
        return e->stopped || !limiter_stalled(e, STALLED_AFTER);
}

const struct key *engine_key_named(struct engine *e, const char *name)
{
        return engine_named(e, name);
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

void engine_watch_events(struct engine *e, void (*committed)(void *userdata), void *userdata)
{
        e->events_committed = committed;
        e->events_userdata = userdata;
}
