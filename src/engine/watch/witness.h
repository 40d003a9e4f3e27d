/* Another healthy key, asked when one is suspect: its healthy answer proves that the provider and our own
 * path work. */
#ifndef ENGINE_WITNESS_H
#define ENGINE_WITNESS_H

#include "engine/engine.h"

struct witnesses;

int witness_new(struct engine *engine, struct witnesses **ret);
struct witnesses *witness_free(struct witnesses *witnesses);

/* This key has just given a healthy answer. */
void witness_offer(struct engine *engine, struct key *key);

/* Was another key of this mode answered well within two pulses? */
bool witness_is_healthy(const struct engine *engine, const struct key *key);

/* Its life or its pause changed: keeps the number of keys of each mode that are believed healthy and can be
 * asked. */
void witness_count(struct engine *engine, struct key *key);

/* Nobody asks it as a witness any more: what is under way is given up, and the suspects look for another. */
void witness_release(struct engine *engine, struct key *key);

/* It is about to be removed. */
void witness_forget(struct engine *engine, struct key *key);

/* Ask a witness about a confirmed suspect; life_event() is called with what comes of it, later or at once. */
void witness_ask(struct engine *engine, struct key *suspect);

#endif
