/* Where requests go and how: the options, copied, checked, and in the form in which libcurl takes them. Never
 * changed once made; shared by the calls and pools that were made for it. */
#ifndef HTTP_SITE_H
#define HTTP_SITE_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/macros.h"
#include "http/http.h"

struct site {
        unsigned refs;
        bool plain; /* http, to a loopback address */
        char *base; /* without a slash at its end */
        char *host; /* of `base`, for messages */
        char *ca_file;
        char *proxy;
        char *version_line;
        char *agent_line;
        usec_t timeout;
        unsigned concurrency;
        struct curl_slist version, agent; /* the end of every request's header list */
};

/* -EINVAL: not usable, see http.h. -ENOMEM. The caller owns the one reference. */
int site_new(const struct http_options *options, struct site **ret);

struct site *site_ref(struct site *site);
struct site *site_unref(struct site *site);
DEFINE_CLEANUP(struct site, site_unref)

/* Would requests look the same and go the same way? (The concurrency counts.) */
bool site_equal(const struct site *a, const struct site *b);

#endif
