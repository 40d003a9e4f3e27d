#include "alert/lines.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

struct lines {
        struct journal journal;
        int fd;
        char *rest; /* of a line that did not go out at once; NULL: none */
        size_t sent, size;
};

/* As much as goes without waiting. -EAGAIN: not all of it. */
static int flush(struct lines *lines)
{
        while (lines->rest && lines->sent < lines->size) {
                struct pollfd ready = { .fd = lines->fd, .events = POLLOUT };

                if (poll(&ready, 1, 0) <= 0 || !(ready.revents & POLLOUT))
                        return -EAGAIN;
                /* So much a pipe takes whole, if it is ready at all. */
                ssize_t n = write(lines->fd, lines->rest + lines->sent,
                                  MIN(lines->size - lines->sent, (size_t) PIPE_BUF));
                if (n < 0)
                        return -EAGAIN;
                lines->sent += (size_t) n;
        }
        lines->rest = mfree(lines->rest);
        return 0;
}

/* UTF-8 without control bytes, as fields are. */
static void put(FILE *to, const char *text, size_t size)
{
        fputc('"', to);
        for (size_t i = 0; i < size; i++) {
                if (text[i] == '"' || text[i] == '\\')
                        fputc('\\', to);
                fputc(text[i], to);
        }
        fputc('"', to);
}

static int make_line(struct lines *lines, const char *const *fields, size_t n)
{
        FILE *to = memory_stream(&lines->rest, &lines->size);

        if (!to)
                return -EAGAIN;
        for (size_t i = 0; i < n; i++) {
                size_t name = strcspn(fields[i], "=");

                fputc(i == 0 ? '{' : ',', to);
                put(to, fields[i], name);
                fputc(':', to);
                put(to, fields[i] + name + 1, strlen(fields[i] + name + 1));
        }
        fputs("}\n", to);
        lines->sent = 0;
        return fclose(to) == 0 ? 0 : -EAGAIN;
}

static int lines_send(struct journal *journal, const char *const *fields, size_t n)
{
        struct lines *lines = CONTAINER_OF(journal, struct lines, journal);

        for (size_t i = 0; i < n; i++)
                if (!strchr(fields[i], '=') || strchr(fields[i], '\n'))
                        return -EINVAL;
        if (flush(lines) < 0 || make_line(lines, fields, n) < 0)
                return -EAGAIN;
        if (flush(lines) < 0 && lines->sent == 0) {
                lines->rest = mfree(lines->rest);
                return -EAGAIN;
        }
        return 0; /* what has begun is ended before anything else */
}

int lines_new(int fd, struct journal **ret)
{
        struct lines *lines = calloc(1, sizeof(*lines));

        if (!lines)
                return -ENOMEM;
        lines->journal.send = lines_send;
        lines->fd = fd;
        *ret = &lines->journal;
        return 0;
}

struct journal *lines_free(struct journal *journal)
{
        struct lines *lines;

        if (!journal)
                return NULL;
        lines = CONTAINER_OF(journal, struct lines, journal);
        free(lines->rest);
        return mfree(lines);
}
