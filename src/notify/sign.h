/* Signatures of the Standard Webhooks specification: who gets a message can tell that we sent it. */
#ifndef NOTIFY_SIGN_H
#define NOTIFY_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"

/* "whsec_" and the base64 of 24 to 64 bytes; several, one a line, while one takes the place of another.
 * Blank ends of lines are ignored. */
#define SIGN_KEYS_MAX 4

struct sign_keys {
        struct secret *keys[SIGN_KEYS_MAX];
        size_t n;
};

/* -EINVAL: not of that form (`ret_why`: static text, without any of it); -ENOMEM. */
int sign_keys_read(const char *text, struct sign_keys *ret, const char **ret_why);
void sign_keys_clear(struct sign_keys *keys);

/* The value of webhook-signature: "v1,…", one for each key, separated by blanks. The caller frees; NULL
 * without memory. */
char *sign_message(const struct sign_keys *keys, const char *id, int64_t timestamp, const char *body);

#endif
