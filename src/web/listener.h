/* One address that is listened on: libmicrohttpd on sd-event. A request is checked, what it needs is fetched
 * from the daemon while it waits, and then it is answered. */
#ifndef WEB_LISTENER_H
#define WEB_LISTENER_H

#include <systemd/sd-event.h>

#include "base/macros.h"
#include "base/secret.h"
#include "http/plain.h"
#include "model/settings.h"

struct listener;

struct listener_parts {
        sd_event *event;
        struct plain *plain;
        const struct settings *settings;
        bool pages;                    /* else numbers */
        const struct secret *password; /* NULL: none is asked for */
};

/* `address`: ADDRESS:PORT, or the path of a socket, whose leftover is replaced. -errno, after a line in the
 * log. */
int listener_new(const struct listener_parts *parts, const char *address, struct listener **ret);
struct listener *listener_free(struct listener *listener);

#endif
