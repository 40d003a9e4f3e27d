/* Requests to the provider, as the engine sees them. The daemon gives it http/, the simulation a scripted
 * Stripe. */
#ifndef BASE_TRANSPORT_H
#define BASE_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/usec.h"

enum method {
        METHOD_GET,
        METHOD_POST,
        METHOD_DELETE,
};

/* Why there is no answer to judge. Named for people: `outage` incidents say which of these was seen. */
#define TRANSPORT_ERRORS(X)                                                                                  \
        X(NONE, "none")                                                                                      \
        X(RESOLVE, "name lookup failed")                                                                     \
        X(CONNECT, "connection failed")                                                                      \
        X(TLS, "TLS handshake failed")                                                                       \
        X(CERTIFICATE, "certificate refused")                                                                \
        X(TIMEOUT, "timed out")                                                                              \
        X(BROKEN, "connection broken")                                                                       \
        X(TOO_LARGE, "answer too large")                                                                     \
        X(LOCAL, "could not ask")

enum transport_error {
#define X(name, text) TRANSPORT_##name,
        TRANSPORT_ERRORS(X)
#undef X
                _TRANSPORT_ERROR_MAX
};

/* The text for people, e.g. "name lookup failed". */
const char *transport_error_text(enum transport_error error);

struct request {
        enum method method;
        const char *path; /* with query, percent-encoded, starts with '/'; the base is the transport's own */
        const char *body; /* form-encoded, or NULL for none */
        const struct secret *key;
        size_t body_max;     /* bytes of answer that are accepted */
        usec_t opened_after; /* 0, or: use only a connection that was opened after this instant (of
                                clock->now) */
        uint64_t connection; /* 0, or: the one that a reply named, for as long as it is open; else as
                                `opened_after` says */
};

/* What came back. Everything is valid only during the callback. The key that was sent is blanked in it
 * (base/echo.h), but a body may hold pieces shorter than that finds, and customers' data: judge it, never
 * keep it. */
struct reply {
        enum transport_error error; /* TRANSPORT_NONE: there is a status */
        const char *detail;         /* for people, about our side only (host, certificate text); never NULL */
        long status;
        const char *body; /* NUL-terminated beyond `size`, may hold NULs inside; never NULL */
        size_t size;
        const char *request_id;   /* "" if absent; header bytes as they came, at most 127 */
        int64_t date_wall;        /* the Date header; -1 if absent or unreadable */
        int64_t retry_after;      /* seconds; -1 if absent */
        signed char should_retry; /* Stripe-Should-Retry: 1 true, 0 false, -1 absent */
        usec_t duration_usec;     /* from start to end */
        uint64_t connection;      /* names the connection it came on, or a few that were opened together */
};

struct call;

typedef void (*reply_fn)(const struct reply *reply, void *userdata);

struct transport {
        /* Ask; `done` is called exactly once, from the loop, never from inside this call. All of `request` is
         * copied (the key into memory that is wiped). -ENOMEM, -EMFILE (more in flight than it was made for):
         * nothing was started and `done` will not be called. The caller owns the call until `done` is
         * entered. */
        int (*start)(struct transport *transport, const struct request *request, reply_fn done,
                     void *userdata, struct call **ret);

        /* Let go: `done` will not be called. Not for a call whose `done` was entered. */
        void (*cancel)(struct transport *transport, struct call *call);
};

#endif
