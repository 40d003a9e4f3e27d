#include "web/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/number.h"

#define BACKLOG   64
#define SOCK_TYPE (SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK)

static int listening(int fd, const void *address, socklen_t size)
{
        int one = 1;

        (void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
        if (bind(fd, address, size) < 0 || listen(fd, BACKLOG) < 0) {
                int error = errno;

                close(fd);
                return -error;
        }
        return fd;
}

static int listen_path(const char *path)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_TYPE, 0);

        if (fd < 0)
                return -errno;
        snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        (void) unlink(path); /* the directory is ours alone */
        mode_t mask = umask(0117);
        int r = listening(fd, &address, sizeof(address));
        umask(mask);
        return r;
}

int listen_on(const char *text)
{
        struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
        struct sockaddr_in four = { .sin_family = AF_INET };
        const char *colon = strrchr(text, ':');
        char host[INET6_ADDRSTRLEN + 2];
        int64_t port;

        if (*text == '/')
                return listen_path(text);
        if (!colon || number_parse(colon + 1, 1, 65535, &port) < 0 || (size_t) (colon - text) >= sizeof(host))
                return -EINVAL;
        bool v6 = *text == '[';
        snprintf(host, sizeof(host), "%.*s", (int) (colon - text) - 2 * v6, text + v6);
        six.sin6_port = four.sin_port = htons((uint16_t) port);
        if (inet_pton(v6 ? AF_INET6 : AF_INET, host,
                      v6 ? (void *) &six.sin6_addr : (void *) &four.sin_addr) != 1)
                return -EINVAL;
        int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_TYPE, 0);
        if (fd < 0)
                return -errno;
        return v6 ? listening(fd, &six, sizeof(six)) : listening(fd, &four, sizeof(four));
}
