/* When libmicrohttpd has its turn of the loop, and for how long. */
#ifndef CONTROL_TURN_H
#define CONTROL_TURN_H

#include <systemd/sd-event.h>

struct server;
struct visit;

/* When the next turn is. */
int turn_arm(struct server *server);
/* door_fn. */
int turn_run(void *server);
int turn_on_io(sd_event_source *source, int fd, uint32_t revents, void *server);
int turn_on_time(sd_event_source *source, uint64_t usec, void *server);

/* The answer to a request that waits is known: go on with it at the next turn. */
void turn_wake(struct visit *visit);

/* An import has more to store than this turn is long enough for: it goes on with the next. */
void turn_rest(struct visit *visit);

/* No more turns: who rests is let go, with what is not stored yet. */
void turn_last(struct server *server);

#endif
