/* One coupon after the other: looked at afresh, held against the rails, deleted, resolved. */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "engine/sweep_internal.h"

/* Deleted within a day without somebody's word. */
#define ACCOUNT_MAX 100
#define ALL_MAX     1000
/* Judged refusals of a delete until it counts as stuck. */
#define TRIES_MAX 6
/* So many results are written down at the latest. */
#define SETTLE_AT 100

/* Coupons about which there is no answer until the job ends, and how often one is asked. */
#define GIVEN_UP_MAX 3
#define REPEATS_MAX  8

static void fetch(struct sweep_job *job);

static struct sweep_row *current(struct sweep_job *job)
{
        return &job->rows[job->next];
}

static void row_done(struct sweep_job *job)
{
        job->repeats = 0;
        job->next++;
        if (job->n_deleted >= SETTLE_AT)
                sweep_settle(job);
        sweep_then(job, sweep_rows, engine_now(job->engine));
}

/* No answer to be had about this one: leave it for the next scan, unless it looks as if there were none about
 * any. */
static void row_repeat(struct sweep_job *job)
{
        if (job->repeats < REPEATS_MAX) {
                sweep_then(job, fetch, engine_now(job->engine) + schedule_repeat(job->repeats++));
                return;
        }
        if (++job->given_up >= GIVEN_UP_MAX) {
                sweep_job_end(job, "no answers that could be judged; it goes on with the next scan");
                return;
        }
        current(job)->judged = true;
        row_done(job);
}

/* --- limits --- */

static size_t unsettled(const struct engine *e)
{
        struct sweep_job *job;
        size_t n = 0;

        LIST_FOREACH(job, &e->sweep->jobs, in_sweep)
        n += job->n_deleted + (job->ask && job->ask->method == METHOD_DELETE);
        return n;
}

static bool too_many(const struct sweep_job *job)
{
        struct engine *e = job->engine;
        int64_t since = engine_wall(e) - SEC_PER_DAY, account, all;

        if (job->force)
                return false;
        if (ledger_count_deleted(e->parts.store, &job->owner, since, &account) < 0 ||
            ledger_count_deleted(e->parts.store, NULL, since, &all) < 0)
                return true;
        return (size_t) account + job->n_deleted >= ACCOUNT_MAX || (size_t) all + unsettled(e) >= ALL_MAX;
}

/* --- rails --- */

static void facts_of_now(struct sweep_job *job, struct coupon_facts *facts)
{
        struct engine *e = job->engine;

        facts->id = current(job)->row->coupon;
        facts->now = engine_now(e);
        facts->now_wall = engine_wall(e);
        facts->grace = (int64_t) (e->parts.settings->coupons.grace / USEC_PER_SEC);
        facts->live = key_is_live_mode(job->key);
        facts->suspect = key_is_suspect(job->key);
        facts->may_write = sweep_grant(e, job->key, "coupon", LEVEL_WRITE) == 1;
}

static enum rail judge_now(struct sweep_job *job)
{
        struct sweep *s = job->engine->sweep;
        bool doubt;

        facts_of_now(job, &job->facts);
        enum rail rail = coupon_rails(&job->facts, &doubt);
        if (doubt && !s->clock_doubted)
                log_warning("The provider's clock and ours differ by more than five minutes, or it does not "
                            "say its time; probe coupons are taken to be as young as either makes them.");
        s->clock_doubted = doubt;
        return rail;
}

bool sweep_may_delete(const struct ask *ask)
{
        struct sweep_job *job = ask->userdata;
        const struct engine *e = job->engine;
        bool doubt;

        if (sweep_hindered(e, job->key) || job->dry_run ||
            e->parts.settings->coupons.cleanup != CLEANUP_DELETE)
                return false;
        facts_of_now(job, &job->facts);
        return coupon_rails(&job->facts, &doubt) == RAIL_DELETE;
}

/* When it is worth looking again. */
static int64_t next_look(const struct engine *e, enum rail rail)
{
        switch (rail) {
        case RAIL_NOT_OURS:
        case RAIL_UNUSUAL_NUMBER: /* not before somebody has looked */
                return INT64_MAX;
        case RAIL_OTHER_MODE:
        case RAIL_REDEEMED:
        case RAIL_PROMOTED: /* these hardly ever pass */
                return engine_wall(e) + 7 * SEC_PER_DAY;
        case RAIL_PROMOTIONS_UNKNOWN:
                return engine_wall(e) + SEC_PER_DAY;
        default:
                return 0;
        }
}

