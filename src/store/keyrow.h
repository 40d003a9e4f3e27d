/* A struct key as a row, and back. Within store/ only. */
#ifndef STORE_KEYROW_H
#define STORE_KEYROW_H

#include "store/database.h"

/* Write the row as the key is now; a key that is gone is nobody's. */
int keyrow_update(struct store *store, const struct key *key);

/* -EEXIST */
int keyrow_insert(struct store *store, const struct key *key, int64_t profile_id);

/* The key of a row of STATEMENT_KEY_SELECT, which the caller owns. -EUCLEAN: it makes no sense. */
int keyrow_read(sqlite3_stmt *row, struct key **ret);

int span_begin(struct store *store, int64_t key_id, enum state state, int64_t at_wall);

int meta_put(struct store *store, const char *name, const char *value);

/* All of a key but its history: its name is free, its secrets, grants, labels and scans are gone. Harmless if
 * it is removed already. */
int key_remove(struct store *store, int64_t key_id, int64_t at_wall, uint32_t checks);

#endif
