/* What is to be written, collected in memory until store_commit(). It survives trouble with the database: as
 * long as nothing was committed it is whole. Changes are never dropped; what only says "still the same" is
 * not in it at all but in the keys, whose rows are written from memory when the commit happens. Adding aborts
 * the process without memory (the caller could not keep its promises either). */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/incident.h"
#include "model/key.h"

struct batch;

int batch_new(struct batch **ret);
struct batch *batch_free(struct batch *batch);
DEFINE_CLEANUP(struct batch, batch_free)

/* How many things wait; 0: nothing to commit. */
size_t batch_size(const struct batch *batch);

/* Does anything of the coupon ledger wait? */
bool batch_has_ledger(const struct batch *batch);

/* This key's row changed. Held by pointer and written as it is at commit; asked twice, written once
 * (key->dirty). `missing` and `excess` columns are written with batch_findings(). */
void batch_key(struct batch *batch, struct key *key);

/* The ids ("coupon_write invoice_read") shown as missing and excess in v_key. */
void batch_findings(struct batch *batch, int64_t key_id, const char *missing, const char *excess);

/* The link to the key's page in the Dashboard; "": none is known (any more). */
void batch_edit_url(struct batch *batch, int64_t key_id, const char *url);
/* What of that waits; NULL: nothing does. The batch's own. */
const char *batch_edit_url_of(const struct batch *batch, int64_t key_id);

/* The key's state changed at `at_wall`: its open span ends with `checks` answers, a new one begins. */
void batch_span(struct batch *batch, int64_t key_id, enum state state, int64_t at_wall, uint32_t checks);

/* One answer that was not the expected one. Texts are copied. */
struct answer_row {
        int64_t key_id;
        int64_t at_wall;
        const char *answer; /* answer_name() */
        const char *probe;  /* "POST /v1/coupons/{absent}" */
        long status;
        const char *code, *request_id, *text; /* redacted */
        int64_t duration_usec;
};
void batch_answer(struct batch *batch, const struct answer_row *row);

/* What is known of a permission changed. */
void batch_permission(struct batch *batch, int64_t key_id, unsigned slot, enum grant from, enum grant to,
                      int64_t at_wall);

/* Incident as it is now: inserted, or replaced if its id is known. Copied. */
void batch_incident(struct batch *batch, const struct incident *incident);

/* The highest number of an incident of this kind about the key among those that wait; 0: none does. */
uint32_t batch_incident_number(const struct batch *batch, int64_t key_id, enum incident_kind kind);
/* How many events of this kind about the key wait. */
uint32_t batch_event_number(const struct batch *batch, int64_t key_id, enum incident_kind kind);

/* Taken over: the batch owns the event. */
void batch_event(struct batch *batch, struct event *event);
void batch_event_state(struct batch *batch, int64_t seq, enum send_state send_state);

/* A small fact in the same transaction (see store_meta_put). */
void batch_meta(struct batch *batch, const char *name, const char *value);

/* The secret in SLOT_OLD is dead: it leaves with the same transaction, and its bytes leave the file. */
void batch_old_secret_gone(struct batch *batch, int64_t key_id);

/* The key is removed: with the same transaction its secrets, grants and labels leave the file, and its name
 * is free. Its history stays. `checks`: those of its open span. */
void batch_key_removed(struct batch *batch, int64_t key_id, int64_t at_wall, uint32_t checks);

/* The key is about to be freed: nothing of it may be written any more but how its incidents
 * ended, and that it was removed. */
void batch_forget_key(struct batch *batch, struct key *key);

#endif
