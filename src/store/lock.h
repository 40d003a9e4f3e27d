/* One daemon for one state directory. */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

/* Gives a descriptor: the lock is held until it is closed, whatever becomes of the process. -EWOULDBLOCK:
 * another one has it. */
int lock_take(const char *state_dir, int *ret_fd, char **ret_why);

#endif