static void keep(struct sweep_job *job, enum rail rail)
{
        sweep_row_state(job, current(job), COUPON_KEPT, rail_name(rail), next_look(job->engine, rail));
        row_done(job);
}

static void gone(struct sweep_job *job)
{
        struct sweep_row *r = current(job);
        bool ours = r->row->state == COUPON_DELETING;

        sweep_row_state(job, r, ours ? COUPON_DELETED : COUPON_GONE, "", 0);
        row_done(job);
}

/* --- the delete --- */

static void refused(struct sweep_job *job, const struct judgement *j)
{
        struct engine *e = job->engine;
        struct sweep_row *r = current(job);
        unsigned row;
        int64_t wait;

        r->row->attempts++;
        wait = (int64_t) (e->parts.settings->coupons.scan / USEC_PER_SEC) * (r->row->attempts - 1) / 2;
        if (r->row->attempts >= TRIES_MAX)
                sweep_row_state(job, r, COUPON_STUCK, "delete-refused", engine_wall(e) + SEC_PER_DAY);
        else
                sweep_row_state(job, r, COUPON_KEPT, "delete-refused", engine_wall(e) + wait);
        if (j->answer == ANSWER_REFUSED && catalogue_find(e->parts.catalogue, "coupon", &row) >= 0) {
                permission_answer(e, job->key, row, LEVEL_WRITE, false);
                errand_plan(e, job->key);
        }
        row_done(job);
}

static void on_deleted(struct engine *e, struct ask *ask, const struct judgement *j,
                       const struct reply *reply)
{
        struct sweep_job *job = ask->userdata;
        struct sweep_row *r = current(job);
        struct coupon coupon;
        enum sweep_verdict verdict = sweep_verdict(j);

        (void) e;
        if (verdict == SWEEP_MISSING ||
            (verdict == SWEEP_ANSWER &&
             coupon_parse(reply->body, reply->size, r->row->coupon, &coupon) >= 0 && coupon.deleted)) {
                job->ask = NULL;
                sweep_row_state(job, r, COUPON_DELETED, "", 0);
                row_done(job);
                return;
        }
        if (!sweep_answered(job, j))
                return;
        if (verdict == SWEEP_REFUSED)
                refused(job, j);
        else
                row_repeat(job); /* who knows: look */
}

static void delete_now(struct sweep_job *job)
{
        struct engine *e = job->engine;
        struct sweep_row *r = current(job);
        char *path = NULL;

        if (e->parts.settings->coupons.cleanup != CLEANUP_DELETE) {
                sweep_row_state(job, r, COUPON_KEPT, "report-only", engine_wall(e) + SEC_PER_DAY);
                row_done(job);
                return;
        }
        if (job->dry_run) {
                sweep_row_state(job, r, COUPON_FOUND, "would-delete", 0);
                row_done(job);
                return;
        }
        /* On disk before it is done: whoever starts after us knows to look. */
        sweep_row_state(job, r, COUPON_DELETING, "", 0);
        if (recorder_flush(e) < 0 || ledger_put(e->parts.store, r->row, NULL) < 0 ||
            coupon_path(r->row->coupon, &path) < 0) {
                sweep_job_end(job, "the ledger could not be written, so nothing was deleted");
                return;
        }
        r->changed = false;
        sweep_ask(job, METHOD_DELETE, path, on_deleted);
}

/* --- the two fresh answers --- */

static void decide(struct sweep_job *job)
{
        enum rail rail = judge_now(job);

        switch (rail) {
        case RAIL_DELETE:
                delete_now(job);
                break;
        case RAIL_GONE:
                gone(job);
                break;
        case RAIL_STALE_FACTS:
                row_repeat(job);
                break;
        case RAIL_KEY_SUSPECT:
                sweep_job_end(job, rail_reason(rail));
                break;
        default:
                keep(job, rail);
        }
}

