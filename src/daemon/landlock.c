#include "daemon/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/macros.h"

/* Of later versions of the kernel than the headers that this is built with. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

#define CHANGES                                                                                              \
        (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |    \
         LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK)

/* Nowhere. */
#define NEVER                                                                                                \
        (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_FIFO |          \
         LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

static int create(uint64_t rights)
{
        const struct landlock_ruleset_attr ruleset = { .handled_access_fs = rights };
        int fd = (int) syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);

        return fd < 0 ? -errno : fd;
}

/* The version that the kernel knows; 0: none, or not here. */
static int version(void)
{
        long known = syscall(SYS_landlock_create_ruleset, NULL, (size_t) 0, LANDLOCK_CREATE_RULESET_VERSION);

        return known < 0 ? 0 : (int) known;
}

static int allow(int ruleset, const char *path, uint64_t rights)
{
        struct landlock_path_beneath_attr rule = { .allowed_access = rights };
        int r;

        rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
        if (rule.parent_fd < 0)
                return errno == ENOENT ? 0 : -errno;
        r = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0 ? -errno : 0;
        close(rule.parent_fd);
        return r;
}

static int allow_folder_of(int ruleset, const char *path, uint64_t rights)
{
        _cleanup_free_ char *folder = strdup(path);
        char *slash = folder ? strrchr(folder, '/') : NULL;

        if (!folder)
                return -ENOMEM;
        if (!slash)
                return *path != '\0' ? allow(ruleset, ".", rights) : 0;
        slash[slash == folder] = '\0';
        return allow(ruleset, folder, rights);
}

static int restrict_self(int ruleset)
{
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
                return -errno;
        return 0;
}

int landlock_close(const struct settings *settings)
{
        int known = version(), r;
        uint64_t changes = known >= 3 ? CHANGES | LANDLOCK_ACCESS_FS_TRUNCATE : CHANGES;

        if (known == 0)
                return 0;
        int ruleset = create(changes | NEVER);
        if (ruleset < 0)
                return ruleset;
        if ((r = allow(ruleset, settings->state_dir, changes)) >= 0 &&
            (r = allow_folder_of(ruleset, settings->control.socket, changes)) >= 0 &&
            (r = allow_folder_of(ruleset, settings->control.read_socket, changes)) >= 0)
                r = restrict_self(ruleset);
        close(ruleset);
        return r;
}
