#include "engine/incidents/outbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/incidents/incidents.h"

#define RETRY_AFTER     (5 * USEC_PER_SEC)
#define PER_MINUTE      60
#define FIELDS_MAX      48
#define URGENT_PRIORITY 2
#define QUIET_PRIORITY  6
#define LOAD_MAX        100000

struct queued_event {
        struct event *event;
        bool committed, unsaved_sent;
        TAILQ_ENTRY(queued_event) next;
};

TAILQ_HEAD(queued_events, queued_event);

/* Within a list, what is committed stands before what is not. */
enum queue {
        QUEUE_URGENT,
        QUEUE_NORMAL,
        QUEUE_QUIET, /* heartbeats and keys listed under a mass incident: not counted against the rate */
        _QUEUE_MAX,
};

struct outbox {
        struct queued_events queues[_QUEUE_MAX];
        size_t n;                /* in the queues */
        struct alarm alarm;      /* next try */
        bool refused;            /* the journal took nothing at the last try */
        usec_t sent[PER_MINUTE]; /* when the latest counted ones were, a ring */
        size_t next_sent;
        usec_t overflow; /* when what still waits is summarised; 0: there was room for all */
};

static void send_all(struct engine *e);

static void on_alarm(struct alarm *alarm, void *userdata)
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
        outbox->alarm.ring = on_alarm;
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
        struct queued_event *queued = calloc(1, sizeof(*queued));

        if (!queued)
                abort();
        queued->event = event;
        return queued;
}

static void insert(struct outbox *outbox, struct queued_event *queued)
{
        enum queue queue = queued->event->priority <= URGENT_PRIORITY ? QUEUE_URGENT
                           : queued->event->priority < QUIET_PRIORITY ? QUEUE_NORMAL
                                                                      : QUEUE_QUIET;

        TAILQ_INSERT_TAIL(&outbox->queues[queue], queued, next);
        outbox->n++;
}

static int take_loaded(struct event *event, void *userdata)
{
        struct queued_event *queued = queued_event_new(event);

        queued->committed = true;
        insert(userdata, queued);
        return 0;
}

int outbox_load(struct engine *e)
{
        int r = store_load_unsent(e->parts.store, LOAD_MAX, take_loaded, e->outbox);

        if (r >= 0 && e->outbox->n > 0)
                agenda_set(e->agenda, &e->outbox->alarm, engine_now(e));
        return r;
}

static struct event *event_copy(const struct event *event)
{
        struct event *copy = malloc(sizeof(*copy));

        if (!copy)
                abort();
        *copy = *event;
        copy->fields = strdup(event->fields);
        if (!copy->fields)
                abort();
        return copy;
}

