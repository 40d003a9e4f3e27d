#include "base/secret.h"

#include <string.h>

struct secret *secret_new(size_t size)
{
        struct secret *secret = calloc(1, sizeof(*secret) + size + 1);

        if (secret)
                secret->size = size;
        return secret;
}

struct secret *secret_copy(const void *bytes, size_t size)
{
        struct secret *secret = secret_new(size);

        if (secret)
                memcpy(secret->bytes, bytes, size);
        return secret;
}

struct secret *secret_free(struct secret *secret)
{
        if (secret)
                explicit_bzero(secret->bytes, secret->size);
        return mfree(secret);
}
