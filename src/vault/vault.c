#include "vault/vault.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "vault/masterkey.h"

/* A sealed secret: version, id of the master key, nonce, ciphertext with its tag. */
#define FORMAT_VERSION 1
#define ID_BYTES       8
#define NONCE_BYTES    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES      crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HEAD_BYTES     (1 + ID_BYTES + NONCE_BYTES)

/* What the ciphertext is bound to: version, key id, slot. */
#define BOUND_BYTES (1 + 8 + 1)

/* The master key itself is used for nothing but making these. */
enum subkey {
        SUBKEY_SEAL = 1,
        SUBKEY_FINGERPRINT,
        SUBKEY_EVENT,
        SUBKEY_ID,
};

struct vault {
        unsigned char seal[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
        unsigned char fingerprint[crypto_generichash_KEYBYTES];
        unsigned char event[crypto_generichash_KEYBYTES];
        unsigned char id[ID_BYTES];
        char id_text[VAULT_ID_SIZE];
        bool beside_store;
};

_Static_assert(crypto_kdf_KEYBYTES == MASTERKEY_SIZE, "the master key must fit the derivation");
_Static_assert(VAULT_ID_SIZE == 2 * ID_BYTES + 1, "the id as text");

static void subkey_derive(unsigned char *ret, size_t size, enum subkey which, const unsigned char *master)
{
        crypto_kdf_derive_from_key(ret, size, (uint64_t) which, "keyvigil", master);
}

static void subkeys_derive(struct vault *vault, const unsigned char *master)
{
        unsigned char id[crypto_kdf_BYTES_MIN];

        subkey_derive(vault->seal, sizeof(vault->seal), SUBKEY_SEAL, master);
        subkey_derive(vault->fingerprint, sizeof(vault->fingerprint), SUBKEY_FINGERPRINT, master);
        subkey_derive(vault->event, sizeof(vault->event), SUBKEY_EVENT, master);
        subkey_derive(id, sizeof(id), SUBKEY_ID, master);
        memcpy(vault->id, id, ID_BYTES);
        sodium_bin2hex(vault->id_text, sizeof(vault->id_text), vault->id, ID_BYTES);
}

int vault_new(const char *state_dir, const char *credential, bool may_create, struct vault **ret,
              char **ret_why)
{
        _cleanup_(vault_freep) struct vault *vault = NULL;
        unsigned char master[MASTERKEY_SIZE];
        int r;

        if (sodium_init() < 0)
                return -EIO;
        vault = calloc(1, sizeof(*vault));
        if (!vault)
                return -ENOMEM;
        /* The limit on locked memory may be small; a page that may be swapped is no reason to fail. */
        (void) sodium_mlock(vault, sizeof(*vault));
        r = masterkey_find(state_dir, credential, may_create, master, &vault->beside_store, ret_why);
        if (r >= 0)
                subkeys_derive(vault, master);
        sodium_memzero(master, sizeof(master));
        if (r < 0)
                return r;
        *ret = TAKE(vault);
        return 0;
}

struct vault *vault_free(struct vault *vault)
{
        if (!vault)
                return NULL;
        sodium_memzero(vault, sizeof(*vault));
        (void) sodium_munlock(vault, sizeof(*vault));
        return mfree(vault);
}

const char *vault_id(const struct vault *vault)
{
        return vault->id_text;
}

bool vault_beside_store(const struct vault *vault)
{
        return vault->beside_store;
}

static void number_put(unsigned char *bytes, uint64_t number)
{
        for (int i = 0; i < 8; i++)
                bytes[i] = (unsigned char) (number >> (8 * i));
}

static void bound_make(int64_t key_id, int slot, unsigned char ret[BOUND_BYTES])
{
        ret[0] = FORMAT_VERSION;
        number_put(ret + 1, (uint64_t) key_id);
        ret[9] = (unsigned char) slot;
}

int vault_seal(const struct vault *vault, int64_t key_id, int slot, const struct secret *secret, void *blob,
               size_t *ret_size)
{
        unsigned char bound[BOUND_BYTES];
        unsigned char *head = blob, *nonce = head + 1 + ID_BYTES;

        if (secret->size > VAULT_SEALED_MAX - HEAD_BYTES - TAG_BYTES)
                return -E2BIG;
        head[0] = FORMAT_VERSION;
        memcpy(head + 1, vault->id, ID_BYTES);
        randombytes_buf(nonce, NONCE_BYTES);
        bound_make(key_id, slot, bound);
        crypto_aead_xchacha20poly1305_ietf_encrypt(head + HEAD_BYTES, NULL,
                                                   (const unsigned char *) secret->bytes, secret->size, bound,
                                                   sizeof(bound), NULL, nonce, vault->seal);
        *ret_size = HEAD_BYTES + secret->size + TAG_BYTES;
        return 0;
}

int vault_unseal(const struct vault *vault, int64_t key_id, int slot, const void *blob, size_t size,
                 struct secret **ret)
{
        _cleanup_(secret_freep) struct secret *secret = NULL;
        const unsigned char *head = blob;
        unsigned char bound[BOUND_BYTES];

        if (size < HEAD_BYTES + TAG_BYTES || size > VAULT_SEALED_MAX)
                return -EBADMSG;
        if (head[0] != FORMAT_VERSION || sodium_memcmp(head + 1, vault->id, ID_BYTES) != 0)
                return -EBADMSG;
        secret = secret_new(size - HEAD_BYTES - TAG_BYTES);
        if (!secret)
                return -ENOMEM;
        bound_make(key_id, slot, bound);
        if (crypto_aead_xchacha20poly1305_ietf_decrypt((unsigned char *) secret->bytes, NULL, NULL,
                                                       head + HEAD_BYTES, size - HEAD_BYTES, bound,
                                                       sizeof(bound), head + 1 + ID_BYTES, vault->seal) < 0)
                return -EBADMSG;
        *ret = TAKE(secret);
        return 0;
}

void vault_fingerprint(const struct vault *vault, const struct secret *secret,
                       unsigned char ret[VAULT_FINGERPRINT_SIZE])
{
        crypto_generichash(ret, VAULT_FINGERPRINT_SIZE, (const unsigned char *) secret->bytes, secret->size,
                           vault->fingerprint, sizeof(vault->fingerprint));
}

void vault_event_id(const struct vault *vault, const char *kind, int64_t key_id, int64_t first_wall,
                    char ret[33])
{
        crypto_generichash_state state;
        unsigned char numbers[16], hash[16];

        number_put(numbers, (uint64_t) key_id);
        number_put(numbers + 8, (uint64_t) first_wall);
        crypto_generichash_init(&state, vault->event, sizeof(vault->event), sizeof(hash));
        crypto_generichash_update(&state, numbers, sizeof(numbers));
        crypto_generichash_update(&state, (const unsigned char *) kind, strlen(kind));
        crypto_generichash_final(&state, hash, sizeof(hash));
        sodium_bin2hex(ret, 33, hash, sizeof(hash));
}

void vault_random_text(char *ret, size_t n)
{
        static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        unsigned char bytes[64];
        size_t left = 0;

        for (size_t i = 0; i < n;) {
                if (left == 0) { /* many at once: each call is a system call */
                        left = MIN(sizeof(bytes), 2 * (n - i) + 4);
                        randombytes_buf(bytes, left);
                }
                unsigned char six = bytes[--left] & 63;
                if (six < sizeof(alphabet) - 1) /* the rest would make some letters likelier */
                        ret[i++] = alphabet[six];
        }
        ret[n] = '\0';
}

uint32_t vault_random(void)
{
        return randombytes_random();
}
