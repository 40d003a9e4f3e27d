/* Rows that stand for a name. Within store/ only, and within a transaction. */
#ifndef STORE_NAMES_H
#define STORE_NAMES_H

#include "store/database.h"

/* The row of a profile, made if it is new. */
int profile_id(struct store *store, const char *name, int64_t *ret);

#endif
