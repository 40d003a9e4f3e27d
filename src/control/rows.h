/* Answers that are rows of the store, made while they are sent: long ones take neither memory nor a long
 * turn. */
#ifndef CONTROL_ROWS_H
#define CONTROL_ROWS_H

#include "control/selected.h"
#include "store/incident_list.h"

/* The key that the parameter names, or NULL if it is not given. false: there is none of that name; answered
 * already. */
bool key_is_known(struct visit *visit, const char **ret);

/* Answer with the rows of a list that is read in pieces, called `name`; the limit is taken from the visit. */
void reply_rows(struct visit *visit, enum query query, const struct query_filter *filter, const char *name);

/* Incidents of a filter whose selector is in `selected`, which is taken over. */
void reply_incidents(struct visit *visit, const struct incident_filter *filter, struct selected *selected);

#endif
