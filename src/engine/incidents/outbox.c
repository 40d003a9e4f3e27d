#include "engine/incidents/outbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/incidents/outbox_internal.h"
#include "model/silence.h"

#define RETRY_AFTER     (SILENCE_JOURNAL_MAX * USEC_PER_SEC)
#define FIELDS_MAX      64 /* 32 of them labels */
#define URGENT_PRIORITY 2
#define SEVERE_PRIORITY 3
/* So many are kept in memory; the rest waits in the database. */
#define LOADED_MAX 20000

static const struct {
        enum share share;
} queue_kinds[] = {
        [QUEUE_URGENT] = { SHARE_SEVERE },
        [QUEUE_SEVERE] = { SHARE_SEVERE },
        [QUEUE_NORMAL] = { SHARE_NORMAL },
        [QUEUE_QUIET] = { SHARE_QUIET },
};

static const size_t per_minute[] = {
        [SHARE_SEVERE] = 60, [SHARE_NORMAL] = 60, [SHARE_QUIET] = PER_MINUTE_MAX
};

static void send_all(struct engine *e);

static void outbox_on_alarm(struct alarm *alarm, void *userdata)
{
        (void) alarm;
        send_all(userdata);
}

int outbox_new(struct engine *e, struct outbox **ret)
{
        struct outbox *outbox = calloc(1, sizeof(*outbox));

        (void) e;
        if (!outbox)
                return -ENOMEM;
        for (int queue = 0; queue < _QUEUE_MAX; queue++)
                TAILQ_INIT(&outbox->queues[queue]);
        outbox->alarm.ring = outbox_on_alarm;
        *ret = outbox;
        return 0;
}

static struct queued_event *queued_event_free(struct queued_event *queued)
{
        event_free(queued->event);
        return mfree(queued);
}

static void queued_events_free(struct queued_events *events)
{
        struct queued_event *queued;

        while ((queued = TAILQ_FIRST(events))) {
                TAILQ_REMOVE(events, queued, next);
                queued_event_free(queued);
        }
}

struct outbox *outbox_free(struct outbox *outbox)
{
        if (!outbox)
                return NULL;
        for (int queue = 0; queue < _QUEUE_MAX; queue++)
                queued_events_free(&outbox->queues[queue]);
        return mfree(outbox);
}

/* Takes the event over. */
static struct queued_event *queued_event_new(struct event *event)
{
        struct queued_event *queued = memory_sure(calloc(1, sizeof(*queued)));

        queued->event = event;
        return queued;
}

/* Entries of members of groups, and heartbeats; what is of little weight by itself stands in line with the
 * rest.
 */
static bool is_quiet(const struct event *event)
{
        return event->priority >= PRIORITY_QUIET &&
               (event->kind == INCIDENT_ROUND_COMPLETED ||
                (incident_kind_priority(event->kind, true) < PRIORITY_QUIET &&
                 incident_kind_priority(event->kind, false) < PRIORITY_QUIET));
}

static void outbox_insert(struct outbox *outbox, struct queued_event *queued)
{
        enum queue queue = queued->event->priority <= URGENT_PRIORITY   ? QUEUE_URGENT
                           : queued->event->priority <= SEVERE_PRIORITY ? QUEUE_SEVERE
                           : is_quiet(queued->event)                    ? QUEUE_QUIET
                                                                        : QUEUE_NORMAL;

        TAILQ_INSERT_TAIL(&outbox->queues[queue], queued, next);
        outbox->n++;
}

static int outbox_take_loaded(struct event *event, void *userdata)
{
        struct queued_event *queued = queued_event_new(event);

        queued->committed = true;
        outbox_insert(userdata, queued);
        return 0;
}

int outbox_load(struct engine *e)
{
        struct outbox *outbox = e->outbox;
        size_t all;
        int r = store_count_unsent(e->parts.store, &all);

        if (r < 0 || (r = store_load_unsent(e->parts.store, LOADED_MAX, outbox_take_loaded, outbox)) < 0)
                return r;
        outbox->n_stored = all - MIN(all, outbox->n);
        if (outbox->n > 0)
                agenda_set(e->agenda, &outbox->alarm, engine_now(e));
        return r;
}

