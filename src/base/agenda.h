/* All that waits for an instant, in one heap; one timer of the clock serves it. A million keys and a handful
 * of housekeeping tasks are the same to it. */
#ifndef BASE_AGENDA_H
#define BASE_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/macros.h"

struct alarm;
typedef void (*alarm_fn)(struct alarm *alarm, void *userdata);

/* Lives inside what waits (CONTAINER_OF leads back). Zeroed plus `ring` set is a valid alarm that is not
 * waiting. */
struct alarm {
        alarm_fn ring;
        usec_t when;    /* meaningful only while it waits */
        uint32_t place; /* 1 + index in the heap; 0: not waiting */
};

struct agenda;

/* `userdata` is handed to every alarm's `ring`. `clock` must outlive the agenda. -ENOMEM. */
int agenda_new(struct clock *clock, void *userdata, struct agenda **ret);

/* Disarms the clock. Alarms that still wait are forgotten, not freed. */
struct agenda *agenda_free(struct agenda *agenda);
DEFINE_CLEANUP(struct agenda, agenda_free)

/* Room for `n` alarms in all, so that agenda_set() cannot fail for them. -ENOMEM. */
int agenda_reserve(struct agenda *agenda, size_t n);

/* Ring at `when`, instead of whenever it was to ring before. May be called from `ring`. An alarm that finds
 * no memory aborts the process: reserve first for what must not. */
void agenda_set(struct agenda *agenda, struct alarm *alarm, usec_t when);

/* Does not ring any more. No effect if it was not waiting. */
void agenda_clear(struct agenda *agenda, struct alarm *alarm);

/* Clears all, at once: for the end. NULL is fine. */
void agenda_empty(struct agenda *agenda);

static inline bool alarm_waits(const struct alarm *alarm)
{
        return alarm->place != 0;
}

/* The number of alarms that wait. */
size_t agenda_size(const struct agenda *agenda);

#endif
