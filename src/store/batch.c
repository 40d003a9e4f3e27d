#include "store/batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/batch_items.h"

int batch_new(struct batch **ret)
{
        struct batch *batch = calloc(1, sizeof(*batch));

        if (!batch)
                return -ENOMEM;
        *ret = batch;
        return 0;
}

static char *copy(const char *text)
{
        return text ? memory_text(text) : NULL;
}

#define ADD(list, ...)                                                                                       \
        do {                                                                                                 \
                (list).items = memory_sure(                                                                  \
                        array_room((list).items, (list).n, 1, &(list).room, sizeof(*(list).items)));         \
                (list).items[(list).n++] = (__VA_ARGS__);                                                    \
        } while (false)

/* Keep the items that `stays` is true of; the others are let go by `drop`. */
#define FILTER(list, stays, drop)                                                                            \
        do {                                                                                                 \
                size_t _kept = 0;                                                                            \
                for (size_t i = 0; i < (list).n; i++) {                                                      \
                        __typeof__(*(list).items) *item = &(list).items[i];                                  \
                        if (stays)                                                                           \
                                (list).items[_kept++] = *item;                                               \
                        else                                                                                 \
                                drop(item);                                                                  \
                }                                                                                            \
                (list).n = _kept;                                                                            \
        } while (false)

static void key_drop(struct key **item)
{
        (*item)->dirty = (*item)->unsaved = false;
}

static void findings_drop(struct findings_item *item)
{
        free(item->missing);
        free(item->excess);
}

static void nothing_drop(const void *item)
{
        (void) item;
}

static void answer_drop(struct answer_row *item)
{
        free((char *) item->answer);
        free((char *) item->probe);
        free((char *) item->code);
        free((char *) item->request_id);
        free((char *) item->text);
}

static void incident_drop(struct incident **item)
{
        incident_free(*item);
}

static void event_drop(struct event **item)
{
        event_free(*item);
}

static void coupon_drop(struct ledger_row **item)
{
        ledger_row_free(*item);
}

static void edit_url_drop(struct edit_url_item *item)
{
        free(item->url);
}

static void meta_drop(struct meta_item *item)
{
        free(item->name);
        free(item->value);
}

static void rest_clear(struct batch *batch)
{
        FILTER(batch->findings, false, findings_drop);
        FILTER(batch->edit_urls, false, edit_url_drop);
        batch->spans.n = 0;
        FILTER(batch->answers, false, answer_drop);
        batch->permissions.n = 0;
        FILTER(batch->incidents, false, incident_drop);
        FILTER(batch->events, false, event_drop);
        batch->event_states.n = 0;
        FILTER(batch->coupons, false, coupon_drop);
        batch->scans.n = 0;
        FILTER(batch->metas, false, meta_drop);
        batch->old_gone.n = 0;
        batch->removed.n = 0;
}

void batch_clear(struct batch *batch)
{
        FILTER(batch->keys, false, key_drop);
        rest_clear(batch);
}

struct batch *batch_free(struct batch *batch)
{
        if (!batch)
                return NULL;
        rest_clear(batch); /* the keys may be gone already */
        free(batch->keys.items);
        free(batch->findings.items);
        free(batch->edit_urls.items);
        free(batch->spans.items);
        free(batch->answers.items);
        free(batch->permissions.items);
        free(batch->incidents.items);
        free(batch->events.items);
        free(batch->event_states.items);
        free(batch->coupons.items);
        free(batch->scans.items);
        free(batch->metas.items);
        free(batch->old_gone.items);
        free(batch->removed.items);
        return mfree(batch);
}

size_t batch_size(const struct batch *batch)
{
        return batch->keys.n + batch->findings.n + batch->edit_urls.n + batch->spans.n + batch->answers.n +
               batch->permissions.n + batch->incidents.n + batch->events.n + batch->event_states.n +
               batch->coupons.n + batch->scans.n + batch->metas.n + batch->old_gone.n + batch->removed.n;
}

bool batch_has_ledger(const struct batch *batch)
{
        return batch->coupons.n > 0 || batch->scans.n > 0;
}

void batch_key(struct batch *batch, struct key *key)
{
        if (key->dirty)
                return;
        ADD(batch->keys, key);
        key->dirty = true;
}

void batch_findings(struct batch *batch, int64_t key_id, const char *missing, const char *excess)
{
        ADD(batch->findings, (struct findings_item){
                                     .key_id = key_id,
                                     .missing = copy(missing),
                                     .excess = copy(excess),
                             });
}

void batch_edit_url(struct batch *batch, int64_t key_id, const char *url)
{
        ADD(batch->edit_urls, (struct edit_url_item){ .key_id = key_id, .url = copy(url) });
}