static struct event *event_copy(const struct event *event)
{
        struct event *copy = memory_sure(malloc(sizeof(*copy)));

        *copy = *event;
        copy->fields = memory_text(event->fields);
        return copy;
}

void outbox_add(struct engine *e, const struct event *event)
{
        outbox_insert(e->outbox, queued_event_new(event_copy(event)));
}

int outbox_deliver(struct engine *e, const struct event *event, bool unsaved)
{
        _cleanup_free_ char *text = strdup(event->fields);
        const char *fields[FIELDS_MAX];
        size_t n = 0;
        char *rest = text;

        if (!text)
                return -EAGAIN;
        for (char *line; n < FIELDS_MAX - 1 && (line = strsep(&rest, "\n"));)
                if (*line != '\0')
                        fields[n++] = line;
        if (unsaved)
                fields[n++] = "KEYVIGIL_UNSAVED=1";
        int r = e->parts.journal->send(e->parts.journal, fields, n);
        if (r < 0)
                e->figures.send_failures++;
        else
                e->figures.sent++;
        return r;
}

/* The instant at which one more may be sent; one that is past means at once. No minute gets more than its
 * share. */
static usec_t room_at(const struct outbox *outbox, enum share share)
{
        usec_t oldest = outbox->shares[share].sent[outbox->shares[share].next];

        return oldest ? oldest + SILENCE_CROWD_MAX * USEC_PER_SEC : 0;
}

static void count_sent(struct engine *e, enum share share)
{
        struct allowance *a = &e->outbox->shares[share];

        a->sent[a->next] = engine_now(e);
        a->next = (a->next + 1) % per_minute[share];
}

void queued_event_done(struct engine *e, struct queued_events *events, struct queued_event *queued,
                       enum send_state state)
{
        if (queued->committed) {
                batch_event_state(recorder_batch(e), queued->event->seq, state);
                recorder_changed(e, false);
        }
        TAILQ_REMOVE(events, queued, next);
        e->outbox->n--;
        queued_event_free(queued);
}

static struct queued_event *first_committed(const struct queued_events *events)
{
        struct queued_event *queued = TAILQ_FIRST(events);

        return queued && queued->committed ? queued : NULL;
}

/* -EAGAIN: the journal takes no more for now. -ENOBUFS: the minute is full. */
static int send_queue(struct engine *e, enum queue queue)
{
        struct queued_events *events = &e->outbox->queues[queue];
        enum share share = queue_kinds[queue].share;
        struct queued_event *queued;

        while ((queued = first_committed(events))) {
                if (room_at(e->outbox, share) > engine_now(e))
                        return -ENOBUFS;
                int r = queued->unsaved_sent ? 0 : outbox_deliver(e, queued->event, false);
                if (r == -EAGAIN)
                        return r;
                if (!queued->unsaved_sent)
                        count_sent(e, share);
                queued_event_done(e, events, queued, SEND_SENT);
        }
        return 0;
}

/* Gives for which shares the minute is full. */
static int send_queues(struct engine *e, bool ret_full[_SHARE_MAX])
{
        memset(ret_full, 0, _SHARE_MAX * sizeof(*ret_full));
        for (int queue = 0; queue < _QUEUE_MAX; queue++) {
                int r = send_queue(e, (enum queue) queue);

                if (r == -EAGAIN)
                        return r;
                if (r < 0)
                        ret_full[queue_kinds[queue].share] = true;
        }
        return 0;
}

/* --- more than there is room for --- */

/* What the full minute left over, in one entry, the worst named first. All of it stays in the store and can
 * be replayed. */
static void summarise(struct engine *e, enum share share)
{
        struct leftover left = { 0 };

        for (int queue = 0; queue < _QUEUE_MAX; queue++)
                if (queue_kinds[queue].share == share)
                        outbox_leave_out(e, &e->outbox->queues[queue], &left);
        outbox_tell_left_out(e, &left);
}

/* Entries of members wait and are never summed up: each is to be found by its key. */
static bool is_summarised(enum share share)
{
        return share != SHARE_QUIET;
}

