#include "engine/outbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"

#define RETRY_AFTER     (5 * USEC_PER_SEC)
#define PER_MINUTE      60
#define FIELDS_MAX      48
#define URGENT_PRIORITY 2
#define QUIET_PRIORITY  6
#define LOAD_MAX        100000

struct letter {
        struct event *event;
        bool committed, unsaved_sent;
        TAILQ_ENTRY(letter) next;
};

TAILQ_HEAD(letters, letter);

/* Within a list, what is committed stands before what is not. */
enum queue {
        QUEUE_URGENT,
        QUEUE_NORMAL,
        QUEUE_QUIET, /* heartbeats and keys listed under a mass incident: not counted against the rate */
        _QUEUE_MAX,
};

struct outbox {
        struct letters queues[_QUEUE_MAX];
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

static struct letter *letter_free(struct letter *letter)
{
        event_free(letter->event);
        return mfree(letter);
}

static void letters_free(struct letters *letters)
{
        struct letter *letter;

        while ((letter = TAILQ_FIRST(letters))) {
                TAILQ_REMOVE(letters, letter, next);
                letter_free(letter);
        }
}

struct outbox *outbox_free(struct outbox *outbox)
{
        if (!outbox)
                return NULL;
        for (int queue = 0; queue < _QUEUE_MAX; queue++)
                letters_free(&outbox->queues[queue]);
        return mfree(outbox);
}

/* Takes the event over. */
static struct letter *letter_new(struct event *event)
{
        struct letter *letter = calloc(1, sizeof(*letter));

        if (!letter)
                abort();
        letter->event = event;
        return letter;
}

static void insert(struct outbox *outbox, struct letter *letter)
{
        enum queue queue = letter->event->priority <= URGENT_PRIORITY ? QUEUE_URGENT
                           : letter->event->priority < QUIET_PRIORITY ? QUEUE_NORMAL
                                                                      : QUEUE_QUIET;

        TAILQ_INSERT_TAIL(&outbox->queues[queue], letter, next);
        outbox->n++;
}

static int take_loaded(struct event *event, void *userdata)
{
        struct letter *letter = letter_new(event);

        letter->committed = true;
        insert(userdata, letter);
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
        insert(e->outbox, letter_new(event_copy(event)));
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
        return e->parts.journal->send(e->parts.journal, fields, n);
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

static void letter_done(struct engine *e, struct letters *letters, struct letter *letter,
                        enum send_state state)
{
        if (letter->committed) {
                batch_event_state(recorder_batch(e), letter->event->seq, state);
                recorder_changed(e, false);
        }
        TAILQ_REMOVE(letters, letter, next);
        e->outbox->n--;
        letter_free(letter);
}

static struct letter *first_committed(const struct letters *letters)
{
        struct letter *letter = TAILQ_FIRST(letters);

        return letter && letter->committed ? letter : NULL;
}

/* -EAGAIN: the journal takes no more for now. -ENOBUFS: the minute is full. */
static int send_queue(struct engine *e, enum queue queue)
{
        struct letters *letters = &e->outbox->queues[queue];
        struct letter *letter;

        while ((letter = first_committed(letters))) {
                if (queue != QUEUE_QUIET && room_at(e->outbox) > engine_now(e))
                        return -ENOBUFS;
                int r = letter->unsaved_sent ? 0 : outbox_deliver(e, letter->event, false);
                if (r == -EAGAIN)
                        return r;
                if (queue != QUEUE_QUIET && !letter->unsaved_sent)
                        count_sent(e);
                letter_done(e, letters, letter, SEND_SENT);
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

/* --- more than there is room for
 * ------------------------------------------------------------------------------------ */

struct leftover {
        unsigned counts[_INCIDENT_KIND_MAX];
        uint64_t n;
        int64_t since;
        char words[512];
        size_t used;
};

static void leave_out(struct engine *e, enum queue queue, struct leftover *left)
{
        struct letters *letters = &e->outbox->queues[queue];
        struct letter *letter, *next;

        for (letter = TAILQ_FIRST(letters); letter && letter->committed; letter = next) {
                next = TAILQ_NEXT(letter, next);
                if (letter->event->kind == INCIDENT_JOURNAL_SUMMARY)
                        continue;
                left->counts[letter->event->kind]++;
                if (left->n++ == 0 || letter->event->at_wall < left->since)
                        left->since = letter->event->at_wall;
                letter_done(e, letters, letter, SEND_SUMMARISED);
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
                struct letter *letter;

                TAILQ_FOREACH_REVERSE(letter, &outbox->queues[queue], letters, next)
                {
                        if (letter->committed)
                                break;
                        any = letter->committed = true;
                }
        }
        if (any && !outbox->refused)
                send_all(e);
}

void outbox_send_uncommitted(struct engine *e)
{
        for (int queue = 0; queue < _QUEUE_MAX; queue++) {
                struct letter *letter;

                TAILQ_FOREACH(letter, &e->outbox->queues[queue], next)
                {
                        if (letter->committed || letter->unsaved_sent)
                                continue;
                        if (queue != QUEUE_QUIET && room_at(e->outbox) > engine_now(e))
                                break;
                        if (outbox_deliver(e, letter->event, true) == -EAGAIN)
                                return;
                        if (queue != QUEUE_QUIET)
                                count_sent(e);
                        letter->unsaved_sent = true;
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
