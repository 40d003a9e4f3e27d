/* What a plan is made of. Only for src/stripe/plan*.c. */
#ifndef STRIPE_PLAN_INTERNAL_H
#define STRIPE_PLAN_INTERNAL_H

#include "stripe/plan.h"

/* The account whose keys come now. Coupons are looked for once, however many keys there are. */
struct plan_account {
        bool live;
        uint64_t coupons;
        size_t keys;
        double gets, posts, scan;
        const struct profile *reader;
        double reader_reads;
};

/* How many keys there are of a profile and mode, and what the dearest of their accounts costs to look for
 * coupons. */
struct plan_use {
        size_t keys;
        double scan;
};

struct plan {
        const struct settings *settings;
        const struct catalogue *catalogue;
        const struct profiles *profiles;
        uint64_t coupons;
        struct plan_key *costs; /* [profile][live] */
        struct plan_use *uses;  /* the same */
        size_t n_counted;       /* accounts whose coupons somebody counted */
        struct plan_sum sum;    /* without the account whose keys come now */
        struct plan_account account;
};

#endif
