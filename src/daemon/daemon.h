/* The daemon: builds the parts, owns the loop, takes all down again in the right order. Speaks for all of
 * them: what goes wrong here is logged here. */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <stdbool.h>

#include "base/macros.h"

struct daemon;

/* `conf_path` as for conf_load(). Everything that the watch needs is there and proved to be usable, or
 * -errno, and the reason was logged: -EINVAL, -ENOENT, -EUCLEAN, -ENOTSUP, -ENOKEY, -EBADMSG – not
 * configured; -EACCES, -EPERM, -EROFS – not permitted. */
int daemon_new(const char *conf_path, bool events_to_stdout, struct daemon **ret);

/* READY, the loop, until a signal ends it. -errno: the loop broke. */
int daemon_run(struct daemon *daemon);

/* Stops in order, within seconds. */
struct daemon *daemon_free(struct daemon *daemon);
DEFINE_CLEANUP(struct daemon, daemon_free)

/* The exit status that stands for an error of daemon_new() or daemon_run(). */
int daemon_exit_status(int error);

#endif
