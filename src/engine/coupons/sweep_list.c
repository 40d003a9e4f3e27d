/* The listing: page by page, all of them before anything is deleted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/memory.h"
#include "engine/coupons/sweep_order.h"
#include "engine/coupons/sweep_steps.h"

#define PAGE         100
#define PAGE_SMALL   10
#define RESTARTS_MAX 3
/* Looked at once more: clocks differ, and listings take their time. */
#define OVERLAP SEC_PER_HOUR

static int64_t month_of(int64_t wall)
{
        struct tm tm;
        time_t t = (time_t) wall;

        return gmtime_r(&t, &tm) ? (tm.tm_year + 1900) * INT64_C(100) + tm.tm_mon + 1 : 0;
}

/* Every `scan_all`, stretched so that the pages of a month stay within what they may cost. */
static int64_t complete_interval(const struct engine *e, const struct ledger_scan *scan)
{
        int64_t interval = (int64_t) (e->parts.settings->coupons.scan_all / USEC_PER_SEC);
        int64_t pages = scan->coupons_seen / PAGE + 1;

        return MAX(interval, pages * SWEEP_MONTH / SWEEP_READS_A_MONTH);
}

/* The dates are the provider's: one that lies ahead of our clock says nothing about how long ago it was. */
static bool sweep_list_is_over(int64_t then, int64_t interval, int64_t now)
{
        return then == 0 || then > now + SEC_PER_HOUR || now - then >= interval;
}

bool sweep_list_is_due(struct sweep_job *job, bool now)
{
        const struct engine *e = job->engine;
        int64_t wall = engine_wall(e);
        int64_t interval = (int64_t) (e->parts.settings->coupons.scan / USEC_PER_SEC);
        struct ledger_scan *scan = &job->scan;

        /* The walk passes a key once an interval: a scan a little early is better than one an interval late.
         */
        if (!now && !sweep_list_is_over(scan->last_scan, interval - interval / 4, wall))
                return false;
        if (scan->month != month_of(wall)) {
                scan->month = month_of(wall);
                scan->reads = 0;
        }
        job->complete = now || sweep_list_is_over(scan->last_complete, complete_interval(e, scan), wall);
        job->since = job->complete ? 0 : MAX(scan->last_scan - OVERLAP, INT64_C(1));
        if (!now)
                sweep_resume(job);
        return true;
}

static void listing_forget(struct sweep_job *job)
{
        for (size_t i = 0; i < job->n_found; i++)
                free(job->found[i].id);
        job->n_found = job->n_saved = 0;
        job->n_seen = 0;
        job->until = 0;
        job->began = job->asked = 0;
        job->cursor = mfree(job->cursor);
}

static int take_page(struct sweep_job *job, struct coupon_page *page)
{
        struct coupon_found *found =
                array_room(job->found, job->n_found, page->n_found, &job->found_room, sizeof(*found));

        if (!found)
                return -ENOMEM;
        job->found = found;
        if (page->n_found > 0)
                memcpy(&job->found[job->n_found], page->found, page->n_found * sizeof(*page->found));
        job->n_found += page->n_found;
        job->n_seen += page->n_all;
        page->n_found = 0; /* their ids are ours now */
        free(job->cursor);
        job->cursor = TAKE(page->last_id);
        return 0;
}

static int compare_found(const void *a, const void *b)
{
        return strcmp(((const struct coupon_found *) a)->id, ((const struct coupon_found *) b)->id);
}

/* All pages are here. */
static void listing_done(struct sweep_job *job)
{
        int r = sweep_rows_load(job);

        if (job->n_found > 1)
                qsort(job->found, job->n_found, sizeof(*job->found), compare_found);
        for (size_t i = 0; r >= 0 && i < job->n_found; i++)
                if (i == 0 || compare_found(&job->found[i - 1], &job->found[i]) != 0)
                        r = sweep_row_found(job, job->found[i].id, job->found[i].coupon.created,
                                            COUPON_FROM_SCAN);
        sweep_rows_release(job);
        job->listed = true;
        job->scan.half.until = 0;
        job->scan.last_scan = job->began;
        if (job->complete) {
                job->scan.last_complete = job->began;
                job->scan.coupons_seen = (int64_t) job->n_seen;
        }
        if (r >= 0)
                r = sweep_found(job);
        if (r < 0)
                sweep_job_end(job, "the ledger could not be written");
        else
                sweep_rows(job);
}

