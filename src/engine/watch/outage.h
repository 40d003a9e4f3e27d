/* When many keys of one mode get no answer, the trouble is the path's or the provider's: one incident. It is
 * told, and it silences nothing about a key that is answered: beliefs, confirmations and witnesses go on.
 *
 * A key *counts* unless it is paused, dead or odd. It is *troubled* from its first answer that is unclear by
 * the path's or the provider's fault to its next judged one, if the one before was judged, too. What is
 * still troubled when the outage is over becomes *odd* until it is judged again: that is its own matter. */
#ifndef ENGINE_OUTAGE_H
#define ENGINE_OUTAGE_H

#include "engine/incidents/incidents.h"

struct outage;
struct judgement;

int outage_new(struct engine *engine, struct outage **ret);
struct outage *outage_free(struct outage *outage);

/* Incidents of an earlier run are open: go on with them. */
void outage_resume(struct engine *engine);

/* Its life or its pause changed: does it count? */
void outage_count(struct engine *engine, struct key *key);

/* It is about to be removed. */
void outage_forget(struct engine *engine, struct key *key);

/* The newest answer of a key, of whatever kind. May open or clear. */
void outage_sample(struct engine *engine, struct key *key, const struct judgement *judgement);

/* In any mode. */
bool outage_is_open(const struct engine *engine);

/* One is open, and this key is one of those that get no answer. */
bool outage_strikes(const struct engine *engine, const struct key *key);

/* A key that is struck is asked at 2, 4 … 50 times its pulse: is this turn of it to be left out? */
bool outage_skips(const struct engine *engine, const struct key *key);

/* Does an outage explain that the key has no verdict? It strikes the key, or the key was not asked since it
 * ended. */
bool outage_excuses(const struct engine *engine, const struct key *key);

/* Does it get no answer now, for whatever reason? */
static inline bool outage_key_is_unclear(const struct key *key)
{
        return key->unclear > 0 || key->odd;
}

#endif
