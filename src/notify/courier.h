/* One receiver: follows the feed from where it was, and delivers one message after the other. Its position
 * moves when the receiver has taken what came before it, so nothing is lost and all of it comes in order. */
#ifndef NOTIFY_COURIER_H
#define NOTIFY_COURIER_H

#include <jansson.h>
#include <systemd/sd-event.h>

#include "base/journal.h"
#include "base/macros.h"
#include "http/plain.h"
#include "model/receiver.h"
#include "notify/sign.h"
#include "notify/state.h"

struct notify;
struct courier;

/* What all couriers share. */
struct courier_parts {
        sd_event *event;
        struct plain *plain;
        struct journal *journal;
        const char *socket;            /* where the feed is read */
        const char *folder;            /* for the file of each */
        unsigned hurry;                /* all waits are so many times shorter; 1 but in tests */
        void (*heard)(void *userdata); /* the daemon has answered */
        void *userdata;
};

/* Begins with the next turn of the loop. -EINVAL: the receiver cannot be used (was logged); -errno. */
int courier_new(const struct courier_parts *parts, const struct receiver *receiver, struct courier **ret);
struct courier *courier_free(struct courier *courier);
DEFINE_CLEANUP(struct courier, courier_free)

/* Deliver this before anything of the feed. Takes the event over. */
void courier_inject(struct courier *courier, json_t *event);

#endif
