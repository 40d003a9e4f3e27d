/* Times as people say them. */
#ifndef CLI_WHEN_H
#define CLI_WHEN_H

#include <stdint.h>

#include "base/datetime.h"

/* A date as in datetime_parse(), or a time from now as in duration_parse(). -EINVAL. */
int when_parse(const char *text, int64_t *ret_wall);

/* The same backwards: a date, or so long ago. -EINVAL. */
int when_parse_past(const char *text, int64_t *ret_wall);

/* "3m", "2d4h": how long ago a text of the store's views is; "-" for NULL, "now" for less than a second.
 * Gives back `buffer`. */
const char *when_ago(const char *text, char buffer[static DATETIME_MAX]);

/* What when_text() gives from now on: times in the zone of this machine, or as they are. */
void when_use_local(bool local);

/* A time of the store's views, for people: "2026-11-21 04:12:13+01:00", or as it is, as everything that is no
 * such time. Gives back `text` or `buffer`. */
const char *when_text(const char *text, char buffer[static DATETIME_MAX]);

#endif
