#include "control/stream.h"

#include <errno.h>
#include <microhttpd.h>
#include <string.h>

#include "base/macros.h"

void stream_add(struct stream *stream, const char *text)
{
        text_add(&stream->text, text, strlen(text));
}

/* The next piece, if all that was made is sent. */
static int make(struct stream *stream)
{
        if (stream->sent < stream->text.size || stream->ended)
                return 0;
        stream->text.size = 0;
        stream->sent = 0;
        int r = stream->advance(stream);
        return r < 0 ? r : stream->text.failed ? -ENOMEM : 0;
}

ssize_t stream_read(void *userdata, uint64_t position, char *to, size_t size)
{
        struct stream *stream = userdata;

        (void) position;
        if (make(stream) < 0)
                return MHD_CONTENT_READER_END_WITH_ERROR;
        if (stream->sent == stream->text.size && stream->ended)
                return MHD_CONTENT_READER_END_OF_STREAM;
        size = MIN(size, stream->text.size - stream->sent);
        memcpy(to, stream->text.bytes + stream->sent, size);
        stream->sent += size;
        return (ssize_t) size;
}
