/* What the spans of all keys say, read in slices so that nobody waits for all of them. */
#ifndef STORE_SPANS_H
#define STORE_SPANS_H

#include "store/store.h"

/* `until_wall` 0: it is open. The store must not be called from there. */
typedef void (*span_take_fn)(const char *state, int64_t from_wall, int64_t until_wall, void *userdata);

/* Those with after < id <= until, in order of id. */
int spans_read(struct store *store, int64_t after, int64_t until, span_take_fn take, void *userdata);

/* The highest id there is; 0: none. */
int spans_last(struct store *store, int64_t *ret_id);

/* Outages that were not over at `since_wall`, the oldest first; `cleared` 0: it is open. */
typedef int (*outage_take_fn)(int64_t opened, int64_t cleared, const char *mode, void *userdata);
int spans_outages(struct store *store, int64_t since_wall, outage_take_fn take, void *userdata);

#endif
