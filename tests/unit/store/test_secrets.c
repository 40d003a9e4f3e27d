/* Sealed secrets: found, rotated, and gone from the files when they are taken out. */
#include <sqlite3.h>
#include <sys/wait.h>

#include "world.h"

static void read_back(struct world *w, int64_t key_id, enum slot slot, unsigned n)
{
        unsigned char expected[150], fingerprint[16], blob[512];
        size_t size = 0;

        world_seal(expected, fingerprint, n);
        assert_int_equal(store_secret_read(w->store, key_id, slot, blob, sizeof(blob), &size), 0);
        assert_int_equal(size, sizeof(expected));
        assert_memory_equal(blob, expected, size);
}

/* Is the sealed secret number `n` anywhere in the files? */
static bool lies_around(struct world *w, unsigned n)
{
        char text[64];

        snprintf(text, sizeof(text), "sealed-blob-number-%u-of", n);
        return world_file_has(w, text, strlen(text));
}

static int try_write(struct world *w, int64_t key_id, enum slot slot, unsigned n, char **ret_other)
{
        unsigned char blob[150], fingerprint[16];
        struct sealed sealed = { blob, sizeof(blob), fingerprint, sizeof(fingerprint) };

        world_seal(blob, fingerprint, n);
        return store_secret_write(w->store, key_id, slot, &sealed, ret_other);
}

/* Secret number `current` in, number `sealed_anew` (with the fingerprint of `old`) into the old slot. */
static int try_rotate(struct world *w, int64_t key_id, unsigned current, unsigned sealed_anew, unsigned old)
{
        unsigned char blob[150], fingerprint[16], old_blob[150], old_fingerprint[16];
        struct sealed sealed = { blob, sizeof(blob), fingerprint, sizeof(fingerprint) };
        struct sealed old_sealed = { old_blob, sizeof(old_blob), old_fingerprint, sizeof(old_fingerprint) };

        world_seal(old_blob, old_fingerprint, old);
        world_seal(old_blob, fingerprint, sealed_anew);
        world_seal(blob, fingerprint, current);
        struct key *key = key_new("as it is with the new secret");
        key->id = key_id;
        key->secret_since = current;
        int r = store_secret_rotate(w->store, key, &sealed, &old_sealed);
        free(key);
        return r;
}

static void reading(void **state)
{
        struct world *w = *state;
        struct key *key;
        unsigned char blob[512];
        size_t size = 7;

        assert_int_equal(store_has_secrets(w->store), 0);
        key = world_add(w, "acme", 1);
        assert_int_equal(store_has_secrets(w->store), 1);
        read_back(w, key->id, SLOT_CURRENT, 1);
        assert_int_equal(store_secret_read(w->store, key->id, SLOT_OLD, blob, sizeof(blob), &size), -ENOENT);
        assert_int_equal(store_secret_read(w->store, key->id + 1, SLOT_CURRENT, blob, sizeof(blob), &size),
                         -ENOENT);
        assert_int_equal(store_secret_read(w->store, key->id, SLOT_CURRENT, blob, 149, &size), -EUCLEAN);
        assert_int_equal(size, 7);
        free(key);
}

static bool has_old;

static int take_old(struct key *key, const char *profile, void *userdata)
{
        (void) profile;
        *(bool *) userdata = key->has_old;
        free(key);
        return 0;
}

static bool loaded_has_old(struct world *w)
{
        assert_int_equal(store_load_keys(w->store, take_old, &has_old), 0);
        return has_old;
}

static void a_rotation_keeps_the_old_until_it_is_erased(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);

        assert_false(loaded_has_old(w));
        assert_int_equal(try_rotate(w, key->id, 2, 101, 1), 0);
        read_back(w, key->id, SLOT_CURRENT, 2);
        read_back(w, key->id, SLOT_OLD, 101);
        assert_true(loaded_has_old(w));
        assert_false(lies_around(w, 1)); /* as it was sealed for the current slot */
        assert_true(lies_around(w, 2));

        assert_int_equal(store_secret_write(w->store, key->id, SLOT_OLD, NULL, NULL), 0);
        assert_false(loaded_has_old(w));
        assert_false(lies_around(w, 101));
        assert_true(lies_around(w, 2));

        world_remove(w, key->id);
        assert_false(lies_around(w, 2));
        assert_int_equal(store_has_secrets(w->store), 0);
        free(key);
}

