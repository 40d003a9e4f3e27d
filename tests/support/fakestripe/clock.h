#pragma once

#include <stdint.h>

typedef uint64_t usec_t;

enum { USEC_PER_SEC = 1000000, USEC_PER_MSEC = 1000 };

usec_t now_monotonic(void);
int64_t now_wall(void); /* the machine's, seconds since 1970 */

/* As in the header `Date`. */
void date_text(int64_t wall, char ret[static 32]);
