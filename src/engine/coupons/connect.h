/* A connection check with a real coupon. */
#ifndef ENGINE_CONNECT_H
#define ENGINE_CONNECT_H

#include "engine/coupons/sweep_order.h"

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
/* Tell whoever waits that it cannot be told. */
void connects_give_up(struct engine *e);
bool connect_is_about(const struct engine *e, const struct ledger_row *row);
void connects_forget(struct engine *e, const struct key *key);

#endif
