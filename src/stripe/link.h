/* Links into Stripe's Dashboard. */
#ifndef STRIPE_LINK_H
#define STRIPE_LINK_H

#include "model/profile.h"
#include "stripe/catalogue.h"

/* The page that creates a key with exactly what `profile` requires, pre-filled; of a permission that several
 * lines ask for, the highest level. Rows of the profile are rows of `catalogue`. The caller frees. -ENOMEM.
 */
int link_create(const struct catalogue *catalogue, const struct profile *profile, bool live, char **ret);

/* The page that edits the key object `mk` (mk_…) of `account`; both come from a 403's text. The caller frees.
 * -EINVAL: one of them is not of its form; -ENOMEM. */
int link_edit(const char *account, const char *mk, char **ret);

#endif
