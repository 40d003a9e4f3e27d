/* One request for events, from its first look to the end of its answer. Within control/ only. */
#ifndef CONTROL_FOLLOWER_H
#define CONTROL_FOLLOWER_H

#include <stdbool.h>
#include <sys/queue.h>

#include "base/usec.h"
#include "control/feed_ring.h"
#include "store/store.h"

struct visit;

struct follower {
        struct store *store;
        const struct feed_ring *ring;
        uint32_t epoch;
        struct visit *visit; /* while it waits */
        uint64_t kinds;      /* a bit for each that is wanted */
        char *key;           /* NULL: of any, and of none */
        int64_t cursor;      /* all up to this was given, or is not wanted */
        unsigned left;       /* events that may be given yet */
        usec_t deadline;     /* of its waiting; 0: it does not wait */
        char *text;          /* made, but not sent yet */
        size_t size, sent;
        bool any, ended;
        TAILQ_ENTRY(follower) next;
};

_Static_assert(_INCIDENT_KIND_MAX <= 64, "kinds are bits");

struct follower *follower_free(struct follower *follower);
DEFINE_CLEANUP(struct follower, follower_free)

/* Is there anything for it? What is not wanted is passed over for good. */
bool follower_has_news(struct follower *follower);

/* Begin the answer, which takes the follower over; what it holds is found while it is sent. */
void follower_answer(struct follower *follower, struct visit *visit);

#endif
