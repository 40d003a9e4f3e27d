/* What a key may do, held against what its profile wants: what is missing, and what is too much. Pure. */
#ifndef STRIPE_FINDINGS_H
#define STRIPE_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/grants.h"
#include "model/profile.h"
#include "stripe/catalogue.h"

/* Texts are owned, and empty where there is nothing. Ids are separated by spaces ("coupon_write"), labels are
 * the Dashboard's own ("Coupons: Write"), separated by commas. */
struct findings {
        char *missing, *missing_labels, *excess, *excess_labels;
        char *unprobed; /* required, and not told by any answer yet, or without a probe; labels */
        size_t n_missing, n_excess;
        enum risk worst;    /* of the excess */
        bool excess_writes; /* some of it is the right to write */
        bool off;           /* some of what is required belongs to a product that the account lacks */
};

/* Aborts without memory. */
void findings_make(const struct catalogue *catalogue, const struct profile *profile,
                   const struct grants *grants, bool live, struct findings *ret);
void findings_done(struct findings *findings);

#endif
