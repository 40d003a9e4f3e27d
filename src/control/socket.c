#include "control/socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/macros.h"

/* A client that finds the queue full is told at once that nobody is there: room for all that are let in
 * (server.c). */
#define BACKLOG 512

static int because(char **ret_why, int error, const char *path, const char *what)
{
        if (asprintf(ret_why, "%s: %s", path, what) < 0)
                *ret_why = NULL;
        return -error;
}

static int address_of(const char *path, struct sockaddr_un *ret, char **ret_why)
{
        size_t size = strlen(path);

        memset(ret, 0, sizeof(*ret));
        ret->sun_family = AF_UNIX;
        if (size >= sizeof(ret->sun_path))
                return because(ret_why, ENAMETOOLONG, path,
                               "the path of a socket has at most 107 bytes; choose another control.socket");
        memcpy(ret->sun_path, path, size + 1);
        return 0;
}

/* Does anybody answer there? A socket file that nobody listens on is removed. */
static int make_room(int fd, const struct sockaddr_un *address, char **ret_why)
{
        const char *path = address->sun_path;
        struct stat st;

        if (lstat(path, &st) < 0)
                return errno == ENOENT ? 0 : because(ret_why, errno, path, strerror(errno));
        if (!S_ISSOCK(st.st_mode))
                return because(ret_why, ENOTSOCK, path,
                               "there is something that is not a socket; move it away, or choose another "
                               "control.socket");
        if (connect(fd, (const struct sockaddr *) address, sizeof(*address)) >= 0 || errno == EAGAIN)
                return because(ret_why, EADDRINUSE, path, "another program answers there");
        if (errno != ECONNREFUSED && errno != ENOENT)
                return because(ret_why, errno, path, strerror(errno));
        if (unlink(path) < 0 && errno != ENOENT)
                return because(ret_why, errno, path, strerror(errno));
        return 0;
}

static void make_folder(const char *path)
{
        _cleanup_free_ char *folder = strdup(path);
        char *slash = folder ? strrchr(folder, '/') : NULL;

        if (!slash || slash == folder)
                return;
        *slash = '\0';
        (void) mkdir(folder, 0750); /* if this was in vain, bind() says so */
}

static int bind_and_listen(int fd, const struct sockaddr_un *address, mode_t mode, char **ret_why)
{
        mode_t mask = umask(0777 & ~mode); /* no moment at which others could connect */
        int r = bind(fd, (const struct sockaddr *) address, sizeof(*address));
        int error = errno;

        umask(mask);
        if (r < 0)
                return because(ret_why, error, address->sun_path, strerror(error));
        if (listen(fd, BACKLOG) < 0)
                return because(ret_why, errno, address->sun_path, strerror(errno));
        return 0;
}

int socket_listen(const char *path, mode_t mode, int *ret_fd, char **ret_why)
{
        const int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
        struct sockaddr_un address;
        int r = address_of(path, &address, ret_why);

        if (r < 0)
                return r;
        int trial = socket(AF_UNIX, type, 0);
        if (trial < 0)
                return because(ret_why, errno, path, strerror(errno));
        make_folder(path);
        r = make_room(trial, &address, ret_why);
        close(trial);
        if (r < 0)
                return r;

        int fd = socket(AF_UNIX, type, 0);
        if (fd < 0)
                return because(ret_why, errno, path, strerror(errno));
        r = bind_and_listen(fd, &address, mode, ret_why);
        if (r < 0) {
                close(fd);
                return r;
        }
        *ret_fd = fd;
        return 0;
}

uid_t socket_peer(int fd)
{
        struct ucred credentials;
        socklen_t size = sizeof(credentials);

        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
                return (uid_t) -1;
        return credentials.uid;
}
