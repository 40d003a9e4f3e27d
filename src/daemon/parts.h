/* What the daemon consists of; for the files of this folder only. */
#ifndef DAEMON_PARTS_H
#define DAEMON_PARTS_H

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "base/looptime.h"
#include "conf/conf.h"
#include "control/control.h"
#include "daemon/manager.h"
#include "daemon/sdclock.h"
#include "engine/engine.h"
#include "http/http.h"
#include "store/store.h"
#include "vault/vault.h"

struct daemon {
        char *conf_path;
        struct conf *conf;
        sd_event *event;
        struct clock *clock;
        struct transport *transport;
        struct journal *journal;
        bool to_stdout; /* it is standard output, not journald */
        struct store *store;
        struct vault *vault;
        struct engine *engine;
        struct manager *manager;
        struct control *control;
        struct looptime loop_time;
};

/* Borrowed from `settings`. */
struct http_options http_options_of(const struct settings *settings);

/* Each problem as a line of the log. */
void problems_log(const struct problems *problems);

/* What the watch of the stored keys costs, and what is too much of it, as lines of the log, as soon as it is
 * counted. */
void daemon_say_plan(struct daemon *daemon);

/* control_reload_fn; `userdata` is the daemon. Logs how it went. */
int daemon_reload(void *userdata, char **ret_text);

#endif
