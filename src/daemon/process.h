/* What a process that holds secrets does before anything else. */
#ifndef DAEMON_PROCESS_H
#define DAEMON_PROCESS_H

/* Freed memory is overwritten, no core, not dumpable, nothing for others to read, broken pipes are errors.
 * Before the first thread. -errno. */
int process_harden(void);

/* SIGTERM, SIGINT and SIGHUP are taken by the loop and by nobody else: before the first thread, because a
 * thread that does not block them dies of them, and the process with it. */
int signals_block(void);

#endif
