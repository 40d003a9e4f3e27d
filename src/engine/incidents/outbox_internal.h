/* For outbox.c and outbox_summary.c. */
#ifndef ENGINE_OUTBOX_INTERNAL_H
#define ENGINE_OUTBOX_INTERNAL_H

#include <sys/queue.h>

#include "engine/incidents/incidents.h"

struct queued_event {
        struct event *event;
        bool committed, unsaved_sent;
        TAILQ_ENTRY(queued_event) next;
};

TAILQ_HEAD(queued_events, queued_event);

/* In the order in which they are sent. Within a list, what is committed stands before what is not. */
enum queue {
        QUEUE_URGENT,
        QUEUE_SEVERE,
        QUEUE_NORMAL,
        QUEUE_QUIET, /* members of groups, heartbeats: behind all others, and never summarised */
        _QUEUE_MAX,
};

/* How many a minute (SILENCE_CROWD_MAX) may leave; several queues may share one. */
enum share {
        SHARE_SEVERE, /* its own, so that no flood of warnings takes its place */
        SHARE_NORMAL,
        SHARE_QUIET,
        _SHARE_MAX,
};

#define PER_MINUTE_MAX 1000

struct allowance {
        usec_t sent[PER_MINUTE_MAX]; /* when the latest were, a ring of per_minute[] */
        size_t next;
        usec_t overflow; /* when what still waits is summarised; 0: there was room for all */
};

struct outbox {
        struct queued_events queues[_QUEUE_MAX];
        struct allowance shares[_SHARE_MAX];
        size_t n;           /* in the queues */
        size_t n_stored;    /* unsent, but only in the database; loaded when the queues are empty */
        struct alarm alarm; /* next try */
        bool refused;       /* the journal took nothing at the last try */
};

/* Take an event that was sent, or summed up, out of its queue, and write so. */
void queued_event_done(struct engine *e, struct queued_events *events, struct queued_event *queued,
                       enum send_state state);

#define LEFTOVER_WORDS 512

struct leftover {
        unsigned counts[_INCIDENT_KIND_MAX];
        uint64_t n;
        int64_t since;
        char words[LEFTOVER_WORDS];
        size_t used;
};

/* Take all committed events out of a queue, and count them in `left`. */
void outbox_leave_out(struct engine *e, struct queued_events *events, struct leftover *left);
/* Tell of all that was counted, in one entry. */
void outbox_tell_left_out(struct engine *e, const struct leftover *left);

#endif
