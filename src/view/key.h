/* A key as JSON. */
#ifndef VIEW_KEY_H
#define VIEW_KEY_H

#include <jansson.h>

#include "model/key.h"
#include "store/store.h"

/* All about the key called `name`: its row with labels, permissions, open incidents and the answers that were
 * not the expected ones. `key`: what is newer in memory, or NULL. -ENOENT; -errno of the store; -ENOMEM. */
int key_json(struct store *store, const char *name, const struct key *key, json_t **ret);

#endif
