/* How long the turns of the loop took lately: while one lasts, everybody else waits. Plain data; zeroed, it
 * has seen nothing. */
#ifndef BASE_LOOPTIME_H
#define BASE_LOOPTIME_H

#include <stdint.h>

#include "base/usec.h"

#define LOOPTIME_STEPS  6 /* of ten seconds: what is told covers the last 50 to 60 */
#define LOOPTIME_BOUNDS 96

struct looptime {
        struct {
                uint64_t step; /* which ten seconds of the clock */
                usec_t longest, busiest;
                uint64_t n;
                uint32_t counts[LOOPTIME_BOUNDS]; /* by length, four bounds to each doubling */
        } steps[LOOPTIME_STEPS];
        usec_t longest; /* since the start */
};

struct looptime_figures {
        uint64_t turns;       /* in the last minute */
        usec_t longest, most; /* of them; `most`: 99.9 % of them took no longer (to a quarter) */
        usec_t busiest;       /* the most processor time that one of them took */
        usec_t ever;          /* the longest since the start */
};

/* The clock of the turns. */
usec_t looptime_now(void);

/* The processor time of this thread. A turn that took long, and little of this, waited for the disk, or for a
 * processor that was busy with other programs. */
usec_t looptime_busy(void);

/* A turn that ended at `now` took so long, and so much of the processor. */
void looptime_add(struct looptime *times, usec_t now, usec_t took, usec_t busy);
struct looptime_figures looptime_figures(const struct looptime *times, usec_t now);

#endif
