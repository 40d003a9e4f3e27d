/* arm FILE make             a file for deny.so that denies nothing
 * arm FILE KIND AT ERROR    from now on deny the call of that kind that comes AT-th, with ERROR (a name of
 * errno) arm FILE off              no more; says how many calls of that kind there were, and whether one was
 * denied */
#include "deny.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *const kinds[] = { "nothing", "alloc", "open", "socket", "read",
                                     "write",   "sync",  "send", "recv",   "epoll" };

static int kind_named(const char *name)
{
        for (size_t i = 1; i < sizeof(kinds) / sizeof(*kinds); i++)
                if (strcmp(kinds[i], name) == 0)
                        return (int) i;
        return -1;
}

static int error_named(const char *name)
{
        for (int error = 1; error < 134; error++)
                if (strerrorname_np(error) && strcmp(strerrorname_np(error), name) == 0)
                        return error;
        return -1;
}

static struct deny *map(const char *path, int flags)
{
        int fd = open(path, O_RDWR | flags, 0666);
        struct deny *deny;

        if (fd < 0 || ftruncate(fd, sizeof(*deny)) < 0)
                return NULL;
        deny = mmap(NULL, sizeof(*deny), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
        return deny == MAP_FAILED ? NULL : deny;
}

int main(int argc, char **argv)
{
        int making = argc == 3 && strcmp(argv[2], "make") == 0;
        struct deny *deny = argc > 2 ? map(argv[1], making ? O_CREAT : 0) : NULL;

        if (!deny) {
                fprintf(stderr, "arm: FILE make, FILE KIND AT ERROR, or FILE off\n");
                return 2;
        }
        deny->kind = DENY_NOTHING;
        if (argc == 3 && !making)
                printf("%ld %d\n", deny->seen, deny->fired);
        if (argc < 5)
                return 0;
        int kind = kind_named(argv[2]), error = error_named(argv[4]);
        if (kind < 0 || error < 0) {
                fprintf(stderr, "arm: no such kind or error: %s %s\n", argv[2], argv[4]);
                return 2;
        }
        deny->at = strtol(argv[3], NULL, 10);
        deny->error = error;
        deny->seen = 0;
        deny->fired = 0;
        deny->trap = getenv("KEYVIGIL_TRAP") != NULL;
        deny->kind = kind;
        return 0;
}