void outbox_add(struct engine *e, const struct event *event)
{
        insert(e->outbox, queued_event_new(event_copy(event)));
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

/* When there is room for one more; not later than now: at once. Any sixty seconds see no more than sixty. */
static usec_t room_at(const struct outbox *outbox)
{
        usec_t oldest = outbox->sent[outbox->next_sent];

        return oldest ? oldest + USEC_PER_MINUTE : 0;
}

static void count_sent(struct engine *e)
{
        struct outbox *outbox = e->outbox;

        outbox->sent[outbox->next_sent] = engine_now(e);
        outbox->next_sent = (outbox->next_sent + 1) % PER_MINUTE;
}

static void queued_event_done(struct engine *e, struct queued_events *events, struct queued_event *queued,
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
        struct queued_event *queued;

        while ((queued = first_committed(events))) {
                if (queue != QUEUE_QUIET && room_at(e->outbox) > engine_now(e))
                        return -ENOBUFS;
                int r = queued->unsaved_sent ? 0 : outbox_deliver(e, queued->event, false);
                if (r == -EAGAIN)
                        return r;
                if (queue != QUEUE_QUIET && !queued->unsaved_sent)
                        count_sent(e);
                queued_event_done(e, events, queued, SEND_SENT);
        }
        return 0;
}

static int send_queues(struct engine *e)
{
        int full = 0;

        for (int queue = 0; queue < _QUEUE_MAX; queue++) {
                int r = send_queue(e, (enum queue) queue);

                if (r == -EAGAIN)
                        return r;
                if (r < 0)
                        full = r;
        }
        return full;
}

/* --- more than there is room for --- */

struct leftover {
        unsigned counts[_INCIDENT_KIND_MAX];
        uint64_t n;
        int64_t since;
        char words[512];
        size_t used;
};

static void leave_out(struct engine *e, enum queue queue, struct leftover *left)
{
        struct queued_events *events = &e->outbox->queues[queue];
        struct queued_event *queued, *next;

        for (queued = TAILQ_FIRST(events); queued && queued->committed; queued = next) {
                next = TAILQ_NEXT(queued, next);
                if (queued->event->kind == INCIDENT_JOURNAL_SUMMARY)
                        continue;
                left->counts[queued->event->kind]++;
                if (left->n++ == 0 || queued->event->at_wall < left->since)
                        left->since = queued->event->at_wall;
                queued_event_done(e, events, queued, SEND_SUMMARISED);
        }
        for (int kind = 0; kind < _INCIDENT_KIND_MAX; kind++) {
                if (left->counts[kind] > 0 && left->used < sizeof(left->words))
                        left->used +=
                                (size_t) snprintf(left->words + left->used, sizeof(left->words) - left->used,
                                                  "%s%u %s", left->used ? ", " : "", left->counts[kind],
                                                  incident_kind_name((enum incident_kind) kind));
                left->counts[kind] = 0;
        }
}

/* What the full minute left over, in one entry, the worst named first. All of it stays in the store and can
 * be replayed. */
static void summarise(struct engine *e)
{
        struct leftover left = { 0 };

        leave_out(e, QUEUE_URGENT, &left);
        leave_out(e, QUEUE_NORMAL, &left);
        if (left.n == 0)
                return;
        struct notice notice = {
                .kind = INCIDENT_JOURNAL_SUMMARY,
                .count = left.n,
                .has_count = true,
                .since = left.since,
                .detail = left.words,
        };
        event_emit(e, NULL, &notice, engine_wall(e));
}

static void send_all(struct engine *e)
{
        struct outbox *outbox = e->outbox;
        usec_t now = engine_now(e);

        if (outbox->overflow && now >= outbox->overflow) {
                summarise(e);
                outbox->overflow = 0;
        }

        int r = send_queues(e);
        if (r == -ENOBUFS && !outbox->overflow)
                outbox->overflow = now + USEC_PER_MINUTE;
        else if (r == 0)
                outbox->overflow = 0;

        outbox->refused = r == -EAGAIN;
        if (outbox->refused)
                agenda_set(e->agenda, &outbox->alarm, now + RETRY_AFTER);
        else if (r == -ENOBUFS)
                agenda_set(e->agenda, &outbox->alarm, MIN(room_at(outbox), outbox->overflow));
        else
                agenda_clear(e->agenda, &outbox->alarm);
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
}

void outbox_send_uncommitted(struct engine *e)
{
        for (int queue = 0; queue < _QUEUE_MAX; queue++) {
                struct queued_event *queued;

                TAILQ_FOREACH(queued, &e->outbox->queues[queue], next) {
                        if (queued->committed || queued->unsaved_sent)
                                continue;
                        if (queue != QUEUE_QUIET && room_at(e->outbox) > engine_now(e))
                                break;
                        if (outbox_deliver(e, queued->event, true) == -EAGAIN)
                                return;
                        if (queue != QUEUE_QUIET)
                                count_sent(e);
                        queued->unsaved_sent = true;
                }
        }
}

void outbox_stop(struct engine *e)
{
        agenda_clear(e->agenda, &e->outbox->alarm);
        (void) send_queues(e);
}

size_t outbox_unsent(const struct engine *e)
{
        return e->outbox->n;
}
