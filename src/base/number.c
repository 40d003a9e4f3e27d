#include "base/number.h"

#include <errno.h>
#include <stdlib.h>

int number_parse(const char *text, int64_t min, int64_t max, int64_t *ret)
{
        const char *digits = *text == '-' ? text + 1 : text;
        char *end;

        if (*digits < '0' || *digits > '9')
                return -EINVAL;
        errno = 0;
        long long value = strtoll(text, &end, 10);
        if (*end != '\0')
                return -EINVAL;
        if (errno == ERANGE || value < min || value > max)
                return -ERANGE;
        *ret = value;
        return 0;
}
