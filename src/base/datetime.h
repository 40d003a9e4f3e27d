/* Dates and durations as people write them. */
#ifndef BASE_DATETIME_H
#define BASE_DATETIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/usec.h"

/* "2026-11-21T03:12:13Z" and its NUL. */
#define DATETIME_MAX 32

/* The years 2011, in which Stripe began, to 9999, after which a date has no form: what is accepted of people,
 * of answers and of files. Sums and differences of such values cannot overflow, in microseconds neither. */
#define WALL_FIRST INT64_C(1293840000)
#define WALL_LAST  INT64_C(253402300799)

static inline bool wall_is_plausible(int64_t wall)
{
        return wall >= WALL_FIRST && wall <= WALL_LAST;
}

/* Seconds since 1970 as RFC 3339 in UTC; "never" for a value that is not after 1970, or after
 * 9999. Gives back `buffer`. */
const char *datetime_format(int64_t wall, char buffer[static DATETIME_MAX]);

/* "2026-11-21" (midnight UTC), "2026-11-21T03:12:13Z", "…+01:00", or a blank instead of the T. -EINVAL: none
 * of these, a date that does not exist, or one before 1970 or after 9999. */
int datetime_parse(const char *text, int64_t *ret_wall);

/* "30s", "5m", "2h", "7d", or several, largest first and none twice: "1h30m". Nothing else: no blanks, signs,
 * fractions. -EINVAL; -ERANGE: more than 100 years. "0s" is valid here; whether it makes sense is the
 * caller's. */
int duration_parse(const char *text, usec_t *ret);

/* The same notation, at most two units ("3d4h", "35s"), rounded down; "0s" below a second. Gives back
 * `buffer`. */
const char *duration_format(usec_t duration, char buffer[static DATETIME_MAX]);

#endif
