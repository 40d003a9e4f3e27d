/* A secret in the open: wiped when freed, never printed. There is no function that makes text of it, on
 * purpose. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>

#include "base/macros.h"

struct secret {
        size_t size; /* bytes, without the terminating NUL that is always there */
        char bytes[];
};

/* A wiped block for `size` bytes plus NUL, or NULL without memory. The caller owns it. */
struct secret *secret_new(size_t size);

/* The same, holding a copy of `bytes`. */
struct secret *secret_copy(const void *bytes, size_t size);

/* Wipe and free. */
struct secret *secret_free(struct secret *secret);

DEFINE_CLEANUP(struct secret, secret_free)

#endif
