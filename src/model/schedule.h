/* When is what due. Pure arithmetic; nothing here remembers anything. */
#ifndef MODEL_SCHEDULE_H
#define MODEL_SCHEDULE_H

#include <stdint.h>

#include "base/usec.h"
#include "model/silence.h"

/* The next instant after `after` that is this key's own: every `period`, at a phase that follows from `name`.
 * Instants are on the line wall clock = now + `anchor` (fixed at start), so a key keeps its slot over a
 * restart, a fleet is spread evenly, and nothing bursts after a pause: whatever is late waits for its own
 * slot, at most one period away. */
usec_t schedule_slot(const char *name, usec_t period, usec_t after, usec_t anchor);

/* How often a dead key is asked: 12 pulses, at most an hour, never more often than the pulse. */
usec_t schedule_dead_period(usec_t pulse);

/* The wait before an answer that was none is asked for again: 5, 10, 20, 40, 60, 60 … seconds. `tries` counts
 * from 0. */
usec_t schedule_repeat(unsigned tries);

/* Back-off after throttling or server errors: 1, 2, 4 … 60 s, plus up to a quarter of it by `random`; at
 * least `retry_after` seconds if that is not negative (at most an hour is believed). `failures` counts
 * from 1. */
usec_t schedule_backoff(unsigned failures, int64_t retry_after, uint32_t random);

/* Between two answers that must agree. */
#define SCHEDULE_RECHECK (SILENCE_AGREEMENT_MAX * USEC_PER_SEC)

#endif
