/* A listening socket that libmicrohttpd serves: whoever knocks wakes it, but not more often than once a
 * second.
 *
 * It wakes itself as a rule. But when there is no descriptor for a connection it stops listening until a
 * connection ends, and then goes on at its next turn: after the last connection nothing would ever bring that
 * turn. */
#ifndef BASE_DOOR_H
#define BASE_DOOR_H

#include <systemd/sd-event.h>

#include "base/macros.h"

struct door;

/* Give libmicrohttpd a turn; a negative return ends the loop. */
typedef int (*door_fn)(void *userdata);

/* `fd` stays the caller's. -ENOMEM, or what sd-event says. */
int door_new(sd_event *event, int fd, door_fn knocked, void *userdata, struct door **ret);

/* Before `fd` is closed. */
struct door *door_free(struct door *door);
DEFINE_CLEANUP(struct door, door_free)

/* For MHD_set_panic_func(): what libmicrohttpd cannot go on after (a descriptor that epoll does not take, a
 * lock that cannot be taken) ends the program with one line, and systemd starts it anew. By itself it would
 * end it without one. `reason` may be NULL. */
_Noreturn void door_broken(void *unused, const char *file, unsigned line, const char *reason);

#endif
