/* The coupon ledger: what was found, and every step before it is taken. A row belongs to an account, or to a
 * key whose account is not known yet; in both cases to one mode. Errors as in store/store.h. */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"
#include "model/key.h"

struct store;
struct batch;

#define COUPON_STATES(X)                                                                                     \
        X(FOUND, "found")                                                                                    \
        X(DELETING, "deleting") /* about to be deleted, or the answer was lost: fetch it first */            \
        X(DELETED, "deleted")                                                                                \
        X(GONE, "gone")   /* was not there any more when it was fetched */                                   \
        X(KEPT, "kept")   /* not deletable, or not now: see the reason */                                    \
        X(STUCK, "stuck") /* the provider refuses to delete it */

enum coupon_state {
#define X(name, text) COUPON_##name,
        COUPON_STATES(X)
#undef X
                _COUPON_STATE_MAX
};

#define COUPON_SOURCES(X)                                                                                    \
        X(SCAN, "scan")       /* found in a listing */                                                       \
        X(ADDED, "added")     /* named by a person */                                                        \
        X(CONNECT, "connect") /* ours: made by a connection check */

enum coupon_source {
#define X(name, text) COUPON_FROM_##name,
        COUPON_SOURCES(X)
#undef X
                _COUPON_SOURCE_MAX
};

const char *coupon_state_name(enum coupon_state state);

/* Nothing more is to be done about it. */
static inline bool coupon_finished(enum coupon_state state)
{
        return state == COUPON_DELETED || state == COUPON_GONE;
}

struct ledger_owner {
        int64_t account_id; /* 0: not known, the key is the owner */
        int64_t key_id;     /* with an account: the key it was last seen with; 0: none */
        enum key_mode mode;
};

/* Texts are owned, never NULL in a row that was loaded; `reason` may be NULL in one that is put. */
struct ledger_row {
        struct ledger_owner owner;
        int64_t id; /* 0: not stored yet */
        char *coupon;
        char *reason;
        int64_t created;   /* seconds since 1970, by the provider; 0: not known */
        int64_t updated;   /* when `state` was reached, or last tried */
        int64_t next_try;  /* 0: with the next scan */
        int64_t incident;  /* 0: none */
        uint32_t seen;     /* in how many listings */
        uint32_t attempts; /* judged refusals of a delete */
        enum coupon_state state;
        enum coupon_source source;
        bool ours; /* made by us: may not be forgotten */
};

struct ledger_row *ledger_row_free(struct ledger_row *row);
DEFINE_CLEANUP(struct ledger_row, ledger_row_free)

/* Insert, or replace the row of the same owner, mode and coupon. On disk when this returns 0; *ret_id (may be
 * NULL) is its id. -ENOENT: the owning key is gone. */
int ledger_put(struct store *store, const struct ledger_row *row, int64_t *ret_id);

/* The same together with what else is in the batch, such as the event that tells of it. Copied. */
void batch_coupon(struct batch *batch, const struct ledger_row *row);

/* -ENOENT: never heard of. */
int ledger_find(struct store *store, const struct ledger_owner *owner, const char *coupon,
                struct ledger_row **ret);

/* Every row that is not finished, in order of id; `owner` NULL: of all. `take` owns the row; a negative
 * return ends it. The store must not be called from it. */
typedef int (*ledger_take_fn)(struct ledger_row *row, void *userdata);
int ledger_load(struct store *store, const struct ledger_owner *owner, ledger_take_fn take, void *userdata);

/* The account of a key became known: rows of the key become the account's. Of two rows about one coupon the
 * one that was updated last counts; that it is ours is never forgotten. */
int ledger_merge(struct store *store, int64_t key_id, int64_t account_id);

/* Coupons deleted since, or being deleted; `owner` NULL: of all. */
int ledger_count_deleted(struct store *store, const struct ledger_owner *owner, int64_t since_wall,
                         int64_t *ret);

/* 1: one of ours is not finished; 0: none. */
int ledger_has_ours(struct store *store, const struct ledger_owner *owner);

/* What is known of the listing of an owner's coupons. */
struct ledger_scan {
        int64_t last_complete; /* when the last complete listing began; 0: never */
        int64_t last_scan;     /* when the last listing of either sort began */
        int64_t coupons_seen;  /* in the last complete listing */
        int64_t month;         /* what `reads` counts: 202611 */
        int64_t reads;         /* GET requests in that month */

        /* A listing that was not read to its end. Newest come first, so what is created is all that has to be
         * known to go on: no coupon of the merchant's is written down. */
        struct {
                int64_t until; /* what was created until then is still to be read; 0: none is half read */
                int64_t began; /* when it did, as the others */
                int64_t since; /* it reads what was created since; 0: all */
                int64_t seen;  /* coupons so far */
        } half;
};

/* All zero for an owner that was never scanned. */
int ledger_scan_get(struct store *store, const struct ledger_owner *owner, struct ledger_scan *ret);
int ledger_scan_put(struct store *store, const struct ledger_owner *owner, const struct ledger_scan *scan);
void batch_scan(struct batch *batch, const struct ledger_owner *owner, const struct ledger_scan *scan);

/* Every owner that was ever scanned. */
typedef int (*ledger_scan_take_fn)(const struct ledger_owner *owner, const struct ledger_scan *scan,
                                   void *userdata);
int ledger_load_scans(struct store *store, ledger_scan_take_fn take, void *userdata);

#endif
