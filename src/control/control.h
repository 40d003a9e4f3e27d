/* The control socket: HTTP/1.1 and JSON over a unix socket, served on the daemon's own loop. The kernel
 * decides who may connect; who asked is recorded only. Nothing that comes in here can harm the daemon: sizes,
 * times and the number of connections are bounded. */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

#include <systemd/sd-event.h>

#include "base/macros.h"
#include "engine/operations.h"
#include "model/profile.h"
#include "model/settings.h"
#include "store/store.h"
#include "stripe/catalogue.h"

struct control;

/* Read the configuration anew. On failure everything goes on as before and *ret_text holds all errors, one a
 * line; on success it may hold warnings, or be NULL. The caller frees it. */
typedef int (*control_reload_fn)(void *userdata, char **ret_text);

/* Borrowed: all of it must outlive the control socket but for what control_reconfigure() replaces. */
struct control_parts {
        sd_event *event;
        struct engine *engine;
        struct store *store;
        const struct settings *settings;
        const struct catalogue *catalogue;
        const struct profiles *profiles;
        const struct histogram *loop_lag; /* how late the loop was */
        const struct looptime *loop_time; /* how long its turns took */
        control_reload_fn reload;
        void *userdata; /* of `reload` */
};

/* Listens from now on; serves when the loop runs. The socket of a dead daemon is replaced. -EADDRINUSE:
 * somebody answers there; -ENOTSOCK: the path is something else; -ENAMETOOLONG. `ret_why`: one line for
 * people, which the caller frees. */
int control_new(const struct control_parts *parts, struct control **ret, char **ret_why);

/* After a reload: what is asked from now on is answered from these. The path of the socket stays. */
void control_reconfigure(struct control *control, const struct settings *settings,
                         const struct catalogue *catalogue, const struct profiles *profiles);

/* Tells those who wait that the daemon stops, closes all connections, removes the socket. Between
 * engine_stop() and engine_free(): the engine is looked into, but must not call back any more. */
struct control *control_free(struct control *control);
DEFINE_CLEANUP(struct control, control_free)

#endif
