#include "engine/incidents/ids.h"

#include <stdio.h>
#include <string.h>

bool ids_next(const char **list, char id[IDS_MAX])
{
        const char *begin = *list + strspn(*list, " ");
        size_t size = strcspn(begin, " ");

        snprintf(id, IDS_MAX, "%.*s", (int) size, begin);
        *list = begin + size;
        return size > 0;
}

bool ids_has(const char *list, const char *id)
{
        for (char other[IDS_MAX]; ids_next(&list, other);)
                if (strcmp(other, id) == 0)
                        return true;
        return false;
}

bool ids_grew(const char *before, const char *now)
{
        for (char id[IDS_MAX]; ids_next(&now, id);)
                if (!ids_has(before, id))
                        return true;
        return false;
}