static void on_promotions(struct engine *e, struct ask *ask, const struct judgement *j,
                          const struct reply *reply)
{
        struct sweep_job *job = ask->userdata;
        unsigned row;

        if (!sweep_answered(job, j))
                return;
        job->facts.promotions_usec = engine_now(e);
        switch (sweep_verdict(j)) {
        case SWEEP_ANSWER:
                if (promotion_codes_parse(reply->body, reply->size, current(job)->row->coupon,
                                          &job->facts.promotions) < 0) {
                        row_repeat(job);
                        return;
                }
                break;
        case SWEEP_REFUSED:
                if (j->answer == ANSWER_REFUSED &&
                    catalogue_find(e->parts.catalogue, "promotion_code", &row) >= 0) {
                        permission_answer(e, job->key, row, LEVEL_READ, false);
                        errand_plan(e, job->key);
                }
                break;      /* not known */
        case SWEEP_MISSING: /* the coupon may be gone: look */
        case SWEEP_UNCLEAR:
        case SWEEP_KEY:
                row_repeat(job);
                return;
        }
        decide(job);
}

static void ask_promotions(struct sweep_job *job)
{
        char *path = NULL;

        if (coupon_promotions_path(current(job)->row->coupon, 10, &path) < 0)
                sweep_job_end(job, "out of memory");
        else
                sweep_ask(job, METHOD_GET, path, on_promotions);
}

static void on_fetched(struct engine *e, struct ask *ask, const struct judgement *j,
                       const struct reply *reply)
{
        struct sweep_job *job = ask->userdata;
        struct sweep_row *r = current(job);

        if (!sweep_answered(job, j))
                return;
        switch (sweep_verdict(j)) {
        case SWEEP_ANSWER:
                break;
        case SWEEP_MISSING:
                gone(job);
                return;
        case SWEEP_REFUSED:
                if (j->answer == ANSWER_REFUSED) {
                        sweep_job_end(job, "the key may not read coupons; it needs “Coupons: Write”");
                        return;
                }
                /* fall through */
        case SWEEP_UNCLEAR:
        case SWEEP_KEY:
                row_repeat(job);
                return;
        }
        job->facts = (struct coupon_facts){ .coupon_usec = engine_now(e), .date_wall = j->date_wall };
        if (coupon_parse(reply->body, reply->size, r->row->coupon, &job->facts.coupon) < 0) {
                row_repeat(job);
                return;
        }
        if (!job->facts.coupon.deleted)
                r->row->created = job->facts.coupon.created;
        job->facts.too_many = too_many(job);
        /* Only what everything else allows is worth the second question. */
        if (judge_now(job) == RAIL_PROMOTIONS_UNKNOWN)
                ask_promotions(job);
        else
                decide(job);
}

static void fetch(struct sweep_job *job)
{
        char *path = NULL;

        if (coupon_path(current(job)->row->coupon, &path) < 0)
                keep(job, RAIL_NOT_OURS);
        else
                sweep_ask(job, METHOD_GET, path, on_fetched);
}

/* --- which is next --- */

static bool is_due(const struct sweep_job *job, const struct sweep_row *r)
{
        const struct ledger_row *row = r->row;

        if (r->judged || r->left_out ||
            (!job->force && row->state == COUPON_KEPT &&
             strcmp(row->reason, rail_name(RAIL_UNUSUAL_NUMBER)) == 0))
                return false;
        return job->order || row->state == COUPON_DELETING || row->state == COUPON_FOUND ||
               row->next_try <= engine_wall(job->engine);
}

void sweep_rows(struct sweep_job *job)
{
        struct engine *e = job->engine;

        for (; job->next < job->n_rows; job->next++) {
                struct sweep_row *r = current(job);

                if (!is_due(job, r))
                        continue;
                if (r->row->state == COUPON_FOUND && sweep_grant(e, job->key, "coupon", LEVEL_WRITE) != 1)
                        sweep_row_state(job, r, COUPON_KEPT, rail_name(RAIL_NO_WRITE), 0);
                else if (r->row->state == COUPON_FOUND && too_many(job))
                        sweep_row_state(job, r, COUPON_KEPT, rail_name(RAIL_UNUSUAL_NUMBER), INT64_MAX);
                else {
                        fetch(job);
                        return;
                }
        }
        sweep_job_end(job, job->given_up > 0 ? "no answer that could be judged about some of them" : NULL);
}
