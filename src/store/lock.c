#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/database.h"

static pid_t record_holder(int fd)
{
        struct flock record = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

        return fcntl(fd, F_GETLK, &record) == 0 && record.l_type != F_UNLCK ? record.l_pid : 0;
}

/* Of the lock itself, where the kernel shows all locks: not in the daemon's unit. */
static pid_t lock_holder(int fd)
{
        FILE *locks = fopen("/proc/locks", "re");
        unsigned long inode;
        char line[256];
        struct stat st;
        int pid, found = 0;

        if (!locks)
                return 0;
        while (fstat(fd, &st) == 0 && found == 0 && fgets(line, sizeof(line), locks))
                if (sscanf(line, "%*s FLOCK %*s WRITE %d %*[^:]:%*[^:]:%lu", &pid, &inode) == 2 &&
                    inode == st.st_ino)
                        found = pid;
        fclose(locks);
        return found;
}

static int refuse(int fd, const char *state_dir, char **ret_why)
{
        pid_t holder = lock_holder(fd);

        if (holder <= 0)
                holder = record_holder(fd);
        if (holder <= 0)
                return why_set(-EWOULDBLOCK, ret_why,
                               "%s: another keyvigild is at work here (its process cannot be told)",
                               state_dir);
        return why_set(-EWOULDBLOCK, ret_why, "%s: another keyvigild (process %d) is at work here", state_dir,
                       (int) holder);
}

/* A lock of the other kind tells whoever asks which process it is; the first kind does not. */
static void sign(int fd)
{
        struct flock record = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

        (void) fchmod(fd, 0600); /* who may read it could take the lock */
        (void) fcntl(fd, F_SETLK, &record);
}

int lock_take(const char *state_dir, int *ret_fd, char **ret_why)
{
        _cleanup_free_ char *path = NULL;
        int fd, r;

        if (asprintf(&path, "%s/lock", state_dir) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
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
