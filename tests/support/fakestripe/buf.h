#pragma once

#include <stdarg.h>
#include <stddef.h>

/* Bytes that grow; always followed by a NUL that is not counted. All zero is a valid empty buffer.
 * Running out of memory ends the program: this is a test double, nothing hangs on its survival. */
struct buf {
        char *data;
        size_t size, room;
};

void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s); /* NULL stays NULL */

void buf_add(struct buf *b, const void *bytes, size_t size);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));

/* `s` as a JSON string with its quotes, or `null` for NULL. */
void buf_json(struct buf *b, const char *s);

void buf_clear(struct buf *b);
