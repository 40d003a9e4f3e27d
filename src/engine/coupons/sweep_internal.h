/* The parts of the sweep, of each other. Only for engine/sweep*.c and engine/connect.c; what the rest of the
 * engine calls is in coupons.h. */
#ifndef ENGINE_SWEEP_INTERNAL_H
#define ENGINE_SWEEP_INTERNAL_H

#include "engine/coupons/coupons.h"
#include "engine/sweep.h"
#include "engine/watch/watch.h"
#include "store/ledger.h"
#include "stripe/coupon.h"

/* A coupon that a job deals with. */
struct sweep_row {
        struct ledger_row *row; /* owned; as it is, or will be when the job settles */
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
                char status[8], code[48], request_id[64];
        } refusal; /* the last one of a delete */

        LIST_ENTRY(sweep_job) in_sweep;
};

struct sweep {
        struct alarm walk;
        size_t next;          /* place in the list of keys of the key that is looked at next */
        usec_t walked;        /* up to this instant */
        usec_t clock_doubted; /* when that was said last; 0: never */
        LIST_HEAD(, sweep_job) jobs;
        LIST_HEAD(, sweep_order) orders;
        LIST_HEAD(, connect) connects;
        LIST_HEAD(, chain) chains;
        size_t n_jobs;
};

/* --- sweep.c, sweep_job.c --- */

struct ledger_owner owner_of(const struct key *key);
bool owner_equal(const struct ledger_owner *a, const struct ledger_owner *b);
/* Can this key be used: alive, not suspect, not paused, and not known to lack coupons read? */
bool sweep_may_use(const struct engine *e, const struct key *key);
/* Is it alive, and known to lack coupons read? */
bool sweep_lacks(const struct engine *e, const struct key *key);
/* Is that level of a permission known to be granted (1), refused (0), not known (-1)? */
int sweep_grant(const struct engine *e, const struct key *key, const char *permission, enum level level);
/* The best key of the owner of `key`: one that may delete, if there is one; to list, one whose profile says
 * so. NULL: none. */
struct key *sweep_elect(struct engine *e, struct key *key, bool listing);
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

/* --- sweep_list.c --- */

void sweep_list(struct sweep_job *job);
/* Is it time? Fills the job's listing. `now`: it is, for a complete one. */
bool sweep_list_is_due(struct sweep_job *job, bool now);

/* --- sweep_resume.c: a listing that was not read to its end --- */

/* A page was read and taken. */
void sweep_resume_place(struct sweep_job *job, const struct coupon_page *page);
/* Whoever lists this account next can go on from here. */
void sweep_resume_save(struct sweep_job *job);
/* Go on with what is half read, if that is worth it. */
void sweep_resume(struct sweep_job *job);
/* The cursor is gone: go on with a date. False: no date tells where. */
bool sweep_resume_again(struct sweep_job *job);

/* --- sweep_rows.c: which coupons, and what is written down about them --- */

int sweep_rows_load(struct sweep_job *job);
/* One that was listed or named. */
int sweep_row_found(struct sweep_job *job, const char *id, int64_t created, enum coupon_source source);
/* The list was read to its end: what was found in its first half counts from now on. */
void sweep_rows_release(struct sweep_job *job);
/* Commit what was found. -errno of the store. */
int sweep_found(struct sweep_job *job);
/* Commit what was done since, with the events and incidents that tell of it. */
void sweep_settle(struct sweep_job *job);
void sweep_row_state(struct sweep_job *job, struct sweep_row *r, enum coupon_state state, const char *reason,
                     int64_t next_try);

/* --- sweep_judge.c --- */

/* What all that may be read of one account's kept coupons, or its complete listings, costs at most. */
#define SWEEP_READS_A_MONTH 1000
#define SWEEP_MONTH         (30 * SEC_PER_DAY)

void sweep_rows(struct sweep_job *job);
static inline struct sweep_row *sweep_current(struct sweep_job *job)
{
        return &job->rows[job->next];
}
/* Fill in what is known without asking, as it is now. */
void sweep_facts(struct sweep_job *job);
/* When one that is kept is to be looked at again, in `wait` seconds or later. */
int64_t sweep_look_again(const struct sweep_job *job, int64_t wait);
/* The current one is through: on to the next. */
void sweep_row_done(struct sweep_job *job);
/* Look at the current one afresh after a growing wait, or leave it for the next scan. */
void sweep_row_repeat(struct sweep_job *job);

/* --- sweep_delete.c --- */

/* Are the limits of a day used up, for the current one? */
bool sweep_too_many(struct sweep_job *job);
/* The rails let the current one go. */
void sweep_delete(struct sweep_job *job);
/* For the limiter, when a delete is about to leave: do all rails still hold? */
bool sweep_may_delete(const struct ask *ask);

/* --- sweep_order.c --- */

/* What a person asked for: one account or all of them, now. */
struct sweep_order {
        struct engine *engine;
        struct alarm next;
        struct sweep_request request; /* `name` is not kept */
        int64_t *keys;                /* ids of the keys whose accounts are still to be swept */
        size_t n_keys, next_key, running;

        struct sweep_finding *findings; /* texts owned */
        size_t n, room;
        size_t swept, failed, lacking, would;
        char message[256], lack[256];
        sweep_done_fn done;
        void *userdata;
        LIST_ENTRY(sweep_order) in_sweep;
};

void sweep_order_free(struct sweep_order *order);
/* An account is left out, because its key may not list. */
void sweep_order_lack(struct sweep_order *order, const struct key *key);
/* Start what can be started, or tell; of the alarm `next`. */
void sweep_order_next(struct alarm *alarm, void *userdata);
/* A new job for the account of `key`. NULL: somebody else is at it, or no memory. */
struct sweep_job *sweep_make_room(struct sweep_order *order, struct key *key);
void sweep_order_ended(struct sweep_job *job, const char *why);
/* One more that would be deleted; how many they are. */
void sweep_order_spared(struct sweep_order *order);
size_t sweep_order_would(const struct sweep_order *order);
void sweep_orders_free(struct engine *e);

/* --- connect_chain.c, connect.c --- */

/* One who waits for a check: first the coupons, then the check itself, and its result with both. */
struct chain {
        struct engine *engine;
        struct alarm next;
        char name[65];
        enum check_kind kind;
        bool added;
        char *warning;
        enum check_outcome outcome;
        char text[384];
        check_done_fn done;
        void *userdata;
        LIST_ENTRY(chain) in_sweep;
};

/* The coupons are through, with `outcome` and `text`: on with the check. */
void chain_check(struct chain *chain);
/* The key is gone. */
void chain_gone(struct chain *chain, const char *why_not);
void chains_free(struct engine *e);
/* Try a real coupon; chain_check() follows. */
void connect_start(struct chain *chain);

void connects_free(struct engine *e);
bool connect_is_about(const struct engine *e, const struct ledger_row *row);
void connects_forget(struct engine *e, const struct key *key);

#endif
