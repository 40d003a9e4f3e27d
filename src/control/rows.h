/* Answers that are rows of the store, made while they are sent: long ones take neither memory nor a long
 * turn. */
#ifndef CONTROL_ROWS_H
#define CONTROL_ROWS_H

#include "control/selected.h"

/* The key that the parameter names, or NULL if it is not given. false: there is none of that name; answered
 * already. */
bool key_is_known(struct visit *visit, const char **ret);

/* Answer with the rows of a list that is read in pieces, called `name`; the limit is taken from the visit. */
void reply_rows(struct visit *visit, enum query query, const struct query_filter *filter, const char *name);

/* Incidents about the keys of a selector, which is taken over. */
void reply_selected(struct visit *visit, struct selected *selected, bool open_only);

#endif
