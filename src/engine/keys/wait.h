/* What a key waits for beyond its schedule, and until when. One function for each kind of waiting: nobody
 * else sets `again` and `holds` of its work. Whoever changes a wait plans the key's turn anew. */
#ifndef ENGINE_KEYS_WAIT_H
#define ENGINE_KEYS_WAIT_H

#include "engine/keys/work.h"

/* For nothing: the schedule alone asks. */
void wait_nothing(struct work *w);
/* To be asked, as soon as its account and the limits admit it. */
void wait_turn(const struct engine *e, struct work *w);
/* For a second answer that must agree with the first. */
void wait_recheck(const struct engine *e, struct work *w);
/* For the next of the answers that confirm a death; `streak` is how many there were. */
void wait_confirm(const struct engine *e, struct work *w, unsigned streak);
/* For the end of a hold, in `left`. */
void wait_hold(const struct engine *e, struct work *w, usec_t left);
/* For something else, which ends the wait itself, at `latest` if it does not. */
void wait_other(struct work *w, usec_t latest);
/* For a verdict in place of an answer that was none: longer each time. `repeats` counts them. */
void wait_repeat(const struct engine *e, struct work *w, unsigned *repeats);

#endif
