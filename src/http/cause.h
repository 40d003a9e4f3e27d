/* Why a request got no answer: libcurl's codes in our words. */
#ifndef HTTP_CAUSE_H
#define HTTP_CAUSE_H

#include <curl/curl.h>
#include <stddef.h>

#include "base/transport.h"
#include "http/site.h"

/* The class alone. What cannot be the network's or the other side's doing is LOCAL. */
enum transport_error cause_class(CURLcode code);

/* The class, and one plain phrase with the host in `ret_detail` ("" if there is nothing to add). Asks `easy`,
 * which has ended with `code`, for the circumstances. */
enum transport_error cause_explain(CURL *easy, CURLcode code, const struct site *site, char *ret_detail,
                                   size_t room);

#endif
