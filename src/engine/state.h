/* What the rooms of the engine share. Not for other folders. */
#ifndef ENGINE_STATE_H
#define ENGINE_STATE_H

#include <sys/queue.h>

#include "base/agenda.h"
#include "base/clock.h"
#include "engine/across.h"
#include "engine/engine.h"
#include "model/incident.h"
#include "model/schedule.h"

struct secret;
struct recorder;

/* Keys by what is believed of them: keys.h. */
struct counts {
        size_t by_mode[_MODE_MAX][_STATE_MAX];
        size_t suspects, held, untold;
        struct profile_count {
                size_t alive, dead, paused;
        } * by_profile; /* in the order of the profiles */
};

/* A look at all keys, slice by slice: keys.h. */
struct keys_walk {
        struct alarm alarm;
        int64_t last_id;
        void (*visit)(struct engine *e, struct key *key); /* must not remove it */
};

struct engine {
        struct engine_parts parts;
        struct agenda *agenda;
        usec_t anchor; /* wall clock minus `now` at the start: the line that schedules are on */
        bool started, stopped;
        int64_t started_wall;
        usec_t watching_since; /* the start */

        struct key **keys; /* in order of id */
        size_t n_keys, keys_room;
        size_t n_put_off;      /* keys whose turn was put off: turns.c */
        size_t n_series;       /* keys of which a check goes on */
        struct key **accounts; /* the first key of each, by the number of its row */
        size_t accounts_room;
        struct counts counts;
        struct keys_walk replan; /* after a new configuration */
        bool *requires_anew; /* by profile: it requires something else since a reload whose walk goes on */

        struct figures figures;
        struct limiter *limiter;
        LIST_HEAD(, ask) asks;
        struct recorder *recorder;
        struct outbox *outbox;
        struct witnesses *witnesses;
        struct outage *outage;
        struct groups *groups;
        struct burst *burst;
        struct reminder *reminder;
        struct replay *replay;
        struct housekeeping *housekeeping;
        struct rounds *rounds;
        struct stale *stale;
        struct unknown *unknown; /* NULL: no such name was seen */
        struct sweep *sweep;
        struct excess_plan *excess_plans; /* two a profile; made when first needed */
        LIST_HEAD(, put) puts;            /* those that wait for a candidate */
        LIST_HEAD(, decision) decisions;
        struct alarm decisions_alarm;
        LIST_HEAD(, successor) successors;
        size_t n_successors_asked;
        struct alarm successors_alarm;
        LIST_HEAD(, candidate) candidates; /* secrets that are verified before they are stored */
        int64_t last_candidate;
        LIST_HEAD(, rotation) rotations; /* replaced secrets that are watched until they are dead */
        struct import_lines *import;     /* whose transaction is open; NULL: nobody's */
        int64_t import_first;            /* id of the first key in it */
        usec_t import_begun;
        usec_t import_next;         /* when the next imported key gets its first turn */
        struct incident *incidents; /* open, about no single key */
        struct incident **open;     /* open, of all kinds, in order of id */
        size_t n_incidents, open_room;
        size_t n_open[_INCIDENT_CLASS_MAX]; /* of them */
        int64_t last_incident, last_event;
        bool importing; /* the import tells of itself, and has a transaction of its own */
        uint32_t actor; /* who asks for what is done now, if has_actor */
        bool has_actor;
        int64_t committed_event; /* the last that engine_watch_events() told of */
        void (*events_committed)(void *userdata);
        void *events_userdata;
        uint64_t random; /* state; only with parts.seed */
};

/* --- clock --- */

static inline usec_t engine_now(const struct engine *e)
{
        return e->parts.clock->now(e->parts.clock);
}

static inline int64_t engine_wall(const struct engine *e)
{
        return e->parts.clock->wall(e->parts.clock);
}

/* Seconds since 1970 on the schedule's own line, which no jump of the wall clock moves. */
static inline int64_t engine_steady_wall(const struct engine *e)
{
        return (int64_t) ((engine_now(e) + e->anchor) / USEC_PER_SEC);
}

#endif
