/* Time inside the daemon: microseconds. A `usec_t` is either a span, or an instant on CLOCK_BOOTTIME;
 * wall-clock times are seconds since 1970 in an int64_t whose name ends in `_wall`. The two are never mixed.
 */
#ifndef BASE_USEC_H
#define BASE_USEC_H

#include <stdint.h>

typedef uint64_t usec_t;

#define USEC_INFINITY   UINT64_MAX
#define USEC_PER_MSEC   UINT64_C(1000)
#define USEC_PER_SEC    UINT64_C(1000000)
#define USEC_PER_MINUTE (60 * USEC_PER_SEC)
#define USEC_PER_HOUR   (60 * USEC_PER_MINUTE)
#define USEC_PER_DAY    (24 * USEC_PER_HOUR)

#define SEC_PER_MINUTE INT64_C(60)
#define SEC_PER_HOUR   INT64_C(3600)
#define SEC_PER_DAY    INT64_C(86400)

#endif
