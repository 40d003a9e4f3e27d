/* What the daemon's process is before the first thread. */
#ifndef DAEMON_PROCESS_H
#define DAEMON_PROCESS_H

/* Nothing is made for others to read, broken pipes are errors, and SIGTERM, SIGINT and SIGHUP are taken by
 * the loop and by nobody else: a thread that does not block them dies of them, and the process with it.
 * -errno. */
int process_prepare(void);

#endif
