#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/failure.h"

#define SECRET_SIZE_MAX 512

/* Byte for byte: a buffer of stdio would keep a copy. */
static int read_line(int fd, struct secret *secret)
{
        size_t used = 0;

        for (;;) {
                char byte;
                ssize_t n = read(fd, &byte, 1);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0 || byte == '\n')
                        break;
                if (used == SECRET_SIZE_MAX)
                        return -E2BIG;
                secret->bytes[used++] = byte;
        }
        while (used > 0 && (secret->bytes[used - 1] == '\r' || secret->bytes[used - 1] == ' '))
                used--;
        explicit_bzero(secret->bytes + used, secret->size - used);
        secret->size = used;
        return 0;
}

/* With the echo off; the terminal is as before in any case. */
static int read_hidden(const char *prompt, struct secret *secret)
{
        struct termios before, hidden;
        bool changed = tcgetattr(STDIN_FILENO, &before) == 0;

        fputs(prompt, stderr);
        fflush(stderr);
        if (changed) {
                hidden = before;
                hidden.c_lflag &= ~(tcflag_t) ECHO;
                changed = tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
        }
        int r = read_line(STDIN_FILENO, secret);
        if (changed)
                (void) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
        return r;
}

int input_secret_file(const char *path, struct secret **ret)
{
        _cleanup_(secret_freep) struct secret *secret = secret_new(SECRET_SIZE_MAX);
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        int r = !secret ? -ENOMEM : fd < 0 ? -errno : read_line(fd, secret);

        if (fd >= 0)
                close(fd);
        if (r >= 0 && secret->size == 0)
                r = -ENODATA;
        if (r < 0) {
                complain_as(FAILURE_BAD_FILE, "%s: %s", path,
                            r == -E2BIG     ? "its first line is longer than any key"
                            : r == -ENODATA ? "there is no key in its first line"
                                            : strerror(-r));
                return r;
        }
        *ret = TAKE(secret);
        return 0;
}

int input_secret(const char *prompt, struct secret **ret)
{
        _cleanup_(secret_freep) struct secret *secret = secret_new(SECRET_SIZE_MAX);
        int r;

        if (!secret)
                return -ENOMEM;
        r = isatty(STDIN_FILENO) ? read_hidden(prompt, secret) : read_line(STDIN_FILENO, secret);
        if (r < 0) {
                complain("the secret could not be read: %s",
                         r == -E2BIG ? "it is longer than any key" : strerror(-r));
                return -EINVAL;
        }
        if (secret->size == 0) {
                complain("no secret came; write it to standard input, alone on a line");
                return -EINVAL;
        }
        *ret = TAKE(secret);
        return 0;
}
