#include "notify/sign.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define PREFIX   "whsec_"
#define KEY_MIN  24
#define KEY_MAX  64
#define BASE64   sodium_base64_VARIANT_ORIGINAL
#define SIGN_MAX 64 /* "v1," and 44 characters */

static int key_read(const char *line, size_t size, struct secret **ret, const char **ret_why)
{
        _cleanup_(secret_freep) struct secret *key = secret_new(KEY_MAX);
        size_t decoded;

        if (!key)
                return -ENOMEM;
        *ret_why = "it must begin with " PREFIX;
        if (size < strlen(PREFIX) || memcmp(line, PREFIX, strlen(PREFIX)) != 0)
                return -EINVAL;
        *ret_why = "after " PREFIX " the base64 of 24 to 64 bytes must follow";
        if (sodium_base642bin((unsigned char *) key->bytes, KEY_MAX, line + strlen(PREFIX),
                              size - strlen(PREFIX), NULL, &decoded, NULL, BASE64) < 0 ||
            decoded < KEY_MIN)
                return -EINVAL;
        key->size = decoded;
        *ret = TAKE(key);
        return 0;
}

int sign_keys_read(const char *text, struct sign_keys *ret, const char **ret_why)
{
        struct sign_keys keys = { 0 };
        int r = 0;

        while (*text != '\0' && r >= 0) {
                size_t size = strcspn(text, "\n"), used = size;

                while (used > 0 && strchr(" \t\r", text[used - 1]))
                        used--;
                if (used > 0 && keys.n == SIGN_KEYS_MAX) {
                        *ret_why = "there are too many of them";
                        r = -EINVAL;
                } else if (used > 0) {
                        r = key_read(text, used, &keys.keys[keys.n], ret_why);
                        keys.n += r >= 0;
                }
                text += size + (text[size] == '\n');
        }
        if (r >= 0 && keys.n == 0) {
                *ret_why = "it is empty";
                r = -EINVAL;
        }
        if (r < 0) {
                sign_keys_clear(&keys);
                return r;
        }
        *ret = keys;
        return 0;
}

void sign_keys_clear(struct sign_keys *keys)
{
        for (size_t i = 0; i < keys->n; i++)
                keys->keys[i] = secret_free(keys->keys[i]);
        keys->n = 0;
}

static void sign_one(const struct secret *key, const char *head, const char *body, char to[static SIGN_MAX])
{
        unsigned char mac[crypto_auth_hmacsha256_BYTES];
        crypto_auth_hmacsha256_state state;

        crypto_auth_hmacsha256_init(&state, (const unsigned char *) key->bytes, key->size);
        crypto_auth_hmacsha256_update(&state, (const unsigned char *) head, strlen(head));
        crypto_auth_hmacsha256_update(&state, (const unsigned char *) body, strlen(body));
        crypto_auth_hmacsha256_final(&state, mac);
        sodium_memzero(&state, sizeof(state));
        memcpy(to, "v1,", 4);
        sodium_bin2base64(to + 3, SIGN_MAX - 3, mac, sizeof(mac), BASE64);
}

char *sign_message(const struct sign_keys *keys, const char *id, int64_t timestamp, const char *body)
{
        char signatures[SIGN_KEYS_MAX * SIGN_MAX] = "", one[SIGN_MAX];
        _cleanup_free_ char *head = NULL;
        size_t used = 0;

        if (asprintf(&head, "%s.%" PRId64 ".", id, timestamp) < 0) {
                head = NULL;
                return NULL;
        }
        for (size_t i = 0; i < keys->n; i++) {
                sign_one(keys->keys[i], head, body, one);
                used += (size_t) snprintf(signatures + used, sizeof(signatures) - used, "%s%s",
                                          i > 0 ? " " : "", one);
        }
        return strdup(signatures);
}
