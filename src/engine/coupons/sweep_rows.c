/* Which coupons a job deals with, and what is written down and told about them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/coupons/connect.h"
#include "engine/coupons/sweep_steps.h"

static int compare_rows(const void *a, const void *b)
{
        return strcmp(((const struct sweep_row *) a)->row->coupon,
                      ((const struct sweep_row *) b)->row->coupon);
}

static int row_append(struct sweep_job *job, struct ledger_row *row)
{
        struct sweep_row *rows = array_room(job->rows, job->n_rows, 1, &job->rows_room, sizeof(*rows));

        if (!rows) {
                ledger_row_free(row);
                return -ENOMEM;
        }
        job->rows = rows;
        job->rows[job->n_rows++] = (struct sweep_row){ .row = row, .why = rail_parse(row->reason) };
        return 0;
}

static int take_row(struct ledger_row *row, void *userdata)
{
        struct sweep_job *job = userdata;

        if (connect_is_about(job->engine, row)) { /* still in use */
                ledger_row_free(row);
                return 0;
        }
        return row_append(job, row);
}

int sweep_rows_load(struct sweep_job *job)
{
        struct engine *e = job->engine;
        int r = recorder_flush(e);

        if (r < 0 || (r = ledger_load(e->parts.store, &job->owner, take_row, job)) < 0)
                return r;
        if (job->n_rows > 1)
                qsort(job->rows, job->n_rows, sizeof(*job->rows), compare_rows);
        job->n_sorted = job->n_rows;
        return 0;
}

static struct sweep_row *row_find(const struct sweep_job *job, const char *id)
{
        struct ledger_row wanted = { .coupon = (char *) id };
        struct sweep_row key = { .row = &wanted };

        return job->n_sorted > 0 ? bsearch(&key, job->rows, job->n_sorted, sizeof(*job->rows), compare_rows)
                                 : NULL;
}

/* It was on a page, and a connection check of ours has deleted it since. */
static bool is_gone_since(const struct sweep_job *job, const struct ledger_row *row)
{
        return job->asked > 0 && coupon_finished(row->state) && row->updated >= job->asked;
}

/* A row for a coupon that nothing is to be done about so far: a new one, or one that was deleted before. */
static int sweep_rows_row_new(struct sweep_job *job, const char *id, enum coupon_source source)
{
        struct engine *e = job->engine;
        struct ledger_row *row = NULL;
        int r = ledger_find(e->parts.store, &job->owner, id, &row);

        if (r < 0 && r != -ENOENT)
                return r;
        if (r == -ENOENT) {
                row = calloc(1, sizeof(*row));
                if (!row)
                        return -ENOMEM;
                row->coupon = strdup(id);
                row->source = source;
        } else if (is_gone_since(job, row)) {
                ledger_row_free(row);
                return -EALREADY;
        }
        free(row->reason);
        row->reason = strdup("");
        row->owner = job->owner;
        row->state = COUPON_FOUND;
        row->attempts = 0;
        row->incident = 0;
        row->next_try = 0;
        row->updated = engine_wall(e);
        if (!row->coupon || !row->reason) {
                ledger_row_free(row);
                return -ENOMEM;
        }
        r = row_append(job, row);
        if (r >= 0)
                job->rows[job->n_rows - 1].fresh = true;
        return r;
}

bool sweep_row_is_half_read(const struct sweep_row *r)
{
        return r->row->state == COUPON_FOUND && r->why == RAIL_HALF_READ;
}

static void release(struct sweep_row *r)
{
        if (!sweep_row_is_half_read(r))
                return;
        r->row->reason[0] = '\0';
        r->why = RAIL_NONE;
        r->fresh = r->changed = true;
}

void sweep_rows_release(struct sweep_job *job)
{
        for (size_t i = 0; i < job->n_rows; i++)
                release(&job->rows[i]);
}

int sweep_row_found(struct sweep_job *job, const char *id, int64_t created, enum coupon_source source)
{
        struct sweep_row *r = row_find(job, id);

        if (!r) {
                struct ledger_row ours = { .owner = job->owner, .coupon = (char *) id };
                int error;

                if (connect_is_about(job->engine, &ours))
                        return 0;
                error = sweep_rows_row_new(job, id, source);
                if (error < 0)
                        return error == -EALREADY ? 0 : error;
                r = &job->rows[job->n_rows - 1];
        }
        release(r);
        if (created > 0)
                r->row->created = created;
        if (r->row->seen < UINT32_MAX)
                r->row->seen++;
        r->changed = true;
        return 0;
}

void sweep_row_state(struct sweep_job *job, struct sweep_row *r, enum coupon_state state, enum rail why,
                     int64_t next_try)
{
        struct ledger_row *row = r->row;

        free(row->reason);
        row->reason = memory_text(rail_name(why));
        r->why = why;
        row->state = state;
        row->next_try = next_try;
        row->updated = engine_wall(job->engine);
        r->changed = true;
        r->judged = true;
        if (state == COUPON_DELETED && !job->dry_run) {
                r->deleted = true;
                job->n_deleted++;
        }
}

static void write_changed(struct sweep_job *job)
{
        struct batch *batch = recorder_batch(job->engine);

        for (size_t i = 0; i < job->n_rows; i++) {
                struct sweep_row *r = &job->rows[i];

                if (!r->changed)
                        continue;
                r->row->owner.key_id = job->key->id;
                batch_coupon(batch, r->row);
                r->changed = false;
        }
}

/* The subject of one event. */
struct told {
        size_t n;
        const char *one;
        int64_t since; /* the oldest */
};

static void told_add(struct told *told, const struct ledger_row *row)
{
        told->n++;
        told->one = row->coupon;
        if (row->created > 0)
                told->since = told->since > 0 ? MIN(told->since, row->created) : row->created;
}

