/* GET /v1/keys, made while it is sent: a million keys take no memory, and no turn of the loop takes long. */
#ifndef CONTROL_LISTING_H
#define CONTROL_LISTING_H

#include <sys/types.h>

#include "engine/operations.h"
#include "store/store.h"

struct listing;

/* `state` < 0: any. Labels may be NULL: any; they are copied. -ENOMEM. */
int listing_new(struct engine *engine, struct store *store, int state, const char *label_name,
                const char *label_value, struct listing **ret);
struct listing *listing_free(struct listing *listing);

/* The next bytes of the body, at most `size`. 0: that was all. -errno: it cannot be made; end the
 * connection. */
ssize_t listing_read(struct listing *listing, char *to, size_t size);

#endif
