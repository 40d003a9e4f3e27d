#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static int max_level = LOG_INFO;

void log_set_level(int level)
{
        max_level = level;
}

int log_full(int level, int error, const char *format, ...)
{
        int number = error < 0 ? -error : error;
        char line[2048];
        va_list arguments;

        if (level > max_level)
                return -number;

        errno = number; /* for %m */
        va_start(arguments, format);
        int n = vsnprintf(line, sizeof(line), format, arguments);
        va_end(arguments);
        if (n < 0)
                return -number;

        if (isatty(STDERR_FILENO))
                dprintf(STDERR_FILENO, "%s\n", line);
        else
                dprintf(STDERR_FILENO, "<%d>%s\n", level, line);
        return -number;
}
