/* What was found out about a key, as JSON and as a problem. */
#ifndef CONTROL_ASK_H
#define CONTROL_ASK_H

#include "control/visit.h"

/* With what is open about the key. NULL without memory. */
json_t *result_json(const struct visit *visit, const struct check_result *result);

/* The secret is not stored, and why: a problem that holds what was found. */
void reply_refused(struct visit *visit, const struct check_result *result);

/* May a key have this name? -EINVAL: answered already. */
int name_check(struct visit *visit, const char *name);

/* mode=live or test; -1 if it was not given. -EINVAL: answered already. */
int parameter_mode(struct visit *visit, int *ret);

#endif
