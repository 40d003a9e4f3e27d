/* Plain requests: to a unix socket or an address that the operator named, without a key and without Stripe's
 * manners. Nothing comes from the environment, nothing is followed, and no answer is larger than was allowed.
 */
#ifndef HTTP_PLAIN_H
#define HTTP_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/macros.h"
#include "base/usec.h"

struct plain;      /* who asks */
struct plain_call; /* one request under way */

/* Copied. */
struct plain_request {
        const char *socket;         /* NULL, or the unix socket to which it goes */
        const char *url;            /* http or https */
        const char *const *headers; /* "Name: value", NULL at the end; NULL: none */
        const void *body;           /* NULL: GET, else POST */
        size_t size;
        usec_t timeout;
        size_t answer_max;
};

/* Valid during the callback. */
struct plain_reply {
        long status;         /* 0: no answer */
        const char *trouble; /* why there is none, for people; "" if there is one */
        const char *body;    /* NUL-terminated, never NULL; cut at `answer_max` */
        size_t size;
        int64_t retry_after; /* seconds; -1: not said */
};

/* Once, at the top of the loop; never after plain_cancel(). */
typedef void (*plain_done_fn)(const struct plain_reply *reply, void *userdata);

/* `event` is kept referenced. `concurrency`: requests at a time. -ENOMEM, or what sd-event says. libcurl must
 * have been initialised. */
int plain_new(sd_event *event, unsigned concurrency, struct plain **ret);

/* No call may be under way. */
struct plain *plain_free(struct plain *plain);
DEFINE_CLEANUP(struct plain, plain_free)

/* -EINVAL: not a URL, or a socket's path too long; -ENOMEM. */
int plain_start(struct plain *plain, const struct plain_request *request, plain_done_fn done, void *userdata,
                struct plain_call **ret);

/* Let go; NULL is fine. */
struct plain_call *plain_cancel(struct plain_call *call);

#endif
