/* Sealing: what was sealed comes back for the same master, key and slot, and for nothing else. */
#include "vault/vault.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
        char dir[64];
        char other_dir[64];
        struct vault *vault, *other;
};

static struct vault *vault_in(const char *dir)
{
        struct vault *vault = NULL;
        char *why = NULL;

        assert_int_equal(vault_new(dir, NULL, true, &vault, &why), 0);
        assert_null(why);
        return vault;
}

static int setup(void **state)
{
        struct world *w = calloc(1, sizeof(*w));

        snprintf(w->dir, sizeof(w->dir), "/tmp/vault-test-XXXXXX");
        snprintf(w->other_dir, sizeof(w->other_dir), "/tmp/vault-test-XXXXXX");
        assert_non_null(mkdtemp(w->dir));
        assert_non_null(mkdtemp(w->other_dir));
        w->vault = vault_in(w->dir);
        w->other = vault_in(w->other_dir);
        *state = w;
        return 0;
}

static void dir_remove(const char *dir)
{
        char path[96];

        snprintf(path, sizeof(path), "%s/master.key", dir);
        unlink(path);
        assert_int_equal(rmdir(dir), 0);
}

static int teardown(void **state)
{
        struct world *w = *state;

        vault_free(w->vault);
        vault_free(w->other);
        dir_remove(w->dir);
        dir_remove(w->other_dir);
        free(w);
        return 0;
}

/* Looks like a key, grants nothing. */
static struct secret *secret_fake(size_t size)
{
        struct secret *secret = secret_new(size);

        assert_non_null(secret);
        for (size_t i = 0; i < size; i++)
                secret->bytes[i] = (char) ('a' + i % 26);
        return secret;
}

static void comes_back(void **state)
{
        struct world *w = *state;
        static const size_t sizes[] = { 0, 1, 16, 107, 255, 463 };

        for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
                struct secret *secret = secret_fake(sizes[i]), *back = NULL;
                unsigned char blob[VAULT_SEALED_MAX];
                size_t size = 0;

                assert_int_equal(vault_seal(w->vault, 42, 1, secret, blob, &size), 0);
                assert_in_range(size, 1, VAULT_SEALED_MAX);
                assert_int_equal(vault_unseal(w->vault, 42, 1, blob, size, &back), 0);
                assert_int_equal(back->size, secret->size);
                assert_memory_equal(back->bytes, secret->bytes, secret->size + 1);
                secret_free(secret);
                secret_free(back);
        }
}

static void too_large_is_refused(void **state)
{
        struct world *w = *state;
        struct secret *secret = secret_fake(464);
        unsigned char blob[VAULT_SEALED_MAX];
        size_t size = 7;

        assert_int_equal(vault_seal(w->vault, 1, 0, secret, blob, &size), -E2BIG);
        assert_int_equal(size, 7);
        secret_free(secret);
}

static void same_secret_never_looks_the_same(void **state)
{
        struct world *w = *state;
        struct secret *secret = secret_fake(107);
        unsigned char one[VAULT_SEALED_MAX], two[VAULT_SEALED_MAX];
        size_t size;

        assert_int_equal(vault_seal(w->vault, 1, 0, secret, one, &size), 0);
        assert_int_equal(vault_seal(w->vault, 1, 0, secret, two, &size), 0);
        assert_memory_not_equal(one + 9, two + 9, size - 9);
        assert_null(memmem(one, size, secret->bytes, 8));
        secret_free(secret);
}

static void nothing_else_opens_it(void **state)
{
        struct world *w = *state;
        struct secret *secret = secret_fake(107), *back = NULL;
        unsigned char blob[VAULT_SEALED_MAX];
        size_t size;

        assert_int_equal(vault_seal(w->vault, 42, 0, secret, blob, &size), 0);
        assert_int_equal(vault_unseal(w->vault, 43, 0, blob, size, &back), -EBADMSG);
        assert_int_equal(vault_unseal(w->vault, 42, 1, blob, size, &back), -EBADMSG);
        assert_int_equal(vault_unseal(w->other, 42, 0, blob, size, &back), -EBADMSG);
        /* The other master's id in front does not help. */
        memset(blob + 1, 0, 8);
        assert_int_equal(vault_unseal(w->vault, 42, 0, blob, size, &back), -EBADMSG);
        assert_null(back);
        secret_free(secret);
}

