#include "base/memory.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"

struct memory_stream {
        char *bytes;
        size_t size, room;
        bool failed;
        char **ret;
        size_t *ret_size;
};

/* One more than asked for, for the end of the text. Less than all makes an error of the stream. */
static ssize_t add(void *cookie, const char *bytes, size_t size)
{
        struct memory_stream *stream = cookie;
        char *more =
                stream->failed ? NULL : array_room(stream->bytes, stream->size, size + 1, &stream->room, 1);

        stream->failed = !more;
        if (!more)
                return 0;
        stream->bytes = more;
        memcpy(stream->bytes + stream->size, bytes, size);
        stream->size += size;
        return (ssize_t) size;
}

/* Enough for ftell(). */
static int tell(void *cookie, off64_t *offset, int from)
{
        struct memory_stream *stream = cookie;

        if (from != SEEK_CUR || *offset != 0)
                return -1;
        *offset = (off64_t) stream->size;
        return 0;
}

static int end(void *cookie)
{
        _cleanup_free_ struct memory_stream *stream = cookie;

        if (!stream->failed && !stream->bytes)
                stream->failed = !(stream->bytes = malloc(1));
        if (stream->failed) {
                free(stream->bytes);
                return -1;
        }
        stream->bytes[stream->size] = '\0';
        *stream->ret = stream->bytes;
        *stream->ret_size = stream->size;
        return 0;
}

FILE *memory_stream(char **ret, size_t *ret_size)
{
        const cookie_io_functions_t functions = { .write = add, .seek = tell, .close = end };
        struct memory_stream *stream = calloc(1, sizeof(*stream));
        FILE *file = stream ? fopencookie(stream, "w", functions) : NULL;

        *ret = NULL;
        *ret_size = 0;
        if (!file)
                return mfree(stream);
        stream->ret = ret;
        stream->ret_size = ret_size;
        return file;
}
