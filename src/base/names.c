#include "base/names.h"

#include <errno.h>
#include <string.h>

int name_find(const char *const *names, size_t n, const char *text)
{
        for (size_t i = 0; i < n; i++)
                if (strcmp(names[i], text) == 0)
                        return (int) i;
        return -EINVAL;
}
