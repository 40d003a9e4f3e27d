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
#define LOAD_MAX        100000

struct letter {
        struct event *event;
        bool committed, unsaved_sent;
        TAILQ_ENTRY(letter) next;
};

TAILQ_HEAD(letters, letter);

struct outbox {
        struct letters urgent, normal, replays;
        size_t n;           /* urgent and normal */
        struct alarm alarm; /* next try */
        usec_t minute;      /* when the running minute began */
        unsigned sent;      /* in it */
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
        TAILQ_INIT(&outbox->urgent);
        TAILQ_INIT(&outbox->normal);
        TAILQ_INIT(&outbox->replays);
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
        letters_free(&outbox->urgent);
        letters_free(&outbox->normal);
        letters_free(&outbox->replays);
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
        if (letter->event->priority <= URGENT_PRIORITY)
                TAILQ_INSERT_TAIL(&outbox->urgent, letter, next);
        else
                TAILQ_INSERT_TAIL(&outbox->normal, letter, next);
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

/* Splits the event's lines in place of a copy and hands them to the journal. */
static int deliver(struct engine *e, const struct event *event, bool unsaved)
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

static bool minute_is_full(struct engine *e)
{
        struct outbox *outbox = e->outbox;
        usec_t now = engine_now(e);

        if (outbox->minute == 0 || now - outbox->minute >= USEC_PER_MINUTE) {
                outbox->minute = now;
                outbox->sent = 0;
        }
        return outbox->sent >= PER_MINUTE;
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

/* -EAGAIN: the journal takes no more for now. -ENOBUFS: the minute is full. */
static int send_some(struct engine *e, struct letters *letters)
{
        struct letter *letter, *next;

        for (letter = TAILQ_FIRST(letters); letter; letter = next) {
                next = TAILQ_NEXT(letter, next);
                if (!letter->committed)
                        continue;
                if (minute_is_full(e))
                        return -ENOBUFS;
                int r = letter->unsaved_sent ? 0 : deliver(e, letter->event, false);
                if (r == -EAGAIN)
                        return r;
                e->outbox->sent++;
                letter_done(e, letters, letter, SEND_SENT);
        }
        return 0;
}

static int send_replays(struct engine *e)
{
        struct letter *letter;

        while ((letter = TAILQ_FIRST(&e->outbox->replays))) {
                int r = deliver(e, letter->event, false);
                if (r == -EAGAIN)
                        return r;
                TAILQ_REMOVE(&e->outbox->replays, letter, next);
                letter_free(letter);
        }
        return 0;
}

/* What the full minute left over, in one entry. All of it stays in the store and can be replayed. */
static void summarise(struct engine *e)
{
        struct outbox *outbox = e->outbox;
        struct letters *lists[] = { &outbox->urgent, &outbox->normal };
        unsigned counts[_INCIDENT_KIND_MAX] = { 0 };
        uint64_t n = 0;
        char words[512] = "";
        size_t used = 0;

        for (size_t i = 0; i < ELEMENTSOF(lists); i++) {
                struct letter *letter, *next;

                for (letter = TAILQ_FIRST(lists[i]); letter; letter = next) {
                        next = TAILQ_NEXT(letter, next);
                        if (!letter->committed || letter->event->kind == INCIDENT_JOURNAL_SUMMARY)
                                continue;
                        counts[letter->event->kind]++;
                        n++;
                        letter_done(e, lists[i], letter, SEND_SUMMARISED);
                }
        }
        if (n == 0)
                return;
        for (int kind = 0; kind < _INCIDENT_KIND_MAX; kind++)
                if (counts[kind] > 0 && used < sizeof(words))
                        used += (size_t) snprintf(words + used, sizeof(words) - used, "%s%u %s",
                                                  used ? ", " : "", counts[kind],
                                                  incident_kind_name((enum incident_kind) kind));
        struct notice notice = {
                .kind = INCIDENT_JOURNAL_SUMMARY, .count = n, .has_count = true, .detail = words
        };
        event_emit(e, NULL, &notice, engine_wall(e));
}

static bool anything_committed(const struct outbox *outbox)
{
        const struct letter *letter;

        TAILQ_FOREACH(letter, &outbox->urgent, next)
        if (letter->committed)
                return true;
        TAILQ_FOREACH(letter, &outbox->normal, next)
        if (letter->committed)
                return true;
        return false;
}

static void send_all(struct engine *e)
{
        struct outbox *outbox = e->outbox;

        /* The minute that ended had more than it could hold: what is still here is summarised, and with it
         * what the summary's own minute would repeat. */
        if (outbox->sent >= PER_MINUTE && engine_now(e) - outbox->minute >= USEC_PER_MINUTE)
                summarise(e);

        int r = send_some(e, &outbox->urgent);
        if (r >= 0)
                r = send_some(e, &outbox->normal);
        if (r >= 0)
                r = send_replays(e);
        if (r == -ENOBUFS)
                agenda_set(e->agenda, &outbox->alarm, outbox->minute + USEC_PER_MINUTE);
        else if (r == -EAGAIN && (anything_committed(outbox) || !TAILQ_EMPTY(&outbox->replays)))
                agenda_set(e->agenda, &outbox->alarm, engine_now(e) + RETRY_AFTER);
}

void outbox_committed(struct engine *e)
{
        struct outbox *outbox = e->outbox;
        struct letter *letter;
        bool any = false;

        TAILQ_FOREACH_REVERSE(letter, &outbox->urgent, letters, next)
        {
                if (letter->committed)
                        break;
                any = letter->committed = true;
        }
        TAILQ_FOREACH_REVERSE(letter, &outbox->normal, letters, next)
        {
                if (letter->committed)
                        break;
                any = letter->committed = true;
        }
        if (any && !alarm_waits(&outbox->alarm))
                send_all(e);
}

void outbox_send_uncommitted(struct engine *e)
{
        struct letters *lists[] = { &e->outbox->urgent, &e->outbox->normal };

        for (size_t i = 0; i < ELEMENTSOF(lists); i++) {
                struct letter *letter;

                TAILQ_FOREACH(letter, lists[i], next)
                {
                        if (letter->committed || letter->unsaved_sent)
                                continue;
                        if (minute_is_full(e) || deliver(e, letter->event, true) == -EAGAIN)
                                return;
                        e->outbox->sent++;
                        letter->unsaved_sent = true;
                }
        }
}

void outbox_replay(struct engine *e, struct event *event)
{
        struct letter *letter = letter_new(event);

        TAILQ_INSERT_TAIL(&e->outbox->replays, letter, next);
        if (!alarm_waits(&e->outbox->alarm))
                agenda_set(e->agenda, &e->outbox->alarm, engine_now(e));
}

void outbox_stop(struct engine *e)
{
        agenda_clear(e->agenda, &e->outbox->alarm);
        if (send_some(e, &e->outbox->urgent) >= 0)
                (void) send_some(e, &e->outbox->normal);
}

size_t outbox_unsent(const struct engine *e)
{
        return e->outbox->n;
}
