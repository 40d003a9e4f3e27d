/* What the files of a courier know of each other. */
#ifndef NOTIFY_COURIER_INTERNAL_H
#define NOTIFY_COURIER_INTERNAL_H

#include "base/usec.h"
#include "notify/courier.h"

struct sendmail;

struct courier {
        struct courier_parts parts;
        const struct receiver *receiver;
        char *name; /* for people: type and host, or address */
        char *path; /* of its state */
        struct sign_keys keys;

        json_t *state;  /* cursor; Alertmanager: what is open; whether its failing was told */
        json_t *page;   /* of the feed; NULL: none */
        size_t next;    /* in `page` */
        json_t *ours;   /* events of our own, to be delivered first */
        json_t *letter; /* what is under way: an event, or a list of them */
        bool from_page; /* it is of the feed */
        bool trial;     /* it only proves that the receiver takes something */
        bool gathered;  /* a mail waited for what comes with its first event */

        struct plain_call *call;
        struct sendmail *mail;
        sd_event_source *timer;

        unsigned tries; /* in a row that failed */
        usec_t failing; /* since when; 0: not */
        usec_t refused; /* since when this very message is; 0: not */
        int64_t failing_wall;
        usec_t told;    /* when that was last said; 0: not */
        usec_t refresh; /* Alertmanager: when what is open is sent again */
        bool gone;      /* it wants no more */
};

usec_t courier_now(void);

/* --- courier.c --- */

void courier_wait(struct courier *courier, usec_t duration);
void courier_save(struct courier *courier);

/* --- delivery.c --- */

/* Send `letter`, which is set. */
void delivery_begin(struct courier *courier);
/* Send all alerts that are open. */
void delivery_refresh(struct courier *courier);

/* --- sendmail.c --- */

typedef void (*sendmail_done_fn)(int status, void *userdata);

/* Hand a mail to /usr/sbin/sendmail. `status` is its exit status, -1 if it was killed. -errno. */
int sendmail_start(sd_event *event, const char *to, const char *mail, size_t size, sendmail_done_fn done,
                   void *userdata, struct sendmail **ret);
struct sendmail *sendmail_cancel(struct sendmail *mail);

#endif
