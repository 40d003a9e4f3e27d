/* What engine.c does for its rooms, because it takes more than one of them or one further right. Not for
 * other folders. */
#ifndef ENGINE_ACROSS_H
#define ENGINE_ACROSS_H

#include "engine/engine.h"

/* Spreads waits and choices. */
uint32_t engine_random(struct engine *e);

/* The stored secret, opened; the caller frees (and so wipes) it. Errors of store_secret_read() and
 * vault_unseal(). */
int engine_secret(struct engine *e, const struct key *key, enum slot slot, struct secret **ret);

/* Account name (the caller frees; NULL if unknown). */
char *engine_account(const struct engine *e, const struct key *key);

/* By name; NULL: no such key. */
struct key *engine_named(struct engine *e, const char *name);

/* The account of a key became known: what the coupon ledger has of the key becomes the account's. */
int engine_account_learned(struct engine *e, struct key *key, int64_t account_id);

#endif