static void the_old_goes_with_what_is_said_about_it(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct batch *batch;

        assert_int_equal(batch_new(&batch), 0);
        assert_int_equal(try_rotate(w, key->id, 2, 101, 1), 0);
        batch_old_secret_gone(batch, key->id);
        assert_int_equal(batch_size(batch), 1);
        assert_true(loaded_has_old(w)); /* not before the commit */
        assert_true(lies_around(w, 101));
        assert_int_equal(store_commit(w->store, batch), 0);
        assert_int_equal(batch_size(batch), 0);
        assert_false(loaded_has_old(w));
        assert_false(lies_around(w, 101));
        read_back(w, key->id, SLOT_CURRENT, 2);
        batch_old_secret_gone(batch, key->id); /* once more does no harm */
        assert_int_equal(store_commit(w->store, batch), 0);
        batch_old_secret_gone(batch, key->id);
        batch_forget_key(batch, key);
        assert_int_equal(batch_size(batch), 0);
        batch_free(batch);
        free(key);
}

static int is_in(struct world *w, int64_t key_id, enum slot slot, unsigned n)
{
        unsigned char blob[150], fingerprint[16];

        world_seal(blob, fingerprint, n);
        return store_secret_is(w->store, key_id, slot, fingerprint, sizeof(fingerprint));
}

/* What is to come is the key's own, and nobody else's; a rotation to it, or to another one, empties its
 * place. */
static void the_next_waits_for_its_turn(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1), *other = world_add(w, "other", 7);
        char *owner = NULL;

        assert_int_equal(try_write(w, key->id, SLOT_NEXT, 2, NULL), 0);
        assert_int_equal(is_in(w, key->id, SLOT_NEXT, 2), 1);
        assert_int_equal(is_in(w, key->id, SLOT_CURRENT, 2), 0);
        read_back(w, key->id, SLOT_CURRENT, 1);
        read_back(w, key->id, SLOT_NEXT, 2);
        assert_int_equal(try_write(w, other->id, SLOT_CURRENT, 2, &owner), -EALREADY);
        assert_string_equal(owner, "acme");
        free(owner);
        assert_int_equal(try_write(w, key->id, SLOT_NEXT, 3, NULL), 0);
        assert_false(lies_around(w, 2));
        assert_int_equal(try_rotate(w, key->id, 3, 101, 1), 0);
        assert_int_equal(is_in(w, key->id, SLOT_NEXT, 3), 0);
        read_back(w, key->id, SLOT_CURRENT, 3);
        assert_int_equal(try_write(w, key->id, SLOT_NEXT, 4, NULL), 0);
        assert_int_equal(try_write(w, key->id, SLOT_CURRENT, 5, NULL), 0);
        assert_false(lies_around(w, 4));
        assert_int_equal(try_write(w, key->id, SLOT_NEXT, 6, NULL), 0);
        world_remove(w, key->id);
        assert_false(lies_around(w, 6));
        free(key);
        free(other);
}

static int64_t secret_since;

static int take_since(struct key *key, const char *profile, void *userdata)
{
        (void) profile;
        *(int64_t *) userdata = key->secret_since;
        free(key);
        return 0;
}

static void a_rotation_writes_the_row_too(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);

        assert_int_equal(try_rotate(w, key->id, 2, 101, 1), 0);
        assert_int_equal(store_load_keys(w->store, take_since, &secret_since), 0);
        assert_int_equal(secret_since, 2);
        free(key);
}

static void a_rotation_back_is_possible(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);

        assert_int_equal(try_rotate(w, key->id, 2, 101, 1), 0);
        assert_int_equal(try_rotate(w, key->id, 1, 102, 2), 0);
        read_back(w, key->id, SLOT_CURRENT, 1);
        read_back(w, key->id, SLOT_OLD, 102);
        free(key);
}

