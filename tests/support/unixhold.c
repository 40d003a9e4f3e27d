/* unixhold SOCKET NUMBER FILE: that many connections to a unix socket, each of which says what is in FILE and
 * then nothing more. Says "held" when all are there, then the first line of each answer; ends when all are
 * closed. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NUMBER_MAX 2000

static struct pollfd held[NUMBER_MAX];

static int hold(const char *path, const char *text, size_t size)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        if (fd < 0 || connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0)
                return -1;
        (void) send(fd, text, size, MSG_NOSIGNAL); /* one who is sent away has said so already */
        return fd;
}

/* 1: closed. */
static int listen_to(int fd)
{
        char text[4096];
        ssize_t n = read(fd, text, sizeof(text) - 1);

        if (n <= 0)
                return 1;
        text[n] = '\0';
        text[strcspn(text, "\r\n")] = '\0';
        puts(text);
        fflush(stdout);
        return 0;
}

int main(int argc, char **argv)
{
        char text[65536];
        FILE *file = argc == 4 ? fopen(argv[3], "re") : NULL;
        size_t size = file ? fread(text, 1, sizeof(text), file) : 0, n = 0, open = 0;

        if (size > 0)
                n = strtoul(argv[2], NULL, 10); /* lint-ok: banned */
        if (n == 0 || n > NUMBER_MAX) {
                fprintf(stderr, "usage: unixhold SOCKET NUMBER FILE\n");
                return 2;
        }
        for (; open < n; open++) {
                held[open] = (struct pollfd){ .fd = hold(argv[1], text, size), .events = POLLIN };
                if (held[open].fd < 0) {
                        fprintf(stderr, "unixhold: %s\n", strerror(errno));
                        return 1;
                }
        }
        puts("held");
        fflush(stdout);
        while (open > 0 && poll(held, n, -1) > 0)
                for (size_t i = 0; i < n; i++)
                        if (held[i].fd >= 0 && held[i].revents != 0 && listen_to(held[i].fd)) {
                                close(held[i].fd);
                                held[i].fd = -1;
                                open--;
                        }
        return 0;
}
