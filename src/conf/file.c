#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/macros.h"
#include "conf/yaml.h"

/* One byte more than is allowed, so that a file which grows while it is read is noticed. */
static ssize_t file_read(const char *path, char *buffer)
{
        struct stat st;
        /* O_NONBLOCK: a FIFO by that name must not make us wait for a writer. */
        _cleanup_(close_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        if (!S_ISREG(st.st_mode))
                return -EBADF;
        return read_all(fd, buffer, TREE_SIZE_MAX + 1);
}

int tree_read(const struct place *place, struct problems *problems, struct node **ret)
{
        _cleanup_free_ char *buffer = malloc(TREE_SIZE_MAX + 1);

        if (!buffer)
                return -ENOMEM;
        ssize_t n = file_read(place->file, buffer);
        if (n == -ENOENT)
                return (int) n;
        if (n == -EBADF)
                problem_error(problems, place, "not a regular file; put one here");
        else if (n < 0)
                problem_error(problems, place, "cannot be read (%s)", strerrordesc_np((int) -n));
        else if ((size_t) n > TREE_SIZE_MAX)
                problem_error(problems, place, "larger than %zu bytes; split it", TREE_SIZE_MAX);
        else
                return tree_parse(buffer, (size_t) n, place, problems, ret);
        return -EBADMSG;
}
