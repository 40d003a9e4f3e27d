/* Probe coupons that interrupted connection checks left behind: looked for once per `coupons.scan` with one
 * key of each account and mode, judged one by one, deleted if every rail allows it. What is found and every
 * step about it is in the ledger (store/ledger.h) before it is taken.
 *
 * The sweep concludes nothing about the life of a key: an answer that puts it in doubt ends the sweep and
 * brings the key's next pulse forward. */
#ifndef ENGINE_SWEEP_H
#define ENGINE_SWEEP_H

#include "engine/engine.h"
#include "store/ledger.h"
#include "stripe/coupon.h"

/* One coupon, as it stands after the sweep. Texts never NULL. */
struct sweep_finding {
        const char *key, *account, *mode, *coupon;
        enum coupon_state state;
        enum rail why;
        const char *reason; /* the same as a word */
        const char *text;   /* and for people */
        int64_t created;    /* 0: not known */
};

/* Borrowed during the callback. */
struct sweep_result {
        size_t swept;        /* accounts (per mode) that were looked at completely */
        size_t failed;       /* those that were not */
        const char *message; /* plain words: why the last one failed; "" if none did */
        size_t lacking;      /* accounts that were left out, or not finished, because the key may not */
        const char *lack;    /* plain words: the last of these; "" if there are none */
        const struct sweep_finding *findings;
        size_t n;
};

/* Called exactly once, from the loop, unless the engine is freed first (then never). */
typedef void (*sweep_done_fn)(const struct sweep_result *result, void *userdata);

struct sweep_request {
        const char *name; /* the account of this key; NULL: all */
        bool dry_run;     /* everything but the DELETE, and nothing is written down */
        bool force;       /* although there are unusually many */
};

/* Look now, completely. -ENOENT: no such key; -EINVAL: nothing that could be swept, with the reason in words;
 * -EBUSY: the store is in trouble. */
int engine_sweep(struct engine *engine, const struct sweep_request *request, sweep_done_fn done,
                 void *userdata, char **ret_why);

/* Ids from another program's logs: the same rails, no listing. `request->name` is required. Errors as above;
 * -EINVAL, too, for an id that is not that of a probe coupon. */
int engine_coupons_add(struct engine *engine, const struct sweep_request *request, const char *const *ids,
                       size_t n_ids, sweep_done_fn done, void *userdata, char **ret_why);

#endif
