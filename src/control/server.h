/* libmicrohttpd on sd-event: from connections to requests (control/visit.h) and back. */
#ifndef CONTROL_SERVER_H
#define CONTROL_SERVER_H

#include <microhttpd.h>

#include "control/control.h"

struct visit;

struct control {
        struct control_parts parts;
        struct MHD_Daemon *mhd;
        sd_event_source *io, *timer;
        char *path; /* of the socket, once it is ours */
        struct visit *visits;
};

/* The answer to a request that waits is known: go on with it at the next turn of the loop. */
void server_wake(struct visit *visit);

#endif
