#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "form.h"
#include "world.h"

/* One control request. The handlers return false with `problem` set if they do not like it: 400. */
struct control {
        struct world *world;
        struct form query;
        json_t *items; /* array: what the body holds, be it one value, an array, or lines */
        struct buf problem;
        struct buf out; /* the answer; empty: {"ok":true} */
};

typedef bool (*control_fn)(struct control *c);

bool control_keys_put(struct control *c);
bool control_keys_patch(struct control *c);
bool control_keys_delete(struct control *c);
bool control_keys_get(struct control *c);
bool control_schedule_post(struct control *c);
bool control_coupons_put(struct control *c);
bool control_coupons_get(struct control *c);
bool control_coupons_delete(struct control *c);
bool control_promotions_put(struct control *c);
bool control_faults_post(struct control *c);
bool control_faults_get(struct control *c);
bool control_faults_delete(struct control *c);
bool control_clock_post(struct control *c);
bool control_clock_get(struct control *c);
bool control_options_post(struct control *c);
bool control_log_get(struct control *c);
bool control_log_delete(struct control *c);
bool control_stats_get(struct control *c);
bool control_stats_delete(struct control *c);
bool control_accounts_put(struct control *c);
bool control_rows_put(struct control *c);
bool control_rows_delete(struct control *c);
bool control_routes_get(struct control *c);

/* Sets the problem; always false. */
bool control_fail(struct control *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A member of an object, or the default if it is not there or of another type. */
const char *item_text(const json_t *item, const char *name, const char *otherwise);
int64_t item_number(const json_t *item, const char *name, int64_t otherwise);
double item_real(const json_t *item, const char *name, double otherwise);
bool item_flag(const json_t *item, const char *name, bool otherwise);

/* False, with the problem set, if the item has a member that is not in the NULL-terminated list. */
bool item_members_known(struct control *c, const json_t *item, const char *const *known);

/* The account and mode that a body or a query names; the mode is `test` if it does not say. NULL: problem
 * set. */
struct realm *item_realm(struct control *c, const json_t *item);
struct realm *query_realm(struct control *c);
