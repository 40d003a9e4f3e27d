/* One request on its way: what is asked, of which key, and who wants to know. Waits in the limiter, then
 * flies. */
#ifndef ENGINE_ASK_H
#define ENGINE_ASK_H

#include <sys/queue.h>

#include "engine/engine.h"

struct ask;
struct lane;

/* Called once, from the loop. The ask is freed afterwards. `reply` is NULL if nothing was sent. */
typedef void (*ask_done_fn)(struct engine *engine, struct ask *ask, const struct judgement *judgement,
                            const struct reply *reply);

struct ask {
        /* Set by the caller before ask_submit(). */
        struct key *key;
        enum slot slot;
        const struct secret
                *secret; /* instead of the stored one: a key that is not stored yet; outlives the ask */
        enum method method;
        char *path; /* owned */
        char *body; /* owned, or NULL */
        size_t body_max;
        usec_t opened_after;
        uint64_t connection;       /* see struct request */
        bool urgent;               /* before everything that is not */
        const struct probe *probe; /* what it is judged by; NULL: no catalogue row */
        unsigned row;
        enum level level;
        bool (*allowed)(const struct ask *ask); /* NULL, or: asked directly before it leaves; if not, it was
                                                   not sent */
        ask_done_fn done;
        void *userdata;

        /* The ask's own. */
        struct engine *engine;
        struct alarm failed; /* rings at once if it could not be sent */
        int error;
        struct lane *lane;
        struct call *call; /* NULL until it flies */
        bool flying;       /* has a place among those in flight */
        usec_t queued;
        enum limit held_by; /* what kept it from starting at once; _LIMIT_MAX: nothing */
        TAILQ_ENTRY(ask) in_lane;
        LIST_ENTRY(ask) in_engine;
};

/* An ask about one level of one permission of `key`, with a path to an object that cannot exist; or NULL
 * without memory or without a probe. The caller sets `done` and submits, or frees. */
struct ask *ask_about(struct engine *engine, struct key *key, unsigned row, enum level level);

/* An ask for any other path, which is taken over (and freed, too, if this fails). */
struct ask *ask_path(struct engine *engine, struct key *key, enum method method, char *path);

/* Hand to the limiter; it owns the ask from now on. */
void ask_submit(struct engine *engine, struct ask *ask);

/* Let go of it, wherever it is; `done` is not called. NULL is fine. Gives back NULL. */
struct ask *ask_cancel(struct engine *engine, struct ask *ask);

/* Could it not be sent because the stored secret cannot be opened, and will not be the next time? */
bool ask_is_unreadable(const struct ask *ask);

/* For the limiter: let it fly. Negative errno: it could not be started (-EMFILE, -ENOMEM: try again; any
 * other is reported to `done` later). */
int ask_start(struct engine *engine, struct ask *ask);

#define BODY_MAX      (64u * 1024)
#define BODY_MAX_LIST (4u * 1024 * 1024)

#endif
