/* What the engine knows of time. One of its three seams (with transport.h and journal.h): the daemon gives it
 * sd-event's clocks, the simulation a counter that jumps from alarm to alarm. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/usec.h"

typedef void (*clock_fire_fn)(void *userdata);

struct clock {
        /* CLOCK_BOOTTIME, as of now. Never goes back, counts suspend. */
        usec_t (*now)(struct clock *clock);

        /* Seconds since 1970. May jump in either direction; for records and for what people read, not for
         * schedules. */
        int64_t (*wall)(struct clock *clock);

        /* Call fire(userdata) once, from the loop, when `now` has reached `when`; never from inside this
         * call. Replaces what was armed before; USEC_INFINITY disarms. */
        void (*arm)(struct clock *clock, usec_t when, clock_fire_fn fire, void *userdata);
};

#endif
