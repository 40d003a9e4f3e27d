/* One request and its answer: a libcurl handle with the memory that belongs to it. Made once, used for many
 * requests one after another. */
#ifndef HTTP_CALL_H
#define HTTP_CALL_H

#include <curl/curl.h>

#include "base/macros.h"
#include "base/transport.h"
#include "http/buffer.h"
#include "http/head.h"
#include "http/site.h"

struct pool;

struct call {
        CURL *easy;
        struct site *site; /* whose options `easy` carries */

        struct call *previous, *next; /* of those in flight, oldest first; or `next` of those idle */
        struct pool *pool;            /* where it is in flight */
        reply_fn done;
        void *userdata;
        usec_t started;

        enum method method;          /* what `easy` is set to */
        struct buffer line;          /* the header line with the key; empty but while in flight */
        struct curl_slist authorize; /* `line` as libcurl wants it; leads to the site's */
        struct buffer url;
        struct buffer form;
        unsigned sent;  /* how often it went out */
        bool only_once; /* it must not go out again */
        int port;       /* our end of the connection that it went out on; 0: it did not go out yet */
        bool heard;     /* something of the answer came */

        struct head head;
        struct buffer body;
        size_t body_max;
        bool too_large;
        size_t *large; /* bytes of the large bodies of all calls that are under way; the caller's */
};

/* `large` is shared by all calls, and outlives them: what their answers may take together is bounded.
 * -ENOMEM. */
int call_new(struct site *site, size_t *large, struct call **ret);

/* Not while in flight. */
struct call *call_free(struct call *call);
DEFINE_CLEANUP(struct call, call_free)

/* Make it ready for a pool. -EINVAL: see http.h. -ENOMEM. On failure call_forget() it. */
int call_prepare(struct call *call, const struct request *request);

/* Blank the key in the answer (base/echo.h), and wipe it. After the transfer has ended, before anybody sees
 * the answer. */
void call_hide(struct call *call);

/* How it ended. `ret_detail` is the reply's text and must outlive it. */
void call_reply(struct call *call, CURLcode code, char *ret_detail, size_t room, struct reply *ret_reply);

/* Wipe all that belonged to the last request. */
void call_forget(struct call *call);

#endif
