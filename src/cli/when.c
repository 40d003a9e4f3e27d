#include "cli/when.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static bool use_local; /* as the zone is, of the whole program */

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

void when_use_local(bool local)
{
        use_local = local;
}

static bool is_time(const char *text, int64_t *ret_wall)
{
        return strlen(text) == sizeof("2026-11-21T03:12:13Z") - 1 && text[10] == 'T' && text[19] == 'Z' &&
               datetime_parse(text, ret_wall) >= 0;
}

const char *when_text(const char *text, char buffer[static DATETIME_MAX])
{
        char zone[8];
        int64_t wall;
        time_t seconds;
        struct tm tm;

        if (!use_local || !is_time(text, &wall))
                return text;
        seconds = (time_t) wall;
        if (!localtime_r(&seconds, &tm) || strftime(buffer, DATETIME_MAX, "%Y-%m-%d %H:%M:%S", &tm) == 0 ||
            strftime(zone, sizeof(zone), "%z", &tm) != sizeof("+0100") - 1)
                return text;
        snprintf(buffer + strlen(buffer), DATETIME_MAX - strlen(buffer), "%.3s:%s", zone, zone + 3);
        return buffer;
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