/* The coupon that the next page was to follow is gone, and with it the place where we were. */
static void listing_restart(struct sweep_job *job)
{
        if (!sweep_resume_again(job))
                listing_forget(job);
        if (job->restarts++ >= RESTARTS_MAX)
                sweep_job_end(job, "the list changed too often while it was read");
        else
                sweep_then(job, sweep_list, engine_now(job->engine));
}

static void listing_refused(struct sweep_job *job)
{
        struct engine *e = job->engine;
        unsigned row;

        if (catalogue_find(e->parts.catalogue, "coupon", &row) >= 0)
                permission_answer(e, job->key, row, LEVEL_READ, false);
        if (sweep_grant(e, job->key, "coupon", LEVEL_READ) == 0) /* not asked again, so said once */
                log_notice("The key '%s' may not list coupons; finding and deleting left-over probe coupons "
                           "needs “Coupons: Write” and “Promotion codes: Read”.",
                           job->key->name);
        turn_plan(e, job->key);
        job->lacks = true;
        sweep_job_end(job, "the key may not list coupons; it needs “Coupons: Write”");
}

static void list_on_page_read(struct sweep_job *job, const struct judgement *j, const struct reply *reply)
{
        _cleanup_(coupon_page_freep) struct coupon_page *page = NULL;

        if (coupon_page_parse(reply->body, reply->size, &page) < 0) {
                sweep_repeat(job, sweep_list);
                return;
        }
        if (page->has_more && job->cursor && strcmp(job->cursor, page->last_id) == 0) {
                sweep_repeat(job, sweep_list); /* the same page again: no list would ever end */
                return;
        }
        job->repeats = 0;
        if (job->small > 0)
                job->small--;
        if (job->began == 0)
                job->began = j->date_wall > 0 ? j->date_wall : engine_wall(job->engine) - COUPON_CLOCK_MARGIN;
        if (take_page(job, page) < 0) {
                sweep_job_end(job, "out of memory");
                return;
        }
        sweep_resume_place(job, page);
        if (page->has_more)
                sweep_list(job);
        else
                listing_done(job);
}

static void list_on_page(struct engine *e, struct ask *ask, const struct judgement *j,
                         const struct reply *reply)
{
        struct sweep_job *job = ask->userdata;

        (void) e;
        if (!sweep_answered(job, j))
                return;
        if (reply && reply->error == TRANSPORT_TOO_LARGE && job->small == 0) {
                job->small = PAGE / PAGE_SMALL;
                sweep_list(job);
                return;
        }
        if (job->cursor && (j->status == 400 || j->status == 404) &&
            (sweep_verdict(j) == SWEEP_MISSING || j->stale_probe)) {
                listing_restart(job);
                return;
        }
        switch (sweep_verdict(j)) {
        case SWEEP_ANSWER:
                list_on_page_read(job, j, reply);
                break;
        case SWEEP_REFUSED:
                if (j->answer == ANSWER_REFUSED) {
                        listing_refused(job);
                        break;
                }
                /* fall through */
        case SWEEP_MISSING:
        case SWEEP_UNCLEAR:
        case SWEEP_KEY:
                sweep_repeat(job, sweep_list);
                break;
        }
}

void sweep_list(struct sweep_job *job)
{
        struct coupon_query query = {
                .limit = job->small > 0 ? PAGE_SMALL : PAGE,
                .starting_after = job->cursor,
                .created_gte = job->since,
                .created_lte = job->until,
        };
        char *path = NULL;

        if (job->asked == 0)
                job->asked = engine_wall(job->engine);
        if (coupon_list_path(&query, &path) < 0) {
                sweep_job_end(job, "out of memory");
                return;
        }
        sweep_ask(job, METHOD_GET, path, list_on_page);
}
