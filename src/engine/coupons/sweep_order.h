/* What a person asked for, and who is swept when, with which key. */
#ifndef ENGINE_SWEEP_ORDER_H
#define ENGINE_SWEEP_ORDER_H

#include "engine/coupons/sweep_job.h"
#include "engine/sweep.h"

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

/* --- sweep.c: which key --- */

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

/* --- sweep_order.c --- */

/* What a person asked for: one account or all of them, now. */
struct sweep_order {
        struct engine *engine;
        struct alarm next;
        struct sweep_request request; /* `name` is not kept */
        bool all;                     /* not only the account of one key */
        int64_t key_id;               /* of it; 0: it is begun */
        int64_t last_id;              /* of all: up to here keys were looked at */
        size_t running;

        struct sweep_finding *findings; /* texts owned */
        size_t n, room;
        size_t swept, failed, lacking, would;
        char message[256], lack[256];
        sweep_done_fn done;
        void *userdata;
        LIST_ENTRY(sweep_order) in_sweep;
};

void sweep_order_free(struct sweep_order *order);
/* Start what can be started, or tell; of the alarm `next`. */
void sweep_order_next(struct alarm *alarm, void *userdata);
/* A new job for the account of `key`. NULL: somebody else is at it, or no memory. */
struct sweep_job *sweep_make_room(struct sweep_order *order, struct key *key);
void sweep_order_ended(struct sweep_job *job, const char *why);
/* One more that would be deleted; how many they are. */
void sweep_order_spared(struct sweep_order *order);
size_t sweep_order_would(const struct sweep_order *order);
void sweep_orders_free(struct engine *e);

#endif
