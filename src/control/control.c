#include "control/control.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "control/feed.h"
#include "control/fleet.h"
#include "control/server.h"
#include "control/visit.h"

/* A watch without it is better than none. */
static void open_reading(struct control *control)
{
        const char *path = control->parts.settings->control.read_socket;
        _cleanup_free_ char *why = NULL;

        if (*path == '\0')
                return;
        int r = server_new(control, path, true, &control->reading, &why);
        if (r < 0)
                (void) log_warning_errno(r,
                                         "The socket for those who may only look cannot be opened, going on "
                                         "without: %s",
                                         why ? why : strerror(-r));
}

int control_new(const struct control_parts *parts, struct control **ret, char **ret_why)
{
        _cleanup_(control_freep) struct control *control = calloc(1, sizeof(*control));
        int r;

        if (!control)
                return -ENOMEM;
        control->parts = *parts;
        LIST_INIT(&control->fleets);
        r = feed_new(&control->parts, &control->feed);
        if (r >= 0)
                r = server_new(control, parts->settings->control.socket, false, &control->all, ret_why);
        if (r < 0)
                return r;
        open_reading(control);
        *ret = TAKE(control);
        return 0;
}

void control_reconfigure(struct control *control, const struct settings *settings,
                         const struct catalogue *catalogue, const struct profiles *profiles)
{
        control->parts.settings = settings;
        control->parts.catalogue = catalogue;
        control->parts.profiles = profiles;
        fleet_reconfigure(control);
}

struct control *control_free(struct control *control)
{
        if (!control)
                return NULL;
        for (struct visit *visit = control->visits; visit; visit = visit->next)
                if (visit->waits && !visit->answered)
                        reply_error(visit, MHD_HTTP_SERVICE_UNAVAILABLE, "stopping",
                                    "The daemon is stopping; ask again when it is back");
        fleet_clear(control);
        server_free(control->reading);
        server_free(control->all);
        feed_free(control->feed);
        return mfree(control);
}