static void every_byte_is_held(void **state)
{
        struct world *w = *state;
        struct secret *secret = secret_fake(107), *back = NULL;
        unsigned char blob[VAULT_SEALED_MAX + 1];
        size_t size;

        assert_int_equal(vault_seal(w->vault, 42, 0, secret, blob, &size), 0);
        for (size_t i = 0; i < size; i++)
                for (int bit = 0; bit < 8; bit++) {
                        blob[i] ^= (unsigned char) (1 << bit);
                        assert_int_equal(vault_unseal(w->vault, 42, 0, blob, size, &back), -EBADMSG);
                        blob[i] ^= (unsigned char) (1 << bit);
                }
        for (size_t n = 0; n < size; n++)
                assert_int_equal(vault_unseal(w->vault, 42, 0, blob, n, &back), -EBADMSG);
        blob[size] = 0;
        assert_int_equal(vault_unseal(w->vault, 42, 0, blob, size + 1, &back), -EBADMSG);
        assert_int_equal(vault_unseal(w->vault, 42, 0, blob, VAULT_SEALED_MAX + 1, &back), -EBADMSG);
        assert_null(back);
        assert_int_equal(vault_unseal(w->vault, 42, 0, blob, size, &back), 0);
        secret_free(back);
        secret_free(secret);
}

static void fingerprints_find_duplicates(void **state)
{
        struct world *w = *state;
        struct secret *one = secret_fake(107), *two = secret_fake(107);
        unsigned char a[VAULT_FINGERPRINT_SIZE], b[VAULT_FINGERPRINT_SIZE];

        vault_fingerprint(w->vault, one, a);
        vault_fingerprint(w->vault, two, b);
        assert_memory_equal(a, b, sizeof(a));
        vault_fingerprint(w->other, two, b);
        assert_memory_not_equal(a, b, sizeof(a));
        two->bytes[106] ^= 1;
        vault_fingerprint(w->vault, two, b);
        assert_memory_not_equal(a, b, sizeof(a));
        secret_free(one);
        secret_free(two);
}

static void event_ids_tell_events_apart(void **state)
{
        struct world *w = *state;
        char id[33], other[33];

        vault_event_id(w->vault, "key-revoked", 42, 1000, id);
        assert_int_equal(strspn(id, "0123456789abcdef"), 32);
        vault_event_id(w->vault, "key-revoked", 42, 1000, other);
        assert_string_equal(id, other);
        vault_event_id(w->vault, "key-revoked", 42, 1001, other);
        assert_string_not_equal(id, other);
        vault_event_id(w->vault, "key-revoked", 43, 1000, other);
        assert_string_not_equal(id, other);
        vault_event_id(w->vault, "key-expired", 42, 1000, other);
        assert_string_not_equal(id, other);
        vault_event_id(w->other, "key-revoked", 42, 1000, other);
        assert_string_not_equal(id, other);
}

static void the_id_is_the_masters(void **state)
{
        struct world *w = *state;
        struct vault *again = vault_in(w->dir);

        assert_int_equal(strlen(vault_id(w->vault)), VAULT_ID_SIZE - 1);
        assert_string_equal(vault_id(w->vault), vault_id(again));
        assert_string_not_equal(vault_id(w->vault), vault_id(w->other));
        vault_free(again);
        assert_null(vault_free(NULL));
}

static void random_text_is_letters_and_digits(void **state)
{
        char one[17], two[17];

        (void) state;
        vault_random_text(one, 16);
        vault_random_text(two, 16);
        assert_int_equal(strlen(one), 16);
        for (size_t i = 0; i < 16; i++)
                assert_true((one[i] >= '0' && one[i] <= '9') || (one[i] >= 'a' && one[i] <= 'z') ||
                            (one[i] >= 'A' && one[i] <= 'Z'));
        assert_string_not_equal(one, two);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(comes_back),
                cmocka_unit_test(too_large_is_refused),
                cmocka_unit_test(same_secret_never_looks_the_same),
                cmocka_unit_test(nothing_else_opens_it),
                cmocka_unit_test(every_byte_is_held),
                cmocka_unit_test(fingerprints_find_duplicates),
                cmocka_unit_test(event_ids_tell_events_apart),
                cmocka_unit_test(the_id_is_the_masters),
                cmocka_unit_test(random_text_is_letters_and_digits),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
