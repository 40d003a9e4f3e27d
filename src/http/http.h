/* Requests to the provider: `struct transport` on libcurl's multi interface and sd-event.
 *
 * One connection to a cold host is opened first and all requests that come meanwhile wait for it; over HTTP/2
 * they then share it, up to the streams that the server admits, and only then does another one open.
 * Redirects are answers, not orders. Nothing comes from the environment. A connection on
 * which nothing came since a request went out on it, until that timed out, is used no more: the next request
 * opens another. A request whose connection breaks
 * before an answer is repeated by libcurl on a fresh one only if that cannot matter: a GET, or a POST without
 * a body.
 *
 * The caller ignores SIGPIPE. Start and cancel may be called from within any `done`. Beyond what
 * base/transport.h lists, start gives -EINVAL for a request that must not be sent as it is: a key with bytes
 * that a header cannot hold, a path that does not start with '/' or holds blanks or control characters, a
 * body on anything but a POST. `opened_after` is understood on CLOCK_BOOTTIME. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <systemd/sd-event.h>

#include "base/transport.h"

/* Copied by whom it is given to. */
struct http_options {
        const char *api_base;    /* https://HOST[:PORT][/PATH]; http only to a loopback address */
        const char *ca_file;     /* NULL or "": the system's */
        const char *proxy;       /* NULL or "": none; never used for plain http */
        const char *api_version; /* the value of Stripe-Version */
        const char *user_agent;  /* NULL: keyvigil and its version */
        usec_t timeout;          /* of a request, from start to end, name lookup included; at least 1 ms */
        unsigned concurrency;    /* requests in flight; at least 1 */
};

/* `event` is kept referenced. -EINVAL: the options are not usable (see above); -ENOMEM; or what sd-event
 * says. An error that leaves libcurl in an undefined state ends the loop with -EIO. */
int http_new(sd_event *event, const struct http_options *options, struct transport **ret);

/* Cancels what is in flight, without a word to its owners. Not from within a `done`. */
struct transport *http_free(struct transport *transport);

/* What starts from now on follows the new options, on connections of its own unless nothing changed. What is
 * in flight ends as it began. On failure (as http_new) the old options stay. */
int http_reconfigure(struct transport *transport, const struct http_options *options);

#endif
