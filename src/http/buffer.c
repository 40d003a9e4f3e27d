#include "http/buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"

int buffer_reserve(struct buffer *buffer, size_t size)
{
        size_t room;
        char *bytes;

        if (size < buffer->room)
                return 0;
        room = MAX(size + 1, buffer->room * 2);
        bytes = malloc(room); /* not realloc: that may leave a copy that nobody can wipe */
        if (!bytes)
                return -ENOMEM;
        if (buffer->bytes) {
                memcpy(bytes, buffer->bytes, buffer->size);
                explicit_bzero(buffer->bytes, buffer->size);
                free(buffer->bytes);
        }
        bytes[buffer->size] = '\0';
        buffer->bytes = bytes;
        buffer->room = room;
        return 0;
}

int buffer_append(struct buffer *buffer, const void *bytes, size_t size)
{
        int r;

        r = buffer_reserve(buffer, buffer->size + size);
        if (r < 0)
                return r;
        if (size > 0)
                memcpy(buffer->bytes + buffer->size, bytes, size);
        buffer->size += size;
        buffer->bytes[buffer->size] = '\0';
        return 0;
}

void buffer_cut(struct buffer *buffer, size_t size)
{
        if (buffer->size <= size)
                return;
        explicit_bzero(buffer->bytes + size, buffer->size - size);
        buffer->size = size;
}

void buffer_clear(struct buffer *buffer, size_t keep)
{
        buffer_cut(buffer, 0);
        if (buffer->room <= keep)
                return;
        buffer->bytes = mfree(buffer->bytes);
        buffer->room = 0;
}
