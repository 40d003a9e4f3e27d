#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/yaml.h"

/* One byte more than is allowed, so that a file which grows while it is read is noticed. */
static int bytes_read(int fd, char *buffer, size_t *ret_size)
{
        size_t size = 0;

        while (size <= TREE_SIZE_MAX) {
                ssize_t n = read(fd, buffer + size, TREE_SIZE_MAX + 1 - size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                size += (size_t) n;
        }
        *ret_size = size;
        return 0;
}

static int file_read(const char *path, char *buffer, size_t *ret_size)
{
        struct stat st;
        /* O_NONBLOCK: a FIFO by that name must not make us wait for a writer. */
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

        if (fd < 0)
                return -errno;
        int r = fstat(fd, &st) < 0 ? -errno : 0;
        if (r == 0 && S_ISDIR(st.st_mode))
                r = -EISDIR;
        else if (r == 0 && !S_ISREG(st.st_mode))
                r = -EBADF;
        else if (r == 0)
                r = bytes_read(fd, buffer, ret_size);
        close(fd);
        return r;
}

int tree_read(const struct place *place, struct problems *problems, struct node **ret)
{
        _cleanup_free_ char *buffer = malloc(TREE_SIZE_MAX + 1);
        size_t size = 0;

        if (!buffer)
                return -ENOMEM;
        int r = file_read(place->file, buffer, &size);
        if (r == -ENOENT)
                return r;
        if (r == -EBADF)
                problem_error(problems, place, "not a regular file; put one here");
        else if (r < 0)
                problem_error(problems, place, "cannot be read (%s)", strerrordesc_np(-r));
        else if (size > TREE_SIZE_MAX)
                problem_error(problems, place, "larger than %zu bytes; split it", TREE_SIZE_MAX);
        else
                return tree_parse(buffer, size, place, problems, ret);
        return -EBADMSG;
}
