#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/macros.h"

void memory_end(void)
{
        log_error_errno(-ENOMEM, "Could not keep what may not be lost: %m; ending, to start anew.");
        abort();
}

void *memory_sure(void *memory)
{
        if (!memory)
                memory_end();
        return memory;
}

char *memory_text(const char *text)
{
        return memory_sure(strdup(text ? text : ""));
}

void *array_room(void *items, size_t n, size_t more, size_t *room, size_t size)
{
        if (items && n + more <= *room)
                return items;
        size_t wanted = MAX(2 * *room, MAX(n + more, (size_t) 16));
        void *larger = reallocarray(items, wanted, size);

        if (larger)
                *room = wanted;
        return larger;
}
