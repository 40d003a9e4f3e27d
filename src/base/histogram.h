/* How often something took how long: counts below fixed bounds. Plain data; zeroed but for the bounds, it has
 * seen nothing. */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/usec.h"

#define HISTOGRAM_MAX 16

struct histogram {
        const double *bounds;               /* in seconds, rising */
        size_t n;                           /* at most HISTOGRAM_MAX */
        uint64_t counts[HISTOGRAM_MAX + 1]; /* the last one: above all bounds */
        double sum;
};

static inline void histogram_add(struct histogram *histogram, usec_t duration)
{
        double seconds = (double) duration / (double) USEC_PER_SEC;
        size_t i = 0;

        while (i < histogram->n && seconds > histogram->bounds[i])
                i++;
        histogram->counts[i]++;
        histogram->sum += seconds;
}

#endif
