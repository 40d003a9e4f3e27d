/* unixcat SOCKET: what comes on standard input goes to a unix socket; what comes back, to standard output.
 * Ends when the other side has closed. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* 1: that was all; -1: it broke. */
static int copy(int from, int to)
{
        char bytes[65536];
        ssize_t n = read(from, bytes, sizeof(bytes));

        if (n <= 0)
                return n == 0 ? 1 : -1;
        for (ssize_t done = 0; done < n;) {
                ssize_t written = write(to, bytes + done, (size_t) (n - done));

                if (written < 0)
                        return -1;
                done += written;
        }
        return 0;
}

static int carry(int fd)
{
        struct pollfd polled[] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = fd, .events = POLLIN } };

        for (;;) {
                if (poll(polled, 2, -1) < 0)
                        return -1;
                if (polled[1].revents != 0) {
                        int r = copy(fd, STDOUT_FILENO);

                        if (r != 0)
                                return r;
                }
                if (polled[0].revents != 0 && copy(STDIN_FILENO, fd) != 0) {
                        polled[0].fd = -1; /* nothing more to say; the answer may still come */
                        (void) shutdown(fd, SHUT_WR);
                }
        }
}

int main(int argc, char **argv)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        if (argc != 2 || strlen(argv[1]) >= sizeof(address.sun_path)) {
                fprintf(stderr, "usage: unixcat SOCKET\n");
                return 2;
        }
        memcpy(address.sun_path, argv[1], strlen(argv[1]));
        if (fd < 0 || connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0) {
                fprintf(stderr, "unixcat: %s\n", strerror(errno));
                return 1;
        }
        return carry(fd) > 0 ? 0 : 1;
}
