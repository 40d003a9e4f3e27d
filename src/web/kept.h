/* An answer of the daemon's that is good for a while, because it is much work and seldom another one. */
#ifndef WEB_KEPT_H
#define WEB_KEPT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/usec.h"

struct kept {
        json_t *answer; /* NULL: there is none */
        usec_t until;
};

/* Is this path of the daemon's one that is kept? */
bool kept_is(const char *source);

/* Another reference; `now` on CLOCK_MONOTONIC. */
void kept_put(struct kept *kept, json_t *answer, usec_t now);

/* A reference for the caller; NULL: there is none any more. */
json_t *kept_get(const struct kept *kept, usec_t now);

void kept_clear(struct kept *kept);

#endif
