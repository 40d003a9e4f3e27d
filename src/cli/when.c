#include "cli/when.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

static int parse(const char *text, int sign, int64_t *ret_wall)
{
        usec_t span;

        if (datetime_parse(text, ret_wall) >= 0)
                return 0;
        if (duration_parse(text, &span) < 0)
                return -EINVAL;
        *ret_wall = (int64_t) time(NULL) + sign * (int64_t) (span / USEC_PER_SEC);
        return 0;
}

int when_parse(const char *text, int64_t *ret_wall)
{
        return parse(text, 1, ret_wall);
}

int when_parse_past(const char *text, int64_t *ret_wall)
{
        return parse(text, -1, ret_wall);
}

const char *when_ago(const char *text, char buffer[static DATETIME_MAX])
{
        int64_t wall, now = (int64_t) time(NULL);

        if (!text || datetime_parse(text, &wall) < 0)
                snprintf(buffer, DATETIME_MAX, "-");
        else if (wall >= now)
                snprintf(buffer, DATETIME_MAX, "now");
        else
                duration_format((usec_t) (now - wall) * USEC_PER_SEC, buffer);
        return buffer;
}
