/* When many keys die at once, one incident tells of all, and none is believed in haste. */
#ifndef ENGINE_MASS_H
#define ENGINE_MASS_H

#include "engine/engine.h"

struct notice;
struct mass;

int mass_new(struct engine *engine, struct mass **ret);
struct mass *mass_free(struct mass *mass);

/* An incident of an earlier run is open: go on with it. */
void mass_resume(struct engine *engine);

/* A confirmed suspect has a healthy witness (or nobody could be asked): it is dead, or held once if many have
 * died. */
void mass_witnessed(struct engine *engine, struct key *key);

/* A hold of this key begins. */
void mass_hold(struct engine *engine, struct key *key);

/* The key is dead (blocked): opens its incident, or lists it under the mass incident. */
void mass_death(struct engine *engine, struct key *key, struct notice *notice, int64_t first_wall);
void mass_blocked(struct engine *engine, struct key *key, struct notice *notice);

#endif
