#include "base/datetime.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/macros.h"

static const struct unit {
        char letter;
        usec_t size;
} units[] = {
        { 'd', USEC_PER_DAY },
        { 'h', USEC_PER_HOUR },
        { 'm', USEC_PER_MINUTE },
        { 's', USEC_PER_SEC },
};

/* Lists of a million keys have ten dates a line, and strftime() would take most of their time. Days are
 * counted from the 1st of March of the year 0 here: the day that leaps is the last of a year then. */
static void date_of(unsigned days_since_1970, unsigned *ret_year, unsigned *ret_month, unsigned *ret_day)
{
        unsigned days = days_since_1970 + 719468, era = days / 146097, of_era = days % 146097;
        unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
        unsigned of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;

        *ret_day = of_year - (153 * month + 2) / 5 + 1;
        *ret_month = month < 10 ? month + 3 : month - 9;
        *ret_year = era * 400 + year + (*ret_month <= 2);
}

static void put_digits(char *to, unsigned two)
{
        to[0] = (char) ('0' + two / 10);
        to[1] = (char) ('0' + two % 10);
}

const char *datetime_format(int64_t wall, char buffer[static DATETIME_MAX])
{
        if (wall <= 0 || wall > WALL_LAST) {
                memcpy(buffer, "never", sizeof("never"));
                return buffer;
        }
        unsigned days = (unsigned) (wall / SEC_PER_DAY), second = (unsigned) (wall % SEC_PER_DAY), year,
                 month, day;

        date_of(days, &year, &month, &day);
        put_digits(buffer, year / 100);
        put_digits(buffer + 2, year % 100);
        memcpy(buffer + 4, "-00-00T00:00:00Z", sizeof("-00-00T00:00:00Z"));
        put_digits(buffer + 5, month);
        put_digits(buffer + 8, day);
        put_digits(buffer + 11, second / 3600);
        put_digits(buffer + 14, second / 60 % 60);
        put_digits(buffer + 17, second % 60);
        return buffer;
}

/* Exactly `n` digits; -1 if they are not. */
static int digits(const char *text, int n)
{
        int value = 0;

        for (int i = 0; i < n; i++) {
                if (text[i] < '0' || text[i] > '9')
                        return -1;
                value = value * 10 + (text[i] - '0');
        }
        return value;
}

/* "Z", "+HH:MM" or "-HH:MM" up to the end of the text. */
static int zone_parse(const char *text, int64_t *ret_seconds)
{
        if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0) {
                *ret_seconds = 0;
                return 0;
        }
        if ((text[0] != '+' && text[0] != '-') || strlen(text) != 6 || text[3] != ':')
                return -EINVAL;
        int hours = digits(text + 1, 2), minutes = digits(text + 4, 2);
        if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
                return -EINVAL;
        *ret_seconds = (text[0] == '-' ? -1 : 1) * (hours * SEC_PER_HOUR + minutes * SEC_PER_MINUTE);
        return 0;
}

static int time_parse(const char *text, struct tm *tm, int64_t *ret_offset)
{
        if (*text == '\0')
                return 0;
        if ((*text != 'T' && *text != 't' && *text != ' ') || strlen(text) < 10 || text[3] != ':' ||
            text[6] != ':')
                return -EINVAL;
        tm->tm_hour = digits(text + 1, 2);
        tm->tm_min = digits(text + 4, 2);
        tm->tm_sec = digits(text + 7, 2);
        if (tm->tm_hour < 0 || tm->tm_hour > 23 || tm->tm_min < 0 || tm->tm_min > 59 || tm->tm_sec < 0 ||
            tm->tm_sec > 59)
                return -EINVAL;
        return zone_parse(text + 9, ret_offset);
}

int datetime_parse(const char *text, int64_t *ret_wall)
{
        struct tm tm = { 0 };
        int64_t offset = 0;

        if (strnlen(text, 10) < 10 || text[4] != '-' || text[7] != '-')
                return -EINVAL;
        int year = digits(text, 4), month = digits(text + 5, 2), day = digits(text + 8, 2);
        if (year < 1970 || month < 1 || day < 1)
                return -EINVAL;
        int r = time_parse(text + 10, &tm, &offset);
        if (r < 0)
                return r;

        tm.tm_year = year - 1900;
        tm.tm_mon = month - 1;
        tm.tm_mday = day;
        time_t t = timegm(&tm);
        if (tm.tm_mday != day || tm.tm_mon != month - 1) /* timegm() made another day of it */
                return -EINVAL;
        if ((int64_t) t - offset < 0 || (int64_t) t - offset > WALL_LAST)
                return -EINVAL;
        *ret_wall = (int64_t) t - offset;
        return 0;
}

int duration_parse(const char *text, usec_t *ret)
{
        const usec_t limit = 36500 * USEC_PER_DAY;
        size_t next_unit = 0;
        usec_t sum = 0;

        if (*text == '\0')
                return -EINVAL;
        while (*text != '\0') {
                usec_t value = 0;
                const char *start = text;

                for (; *text >= '0' && *text <= '9'; text++) {
                        value = value * 10 + (usec_t) (*text - '0');
                        if (value > limit / USEC_PER_SEC)
                                return -ERANGE;
                }
                while (next_unit < ELEMENTSOF(units) && units[next_unit].letter != *text)
                        next_unit++;
                if (text == start || next_unit == ELEMENTSOF(units))
                        return -EINVAL;
                usec_t unit = units[next_unit++].size;
                if (value > (limit - sum) / unit) /* before multiplying: the product could wrap */
                        return -ERANGE;
                sum += value * unit;
                text++;
        }
        *ret = sum;
        return 0;
}

const char *duration_format(usec_t duration, char buffer[static DATETIME_MAX])
{
        size_t used = 0, parts = 0;

        for (size_t i = 0; i < ELEMENTSOF(units) && parts < 2; i++) {
                usec_t count = duration / units[i].size;

                if (count == 0)
                        continue;
                used += (size_t) snprintf(buffer + used, DATETIME_MAX - used, "%llu%c",
                                          (unsigned long long) count, units[i].letter);
                duration -= count * units[i].size;
                parts++;
        }
        if (parts == 0)
                snprintf(buffer, DATETIME_MAX, "0s");
        return buffer;
}
