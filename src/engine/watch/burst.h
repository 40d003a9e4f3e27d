/* Many keys that are suspected at once. Their deaths are believed and told together, and what goes beyond a
 * group is held once more; a doubt about many that nobody confirms is told as one. */
#ifndef ENGINE_BURST_H
#define ENGINE_BURST_H

#include "engine/state.h"

struct burst;

int burst_new(struct engine *engine, struct burst **ret);
struct burst *burst_free(struct burst *burst);

/* An incident of an earlier run is open: look when it is over. */
void burst_resume(struct engine *engine);

/* The key is suspect from now on, or not any more (it may not have been). */
void burst_suspected(struct engine *engine, struct key *key);
void burst_settled(struct engine *engine, struct key *key);

/* A confirmed suspect has a healthy witness: it is dead, now or in a moment, or held once. */
void burst_witnessed(struct engine *engine, struct key *key);

/* Nobody can be asked: it is held once, then dead, now or in a moment. */
void burst_unwitnessed(struct engine *engine, struct key *key);

/* Its witness was not healthy: it is held, or, after the last hold, dead, now or in a moment. */
void burst_doubtful(struct engine *engine, struct key *key);

/* A hold of this key begins. */
void burst_hold(struct engine *engine, struct key *key);

#endif
