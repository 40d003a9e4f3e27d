/* One account and mode that is being swept: what is known of it, and its next step. */
#ifndef ENGINE_SWEEP_JOB_H
#define ENGINE_SWEEP_JOB_H

#include "engine/coupons/coupons.h"
#include "engine/watch/watch.h"
#include "store/ledger.h"
#include "stripe/coupon.h"

/* A coupon that a job deals with. */
struct sweep_row {
        struct ledger_row *row; /* owned; as it is, or will be when the job settles */
        enum rail why;          /* its reason */
        bool fresh;             /* found just now */
        bool changed;           /* to be written */
        bool judged;
        bool left_out; /* not asked for this time */
        bool deleted;  /* by this job, and not settled yet */
};

struct sweep_job;
typedef void (*sweep_step_fn)(struct sweep_job *job);

/* One account and mode being swept. One request at a time. */
struct sweep_job {
        struct engine *engine;
        struct key *key;
        struct ledger_owner owner;
        struct sweep_order *order; /* NULL: by the schedule */
        bool dry_run, force;
        bool lacks; /* the key may not do it */

        struct ask *ask;
        struct alarm again; /* the next step, when its time comes */
        sweep_step_fn step;
        unsigned repeats; /* answers in a row that were none */

        /* The listing. */
        struct ledger_scan scan;
        bool complete;  /* of all coupons */
        int64_t began;  /* by the provider's clock if it said */
        int64_t asked;  /* the same by ours; 0: nothing is listed */
        int64_t since;  /* created[gte]; 0: all */
        int64_t until;  /* created[lte]; 0: all */
        unsigned small; /* so many pages are asked with a small limit */
        unsigned restarts;
        uint64_t n_seen;
        char *cursor;
        struct coupon_found *found;
        size_t n_found, found_room, n_saved;
        int64_t last_created; /* of the last coupon that was read; 0: it does not tell where we are */
        unsigned n_pages;     /* since that was saved */
        bool unordered;       /* the newest do not come first */
        bool listed;          /* to the end */

        /* The coupons, one after the other. */
        struct sweep_row *rows;
        size_t n_rows, rows_room, n_sorted, next;
        struct coupon_facts facts;
        size_t n_deleted;  /* not settled yet */
        size_t n_would;    /* not deleted, because it is only to be told what would be */
        unsigned given_up; /* coupons that got no answer */
        struct {
                long status;
                char code[CODE_SIZE], request_id[64];
        } refusal; /* the last one of a delete */

        LIST_ENTRY(sweep_job) in_sweep;
};

struct sweep_job *sweep_job_of(struct engine *e, const struct ledger_owner *owner);
/* Nothing is asked yet. NULL without memory. */
struct sweep_job *sweep_job_new(struct engine *e, struct key *key);
/* No ask is in flight any more; nothing is told. */
void sweep_job_free(struct sweep_job *job);
/* Write down what is known, tell whoever waits, free. `why` NULL: it was looked at completely. */
void sweep_job_end(struct sweep_job *job, const char *why);
/* Why not a step further? NULL: go on. */
const char *sweep_hindered(const struct engine *e, const struct key *key);
/* On the next turn of the loop, or later. */
void sweep_then(struct sweep_job *job, sweep_step_fn step, usec_t when);
/* The answer was none: the same step again after a growing wait, or the end of the job. */
void sweep_repeat(struct sweep_job *job, sweep_step_fn step);

enum sweep_verdict {
        SWEEP_ANSWER,  /* 2xx */
        SWEEP_MISSING, /* there is no such coupon */
        SWEEP_REFUSED, /* the key may not, or the provider will not */
        SWEEP_UNCLEAR,
        SWEEP_KEY, /* about the key, not about the question */
};
enum sweep_verdict sweep_verdict(const struct judgement *judgement);
void sweep_ask(struct sweep_job *job, enum method method, char *path, ask_done_fn done);
/* Begin an answer of `ask`: false if the job is over. */
bool sweep_answered(struct sweep_job *job, const struct judgement *judgement);

#endif
