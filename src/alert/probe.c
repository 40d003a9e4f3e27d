#include "alert/probe.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Only a connected socket's POLLOUT speaks of the reader's queue; an unconnected one's speaks of our own
 * buffer. */
static int writable(int fd)
{
        struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };

        if (poll(&poll_fd, 1, 0) != 1 || poll_fd.revents != POLLOUT)
                return -EAGAIN;
        return 0;
}

int probe_socket(const char *path)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        size_t size = strlen(path);

        if (size >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, size + 1);

        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -EAGAIN;
        int r = connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0 ? -EAGAIN : writable(fd);
        close(fd);
        return r;
}
