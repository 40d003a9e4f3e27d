#pragma once

#include <stdbool.h>

#include "world.h"

/* HTTP and HTTPS listeners in front of one world, all on the caller's thread. */
struct server;

struct listener_options {
        const char *address;           /* ADDRESS:PORT; port 0: any free one */
        const char *certificate, *key; /* PEM files; NULL: plain HTTP */
};

/* The world must outlive it. */
struct server *server_new(struct world *w);

/* Writes the listener's base URL to `ret_url`. False: it could not be opened; the reason is on standard
 * error. */
bool server_listen(struct server *s, const struct listener_options *o, char *ret_url, size_t room);

/* Serves until `signal_fd` is readable. */
int server_run(struct server *s, int signal_fd);
struct server *server_free(struct server *s);