static void summarise_due(struct engine *e)
{
        for (int share = 0; share < _SHARE_MAX; share++) {
                struct allowance *a = &e->outbox->shares[share];

                if (a->overflow && engine_now(e) >= a->overflow) {
                        summarise(e, (enum share) share);
                        a->overflow = 0;
                }
        }
}

/* When something changes for what waits. */
static usec_t next_try(struct engine *e, const bool full[_SHARE_MAX])
{
        usec_t when = USEC_INFINITY, now = engine_now(e);

        for (int share = 0; share < _SHARE_MAX; share++) {
                struct allowance *a = &e->outbox->shares[share];

                if (!full[share]) {
                        a->overflow = 0;
                        continue;
                }
                if (is_summarised((enum share) share) && !a->overflow)
                        a->overflow = now + USEC_PER_MINUTE;
                when = MIN(when, room_at(e->outbox, (enum share) share));
                if (a->overflow)
                        when = MIN(when, a->overflow);
        }
        return when;
}

/* All events in memory were sent: those that wait in the database come next. */
static bool load_more(struct engine *e)
{
        struct outbox *outbox = e->outbox;

        if (outbox->n_stored == 0 || outbox->n > 0 || recorder_flush(e) < 0)
                return false;
        outbox->n_stored = 0;
        return outbox_load(e) >= 0 && outbox->n > 0;
}

static void send_all(struct engine *e)
{
        struct outbox *outbox = e->outbox;
        bool full[_SHARE_MAX];
        int r;

        summarise_due(e);
        do
                r = send_queues(e, full);
        while (r >= 0 && load_more(e));

        outbox->refused = r == -EAGAIN;
        usec_t when = outbox->refused ? engine_now(e) + RETRY_AFTER : next_try(e, full);
        if (when != USEC_INFINITY)
                agenda_set(e->agenda, &outbox->alarm, when);
        else
                agenda_clear(e->agenda, &outbox->alarm);
}

/* Events that are committed can be loaded again: the least urgent and newest leave memory first. */
static void unload(struct outbox *outbox)
{
        for (int queue = _QUEUE_MAX - 1; queue >= 0 && outbox->n > LOADED_MAX; queue--) {
                struct queued_event *queued = TAILQ_LAST(&outbox->queues[queue], queued_events);

                while (queued && outbox->n > LOADED_MAX) {
                        struct queued_event *before = TAILQ_PREV(queued, queued_events, next);

                        if (queued->committed && !queued->unsaved_sent) {
                                TAILQ_REMOVE(&outbox->queues[queue], queued, next);
                                queued_event_free(queued);
                                outbox->n--;
                                outbox->n_stored++;
                        }
                        queued = before;
                }
        }
}

void outbox_committed(struct engine *e)
{
        struct outbox *outbox = e->outbox;
        bool any = false;

        for (int queue = 0; queue < _QUEUE_MAX; queue++) {
                struct queued_event *queued;

                TAILQ_FOREACH_REVERSE(queued, &outbox->queues[queue], queued_events, next) {
                        if (queued->committed)
                                break;
                        any = queued->committed = true;
                }
        }
        if (any && !outbox->refused)
                send_all(e);
        if (outbox->n > 2 * LOADED_MAX)
                unload(outbox);
}

void outbox_send_uncommitted(struct engine *e)
{
        for (int queue = 0; queue < _QUEUE_MAX; queue++) {
                struct queued_event *queued;

                TAILQ_FOREACH(queued, &e->outbox->queues[queue], next) {
                        if (queued->committed || queued->unsaved_sent)
                                continue;
                        if (room_at(e->outbox, queue_kinds[queue].share) > engine_now(e))
                                break;
                        if (outbox_deliver(e, queued->event, true) == -EAGAIN)
                                return;
                        count_sent(e, queue_kinds[queue].share);
                        queued->unsaved_sent = true;
                }
        }
}

void outbox_stop(struct engine *e)
{
        agenda_clear(e->agenda, &e->outbox->alarm);
        bool full[_SHARE_MAX];

        (void) send_queues(e, full);
}

size_t outbox_unsent(const struct engine *e)
{
        return e->outbox->n + e->outbox->n_stored;
}