static void secrets_are_stored_once(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1), *other = world_add(w, "other", 2);
        char *name = NULL;

        assert_int_equal(try_write(w, key->id, SLOT_CURRENT, 2, &name), -EALREADY);
        assert_string_equal(name, "other");
        free(name);
        assert_int_equal(try_rotate(w, key->id, 2, 101, 1), -EALREADY);
        assert_int_equal(try_rotate(w, key->id, 1, 101, 1), -EALREADY);
        read_back(w, key->id, SLOT_CURRENT, 1);
        assert_int_equal(try_write(w, key->id, SLOT_CURRENT, 1, NULL), 0);
        assert_int_equal(try_write(w, key->id, SLOT_CURRENT, 3, NULL), 0);
        assert_false(lies_around(w, 1));
        read_back(w, key->id, SLOT_CURRENT, 3);
        free(key);
        free(other);
}

/* A reader holds the log: the old secret goes as soon as the reader is gone. */
static void a_reader_delays_the_end_only(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        sqlite3 *reader = NULL;

        assert_int_equal(sqlite3_open_v2(w->path, &reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM key", NULL, NULL, NULL),
                         SQLITE_OK);
        assert_int_equal(try_rotate(w, key->id, 2, 101, 1), 0);
        assert_int_equal(store_secret_write(w->store, key->id, SLOT_OLD, NULL, NULL), 0);
        assert_true(lies_around(w, 101));
        assert_int_equal(sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(reader);
        assert_int_equal(store_checkpoint(w->store), 0);
        assert_false(lies_around(w, 101));
        assert_false(lies_around(w, 1));
        free(key);
}

/* Killed while a reader holds the log: the next run takes out what the last one could not. */
static void a_kill_delays_the_end_only(void **state)
{
        struct world *w = *state;
        char *why = NULL;
        int status;

        w->store = store_close(w->store);
        pid_t child = fork();
        if (child == 0) {
                sqlite3 *reader = NULL;
                struct key *key;

                if (store_open(w->dir, NULL, NULL, &w->store, &why) < 0)
                        _exit(1);
                key = world_add(w, "acme", 1);
                if (sqlite3_open_v2(w->path, &reader, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
                    sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM key", NULL, NULL, NULL) != SQLITE_OK ||
                    try_rotate(w, key->id, 2, 101, 1) < 0 ||
                    store_secret_write(w->store, key->id, SLOT_OLD, NULL, NULL) < 0)
                        _exit(1);
                _exit(0); /* nothing is closed */
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_int_equal(store_open(w->dir, NULL, NULL, &w->store, &why), 0);
        assert_true(lies_around(w, 101));
        assert_int_equal(store_checkpoint(w->store), 0);
        assert_false(lies_around(w, 101));
        assert_false(lies_around(w, 1));
}

/* Reading holds a view of the file; it must hold up neither writing, nor the log, nor a backup. */
static void reading_is_in_nobodys_way(void **state)
{
        struct world *w = *state;
        struct key *key = world_add(w, "acme", 1);
        struct store *reader = NULL;
        char path[128], *why = NULL;
        sqlite3 *other = NULL;
        int64_t grown;

        read_back(w, key->id, SLOT_CURRENT, 1);
        assert_int_equal(try_write(w, key->id, SLOT_CURRENT, 2, NULL), 0);
        read_back(w, key->id, SLOT_CURRENT, 2);
        assert_int_equal(store_checkpoint(w->store), 0);
        for (int i = 0; i < 50; i++) {
                read_back(w, key->id, SLOT_CURRENT, 2);
                assert_int_equal(store_meta_put(w->store, "fact", i % 2 ? "told" : "untold"), 0);
                read_back(w, key->id, SLOT_CURRENT, 2);
                assert_int_equal(store_checkpoint(w->store), 0);
        }
        grown = store_log_size(w->store);
        assert_in_range(grown, 0, 20 * 4096); /* each round began the log anew */

        /* Somebody else wrote meanwhile: we see it as soon as we write ourselves, and can. */
        assert_int_equal(sqlite3_open(w->path, &other), SQLITE_OK);
        read_back(w, key->id, SLOT_CURRENT, 2);
        assert_int_equal(sqlite3_exec(other, "DELETE FROM label", NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(other);
        assert_int_equal(store_meta_put(w->store, "fact", "seen"), 0);
        assert_int_equal(world_lines(w->store, QUERY_LABELS, &(struct query_filter){ .key = "acme" }), 0);

        read_back(w, key->id, SLOT_CURRENT, 2);
        snprintf(path, sizeof(path), "%s/backup.db", w->dir);
        assert_int_equal(store_backup(w->store, path, &why), 0);
        assert_int_equal(store_open_readonly(w->dir, &reader, &why), 0);
        store_close(reader);
        free(key);
}

/* --- nothing stays behind where rows moved: SQLite copies them from page to page as others come and go --- */

#define KEYS   250
#define ROUNDS 500

/* What one of the many holds: the numbers of its secrets, 0 for none. */
struct held {
        int64_t id;
        unsigned current, old, next;
};

struct shop {
        struct world *w;
        struct held held[KEYS];
        unsigned last; /* secret number: each is used once */
        unsigned seed;
};

static unsigned next_random(unsigned *seed)
{
        *seed = *seed * 1103515245u + 12345u;
        return *seed >> 8;
}

/* Numbered, with an end that finds it, and of several sizes: 90, 100, 110 … bytes. */
static void seal(unsigned char blob[160], struct sealed *ret, unsigned char fingerprint[16], unsigned n)
{
        size_t size = 90 + 10 * (n % 5 == 0 ? n % 7 : 6);

        memset(blob, (int) (n % 251), 160);
        snprintf((char *) blob, 160, "sealed-blob-number-%u-of", n);
        memset(fingerprint, 0, 16);
        memcpy(fingerprint, &n, sizeof(n));
        *ret = (struct sealed){ blob, size, fingerprint, 16 };
}

static void shop_write(struct shop *shop, int64_t id, enum slot slot, unsigned n)
{
        unsigned char blob[160], fingerprint[16];
        struct sealed sealed;

        seal(blob, &sealed, fingerprint, n);
        assert_int_equal(store_secret_write(shop->w->store, id, slot, n ? &sealed : NULL, NULL), 0);
}

static void shop_rotate(struct shop *shop, struct held *held)
{
        unsigned char blob[160], fingerprint[16], old_blob[160], old_fingerprint[16];
        struct sealed sealed, old;
        struct key *key = key_new("as it is with the new secret");
        unsigned current = ++shop->last, sealed_anew = ++shop->last;

        seal(blob, &sealed, fingerprint, current);
        seal(old_blob, &old, old_fingerprint, sealed_anew);
        key->id = held->id;
        assert_int_equal(store_secret_rotate(shop->w->store, key, &sealed, &old), 0);
        *held = (struct held){ held->id, current, sealed_anew, 0 };
        free(key);
}

static void shop_open(struct shop *shop, struct held *held)
{
        char name[24];

        snprintf(name, sizeof(name), "key-%u", ++shop->last);
        struct key *key = world_key(name);
        struct key_details details = { .profile = "selgeo" };
        unsigned char blob[160], fingerprint[16];
        struct sealed sealed;

        seal(blob, &sealed, fingerprint, ++shop->last);
        assert_int_equal(store_next_key_id(shop->w->store, &key->id), 0);
        assert_int_equal(store_key_add(shop->w->store, key, &details, &sealed, NULL), 0);
        *held = (struct held){ key->id, shop->last, 0, 0 };
        free(key);
}

static void shop_turn(struct shop *shop)
{
        struct held *held = &shop->held[next_random(&shop->seed) % KEYS];

        switch (held->id ? next_random(&shop->seed) % 5 : 5) {
        case 0:
                shop_rotate(shop, held);
                break;
        case 1:
                shop_write(shop, held->id, SLOT_OLD, held->old = 0);
                break;
        case 2:
                held->next = 0;
                shop_write(shop, held->id, SLOT_CURRENT, held->current = ++shop->last);
                break;
        case 3:
                shop_write(shop, held->id, SLOT_NEXT, held->next = ++shop->last);
                break;
        case 4:
                world_remove(shop->w, held->id);
                *held = (struct held){ 0 };
                break;
        default:
                shop_open(shop, held);
                break;
        }
}

/* The number of a secret that lies in the files although nobody holds it; 0: none does. */
static unsigned shop_leftover(struct shop *shop)
{
        size_t size = 0;
        char *content = world_content(shop->w, &size);
        bool *held = calloc(shop->last + 1, sizeof(*held));
        unsigned found = 0;

        for (size_t i = 0; i < KEYS; i++)
                held[shop->held[i].current] = held[shop->held[i].old] = held[shop->held[i].next] = true;
        for (char *at = content;
             (at = memmem(at, size - (size_t) (at - content), "sealed-blob-number-", 19));) {
                unsigned n = (unsigned) strtoul(at += 19, NULL, 10);

                if (n == 0 || n > shop->last || !held[n])
                        found = n;
        }
        free(content);
        free(held);
        return found;
}

static void shop_look(struct shop *shop)
{
        unsigned left = shop_leftover(shop);

        if (left)
                fail_msg("secret %u was left in a file", left);
        for (size_t i = 0; i < KEYS; i++)
                if (shop->held[i].id && !lies_around(shop->w, shop->held[i].current))
                        fail_msg("secret %u is missing", shop->held[i].current);
}

static void move_about(struct world *w, unsigned seed)
{
        struct shop shop = { .w = w, .seed = seed };

        print_message("KEYVIGIL_TEST_SEED=%u\n", seed);
        for (size_t i = 0; i < KEYS; i++)
                shop_open(&shop, &shop.held[i]);
        for (int round = 0; round < ROUNDS; round++)
                shop_turn(&shop);
        shop_look(&shop);
        for (size_t i = 0; i < KEYS; i++)
                if (shop.held[i].id)
                        world_remove(w, shop.held[i].id);
        memset(shop.held, 0, sizeof(shop.held));
        shop_look(&shop);
}

/* KEYVIGIL_SEEDS: so many. */
static void nothing_stays_behind_where_rows_moved(void **state)
{
        const char *seeds = getenv("KEYVIGIL_SEEDS");
        unsigned first = world_seed(), n = seeds ? (unsigned) strtoul(seeds, NULL, 10) : 4;

        for (unsigned i = 0; i < n; i++) {
                move_about(*state, first + i);
                world_teardown(state);
                world_setup(state);
        }
}

/* As a file of the time before places has it: what SQLite left behind in it goes when it is migrated. */
static void an_older_file_loses_what_was_left_in_it(void **state)
{
        struct world *w = *state;
        struct shop shop = { .w = w };

        for (size_t i = 0; i < KEYS; i++)
                shop_open(&shop, &shop.held[i]);
        world_close(w);
        world_sql(w, WORLD_SECRETS_BEFORE "PRAGMA user_version = 12; PRAGMA wal_checkpoint(TRUNCATE)");
        for (size_t i = 0; i < KEYS; i++)
                if (shop.held[i].id % 16 == 0)
                        shop.held[i] = (struct held){ 0 };
        assert_int_not_equal(shop_leftover(&shop), 0); /* else this shows nothing */
        world_open(w);
        assert_int_equal(store_checkpoint(w->store), 0);
        shop_look(&shop);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
                TEST(reading),
                TEST(a_rotation_keeps_the_old_until_it_is_erased),
                TEST(a_rotation_writes_the_row_too),
                TEST(the_old_goes_with_what_is_said_about_it),
                TEST(the_next_waits_for_its_turn),
                TEST(a_rotation_back_is_possible),
                TEST(secrets_are_stored_once),
                TEST(a_reader_delays_the_end_only),
                TEST(a_kill_delays_the_end_only),
                TEST(reading_is_in_nobodys_way),
                TEST(nothing_stays_behind_where_rows_moved),
                TEST(an_older_file_loses_what_was_left_in_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
