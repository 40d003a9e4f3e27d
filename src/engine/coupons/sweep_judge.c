/* One coupon after the other: looked at afresh, held against the rails, kept or handed on to be deleted. */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "engine/coupons/sweep_order.h"
#include "engine/coupons/sweep_steps.h"

/* So many results are written down at the latest. */
#define SETTLE_AT 100

/* Coupons about which there is no answer until the job ends, and how often one is asked. */
#define GIVEN_UP_MAX 3
#define REPEATS_MAX  8

static void fetch(struct sweep_job *job);

void sweep_row_done(struct sweep_job *job)
{
        job->repeats = 0;
        job->next++;
        if (job->n_deleted >= SETTLE_AT)
                sweep_settle(job);
        sweep_then(job, sweep_rows, engine_now(job->engine));
}

/* This coupon gets no answer: it is left for the next scan. After several of them the job ends. */
void sweep_row_repeat(struct sweep_job *job)
{
        if (job->repeats < REPEATS_MAX) {
                sweep_then(job, fetch, engine_now(job->engine) + schedule_repeat(job->repeats++));
                return;
        }
        if (++job->given_up >= GIVEN_UP_MAX) {
                sweep_job_end(job, "no answers that could be judged; it goes on with the next scan");
                return;
        }
        sweep_current(job)->judged = true;
        sweep_row_done(job);
}

/* --- rails --- */

void sweep_facts(struct sweep_job *job)
{
        struct coupon_facts *facts = &job->facts;
        struct engine *e = job->engine;

        facts->id = sweep_current(job)->row->coupon;
        facts->now = engine_now(e);
        facts->now_wall = engine_wall(e);
        facts->grace = (int64_t) (e->parts.settings->coupons.grace / USEC_PER_SEC);
        facts->live = key_is_live_mode(job->key);
        facts->suspect = key_is_suspect(job->key);
        facts->may_write = sweep_grant(e, job->key, "coupon", LEVEL_WRITE) == 1;
        facts->ours = sweep_current(job)->row->ours;
}

static enum rail judge_now(struct sweep_job *job)
{
        struct sweep *s = job->engine->sweep;
        bool doubt;

        sweep_facts(job);
        enum rail rail = coupon_rails(&job->facts, &doubt);
        if (doubt && (s->clock_doubted == 0 || engine_now(job->engine) - s->clock_doubted >= USEC_PER_DAY)) {
                log_warning("The provider's clock and ours differ by more than five minutes, or it does not "
                            "say its time; probe coupons are taken to be as young as either makes them.");
                s->clock_doubted = engine_now(job->engine);
        }
        return rail;
}

/* Not so often that looking at all that is kept in an account would cost more than its complete listings may.
 */
int64_t sweep_look_again(const struct sweep_job *job, int64_t wait)
{
        int64_t reads = 2 * (int64_t) job->n_rows;

        return engine_wall(job->engine) + MAX(wait, reads * SWEEP_MONTH / SWEEP_READS_A_MONTH);
}

static bool may_read_promotions(const struct sweep_job *job)
{
        return sweep_grant(job->engine, job->key, "promotion_code", LEVEL_READ) != 0;
}

/* When it is worth looking again. */
static int64_t kept_next_look(const struct sweep_job *job, enum rail rail)
{
        switch (rail) {
        case RAIL_NOT_OURS:
        case RAIL_UNUSUAL_NUMBER: /* not before somebody has looked */
                return INT64_MAX;
        case RAIL_OTHER_MODE:
        case RAIL_REDEEMED:
        case RAIL_PROMOTED: /* these hardly ever pass */
                return sweep_look_again(job, 7 * SEC_PER_DAY);
        case RAIL_PROMOTIONS_UNKNOWN:
                return may_read_promotions(job) ? sweep_look_again(job, SEC_PER_DAY) : 0; /* see is_due() */
        default:
                return 0;
        }
}

static void keep(struct sweep_job *job, enum rail rail)
{
        sweep_row_state(job, sweep_current(job), COUPON_KEPT, rail, kept_next_look(job, rail));
        sweep_row_done(job);
}

static void gone(struct sweep_job *job)
{
        struct engine *e = job->engine;
        struct sweep_row *r = sweep_current(job);
        bool deleting = r->row->state == COUPON_DELETING;

        /* Whether it was created could not be told: a request can be carried out late. */
        if (r->row->ours && r->row->state == COUPON_FOUND &&
            engine_wall(e) - r->row->updated < (int64_t) (e->parts.settings->coupons.grace / USEC_PER_SEC))
                r->judged = true;
        else
                sweep_row_state(job, r, deleting ? COUPON_DELETED : COUPON_GONE, RAIL_NONE, 0);
        sweep_row_done(job);
}

/* --- the two fresh answers --- */

static void decide(struct sweep_job *job)
{
        enum rail rail = judge_now(job);

        switch (rail) {
        case RAIL_DELETE:
                sweep_delete(job);
                break;
        case RAIL_GONE:
                gone(job);
                break;
        case RAIL_STALE_FACTS:
                sweep_row_repeat(job);
                break;
        case RAIL_KEY_SUSPECT:
                sweep_job_end(job, rail_reason(rail));
                break;
        default:
                keep(job, rail);
        }
}

