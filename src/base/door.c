#include "base/door.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "base/usec.h"

struct door {
        sd_event_source *knock, *rest;
        door_fn knocked;
        void *userdata;
};

static int on_knock(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        struct door *door = userdata;
        int r = sd_event_source_set_time_relative(door->rest, USEC_PER_SEC);

        (void) source;
        (void) fd;
        (void) revents;
        if (r >= 0)
                r = sd_event_source_set_enabled(door->rest, SD_EVENT_ONESHOT);
        return r < 0 ? r : door->knocked(door->userdata);
}

static int on_rest(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct door *door = userdata;

        (void) source;
        (void) usec;
        return sd_event_source_set_enabled(door->knock, SD_EVENT_ONESHOT);
}

int door_new(sd_event *event, int fd, door_fn knocked, void *userdata, struct door **ret)
{
        _cleanup_(door_freep) struct door *door = calloc(1, sizeof(*door));
        int r;

        if (!door)
                return -ENOMEM;
        door->knocked = knocked;
        door->userdata = userdata;
        r = sd_event_add_time_relative(event, &door->rest, CLOCK_MONOTONIC, 0, USEC_PER_SEC, on_rest, door);
        if (r < 0)
                return r;
        r = sd_event_add_io(event, &door->knock, fd, EPOLLIN, on_knock, door);
        if (r >= 0)
                r = sd_event_source_set_enabled(door->knock, SD_EVENT_ONESHOT);
        if (r < 0)
                return r;
        (void) sd_event_source_set_exit_on_failure(door->knock, true);
        (void) sd_event_source_set_exit_on_failure(door->rest, true);
        *ret = TAKE(door);
        return 0;
}

struct door *door_free(struct door *door)
{
        if (!door)
                return NULL;
        sd_event_source_disable_unref(door->knock);
        sd_event_source_disable_unref(door->rest);
        return mfree(door);
}

void door_broken(void *unused, const char *file, unsigned line, const char *reason)
{
        int error = errno;

        (void) unused;
        if (!reason)
                reason = "it gives no reason";
        log_error_errno(-error,
                        "libmicrohttpd cannot go on: %.*s (%s:%u, last error: %m); ending, to start anew.",
                        (int) strcspn(reason, "\n"), reason, file, line);
        abort();
}
