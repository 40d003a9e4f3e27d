/* A socket that is listened on. */
#ifndef WEB_LISTEN_H
#define WEB_LISTEN_H

/* ADDRESS:PORT or a path (0660; a leftover is replaced). Gives the descriptor; -errno. */
int listen_on(const char *address);

#endif
