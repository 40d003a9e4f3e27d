#include "base/looptime.h"

#include <string.h>
#include <time.h>

#include "base/macros.h"

#define STEP (10 * USEC_PER_SEC)

/* 0, 1, 2, 3 microseconds, then quarters of each doubling: 4, 5, 6, 7, 8, 10, 12, 14, 16, 20 … */
static unsigned bound_of(usec_t took)
{
        unsigned bits;

        if (took < 4)
                return (unsigned) took;
        bits = 63 - (unsigned) __builtin_clzll(took);
        return MIN(4 * (bits - 1) + (unsigned) (took >> (bits - 2) & 3), LOOPTIME_BOUNDS - 1u);
}

/* The longest that belongs there. */
static usec_t bound_end(unsigned bound)
{
        unsigned bits = bound / 4 + 1;

        return bound < 4 ? bound : ((usec_t) (4 + bound % 4 + 1) << (bits - 2)) - 1;
}

static usec_t read_clock(clockid_t clock)
{
        struct timespec now;

        clock_gettime(clock, &now);
        return (usec_t) now.tv_sec * USEC_PER_SEC + (usec_t) now.tv_nsec / 1000;
}

usec_t looptime_now(void)
{
        return read_clock(CLOCK_MONOTONIC);
}

usec_t looptime_busy(void)
{
        return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

void looptime_add(struct looptime *times, usec_t now, usec_t took, usec_t busy)
{
        uint64_t step = now / STEP;
        __typeof__(times->steps[0]) *at = &times->steps[step % LOOPTIME_STEPS];

        if (at->step != step)
                memset(at, 0, sizeof(*at));
        at->step = step;
        at->longest = MAX(at->longest, took);
        at->busiest = MAX(at->busiest, busy);
        at->n++;
        at->counts[bound_of(took)]++;
        times->longest = MAX(times->longest, took);
}

struct looptime_figures looptime_figures(const struct looptime *times, usec_t now)
{
        struct looptime_figures f = { .ever = times->longest };
        uint64_t counts[LOOPTIME_BOUNDS] = { 0 }, above = 0;

        for (unsigned i = 0; i < LOOPTIME_STEPS; i++) {
                if (times->steps[i].step + LOOPTIME_STEPS <= now / STEP)
                        continue;
                f.longest = MAX(f.longest, times->steps[i].longest);
                f.busiest = MAX(f.busiest, times->steps[i].busiest);
                f.turns += times->steps[i].n;
                for (unsigned bound = 0; bound < LOOPTIME_BOUNDS; bound++)
                        counts[bound] += times->steps[i].counts[bound];
        }
        for (unsigned bound = LOOPTIME_BOUNDS; bound-- > 0;) {
                above += counts[bound];
                if (above * 1000 <= f.turns)
                        continue;
                f.most = MIN(bound_end(bound), f.longest);
                break;
        }
        return f;
}
