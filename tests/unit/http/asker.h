/* One who asks through the transport and remembers what came. */
#ifndef TESTS_HTTP_ASKER_H
#define TESTS_HTTP_ASKER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/http.h"
#include "peer.h"

/* A reply, copied. */
struct seen {
        enum transport_error error;
        long status;
        char detail[512];
        char body[8192];
        size_t size;
        char request_id[128];
        int64_t date_wall, retry_after;
        int should_retry;
        usec_t duration_usec;
};

struct asker {
        sd_event *event;
        struct transport *transport;
        struct peer peer, other;
        char base[64];
        struct http_options options;
        struct secret *key;
        unsigned answers, wanted;
        struct seen last;
        void (*then)(struct asker *asker); /* called within each answer, at its end */
};

/* cmocka fixtures: a loop, a key, options without a transport; all of it away. */
int asker_setup(void **state);
int asker_teardown(void **state);

/* Start the peer, and the transport with the options as they are. */
void asker_serve(struct asker *asker, peer_fn serve);
void asker_connect(struct asker *asker);

/* Fill base with a URL of `port`. */
void asker_point_at(struct asker *asker, const char *scheme, const char *host, uint16_t port);

struct request asker_request(const struct asker *asker, enum method method, const char *path);

/* Start; the call is returned. */
struct call *asker_start(struct asker *asker, const struct request *request);

/* Let the loop run until `n` answers more have come; fails if that takes absurdly long. */
void asker_await(struct asker *asker, unsigned n);

/* GET `path`, await the answer. */
const struct seen *asker_get(struct asker *asker, const char *path);

/* Let the loop run until `done(asker)` is true. */
void asker_await_that(struct asker *asker, int (*done)(struct asker *asker));

/* Let the loop turn until it has nothing to do at once. */
void asker_settle(struct asker *asker);

/* The reply_fn used by all. */
void asker_note(const struct reply *reply, void *userdata);

#endif
