#pragma once

#include "judge.h"

/* Answers of POSTs that were carried out with an Idempotency-Key are kept and given again. */
struct replay;

/* True, with the answer filled, if the call was made before with this key: the same answer again, or 400 if
 * its parameters are not the same. */
bool idempotency_replay(struct call *c);
void idempotency_keep(struct call *c);
struct replay *replay_free(struct replay *r);
