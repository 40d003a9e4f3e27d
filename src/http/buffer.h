/* Bytes that grow and leave nothing behind: whatever memory is given back was wiped before. */
#ifndef HTTP_BUFFER_H
#define HTTP_BUFFER_H

#include <stddef.h>

/* Zeroed is a valid, empty one. */
struct buffer {
        char *bytes; /* NULL only while `room` is 0; a NUL follows the last byte */
        size_t size; /* without the NUL */
        size_t room; /* allocated */
};

/* Make room for `size` bytes and the NUL, keeping the content. -ENOMEM. */
int buffer_reserve(struct buffer *buffer, size_t size);

/* Add at the end. -ENOMEM: nothing was added. */
int buffer_append(struct buffer *buffer, const void *bytes, size_t size);

/* Forget everything behind the first `size` bytes. */
void buffer_cut(struct buffer *buffer, size_t size);

/* Empty it; the memory is kept for the next time if it is not more than `keep`. */
void buffer_clear(struct buffer *buffer, size_t keep);

#endif
