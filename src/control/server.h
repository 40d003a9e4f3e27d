/* libmicrohttpd on sd-event: from the connections of one socket to requests (control/visit.h) and back. */
#ifndef CONTROL_SERVER_H
#define CONTROL_SERVER_H

#include <microhttpd.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "control/control.h"

struct visit;
struct feed;
struct guests;

struct server {
        struct control *control;
        struct MHD_Daemon *mhd;
        struct guests *guests;
        sd_event_source *io, *timer;
        struct door *door;
        char *path; /* of the socket, once it is ours */
        bool read_only;
        unsigned texts; /* bodies of BODY_TEXT that are held */
        size_t n_rest;  /* visits that rest */
        bool stops;
};

struct control {
        struct control_parts parts;
        struct server *all, *reading; /* for those who may do everything, and who may look; NULL: none */
        struct feed *feed;
        struct visit *visits;
        LIST_HEAD(, fleet) fleets; /* plans that are being made */
};

/* `read_only`: GET alone is answered, and the folder of the socket decides who may connect. Errors and
 * `ret_why` as control_new(). */
int server_new(struct control *control, const char *path, bool read_only, struct server **ret,
               char **ret_why);
struct server *server_free(struct server *server);
DEFINE_CLEANUP(struct server, server_free)

#endif
