/* The kernel's own fence around the process, wherever it was started. */
#ifndef DAEMON_LANDLOCK_H
#define DAEMON_LANDLOCK_H

#include "model/settings.h"

/* From here on nothing is written, made or removed but below the state directory and beside the sockets,
 * nothing is executed, and no file is moved between folders. Reading stays free: a reload may name other
 * files. 0: done, or the kernel does not know how. -errno: it does, and refused. When all is open, before the
 * first thread. */
int landlock_close(const struct settings *settings);

#endif
