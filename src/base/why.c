#include "base/why.h"

#include <stdarg.h>
#include <stdio.h>

int why(char **ret_why, int error, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        if (vasprintf(ret_why, format, arguments) < 0)
                *ret_why = NULL;
        va_end(arguments);
        return error;
}
