/* Rows of the store as JSON: columns as they are named there, lists as lists, yes and no as booleans. */
#ifndef VIEW_ROW_H
#define VIEW_ROW_H

#include <jansson.h>

#include "store/store.h"

/* NULL without memory. */
json_t *row_json(const struct column *columns, size_t n);

/* A row_fn: the row is added to `userdata`, a list. -ENOMEM. */
int row_append(const struct column *columns, size_t n, void *userdata);

/* "coupon_write invoice_read" as a list. NULL without memory. */
json_t *ids_json(const char *text);

/* The same of "Coupons: Write, Invoices: Read". A label may hold a comma, but each ends with its level. */
json_t *labels_json(const char *text);

/* A text of the store, which somebody else may have written into: "?" if it is not UTF-8, or would not be
 * seen as it is. NULL without memory. */
json_t *text_json(const char *text);

/* One value. NULL without memory. */
json_t *column_json(const struct column *column);

/* Is it another type in JSON than in the store? */
bool column_is_typed(const struct column *column);

/* Seconds since 1970 as the store's views show them: "2026-11-21T03:00:00Z"; null if it is not after 1970, or
 * without a date. */
json_t *time_json(int64_t wall);

/* The first row of a query; -ENOENT if there is none, -errno of the store, or -ENOMEM. */
int row_query(struct store *store, enum query query, const struct query_filter *filter, json_t **ret);

/* `object`.`name` becomes all rows of a query. */
int rows_add(json_t *object, const char *name, struct store *store, enum query query,
             const struct query_filter *filter);

#endif
