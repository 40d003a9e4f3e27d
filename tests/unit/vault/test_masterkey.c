/* Where the master key comes from, and which files are refused. */
#include "vault/vault.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
        char dir[64];
        char key[96];
        char credential[96];
};

static int setup(void **state)
{
        struct world *w = calloc(1, sizeof(*w));

        snprintf(w->dir, sizeof(w->dir), "/tmp/masterkey-test-XXXXXX");
        assert_non_null(mkdtemp(w->dir));
        snprintf(w->key, sizeof(w->key), "%s/master.key", w->dir);
        snprintf(w->credential, sizeof(w->credential), "%s/credential", w->dir);
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        unlink(w->key);
        unlink(w->credential);
        /* Nothing else may be left behind. */
        assert_int_equal(rmdir(w->dir), 0);
        free(w);
        return 0;
}

static void file_write(const char *path, const char *bytes, size_t size, mode_t mode)
{
        (void) unlink(path); /* only root writes into one that nobody may write into */
        FILE *f = fopen(path, "we");

        assert_non_null(f);
        assert_int_equal(fwrite(bytes, 1, size, f), size);
        assert_int_equal(fclose(f), 0);
        assert_int_equal(chmod(path, mode), 0);
}

/* The id of the vault made in this world, or the error. */
static int try(struct world *w, const char *credential, bool may_create, char id[VAULT_ID_SIZE])
{
        struct vault *vault = NULL;
        char *why = NULL;
        int r = vault_new(w->dir, credential, may_create, &vault, &why);

        if (r < 0) {
                assert_null(vault);
                assert_non_null(why);
                assert_null(strchr(why, '\n'));
        } else if (id) {
                snprintf(id, VAULT_ID_SIZE, "%s", vault_id(vault));
                assert_true(vault_beside_store(vault) == (access(w->credential, F_OK) != 0));
        }
        free(why);
        vault_free(vault);
        return r;
}

static void made_once_and_only_if_allowed(void **state)
{
        struct world *w = *state;
        char one[VAULT_ID_SIZE], two[VAULT_ID_SIZE];
        struct stat st;

        assert_int_equal(try(w, NULL, false, NULL), -ENOKEY);
        assert_int_equal(access(w->key, F_OK), -1);
        assert_int_equal(try(w, NULL, true, one), 0);
        assert_int_equal(stat(w->key, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(try(w, NULL, true, two), 0);
        assert_string_equal(one, two);
        assert_int_equal(try(w, NULL, false, two), 0);
        assert_string_equal(one, two);
}

static void a_leftover_of_a_crash_is_no_key(void **state)
{
        struct world *w = *state;
        char path[128];

        snprintf(path, sizeof(path), "%s/master.key.new", w->dir);
        file_write(path, "abc", 3, 0600);
        assert_int_equal(try(w, NULL, true, NULL), 0);
        assert_int_equal(access(path, F_OK), -1);
}

static void the_credential_comes_first(void **state)
{
        struct world *w = *state;
        char own[VAULT_ID_SIZE], given[VAULT_ID_SIZE];
        const char *hex = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F\n";
        char raw[32];

        assert_int_equal(try(w, w->credential, true, own), 0); /* not there: no error */
        file_write(w->credential, hex, 65, 0440);
        assert_int_equal(try(w, w->credential, true, given), 0);
        assert_string_not_equal(own, given);
        for (int i = 0; i < 32; i++)
                raw[i] = (char) i;
        file_write(w->credential, raw, 32, 0400);
        assert_int_equal(try(w, w->credential, true, own), 0);
        assert_string_equal(own, given);
        file_write(w->credential, hex, 64, 0400);
        assert_int_equal(try(w, w->credential, true, own), 0);
        assert_string_equal(own, given);
}

static void bad_files_are_refused(void **state)
{
        struct world *w = *state;
        static const struct {
                const char *bytes;
                size_t size;
                mode_t mode;
                int error;
        } cases[] = {
                { "", 0, 0600, -EBADMSG },
                { "short", 5, 0600, -EBADMSG },
                { "0123456789abcdef0123456789abcde\n\n", 33, 0600, -EBADMSG },
                { "g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 64, 0600, -EBADMSG },
                { "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00", 66, 0600, -EBADMSG },
                { "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fx", 65, 0600, -EBADMSG },
                { "0123456789abcdef0123456789abcdef", 32, 0640, -EPERM },
                { "0123456789abcdef0123456789abcdef", 32, 0604, -EPERM },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                file_write(w->key, cases[i].bytes, cases[i].size, cases[i].mode);
                assert_int_equal(try(w, NULL, true, NULL), cases[i].error);
        }
        unlink(w->key);
        assert_int_equal(mkdir(w->credential, 0700), 0);
        assert_int_equal(try(w, w->credential, true, NULL), -EBADMSG);
        rmdir(w->credential);
        file_write(w->credential, "0123456789abcdef0123456789abcdef", 32, 0404);
        assert_int_equal(try(w, w->credential, true, NULL), -EPERM);
}

static void no_directory_no_key(void **state)
{
        struct vault *vault = NULL;
        char *why = NULL;

        (void) state;
        assert_int_equal(vault_new("/nonexistent/keyvigil", NULL, true, &vault, &why), -ENOENT);
        assert_non_null(strstr(why, "/nonexistent/keyvigil"));
        free(why);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(made_once_and_only_if_allowed, setup, teardown),
                cmocka_unit_test_setup_teardown(a_leftover_of_a_crash_is_no_key, setup, teardown),
                cmocka_unit_test_setup_teardown(the_credential_comes_first, setup, teardown),
                cmocka_unit_test_setup_teardown(bad_files_are_refused, setup, teardown),
                cmocka_unit_test(no_directory_no_key),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
