/* The body of an answer that is made while it is sent, piece by piece: it takes little memory, and no turn of
 * the loop takes long. */
#ifndef CONTROL_STREAM_H
#define CONTROL_STREAM_H

#include <stdint.h>
#include <sys/types.h>

#include "view/text.h"

struct stream;

/* Add some more text, be it a newline, or say that this was all (`ended`). -errno: it cannot be made. */
typedef int (*stream_fn)(struct stream *stream);

/* First member of what is sent. */
struct stream {
        stream_fn advance;
        struct text text; /* made, but not sent yet */
        size_t sent;
        bool ended;
};

void stream_add(struct stream *stream, const char *text);

/* An MHD_ContentReaderCallback; without memory it ends the connection. */
ssize_t stream_read(void *stream, uint64_t position, char *to, size_t size);

#endif
