/* How many keys were in which state at the end of each of the last days, and the outages of that time: worked
 * out of all spans, slice by slice, as the answer is sent. */
#ifndef CONTROL_DAYS_H
#define CONTROL_DAYS_H

#include <stdint.h>
#include <sys/types.h>

#include "base/macros.h"
#include "store/store.h"

#define DAYS 90

struct days;

/* As seen at `now_wall`. -ENOMEM, or what the store says. To be freed before the store. */
int days_new(struct store *store, int64_t now_wall, struct days **ret);
struct days *days_free(struct days *days);
DEFINE_CLEANUP(struct days, days_free)

/* The next bytes, newlines while there is nothing to say yet; 0: that was all; -errno. */
ssize_t days_read(struct days *days, char *to, size_t size);

#endif
