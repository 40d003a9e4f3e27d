/* Rows of the store's views as JSON, columns as they are named there. */
#ifndef CONTROL_ROWS_H
#define CONTROL_ROWS_H

#include <jansson.h>

#include "store/store.h"

struct visit;

/* NULL without memory. */
json_t *row_json(const struct column *columns, size_t n);

/* Seconds since 1970 as the views show them: "2026-11-21T03:00:00Z"; null if it is not after 1970. */
json_t *time_json(int64_t wall);

/* All rows of a query. -errno of the store, or -ENOMEM. */
int rows_query(struct store *store, enum query query, const struct query_filter *filter, json_t **ret);

/* Answer with the rows as a list called `name`; `key` and `limit` of the filter are taken from the visit. */
void reply_rows(struct visit *visit, enum query query, struct query_filter *filter, const char *name);

#endif