const char *batch_edit_url_of(const struct batch *batch, int64_t key_id)
{
        for (size_t i = batch->edit_urls.n; i-- > 0;)
                if (batch->edit_urls.items[i].key_id == key_id)
                        return batch->edit_urls.items[i].url;
        return NULL;
}

void batch_span(struct batch *batch, int64_t key_id, enum state state, int64_t at_wall, uint32_t checks)
{
        ADD(batch->spans, (struct span_item){
                                  .key_id = key_id,
                                  .at_wall = at_wall,
                                  .state = state,
                                  .checks = checks,
                          });
}

void batch_answer(struct batch *batch, const struct answer_row *row)
{
        struct answer_row own = *row;

        own.answer = copy(row->answer);
        own.probe = copy(row->probe);
        own.code = copy(row->code);
        own.request_id = copy(row->request_id);
        own.text = copy(row->text);
        ADD(batch->answers, own);
}

void batch_permission(struct batch *batch, int64_t key_id, unsigned slot, enum grant from, enum grant to,
                      int64_t at_wall)
{
        ADD(batch->permissions, (struct permission_item){
                                        .key_id = key_id,
                                        .at_wall = at_wall,
                                        .slot = slot,
                                        .from = from,
                                        .to = to,
                                });
}

/* More wait only while the database is in trouble, and what was opened and closed so many changes ago is told
 * apart by its detail then. */
#define LOOKED_AT 4096

uint32_t batch_incident_number(const struct batch *batch, int64_t key_id, enum incident_kind kind)
{
        size_t first = batch->incidents.n > LOOKED_AT ? batch->incidents.n - LOOKED_AT : 0;
        uint32_t number = 0;

        for (size_t i = first; i < batch->incidents.n; i++) {
                const struct incident *incident = batch->incidents.items[i];

                if (incident->key_id == key_id && incident->kind == kind)
                        number = MAX(number, incident->number);
        }
        return number;
}

uint32_t batch_event_number(const struct batch *batch, int64_t key_id, enum incident_kind kind)
{
        size_t first = batch->events.n > LOOKED_AT ? batch->events.n - LOOKED_AT : 0;
        uint32_t number = 0;

        for (size_t i = first; i < batch->events.n; i++)
                number += batch->events.items[i]->key_id == key_id && batch->events.items[i]->kind == kind;
        return number;
}

void batch_incident(struct batch *batch, const struct incident *incident)
{
        struct incident *own = memory_sure(malloc(sizeof(*own)));

        *own = *incident;
        own->reason = copy(incident->reason);
        own->detail = copy(incident->detail);
        own->message = copy(incident->message);
        own->acknowledgement = copy(incident->acknowledgement);
        own->next = NULL;
        ADD(batch->incidents, own);
}

void batch_event(struct batch *batch, struct event *event)
{
        ADD(batch->events, event);
}

void batch_event_state(struct batch *batch, int64_t seq, enum send_state send_state)
{
        ADD(batch->event_states, (struct event_state_item){ .seq = seq, .send_state = send_state });
}

void batch_meta(struct batch *batch, const char *name, const char *value)
{
        ADD(batch->metas, (struct meta_item){ .name = copy(name), .value = copy(value) });
}

void batch_old_secret_gone(struct batch *batch, int64_t key_id)
{
        ADD(batch->old_gone, key_id);
}

void batch_key_removed(struct batch *batch, int64_t key_id, int64_t at_wall, uint32_t checks)
{
        ADD(batch->removed, (struct removed_item){ .key_id = key_id, .at_wall = at_wall, .checks = checks });
}

void batch_coupon(struct batch *batch, const struct ledger_row *row)
{
        struct ledger_row *own = memory_sure(malloc(sizeof(*own)));

        *own = *row;
        own->coupon = copy(row->coupon);
        own->reason = copy(row->reason);
        ADD(batch->coupons, own);
}

void batch_scan(struct batch *batch, const struct ledger_owner *owner, const struct ledger_scan *scan)
{
        ADD(batch->scans, (struct scan_item){ .owner = *owner, .scan = *scan });
}

void batch_forget_key(struct batch *batch, struct key *key)
{
        FILTER(batch->keys, *item != key, key_drop);
        FILTER(batch->findings, item->key_id != key->id, findings_drop);
        FILTER(batch->edit_urls, item->key_id != key->id, edit_url_drop);
        FILTER(batch->spans, item->key_id != key->id, nothing_drop);
        FILTER(batch->answers, item->key_id != key->id, answer_drop);
        FILTER(batch->permissions, item->key_id != key->id, nothing_drop);
        FILTER(batch->old_gone, *item != key->id, nothing_drop);
        /* Events stay: what happened is still to be told. */
}
