/* Who is swept when, and with which key. A walk over the list of keys passes every key once per
 * `coupons.scan`, at a place that follows from the clock, so the work is spread evenly, needs no memory per
 * key, goes on after a restart where the clock says, and finds another key of the account by itself when one
 * dies. */
#include "engine/sweep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/coupons/connect.h"
#include "engine/coupons/sweep_steps.h"

/* Sweeps at a time; the walk waits meanwhile. */
#define JOBS_MAX 128
/* The walk is at least this lively, so that new keys are noticed. */
#define WALK_MAX USEC_PER_MINUTE
#define WALK_MIN (100 * USEC_PER_MSEC)

struct ledger_owner owner_of(const struct key *key)
{
        return (struct ledger_owner){
                .account_id = key->account_id,
                .key_id = key->id,
                .mode = (enum key_mode) key->mode,
        };
}

bool owner_equal(const struct ledger_owner *a, const struct ledger_owner *b)
{
        return a->mode == b->mode && a->account_id == b->account_id &&
               (a->account_id != 0 || a->key_id == b->key_id);
}

int sweep_grant(const struct engine *e, const struct key *key, const char *permission, enum level level)
{
        unsigned row;

        if (catalogue_find(e->parts.catalogue, permission, &row) < 0)
                return 0;
        return grant_has(grants_get(&key->grants, e->parts.catalogue->rows[row].slot), level);
}

/* A required permission is asked for before long; until then it is no finding that the key may not delete. */
static bool may_write_is_unknown(const struct engine *e, const struct key *key)
{
        const struct profile *profile = key_profile(e, key);
        unsigned row;

        if (sweep_grant(e, key, "coupon", LEVEL_WRITE) >= 0 ||
            catalogue_find(e->parts.catalogue, "coupon", &row) < 0)
                return false;
        for (size_t i = 0; i < profile->n_required; i++)
                if (profile->required[i].row == row && profile->required[i].level == LEVEL_WRITE)
                        return true;
        return false;
}

static bool sweep_is_watched(const struct engine *e, const struct key *key)
{
        return key->belief.life == LIFE_ALIVE && key->paused_until <= engine_wall(e);
}

bool sweep_lacks(const struct engine *e, const struct key *key)
{
        return sweep_is_watched(e, key) && sweep_grant(e, key, "coupon", LEVEL_READ) == 0;
}

bool sweep_may_use(const struct engine *e, const struct key *key)
{
        return sweep_is_watched(e, key) && sweep_grant(e, key, "coupon", LEVEL_READ) != 0 &&
               !may_write_is_unknown(e, key);
}

static bool is_fit(const struct engine *e, const struct key *key, bool listing)
{
        return sweep_may_use(e, key) && (!listing || key_profile(e, key)->sweep);
}

struct key *sweep_elect(struct engine *e, struct key *key, bool listing)
{
        struct key *best = is_fit(e, key, listing) ? key : NULL;

        if ((best && sweep_grant(e, key, "coupon", LEVEL_WRITE) == 1) || key->account_id == 0)
                return best;
        for (struct key *other = keys_of_account(e, key->account_id); other; other = other->same_account) {
                if (other->mode != key->mode || !is_fit(e, other, listing))
                        continue;
                if (sweep_grant(e, other, "coupon", LEVEL_WRITE) == 1)
                        return other;
                best = best ? best : other;
        }
        return best;
}

const char *sweep_hindered(const struct engine *e, const struct key *key)
{
        if (e->stopped)
                return "the daemon is stopping";
        if (outage_strikes(e, key))
                return "Stripe is out of reach";
        if (recorder_in_trouble(e))
                return "the database is in trouble, and nothing is deleted that could not be written down";
        if (key->paused_until > engine_wall(e))
                return "the key is paused";
        if (key->belief.life != LIFE_ALIVE)
                return "the key is not known to be alive";
        if (sweep_lacks(e, key))
                return "the key lacks “Coupons: Write”, which finding and deleting coupons needs";
        if (!sweep_may_use(e, key))
                return "whether the key grants “Coupons: Write” is not known yet; try again in a minute";
        return NULL;
}

/* --- the walk --- */

static void sweep_visit(struct engine *e, struct key *key)
{
        struct ledger_owner owner = owner_of(key);
        bool listing = key_profile(e, key)->sweep && e->parts.settings->coupons.cleanup != CLEANUP_OFF;
        struct key *scanner;

        if (outage_strikes(e, key) || !sweep_may_use(e, key) || sweep_job_of(e, &owner))
                return;
        /* Without a listing, what a connection check of ours may have left is still ours to remove. */
        if (!listing && ledger_has_ours(e->parts.store, &owner) <= 0)
                return;
        scanner = sweep_elect(e, key, listing);
        struct sweep_job *job = scanner ? sweep_job_new(e, scanner) : NULL;
        if (!job)
                return;
        if (ledger_scan_get(e->parts.store, &job->owner, &job->scan) < 0 ||
            (listing && !sweep_list_is_due(job, false)))
                sweep_job_free(job);
        else if (listing)
                sweep_then(job, sweep_list, engine_now(e));
        else if (sweep_rows_load(job) < 0)
                sweep_job_free(job);
        else
                sweep_then(job, sweep_rows, engine_now(e));
}

static usec_t walk_step(const struct engine *e)
{
        return MAX(e->parts.settings->coupons.scan / MAX(e->n_keys, (size_t) 1), UINT64_C(1));
}

