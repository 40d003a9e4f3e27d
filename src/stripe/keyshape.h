/* What can be told from a secret without asking anybody. */
#ifndef STRIPE_KEYSHAPE_H
#define STRIPE_KEYSHAPE_H

#include <stdbool.h>

#include "base/secret.h"
#include "model/key.h"

/* 0 with kind and mode; -EINVAL with the reason for people in *ret_why (static, without any byte of the
 * input): pk_, whsec_, sk_org_, ek_/pss_, bytes outside [A-Za-z0-9_], wrong prefix, too short, too long. A
 * body that is neither 24 nor 99 bytes long is valid; *ret_odd_length says so (a lost character is a frequent
 * mistake). */
int keyshape_parse(const struct secret *secret, enum key_kind *ret_kind, enum key_mode *ret_mode,
                   bool *ret_odd_length, const char **ret_why);

/* Is this a name that a key may be stored under: [A-Za-z0-9][A-Za-z0-9._:@-]{0,63}, and not key-like itself?
 */
bool key_name_valid(const char *name);

/* acct_ and 1 to 32 alphanumerics. */
bool account_valid(const char *account);

#endif
