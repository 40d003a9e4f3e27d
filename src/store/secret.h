/* The table of sealed secrets. Within store/ only, and within a transaction. */
#ifndef STORE_SECRET_H
#define STORE_SECRET_H

#include "store/database.h"

/* 0: nobody has this secret. -EALREADY: somebody has, ret_other says who (if wanted; caller frees).
 * `but_for`: the row (see secret_row()) that does not count; 0: all count. */
int secret_unknown(struct store *store, const struct sealed *secret, int64_t but_for, char **ret_other);

static inline int64_t secret_row(int64_t key_id, enum slot slot)
{
        return slot == SLOT_NEXT ? -key_id : 2 * key_id + (int64_t) slot;
}

/* Into a slot that is empty, as that of a new key is. A sealed secret never begins with a zero byte. */
int secret_add(struct store *store, int64_t key_id, enum slot slot, const struct sealed *secret);
int secret_remove(struct store *store, int64_t key_id, enum slot slot);
/* What is in SLOT_OLD, if anything is, and that there is something. */
int secret_old_gone(struct store *store, int64_t key_id);

#endif
