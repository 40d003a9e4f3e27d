#include <errno.h>

#include "store/batch_items.h"
#include "store/database.h"
#include "store/keyrow.h"
#include "store/ledger_write.h"
#include "store/secret.h"

/* Unexpected answers kept of one key. */
#define ANSWERS_KEPT 100

/* A row of a key that is gone meanwhile is nobody's: it must not hold up the others. */
static int run_for_key(struct store *store, sqlite3_stmt *statement)
{
        int r = db_run(store, statement);

        if (r == -EEXIST && sqlite3_extended_errcode(store->db) == SQLITE_CONSTRAINT_FOREIGNKEY)
                return 0;
        return r;
}

static int write_keys(struct store *store, const struct batch *batch)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < batch->keys.n; i++)
                r = keyrow_update(store, batch->keys.items[i]);
        return r;
}

static int write_findings(struct store *store, const struct batch *batch)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < batch->findings.n; i++) {
                const struct findings_item *item = &batch->findings.items[i];
                sqlite3_stmt *put = db_statement(store, STATEMENT_KEY_FINDINGS);

                bind_int(put, ":id", item->key_id);
                bind_text(put, ":missing", item->missing ?: "");
                bind_text(put, ":excess", item->excess ?: "");
                r = db_run(store, put);
        }
        return r;
}

static int write_edit_urls(struct store *store, const struct batch *batch)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < batch->edit_urls.n; i++) {
                sqlite3_stmt *put = db_statement(store, STATEMENT_KEY_EDIT_URL);

                bind_int(put, ":id", batch->edit_urls.items[i].key_id);
                bind_text(put, ":url", batch->edit_urls.items[i].url);
                r = db_run(store, put);
        }
        return r;
}

static int write_spans(struct store *store, const struct batch *batch)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < batch->spans.n; i++) {
                const struct span_item *item = &batch->spans.items[i];
                sqlite3_stmt *end = db_statement(store, STATEMENT_SPAN_END);

                bind_int(end, ":key", item->key_id);
                bind_int(end, ":at", item->at_wall);
                bind_int(end, ":checks", item->checks);
                r = db_run(store, end);
                if (r >= 0)
                        r = span_begin(store, item->key_id, item->state, item->at_wall);
                if (r == -EEXIST)
                        r = 0;
        }
        return r;
}

static int write_answers(struct store *store, const struct batch *batch)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < batch->answers.n; i++) {
                const struct answer_row *row = &batch->answers.items[i];
                sqlite3_stmt *insert = db_statement(store, STATEMENT_ANSWER_INSERT);
                sqlite3_stmt *trim = db_statement(store, STATEMENT_ANSWER_TRIM);

                bind_int(insert, ":key", row->key_id);
                bind_int(insert, ":at", row->at_wall);
                bind_text(insert, ":answer", row->answer ?: "");
                bind_text(insert, ":probe", row->probe ?: "");
                bind_int(insert, ":status", row->status);
                bind_text(insert, ":code", row->code);
                bind_text(insert, ":request_id", row->request_id);
                bind_text(insert, ":text", row->text);
                bind_int(insert, ":duration_usec", row->duration_usec);
                r = run_for_key(store, insert);
                if (r < 0)
                        break;
                bind_int(trim, ":key", row->key_id);
                bind_int(trim, ":keep", ANSWERS_KEPT);
                r = db_run(store, trim);
        }
        return r;
}

static void grant_text(enum grant grant, char text[static SLOTS_MAX + 1])
{
        struct grants one = { 0 };

        grants_put(&one, 0, grant);
        grants_format(&one, 1, text);
}

static int write_permissions(struct store *store, const struct batch *batch)
{
        char before[SLOTS_MAX + 1], after[SLOTS_MAX + 1];
        int r = 0;

        for (size_t i = 0; r >= 0 && i < batch->permissions.n; i++) {
                const struct permission_item *item = &batch->permissions.items[i];
                sqlite3_stmt *insert = db_statement(store, STATEMENT_PERMISSION_CHANGE);

                grant_text(item->from, before);
                grant_text(item->to, after);
                bind_int(insert, ":key", item->key_id);
                bind_int(insert, ":at", item->at_wall);
                bind_int(insert, ":slot", item->slot);
                bind_text(insert, ":before", before);
                bind_text(insert, ":after", after);
                r = run_for_key(store, insert);
        }
        return r;
}

