#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/database.h"

static int refuse(int fd, const char *state_dir, char **ret_why)
{
        char pid[24];
        ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

        pid[n < 0 ? 0 : n] = '\0';
        pid[strspn(pid, "0123456789")] = '\0';
        return why_set(-EWOULDBLOCK, ret_why, "%s: another keyvigild (process %s) is at work here", state_dir,
                       pid[0] ? pid : "unknown");
}

/* For people only; the lock does not depend on it. */
static void sign(int fd)
{
        char pid[24];
        int n = snprintf(pid, sizeof(pid), "%d\n", (int) getpid());

        if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t) n, 0) < n)
                return;
}

int lock_take(const char *state_dir, int *ret_fd, char **ret_why)
{
        _cleanup_free_ char *path = NULL;
        int fd, r;

        if (asprintf(&path, "%s/lock", state_dir) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0640);
        if (fd < 0)
                return why_set(-errno, ret_why,
                               "%s: %m; the daemon must be able to write in its state directory", path);
        if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
                r = errno == EWOULDBLOCK ? refuse(fd, state_dir, ret_why)
                                         : why_set(-errno, ret_why, "%s: %m", path);
                close(fd);
                return r;
        }
        sign(fd);
        *ret_fd = fd;
        return 0;
}
