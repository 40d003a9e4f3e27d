#include "clock.h"

#include <stdio.h>
#include <time.h>

usec_t now_monotonic(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (usec_t) t.tv_sec * USEC_PER_SEC + (usec_t) t.tv_nsec / 1000;
}

int64_t now_wall(void)
{
        return time(NULL);
}

void date_text(int64_t wall, char ret[static 32])
{
        static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
        static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
        time_t t = wall;
        struct tm tm;

        /* Years of more than four digits have no place in a Date header. */
        if (t > INT64_C(253402300799) || t < 0 || !gmtime_r(&t, &tm)) {
                ret[0] = '\0';
                return;
        }
        snprintf(ret, 32, "%s, %02u %s %04u %02u:%02u:%02u GMT", days[tm.tm_wday], tm.tm_mday % 100u,
                 months[tm.tm_mon], (tm.tm_year + 1900) % 10000u, tm.tm_hour % 100u, tm.tm_min % 100u,
                 tm.tm_sec % 100u);
}
