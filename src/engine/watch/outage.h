/* When many keys get no verdict, the trouble is the network's or the provider's: one incident, and no
 * conclusions until it is over. */
#ifndef ENGINE_OUTAGE_H
#define ENGINE_OUTAGE_H

#include "engine/engine.h"

struct outage;

int outage_new(struct engine *engine, struct outage **ret);
struct outage *outage_free(struct outage *outage);

/* An incident of an earlier run is open: go on with it. */
void outage_resume(struct engine *engine);

/* The newest answer of a key, of whatever kind. May open or clear. */
void outage_sample(struct engine *engine, struct key *key, const struct judgement *judgement);

/* The key takes part no more (paused, removed). */
void outage_forget(struct engine *engine, struct key *key);

bool outage_is_open(const struct engine *engine);
bool outage_key_is_unclear(const struct key *key);

#endif
