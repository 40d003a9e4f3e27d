/* What the service manager is told: the line of STATUS=, readiness, and that the watch goes on. */
#ifndef DAEMON_MANAGER_H
#define DAEMON_MANAGER_H

#include <systemd/sd-event.h>

#include "base/macros.h"
#include "engine/status.h"

/* "Watching 12 keys: 11 healthy, 1 revoked; 0 overdue, 3 in flight; …". The caller frees. -ENOMEM. */
int status_line(const struct engine_status *status, char **ret);

struct manager;

/* Tells STATUS= when it has changed, looked at every few seconds; feeds the watchdog, if there is one, at
 * half its interval as long as the engine makes progress. `engine` must outlive it. */
int manager_new(sd_event *event, const struct engine *engine, struct manager **ret);
struct manager *manager_free(struct manager *manager);
DEFINE_CLEANUP(struct manager, manager_free)

/* How late the loop ran what was due, looked at every second. */
const struct histogram *manager_loop_lag(const struct manager *manager);

/* READY=1 with the current status. */
void manager_ready(struct manager *manager);
/* RELOADING=1; manager_ready() ends it. */
void manager_reloading(void);
void manager_stopping(void);
/* During long work at start: ask for half a minute more. */
void manager_extend(void *userdata);

#endif