static int write_incident(struct store *store, const struct incident *incident)
{
        sqlite3_stmt *put = db_statement(store, STATEMENT_INCIDENT_PUT);

        bind_int(put, ":id", incident->id);
        bind_text(put, ":kind", incident_kind_name(incident->kind));
        bind_id(put, ":key", incident->key_id);
        bind_id(put, ":account", incident->account_id);
        bind_id(put, ":parent", incident->parent);
        bind_int(put, ":opened", incident->opened);
        bind_int(put, ":cleared", incident->cleared);
        bind_int(put, ":reminded", incident->reminded);
        bind_int(put, ":reminders", incident->reminders);
        bind_int(put, ":acknowledged", incident->acknowledged);
        bind_int(put, ":acknowledged_until", incident->acknowledged_until);
        bind_int(put, ":acknowledged_uid", incident->acknowledged_uid);
        bind_int(put, ":priority", incident->priority);
        bind_int(put, ":count", incident->count);
        bind_text(put, ":event_id", incident->event_id);
        bind_text(put, ":reason", incident->reason ?: "");
        bind_text(put, ":detail", incident->detail ?: "");
        bind_text(put, ":message", incident->message);
        bind_text(put, ":acknowledgement", incident->acknowledgement);
        bind_text(put, ":mode", incident->mode ?: "");
        bind_int(put, ":number", incident->number);
        bind_int(put, ":quiet", incident->quiet);
        bind_int(put, ":since", incident->since);
        return run_for_key(store, put);
}

static int write_incidents(struct store *store, const struct batch *batch)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < batch->incidents.n; i++)
                r = write_incident(store, batch->incidents.items[i]);
        return r;
}

static int write_event(struct store *store, const struct event *event)
{
        sqlite3_stmt *put = db_statement(store, STATEMENT_EVENT_PUT);

        bind_int(put, ":seq", event->seq);
        bind_id(put, ":incident", event->incident);
        bind_id(put, ":key", event->key_id);
        bind_int(put, ":at", event->at_wall);
        bind_text(put, ":kind", incident_kind_name(event->kind));
        bind_int(put, ":priority", event->priority);
        bind_int(put, ":send_state", event->send_state);
        bind_text(put, ":id", event->id);
        bind_text(put, ":fields", event->fields ?: "");
        return db_run(store, put);
}

static int write_events(struct store *store, const struct batch *batch)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < batch->events.n; i++)
                r = write_event(store, batch->events.items[i]);
        return r;
}

static int write_event_states(struct store *store, const struct batch *batch)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < batch->event_states.n; i++) {
                sqlite3_stmt *put = db_statement(store, STATEMENT_EVENT_STATE);

                bind_int(put, ":seq", batch->event_states.items[i].seq);
                bind_int(put, ":send_state", batch->event_states.items[i].send_state);
                r = db_run(store, put);
        }
        return r;
}

static int write_coupons(struct store *store, const struct batch *batch)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < batch->coupons.n; i++) {
                r = coupon_write(store, batch->coupons.items[i], NULL);
                if (r == -ENOENT)
                        r = 0;
        }
        return r;
}

static int write_scans(struct store *store, const struct batch *batch)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < batch->scans.n; i++)
                r = scan_write(store, &batch->scans.items[i].owner, &batch->scans.items[i].scan);
        return r;
}

static int write_metas(struct store *store, const struct batch *batch)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < batch->metas.n; i++)
                r = meta_put(store, batch->metas.items[i].name, batch->metas.items[i].value);
        return r;
}

static int write_old_gone(struct store *store, const struct batch *batch)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < batch->old_gone.n; i++)
                r = secret_old_gone(store, batch->old_gone.items[i]);
        return r;
}

/* Last: what else there was about these keys is written by then. */
static int write_removed(struct store *store, const struct batch *batch)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < batch->removed.n; i++) {
                const struct removed_item *item = &batch->removed.items[i];

                r = key_remove(store, item->key_id, item->at_wall, item->checks);
        }
        return r;
}

int store_commit(struct store *store, struct batch *batch)
{
        static int (*const writers[])(struct store *, const struct batch *) = {
                write_keys,      write_findings, write_spans,        write_answers, write_permissions,
                write_incidents, write_events,   write_event_states, write_coupons, write_scans,
                write_metas,     write_old_gone, write_edit_urls,    write_removed,
        };
        bool scrub = batch->old_gone.n > 0 || batch->removed.n > 0;
        int r;

        /* Within somebody else's transaction nothing would be on disk when we return. */
        if (store->nested)
                return -EBUSY;
        r = db_begin(store);
        if (r < 0)
                return r;
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(writers); i++)
                r = writers[i](store, batch);
        r = db_end(store, r);
        if (r >= 0)
                batch_clear(batch);
        if (r >= 0 && scrub)
                db_scrub(store);
        return r;
}
