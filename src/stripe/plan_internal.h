/* What a plan is made of. Only for src/stripe/plan*.c. */
#ifndef STRIPE_PLAN_INTERNAL_H
#define STRIPE_PLAN_INTERNAL_H

#include <stdlib.h>

#include "stripe/plan.h"

/* An account in one mode, or a key whose account is not known. */
struct plan_owner {
        uint64_t account, id;
        bool live;
};

struct plan_entry {
        struct plan_owner owner;
        uint32_t profile;
};

struct plan_counted {
        struct plan_owner owner;
        uint64_t coupons;
};

struct plan {
        const struct settings *settings;
        const struct catalogue *catalogue;
        const struct profiles *profiles;
        uint64_t coupons;
        struct plan_key *costs; /* [profile][live] */
        struct plan_entry *entries;
        size_t n, room;
        struct plan_counted *counted;
        size_t n_counted, counted_room;
};

/* The reads of looking for coupons in the account of this key. After plan_sum(), which sorts. */
double plan_entry_scan(const struct plan *plan, const struct plan_entry *entry);

#endif
