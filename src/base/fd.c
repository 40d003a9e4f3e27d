#include "base/fd.h"

#include <errno.h>

void close_p(const int *fd)
{
        if (*fd >= 0)
                close(*fd);
}

ssize_t read_all(int fd, void *buffer, size_t size)
{
        size_t have = 0;

        while (have < size) {
                ssize_t n = read(fd, (char *) buffer + have, size - have);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                have += (size_t) n;
        }
        return (ssize_t) have;
}

int write_all(int fd, const void *bytes, size_t size)
{
        size_t done = 0;

        while (done < size) {
                ssize_t n = write(fd, (const char *) bytes + done, size - done);

                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0)
                        done += (size_t) n;
        }
        return 0;
}
