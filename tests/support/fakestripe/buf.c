#include "buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *xcalloc(size_t count, size_t size)
{
        void *p = calloc(count ? count : 1, size ? size : 1);

        if (!p)
                abort();
        return p;
}

void *xrealloc(void *p, size_t size)
{
        void *q = realloc(p, size ? size : 1);

        if (!q)
                abort();
        return q;
}

char *xstrdup(const char *s)
{
        if (!s)
                return NULL;

        size_t size = strlen(s) + 1;

        return memcpy(xcalloc(1, size), s, size);
}

static void buf_reserve(struct buf *b, size_t more)
{
        if (b->room - b->size > more)
                return;
        b->room = (b->size + more + 64) * 2;
        b->data = xrealloc(b->data, b->room);
}

void buf_add(struct buf *b, const void *bytes, size_t size)
{
        buf_reserve(b, size + 1);
        if (size > 0)
                memcpy(b->data + b->size, bytes, size);
        b->size += size;
        b->data[b->size] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
        buf_add(b, s, strlen(s));
}

void buf_vprintf(struct buf *b, const char *format, va_list ap)
{
        va_list again;

        buf_reserve(b, 256);
        va_copy(again, ap);
        int n = vsnprintf(b->data + b->size, b->room - b->size, format, ap);
        if (n < 0)
                abort();
        if ((size_t) n >= b->room - b->size) {
                buf_reserve(b, (size_t) n + 1);
                if (vsnprintf(b->data + b->size, b->room - b->size, format, again) < 0)
                        abort();
        }
        va_end(again);
        b->size += (size_t) n;
}

void buf_printf(struct buf *b, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        buf_vprintf(b, format, ap);
        va_end(ap);
}

void buf_json(struct buf *b, const char *s)
{
        if (!s) {
                buf_puts(b, "null");
                return;
        }
        buf_puts(b, "\"");
        for (; *s; s++) {
                size_t plain = 0;

                while (s[plain] && s[plain] != '"' && s[plain] != '\\' && (unsigned char) s[plain] >= 0x20)
                        plain++;
                buf_add(b, s, plain);
                s += plain;
                if (!*s)
                        break;
                if (*s == '"' || *s == '\\')
                        buf_printf(b, "\\%c", *s);
                else
                        buf_printf(b, "\\u%04x", (unsigned char) *s);
        }
        buf_puts(b, "\"");
}

void buf_clear(struct buf *b)
{
        free(b->data);
        *b = (struct buf){ 0 };
}
