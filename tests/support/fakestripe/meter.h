#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"

/* What one account in one mode was asked, and the limit on it. All zero is a valid fresh meter. */
struct meter {
        usec_t *stamps; /* ring: the requests of the last second */
        size_t first, count, room;
        uint64_t requests;
        unsigned max_in_second; /* most in any window of one second, refused ones included */
        unsigned in_flight, max_in_flight;
        double tokens; /* of the rate limit; filled at `filled` */
        usec_t filled;
};

void meter_begin(struct meter *m, usec_t now);
void meter_end(struct meter *m);

/* Whether one more request fits: `rate` a second, and as many at once after a quiet second. 0: no limit. */
bool meter_admits(struct meter *m, usec_t now, double rate);
void meter_clear(struct meter *m);
