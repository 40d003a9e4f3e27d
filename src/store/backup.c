#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/database.h"

static int sync_path(const char *path, int flags)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
        int r;

        if (fd < 0)
                return -errno;
        r = fsync(fd) < 0 ? -errno : 0;
        close(fd);
        return r;
}

static int sync_with_directory(const char *path)
{
        _cleanup_free_ char *copy = strdup(path);
        int r;

        if (!copy)
                return -ENOMEM;
        r = sync_path(path, 0);
        return r < 0 ? r : sync_path(dirname(copy), O_DIRECTORY);
}

static int vacuum_into(struct store *store, const char *path)
{
        sqlite3_stmt *vacuum = NULL;
        int code;

        db_let_go(store);
        code = sqlite3_prepare_v2(store->db, "VACUUM INTO :path", -1, &vacuum, NULL);

        if (code == SQLITE_OK) {
                bind_text(vacuum, ":path", path);
                code = sqlite3_step(vacuum);
        }
        sqlite3_finalize(vacuum);
        return code == SQLITE_DONE ? 0 : db_errno(store->db, code);
}

int store_backup(struct store *store, const char *path, char **ret_why)
{
        /* Made by us with its final mode; SQLite takes an empty file for a new one. */
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        int r;

        if (fd < 0)
                return why_set(-errno, ret_why, "%s: %m", path);
        close(fd);
        r = vacuum_into(store, path);
        if (r >= 0)
                r = sync_with_directory(path);
        if (r < 0) {
                unlink(path);
                return why_set(r, ret_why, "%s: no backup was made: %s", path, strerror(-r));
        }
        return 0;
}
