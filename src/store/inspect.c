#include "store/inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/database.h"
#include "store/schema.h"

/* The header of an SQLite file: https://www.sqlite.org/fileformat2.html. Numbers are big-endian. */
#define HEADER_SIZE        100
#define OFFSET_USER        60
#define OFFSET_APPLICATION 68

static uint32_t number(const unsigned char *bytes)
{
        return (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 | (uint32_t) bytes[2] << 8 | bytes[3];
}

int database_too_new(const char *path, int version, char **ret_why)
{
        return why_set(-ENOTSUP, ret_why,
                       "%s: written by a newer keyvigil (schema %d, this one knows %d); install that one, or "
                       "restore a backup of before",
                       path, version, schema_version());
}

static int header_judge(const unsigned char *header, ssize_t n, const char *path, char **ret_why)
{
        if (n == 0)
                return 0;
        if (n < HEADER_SIZE || memcmp(header, "SQLite format 3", 16) != 0)
                return why_set(-EUCLEAN, ret_why,
                               "%s: this is no database, or its beginning is damaged; restore a backup",
                               path);
        if (number(header + OFFSET_APPLICATION) != SCHEMA_APPLICATION_ID)
                return why_set(-ENOTSUP, ret_why, "%s: a database, but not one of keyvigil", path);
        if (number(header + OFFSET_USER) > (uint32_t) schema_version())
                return database_too_new(path, (int) number(header + OFFSET_USER), ret_why);
        return 1;
}

int database_inspect(const char *path, char **ret_why)
{
        unsigned char header[HEADER_SIZE];
        struct stat st;
        ssize_t n;
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

        if (fd < 0)
                return errno == ENOENT ? 0 : why_set(-errno, ret_why, "%s: %m", path);
        n = fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ? -1 : pread(fd, header, sizeof(header), 0);
        close(fd);
        if (n < 0)
                return why_set(-EUCLEAN, ret_why, "%s: this is no regular file that can be read", path);
        return header_judge(header, n, path, ret_why);
}
