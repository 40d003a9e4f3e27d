/* All keys, in order of id. */
#ifndef ENGINE_KEYS_H
#define ENGINE_KEYS_H

#include "engine/state.h"

struct profile;

int keys_add(struct engine *e, struct key *key);     /* owned from now on; id larger than all others */
void keys_remove(struct engine *e, struct key *key); /* freed; nothing goes on about it any more */
void keys_free(struct engine *e);
struct key *keys_find(const struct engine *e, int64_t id); /* NULL: no such key */
/* Where it is in the list of keys. */
size_t keys_place(const struct engine *e, const struct key *key);

const struct profile *key_profile(const struct engine *e, const struct key *key);
usec_t key_pulse(const struct engine *e, const struct key *key);  /* as configured */
usec_t key_period(const struct engine *e, const struct key *key); /* slower when it is dead */

#endif
