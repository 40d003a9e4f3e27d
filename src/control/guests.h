/* Who is connected to a socket, and who has to go: nobody holds it against the others.
 *
 * A request must be whole within half a minute of its beginning, an import within a quarter of an hour. One
 * user has at most seven eighths of the places (of 128: a hundred followers, and some more). Whoever comes
 * when all places are taken takes that of the oldest request which is not whole yet, so that half-open ones
 * keep nobody out; where there is none, he is told to come again. */
#ifndef CONTROL_GUESTS_H
#define CONTROL_GUESTS_H

#include <microhttpd.h>
#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

struct guests;

/* `places`: connections at a time. -ENOMEM, or what sd-event says. */
int guests_new(sd_event *event, unsigned places, struct guests **ret);

/* After libmicrohttpd is done with all of them. */
struct guests *guests_free(struct guests *guests);

/* More connections than are ever let stay: the limit of libmicrohttpd, which is to admit them first. */
unsigned guests_limit(const struct guests *guests);

/* For MHD_OPTION_NOTIFY_CONNECTION and MHD_OPTION_URI_LOG_CALLBACK, with the guests as their closure. */
void guests_on_connection(void *userdata, struct MHD_Connection *connection, void **state,
                          enum MHD_ConnectionNotificationCode code);
void *guests_on_uri(void *userdata, const char *uri, struct MHD_Connection *connection);

/* (uid_t) -1 if the kernel would not say. */
uid_t guest_uid(struct MHD_Connection *connection);

/* The request is an import, and may take longer. */
void guest_imports(struct MHD_Connection *connection);

/* The request is whole: it is our turn. */
void guest_is_served(struct MHD_Connection *connection);

/* It is answered: the next request may begin. */
void guest_is_done(struct MHD_Connection *connection);

#endif
