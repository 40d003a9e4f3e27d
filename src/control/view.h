/* A key as JSON: its row of v_key, with what is newer in memory laid over it. */
#ifndef CONTROL_VIEW_H
#define CONTROL_VIEW_H

#include <jansson.h>

#include "engine/engine.h"
#include "store/store.h"

/* `filter` names the key, and perhaps a label that it must have: then -ENOENT if it has not. -errno of the
 * store, -ENOMEM. */
int view_key(struct store *store, const struct key *key, const struct query_filter *filter, json_t **ret);

#endif
