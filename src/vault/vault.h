/* Seals and opens secrets: XChaCha20-Poly1305 with a 32-byte master key that never leaves here. Silent. */
#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"

struct vault;

#define VAULT_FINGERPRINT_SIZE 16
#define VAULT_ID_SIZE          17  /* 16 hexadecimal digits and a NUL */
#define VAULT_SEALED_MAX       512 /* no sealed secret is larger */

/* The master key: the file `credential` if it is given and there, else `master.key` in `state_dir` (0600),
 * which is made if `may_create`. `ret_why` as in store/store.h. -ENOKEY: there is none and it may not be
 * made; -EBADMSG: not 32 bytes (or 64 hexadecimal digits); -EPERM: the file can be read by others. */
int vault_new(const char *state_dir, const char *credential, bool may_create, struct vault **ret,
              char **ret_why);
struct vault *vault_free(struct vault *vault);
DEFINE_CLEANUP(struct vault, vault_free)

/* Which master key this is (a hash, no secret): kept beside what it sealed, so that a wrong one is noticed at
 * once. */
const char *vault_id(const struct vault *vault);

/* Does the master key lie in the state directory, beside what it seals? */
bool vault_beside_store(const struct vault *vault);

/* Seal for this key and slot (associated data: format version, key id, slot). `blob` has VAULT_SEALED_MAX
 * bytes. -E2BIG. */
int vault_seal(const struct vault *vault, int64_t key_id, int slot, const struct secret *secret, void *blob,
               size_t *ret_size);

/* -EBADMSG: not sealed by this master key for this key and slot, or damaged. */
int vault_unseal(const struct vault *vault, int64_t key_id, int slot, const void *blob, size_t size,
                 struct secret **ret);

/* A keyed hash that finds duplicates without telling anything of the secret. */
void vault_fingerprint(const struct vault *vault, const struct secret *secret,
                       unsigned char ret[VAULT_FINGERPRINT_SIZE]);

/* The id of an event: a keyed hash of what it is about and of the time of the first answer, so that a repeat
 * after a crash has the same id. 32 hexadecimal digits and a NUL. */
void vault_event_id(const struct vault *vault, const char *kind, int64_t key_id, int64_t first_wall,
                    char ret[33]);

/* `n` letters and digits nobody can guess, and a NUL. */
void vault_random_text(char *ret, size_t n);
uint32_t vault_random(void);

#endif
