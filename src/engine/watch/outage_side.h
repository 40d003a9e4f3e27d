/* An outage's inside: one side for each mode. For outage.c and recovery.c. */
#ifndef ENGINE_OUTAGE_SIDE_H
#define ENGINE_OUTAGE_SIDE_H

#include "engine/watch/newest.h"
#include "engine/watch/watch.h"
#include "stripe/judge.h"

struct side {
        enum key_mode mode;
        size_t counted; /* keys; of them … */
        size_t sampled; /* were answered, or not, in this run */
        size_t troubled;
        size_t twice; /* are troubled, and failed more than once in a row */
        struct newest newest;
        unsigned causes[_CAUSE_MAX]; /* of troubled keys, since the last time when there were none */

        bool open;
        usec_t opened, closed;
        usec_t joined;           /* when a key became troubled last */
        bool silent;             /* the newest request that failed got no HTTP answer at all */
        struct newest recovered; /* of keys that were troubled before the answer, or are after it */

        /* recovery.c */
        struct alarm ask; /* one question goes out, though all wait */
        size_t next;      /* where in the list of keys the next one is looked for */
        usec_t crowd;     /* when many were last asked at once */
        struct alarm wake;
        size_t woken, walked; /* of the walk after the end: keys asked anew, keys passed */
        bool waking;
};

struct outage {
        struct side sides[_MODE_MAX];
};

static inline struct side *outage_side(const struct engine *e, const struct key *key)
{
        return &e->outage->sides[key->mode];
}

/* Is it over? Then it is cleared. */
void side_look(struct engine *e, struct side *side);

/* --- recovery.c --- */

void recovery_new(struct side *side);
/* One question every now and then, so that its end is seen. */
void recovery_watch(struct engine *e, struct side *side);
/* A troubled key got a judged answer: may it be over? */
void recovery_sign(struct engine *e, struct side *side);
/* It is over: what is troubled still is asked anew, and counts no more until it is answered. */
void recovery_begin(struct engine *e, struct side *side);
/* No newly troubled key for long, while most that are asked are answered? */
bool recovery_is_due(const struct engine *e, const struct side *side);

#endif
