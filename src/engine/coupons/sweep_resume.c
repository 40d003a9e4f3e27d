/* A listing that was not read to its end goes on where it stopped, also after a restart: else an account with
 * a hundred thousand coupons would cost a thousand reads for every interruption. What was found so far waits
 * in the ledger, and is nobody's business until the rest is read. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/coupons/connect.h"
#include "engine/coupons/sweep_steps.h"

/* A killed daemon reads so many pages again. */
#define SAVE_EVERY 10

void sweep_resume_place(struct sweep_job *job, const struct coupon_page *page)
{
        bool backwards = job->last_created == 0 || page->last_created <= job->last_created;

        job->restarts = 0;
        job->n_pages++;
        if (page->n_all == 0)
                return;
        /* Only while the newest come first does a date tell what is still to be read. */
        job->unordered |= page->last_created == 0 || !backwards;
        job->last_created = job->unordered ? 0 : page->last_created;
        if (job->n_pages >= SAVE_EVERY && page->has_more)
                sweep_resume_save(job);
}

static int save_found(struct sweep_job *job, const struct coupon_found *found)
{
        struct engine *e = job->engine;
        struct ledger_row row = { .owner = job->owner,
                                  .coupon = found->id,
                                  .reason = (char *) rail_name(RAIL_HALF_READ),
                                  .created = found->coupon.created,
                                  .updated = engine_wall(e),
                                  .state = COUPON_FOUND,
                                  .source = COUPON_FROM_SCAN };
        _cleanup_(ledger_row_freep) struct ledger_row *known = NULL;
        int r = connect_is_about(e, &row) ? 0 : ledger_find(e->parts.store, &job->owner, found->id, &known);

        if (r == -ENOENT || (known && coupon_finished(known->state) && known->updated < job->asked))
                batch_coupon(recorder_batch(e), &row);
        return r == -ENOENT ? 0 : r;
}

/* Somebody came further before. */
static bool is_behind(const struct sweep_job *job)
{
        return job->scan.half.until > 0 && job->scan.half.since == job->since &&
               job->scan.half.until < job->last_created;
}

void sweep_resume_save(struct sweep_job *job)
{
        int r = 0;

        if (job->dry_run || job->listed || job->last_created == 0 || job->n_pages == 0 || is_behind(job))
                return;
        for (; r >= 0 && job->n_saved < job->n_found; job->n_saved += r >= 0)
                r = save_found(job, &job->found[job->n_saved]);
        if (r < 0) /* then it begins anew */
                return;
        job->n_pages = 0;
        job->scan.half.until = job->last_created;
        job->scan.half.began = job->began;
        job->scan.half.since = job->since;
        job->scan.half.seen = (int64_t) job->n_seen;
        batch_scan(recorder_batch(job->engine), &job->owner, &job->scan);
        recorder_changed(job->engine, false);
}

void sweep_resume(struct sweep_job *job)
{
        const struct engine *e = job->engine;
        struct ledger_scan *scan = &job->scan;

        if (engine_wall(e) - scan->half.began >
            (int64_t) (e->parts.settings->coupons.scan_all / USEC_PER_SEC))
                scan->half.until = 0;
        /* A complete listing that became due meanwhile begins at the beginning. */
        if (scan->half.until == 0 || (job->complete && scan->half.since > 0))
                return;
        job->complete = scan->half.since == 0;
        job->since = scan->half.since;
        job->until = job->last_created = scan->half.until;
        job->began = scan->half.began;
        job->n_seen = (uint64_t) MAX(scan->half.seen, INT64_C(0));
}

bool sweep_resume_again(struct sweep_job *job)
{
        if (job->last_created == 0)
                return false;
        job->until = job->last_created;
        job->cursor = mfree(job->cursor);
        return true;
}
