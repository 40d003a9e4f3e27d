/* A selector as a condition of a statement: what is not asked for costs nothing. Not for others. */
#ifndef STORE_SELECTOR_SQL_H
#define STORE_SELECTOR_SQL_H

#include "store/database.h"
#include "store/selector.h"
#include "store/views.h"

/* The state of a key at the time that selector_put_now() binds; `k` is a row of key. */
#define STATE_NOW STATE_OR_UNREADABLE_AT(":now")

/* `begin`, " AND " and the conditions, `end`. In `begin` `k` is a row of key, `p` its profile and `a` its
 * account; an empty selector needs none of them. The selector's strings are copied. -EINVAL: a state that is
 * none; -ENOMEM; -errno of the store. */
int selector_prepare(struct store *store, const char *begin, const struct key_selector *selector,
                     const char *end, sqlite3_stmt **ret);

/* Bind the clock, where a state is asked for. */
void selector_put_now(sqlite3_stmt *statement);

#endif
