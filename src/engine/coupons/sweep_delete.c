/* A coupon that every rail lets go: within the limits of a day, written down, deleted, resolved. */
#include <stdio.h>
#include <string.h>

#include "engine/coupons/sweep_order.h"
#include "engine/coupons/sweep_steps.h"

/* Deleted within a day without somebody's word. */
#define ACCOUNT_MAX 100
#define ALL_MAX     1000
/* Judged refusals of a delete until it counts as stuck. */
#define TRIES_MAX 6

/* Coupons in state `deleting` count, too, and the coupon at hand may be one of them. A dry run, or cleanup:
 * report, counts those that it would have deleted. */
bool sweep_too_many(struct sweep_job *job)
{
        struct engine *e = job->engine;
        const struct ledger_row *row = sweep_current(job)->row;
        int64_t since = engine_wall(e) - SEC_PER_DAY, account, all, self = row->state == COUPON_DELETING;

        if (job->force || row->ours)
                return false;
        if (ledger_count_deleted(e->parts.store, &job->owner, since, &account) < 0 ||
            ledger_count_deleted(e->parts.store, NULL, since, &all) < 0)
                return true;
        return account - self + (int64_t) job->n_would >= ACCOUNT_MAX ||
               all - self + (int64_t) (job->order ? sweep_order_would(job->order) : job->n_would) >= ALL_MAX;
}

/* A coupon of our own connection check is removed whatever `coupons.cleanup` says. */
static bool cleanup_says_delete(const struct sweep_job *job)
{
        return job->engine->parts.settings->coupons.cleanup == CLEANUP_DELETE ||
               sweep_current((struct sweep_job *) job)->row->ours;
}

bool sweep_may_delete(const struct ask *ask)
{
        struct sweep_job *job = ask->userdata;
        bool doubt;

        if (sweep_hindered(job->engine, job->key) || job->dry_run || !cleanup_says_delete(job))
                return false;
        sweep_facts(job);
        return coupon_rails(&job->facts, &doubt) == RAIL_DELETE;
}

static void sweep_delete_refused(struct sweep_job *job, const struct judgement *j)
{
        struct engine *e = job->engine;
        struct sweep_row *r = sweep_current(job);
        unsigned row;
        int64_t wait;

        job->refusal.status = j->status;
        snprintf(job->refusal.code, sizeof(job->refusal.code), "%s", j->code);
        snprintf(job->refusal.request_id, sizeof(job->refusal.request_id), "%s", j->request_id);
        r->row->attempts++;
        wait = (int64_t) (e->parts.settings->coupons.scan / USEC_PER_SEC) * (r->row->attempts - 1) / 2;
        if (r->row->attempts >= TRIES_MAX)
                sweep_row_state(job, r, COUPON_STUCK, RAIL_DELETE_REFUSED, engine_wall(e) + SEC_PER_DAY);
        else
                sweep_row_state(job, r, COUPON_KEPT, RAIL_DELETE_REFUSED, engine_wall(e) + wait);
        if (j->answer != ANSWER_REFUSED) {
                sweep_row_done(job);
                return;
        }
        if (catalogue_find(e->parts.catalogue, "coupon", &row) >= 0)
                permission_answer(e, job->key, row, LEVEL_WRITE, false);
        turn_plan(e, job->key);
        job->lacks = true;
        sweep_job_end(job, "the key may not delete coupons; it needs “Coupons: Write”"); /* nor any other */
}

static void sweep_on_deleted(struct engine *e, struct ask *ask, const struct judgement *j,
                             const struct reply *reply)
{
        struct sweep_job *job = ask->userdata;
        struct sweep_row *r = sweep_current(job);
        struct coupon coupon;
        enum sweep_verdict verdict = sweep_verdict(j);

        if (verdict == SWEEP_MISSING ||
            (verdict == SWEEP_ANSWER &&
             coupon_parse(reply->body, reply->size, r->row->coupon, &coupon) >= 0 && coupon.deleted)) {
                job->ask = NULL;
                sweep_row_state(job, r, COUPON_DELETED, RAIL_NONE, 0);
                e->figures.deletions++;
                sweep_row_done(job);
                return;
        }
        if (!sweep_answered(job, j))
                return;
        if (verdict == SWEEP_REFUSED)
                sweep_delete_refused(job, j);
        else
                sweep_row_repeat(job); /* who knows: look */
}

/* It would be deleted, and is not. */
static void spare(struct sweep_job *job)
{
        struct sweep_row *r = sweep_current(job);

        job->n_would++;
        if (job->order)
                sweep_order_spared(job->order);
        if (job->dry_run)
                sweep_row_state(job, r, COUPON_FOUND, RAIL_WOULD_DELETE, 0);
        else
                sweep_row_state(job, r, COUPON_KEPT, RAIL_REPORT_ONLY, sweep_look_again(job, SEC_PER_DAY));
        sweep_row_done(job);
}

void sweep_delete(struct sweep_job *job)
{
        struct engine *e = job->engine;
        struct sweep_row *r = sweep_current(job);
        char *path = NULL;

        if (job->dry_run || !cleanup_says_delete(job)) {
                spare(job);
                return;
        }
        /* On disk before it is done: whoever starts after us knows to look. */
        sweep_row_state(job, r, COUPON_DELETING, RAIL_NONE, 0);
        if (recorder_flush(e) < 0 || ledger_put(e->parts.store, r->row, NULL) < 0 ||
            coupon_path(r->row->coupon, &path) < 0) {
                sweep_job_end(job, "the ledger could not be written, so nothing was deleted");
                return;
        }
        r->changed = false;
        sweep_ask(job, METHOD_DELETE, path, sweep_on_deleted);
}
