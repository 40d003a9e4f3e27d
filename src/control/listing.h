/* GET /v1/keys, made while it is sent: a million keys take no memory, and no turn of the loop takes long. */
#ifndef CONTROL_LISTING_H
#define CONTROL_LISTING_H

#include <sys/types.h>

#include "engine/engine.h"
#include "store/selector.h"

struct listing;

/* What is listed, as in store/selector.h, but at most `limit` rows, of keys whose id is higher than `after`.
 * The same errors. */
int listing_new(struct engine *engine, struct store *store, const struct key_selector *selector,
                const char *columns, uint64_t limit, int64_t after, struct listing **ret);
struct listing *listing_free(struct listing *listing);
DEFINE_CLEANUP(struct listing, listing_free)

/* The next bytes of the body, at most `size`. 0: that was all. -errno: it cannot be made; end the
 * connection. */
ssize_t listing_read(struct listing *listing, char *to, size_t size);

#endif
