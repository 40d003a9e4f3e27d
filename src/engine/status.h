/* How the watch is, in numbers of this moment; figures.h has those that only grow. */
#ifndef ENGINE_STATUS_H
#define ENGINE_STATUS_H

#include "engine/engine.h"

/* For what requests wait, as far as we make them wait. */
struct limiter_waits {
        size_t pace, backed_off;  /* for their account's pace; until its back-off ends */
        int64_t backed_off_until; /* the last of those, seconds since 1970; 0: none */
        size_t rate;              /* for the pace of all, and the rest */
};

struct engine_status {
        size_t keys;
        size_t by_state[_STATE_MAX];
        size_t by_mode[_MODE_MAX][_STATE_MAX];
        size_t held;        /* of the suspects */
        double lag_seconds; /* how long the request that is next in line has been waiting */
        size_t suspects;
        size_t untold; /* keys that must have a permission of a product that their account lacks */
        size_t in_flight, waiting; /* requests */
        size_t overdue;            /* keys whose turn passed by more than three intervals */
        size_t unsent;             /* events that the journal has not taken */
        size_t open_incidents;
        struct {
                size_t critical, warning, lesser, acknowledged; /* priority <= 2, 3 and 4, beyond; any */
        } incidents;
        struct limiter_waits waits;
        double needed_rate; /* requests per second that the schedule needs */
        bool store_trouble, outage, master_beside_store;
        int64_t started_wall, last_round_wall; /* 0: no round completed yet */
        int64_t round_seconds;                 /* how long the last complete round took */
        int64_t round_age_seconds;             /* of the round that goes on; -1: no key is watched */
        int64_t longest_pulse_seconds;         /* of any key that is watched: what "three intervals" counts */
};

void engine_status(const struct engine *engine, struct engine_status *ret);

/* Names of permissions that refusals gave, and the catalogue does not have, since the start; with `_read` or
 * `_write`. */
#define UNKNOWN_MAX      16
#define UNKNOWN_NAME_MAX 64
struct unknown_permission {
        char name[UNKNOWN_NAME_MAX];
        size_t count;
};
const struct unknown_permission *engine_unknown(const struct engine *engine, size_t *ret_n);

#endif
