/* The listening socket file. */
#ifndef CONTROL_SOCKET_H
#define CONTROL_SOCKET_H

#include <sys/types.h>

/* Listen at `path`, mode 0660. The folder is made (0750) if only it is missing. What a dead daemon left there
 * is replaced; see control_new() for the errors. Gives the descriptor, not blocking, closed on exec. */
int socket_listen(const char *path, mode_t mode, int *ret_fd, char **ret_why);

/* Whose process is at the other end; (uid_t) -1 if the kernel does not say. */
uid_t socket_peer(int fd);

#endif
