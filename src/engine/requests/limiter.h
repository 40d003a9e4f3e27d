/* Stands in front of the transport: who may ask now. Two requests in flight and five a second for each
 * account and mode, limits for all, back-off for one account. Nothing waits anywhere else, so no
 * request's timeout runs while it waits here. */
#ifndef ENGINE_LIMITER_H
#define ENGINE_LIMITER_H

#include "engine/requests/ask.h"
#include "engine/status.h"

struct limiter;

int limiter_new(struct engine *engine, struct limiter **ret);
struct limiter *limiter_free(struct limiter *limiter);

/* Take an ask in; it starts as soon as it may. */
void limiter_add(struct engine *engine, struct ask *ask);

/* Take it out again, waiting or flying. */
void limiter_remove(struct engine *engine, struct ask *ask);

/* An answer came: frees the place, learns from throttling and server errors, lets the next one go. */
void limiter_answered(struct engine *engine, struct ask *ask, const struct judgement *judgement);

/* Must the key's account be left alone for a while, because it was throttled or the server failed? */
bool limiter_backs_off(const struct engine *engine, const struct key *key);

/* From now on no request starts. */
void limiter_stop(struct engine *engine);

/* How long whoever is next in line has been ready to start; 0: nobody is. */
usec_t limiter_lag(const struct engine *e);
size_t limiter_in_flight(const struct limiter *limiter);
size_t limiter_waiting(const struct limiter *limiter);
/* How many wait for what. */
void limiter_waits(const struct engine *engine, struct limiter_waits *ret);

/* Has something that nothing hinders waited for longer than `span`? */
bool limiter_stalled(const struct engine *engine, usec_t span);

#endif