static void sweep_on_walk(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        struct sweep *s = e->sweep;
        usec_t now = engine_now(e), step = walk_step(e);
        bool idle = recorder_in_trouble(e) || e->n_keys == 0;

        for (; s->walked + step <= now && s->n_jobs < JOBS_MAX; s->walked += step) {
                s->next = s->next >= e->n_keys ? 0 : s->next;
                if (!idle)
                        sweep_visit(e, e->keys[s->next]);
                s->next++;
        }
        agenda_set(e->agenda, alarm, now + MIN(MAX(step, WALK_MIN), WALK_MAX));
}

/* Where the clock says, in the list of keys as it is now. */
static void walk_begin(struct engine *e)
{
        struct sweep *s = e->sweep;
        usec_t scan = MAX(e->parts.settings->coupons.scan, UINT64_C(1));
        usec_t phase = (engine_now(e) + e->anchor) % scan;

        s->next = (size_t) ((double) phase / (double) scan * (double) e->n_keys);
        s->walked = engine_now(e);
        agenda_set(e->agenda, &s->walk, engine_now(e) + MIN(walk_step(e), WALK_MAX));
}

/* --- after a restart: what was being deleted is resolved first --- */

struct resuming {
        struct engine *engine;
        struct ledger_owner *owners;
        size_t n, room;
};

static int take_open(struct ledger_row *row, void *userdata)
{
        struct resuming *resuming = userdata;
        struct ledger_owner owner = row->owner;
        bool matters = row->state == COUPON_DELETING || owner.account_id == 0;

        ledger_row_free(row);
        if (!matters || (resuming->n > 0 && owner_equal(&resuming->owners[resuming->n - 1], &owner)))
                return 0;
        struct ledger_owner *owners =
                array_room(resuming->owners, resuming->n, 1, &resuming->room, sizeof(*owners));

        if (!owners)
                return -ENOMEM;
        resuming->owners = owners;
        resuming->owners[resuming->n++] = owner;
        return 0;
}

static void resume_owner(struct engine *e, const struct ledger_owner *rows_owner, usec_t when)
{
        struct key *key = keys_find(e, rows_owner->key_id);
        struct sweep_job *job;

        if (!key || key->mode != rows_owner->mode)
                return;
        if (rows_owner->account_id == 0 &&
            key->account_id != 0) /* could not be written when it was learned */
                (void) ledger_merge(e->parts.store, key->id, key->account_id);
        else if (rows_owner->account_id != key->account_id)
                return;
        struct ledger_owner owner = owner_of(key);
        key = sweep_elect(e, key, false);
        if (!key || sweep_job_of(e, &owner) || !(job = sweep_job_new(e, key)))
                return;
        if (ledger_scan_get(e->parts.store, &job->owner, &job->scan) < 0 || sweep_rows_load(job) < 0)
                sweep_job_free(job);
        else
                sweep_then(job, sweep_rows, when);
}

static void resume(struct engine *e)
{
        struct resuming resuming = { .engine = e };

        (void) ledger_load(e->parts.store, NULL, take_open, &resuming); /* else the next scan does */
        for (size_t i = 0; i < resuming.n && e->sweep->n_jobs < JOBS_MAX; i++)
                resume_owner(e, &resuming.owners[i], engine_now(e) + (i + 1) * USEC_PER_SEC);
        free(resuming.owners);
}

/* --- for the rest of the engine --- */

int sweep_new(struct engine *e)
{
        e->sweep = calloc(1, sizeof(*e->sweep));
        if (!e->sweep)
                return -ENOMEM;
        e->sweep->walk.ring = sweep_on_walk;
        return 0;
}

void sweep_start(struct engine *e)
{
        resume(e);
        walk_begin(e);
}

void sweep_stop(struct engine *e)
{
        struct sweep_job *job;

        agenda_clear(e->agenda, &e->sweep->walk);
        connects_free(e);
        while ((job = LIST_FIRST(&e->sweep->jobs))) {
                sweep_resume_save(job);
                sweep_settle(job);
                sweep_job_free(job);
        }
        sweep_orders_free(e);
}

void sweep_give_up(struct engine *e)
{
        struct sweep_job *job;

        connects_give_up(e);
        while ((job = LIST_FIRST(&e->sweep->jobs)))
                sweep_job_end(job, "the address of Stripe was changed meanwhile");
}

void sweep_free(struct engine *e)
{
        struct sweep_job *job;

        if (!e->sweep)
                return;
        agenda_clear(e->agenda, &e->sweep->walk);
        connects_free(e);
        while ((job = LIST_FIRST(&e->sweep->jobs)))
                sweep_job_free(job);
        sweep_orders_free(e);
        e->sweep = mfree(e->sweep);
}

static struct sweep_job *job_with(const struct engine *e, const struct key *key)
{
        struct sweep_job *job;

        LIST_FOREACH(job, &e->sweep->jobs, in_sweep)
                if (job->key == key)
                        return job;
        return NULL;
}

void sweep_forget(struct engine *e, const struct key *key, size_t place)
{
        struct sweep_job *job;

        connects_forget(e, key);
        while ((job = job_with(e, key)))
                sweep_job_end(job, "the key was removed meanwhile");
        if (place < e->sweep->next)
                e->sweep->next--;
}

int sweep_account(struct engine *e, struct key *key, int64_t account_id)
{
        struct ledger_owner owner = { .account_id = 0, .key_id = key->id, .mode = (enum key_mode) key->mode };
        struct sweep_job *job = sweep_job_of(e, &owner);

        /* What was decided under the old owner is written under it, and then moves with the rest; a delete
         * that is under way is resolved by the next scan. */
        if (job)
                sweep_job_end(job, "the account of the key became known meanwhile");
        int r = batch_has_ledger(recorder_batch(e)) ? recorder_flush(e) : 0;
        return r < 0 ? r : ledger_merge(e->parts.store, key->id, account_id);
}
