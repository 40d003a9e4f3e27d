/* GET /v1/keys, made while it is sent: a million keys take no memory, and no turn of the loop takes long. */
#ifndef CONTROL_LISTING_H
#define CONTROL_LISTING_H

#include <stdint.h>
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

/* An MHD_ContentReaderCallback. */
ssize_t listing_read(void *listing, uint64_t position, char *to, size_t size);

#endif