static void judge_on_promotions(struct engine *e, struct ask *ask, const struct judgement *j,
                                const struct reply *reply)
{
        struct sweep_job *job = ask->userdata;
        unsigned row;

        if (!sweep_answered(job, j))
                return;
        job->facts.promotions_usec = engine_now(e);
        switch (sweep_verdict(j)) {
        case SWEEP_ANSWER:
                if (promotion_codes_parse(reply->body, reply->size, sweep_current(job)->row->coupon,
                                          &job->facts.promotions) < 0) {
                        sweep_row_repeat(job);
                        return;
                }
                break;
        case SWEEP_REFUSED:
                if (j->answer == ANSWER_REFUSED &&
                    catalogue_find(e->parts.catalogue, "promotion_code", &row) >= 0) {
                        permission_answer(e, job->key, row, LEVEL_READ, false);
                        turn_plan(e, job->key);
                }
                break;      /* not known */
        case SWEEP_MISSING: /* the coupon may be gone: look */
        case SWEEP_UNCLEAR:
        case SWEEP_KEY:
                sweep_row_repeat(job);
                return;
        }
        decide(job);
}

static void ask_promotions(struct sweep_job *job)
{
        char *path = NULL;

        if (!may_read_promotions(job)) {
                job->facts.promotions_usec = engine_now(job->engine);
                decide(job);
                return;
        }
        if (coupon_promotions_path(sweep_current(job)->row->coupon, 10, &path) < 0)
                sweep_job_end(job, "out of memory");
        else
                sweep_ask(job, METHOD_GET, path, judge_on_promotions);
}

static void judge_on_fetched(struct engine *e, struct ask *ask, const struct judgement *j,
                             const struct reply *reply)
{
        struct sweep_job *job = ask->userdata;
        struct sweep_row *r = sweep_current(job);

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
                        job->lacks = true;
                        sweep_job_end(job, "the key may not read coupons; it needs “Coupons: Write”");
                        return;
                }
                /* fall through */
        case SWEEP_UNCLEAR:
        case SWEEP_KEY:
                sweep_row_repeat(job);
                return;
        }
        job->facts = (struct coupon_facts){ .coupon_usec = engine_now(e), .date_wall = j->date_wall };
        if (coupon_parse(reply->body, reply->size, r->row->coupon, &job->facts.coupon) < 0) {
                sweep_row_repeat(job);
                return;
        }
        if (!job->facts.coupon.deleted)
                r->row->created = job->facts.coupon.created;
        job->facts.too_many = sweep_too_many(job);
        /* Promotion codes are asked only if every other rail allows the delete. */
        enum rail rail = judge_now(job);
        if (rail == RAIL_PROMOTIONS_UNKNOWN || rail == RAIL_STALE_FACTS)
                ask_promotions(job);
        else
                decide(job);
}

static void fetch(struct sweep_job *job)
{
        char *path = NULL;

        if (coupon_path(sweep_current(job)->row->coupon, &path) < 0)
                keep(job, RAIL_NOT_OURS);
        else
                sweep_ask(job, METHOD_GET, path, judge_on_fetched);
}

/* --- which is next --- */

static bool is_kept_for(const struct sweep_row *r, enum rail rail)
{
        return r->row->state == COUPON_KEPT && r->why == rail;
}

/* The coupon was kept, and nothing that is known without asking has changed since. */
static bool is_hopeless(const struct sweep_job *job, const struct sweep_row *r)
{
        if (sweep_grant(job->engine, job->key, "coupon", LEVEL_WRITE) != 1)
                return r->row->state == COUPON_STUCK ||
                       (r->row->state == COUPON_KEPT && r->why != RAIL_TOO_YOUNG &&
                        r->why != RAIL_DELETE_REFUSED);
        if (r->row->ours)
                return false;
        return (is_kept_for(r, RAIL_UNUSUAL_NUMBER) && !job->force) ||
               (is_kept_for(r, RAIL_PROMOTIONS_UNKNOWN) && !may_read_promotions(job));
}

static bool is_due(const struct sweep_job *job, const struct sweep_row *r)
{
        const struct ledger_row *row = r->row;

        if (r->judged || r->left_out || sweep_row_is_half_read(r))
                return false;
        if (job->engine->parts.settings->coupons.cleanup == CLEANUP_OFF && !job->order && !row->ours)
                return false;
        if (is_hopeless(job, r))
                return false;
        return job->order || row->state == COUPON_DELETING || row->state == COUPON_FOUND ||
               row->next_try <= engine_wall(job->engine);
}

void sweep_rows(struct sweep_job *job)
{
        struct engine *e = job->engine;

        for (; job->next < job->n_rows; job->next++) {
                struct sweep_row *r = sweep_current(job);

                if (!is_due(job, r))
                        continue;
                if (r->row->state != COUPON_DELETING && sweep_grant(e, job->key, "coupon", LEVEL_WRITE) != 1)
                        sweep_row_state(job, r, COUPON_KEPT, RAIL_NO_WRITE, 0);
                else if (r->row->state == COUPON_FOUND && sweep_too_many(job))
                        sweep_row_state(job, r, COUPON_KEPT, RAIL_UNUSUAL_NUMBER, INT64_MAX);
                else {
                        fetch(job);
                        return;
                }
        }
        sweep_job_end(job, job->given_up > 0 ? "no answer that could be judged about some of them" : NULL);
}
