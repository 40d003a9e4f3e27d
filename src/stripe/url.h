/* Building URLs and form bodies. */
#ifndef STRIPE_URL_H
#define STRIPE_URL_H

#include <stddef.h>
#include <stdio.h>

/* A text that grows in memory; written to by stdio. Every url_open() that succeeded needs its url_done(). */
struct url {
        FILE *stream;
        char *text;
        size_t size;
};

/* -ENOMEM. */
int url_open(struct url *ret);

/* `text` percent-encoded: everything but letters, digits, '-', '.', '_' and '~'. So it is one value of a
 * query or one segment of a path, whatever it holds, but for the segments "", "." and "..": no encoding saves
 * those from being read as steps, so callers never put them into a path. */
void url_put(struct url *url, const char *text);

/* Close, and give the text; the caller frees it. -ENOMEM: somewhere on the way; nothing is left to free. */
int url_done(struct url *url, char **ret);

#endif
