#include "notify/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/macros.h"

json_t *state_read(const char *path)
{
        json_error_t error;
        json_t *state = json_load_file(path, 0, &error);

        if (!json_is_object(state)) {
                if (access(path, F_OK) == 0)
                        log_warning("%s cannot be understood, starting anew: %s", path, error.text);
                json_decref(state);
                state = json_object();
        }
        return state;
}

static int write_whole(const char *path, const json_t *state)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), r = 0;

        if (fd < 0)
                return -errno;
        if (json_dumpfd(state, fd, JSON_COMPACT) < 0)
                r = errno ? -errno : -EIO;
        if (r >= 0 && fsync(fd) < 0)
                r = -errno;
        return close(fd) < 0 && r >= 0 ? -errno : r;
}

int state_write(const char *path, const json_t *state)
{
        _cleanup_free_ char *beside = NULL;

        if (asprintf(&beside, "%s.new", path) < 0) {
                beside = NULL;
                return -ENOMEM;
        }
        int r = write_whole(beside, state);
        if (r >= 0 && rename(beside, path) < 0)
                r = -errno;
        if (r < 0)
                (void) unlink(beside);
        return r;
}