/* It is committed with the rows that it is about, so it is never made a second time; its number makes its id
 * different from that of any other. */
static void sweep_rows_tell(struct sweep_job *job, enum incident_kind kind, const struct told *told)
{
        struct engine *e = job->engine;
        struct notice notice = { .kind = kind,
                                 .count = told->n,
                                 .coupon = told->n == 1 ? told->one : NULL,
                                 .since = told->since > 0 ? told->since : engine_wall(e) };

        if (told->n > 0)
                event_emit(e, job->key, &notice, e->last_event + 1);
}

int sweep_found(struct sweep_job *job)
{
        struct engine *e = job->engine;
        struct told told = { 0 };

        if (job->dry_run)
                return 0;
        for (size_t i = 0; i < job->n_rows; i++)
                if (job->rows[i].fresh)
                        told_add(&told, job->rows[i].row);
        sweep_rows_tell(job, INCIDENT_PROBE_COUPON_FOUND, &told);
        write_changed(job);
        batch_scan(recorder_batch(e), &job->owner, &job->scan);
        return recorder_flush(e);
}

/* --- incidents: one per account for what is kept, one for what is stuck --- */

/* Something people should know: it will not be gone with the next scan. */
static bool is_lasting(const struct sweep_row *r, enum coupon_state state)
{
        return r->row->state == state &&
               (state == COUPON_STUCK || (r->why != RAIL_TOO_YOUNG && r->why != RAIL_DELETE_REFUSED));
}

struct lasting {
        struct incident *open;
        struct key *open_key;
        const struct sweep_row *one;
        size_t n;
        bool more;  /* one that was not told of */
        bool mixed; /* not all for the same reason */
};

static void lasting_find(const struct sweep_job *job, enum coupon_state state, enum incident_kind kind,
                         struct lasting *ret)
{
        struct lasting l = { .n = 0 };
        int64_t looked = 0;

        for (size_t i = 0; i < job->n_rows; i++) {
                const struct ledger_row *row = job->rows[i].row;

                if (row->incident != 0 && row->incident != looked && !l.open) {
                        looked = row->incident;
                        l.open = incident_by_id(job->engine, looked, &l.open_key);
                        if (l.open && l.open->kind != kind)
                                l.open = NULL;
                }
        }
        for (size_t i = 0; i < job->n_rows; i++) {
                const struct sweep_row *r = &job->rows[i];

                if (!is_lasting(r, state))
                        continue;
                l.mixed |= l.one && l.one->why != r->why;
                l.one = r;
                l.n++;
                l.more |= !l.open || r->row->incident != l.open->id;
        }
        *ret = l;
}

static void mark(struct sweep_job *job, enum coupon_state state, int64_t before, int64_t id)
{
        for (size_t i = 0; i < job->n_rows; i++) {
                struct sweep_row *r = &job->rows[i];
                int64_t marked = is_lasting(r, state)                        ? id
                                 : before != 0 && r->row->incident == before ? 0
                                                                             : r->row->incident;

                r->changed |= marked != r->row->incident;
                r->row->incident = marked;
        }
}

/* In the words of alert/notice.h. */
static const char *lasting_reason(const struct lasting *l)
{
        if (l->mixed)
                return "several";
        return l->one->why == RAIL_OTHER ? l->one->row->reason : rail_told(l->one->why);
}

static void review(struct sweep_job *job, enum coupon_state state, enum incident_kind kind)
{
        struct engine *e = job->engine;
        struct lasting l;

        lasting_find(job, state, kind, &l);
        const struct ledger_row *one = l.one ? l.one->row : NULL;
        if (!l.open && l.n > 0) { /* one of an earlier owner of the key may still be open */
                l.open = incident_find(e, job->key, kind);
                l.open_key = l.open ? job->key : NULL;
        }
        int64_t before = l.open ? l.open->id : 0;

        if (l.n == 0) {
                mark(job, state, before, 0);
                incident_clear(e, l.open_key, l.open, "done");
                return;
        }
        struct notice n = { .kind = kind,
                            .reason = lasting_reason(&l),
                            .coupon = l.n == 1 ? one->coupon : NULL,
                            .count = l.n == 1 && state == COUPON_STUCK ? one->attempts : l.n,
                            .since = l.n == 1 ? one->created : 0 };
        if (state == COUPON_STUCK) {
                n.http_status = job->refusal.status;
                n.stripe_code = job->refusal.code;
                n.request_id = job->refusal.request_id;
        }

        if (!l.open)
                l.open = incident_open(e, job->key, &n, engine_wall(e));
        else if (l.more)
                incident_update(e, l.open_key, l.open, &n);
        if (l.open)
                mark(job, state, before, l.open->id);
}

void sweep_settle(struct sweep_job *job)
{
        struct engine *e = job->engine;
        struct told told = { 0 };
        bool changed = false;

        if (job->dry_run || job->n_rows == 0)
                return;
        for (size_t i = 0; i < job->n_rows; i++) {
                changed |= job->rows[i].changed;
                if (job->rows[i].deleted) {
                        told_add(&told, job->rows[i].row);
                        job->rows[i].deleted = false;
                }
        }
        job->n_deleted = 0;
        if (!changed)
                return;
        sweep_rows_tell(job, INCIDENT_PROBE_COUPON_DELETED, &told);
        review(job, COUPON_KEPT, INCIDENT_PROBE_COUPON_KEPT);
        review(job, COUPON_STUCK, INCIDENT_PROBE_COUPON_STUCK);
        write_changed(job);
        recorder_changed(e, told.n > 0);
        (void) recorder_flush(e); /* kept and tried again by the recorder */
}
