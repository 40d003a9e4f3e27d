/* Answers that are rows of the store. */
#ifndef CONTROL_ROWS_H
#define CONTROL_ROWS_H

#include "store/store.h"

struct visit;

/* Answer with the rows as a list called `name`; `key` and `limit` of the filter are taken from the visit. */
void reply_rows(struct visit *visit, enum query query, struct query_filter *filter, const char *name);

#endif
