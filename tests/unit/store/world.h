/* A store in a directory of its own, and short ways to put something in. */
#ifndef TEST_STORE_WORLD_H
#define TEST_STORE_WORLD_H

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store.h"

#define NOW 1795000000

struct world {
        char dir[64];
        char path[96]; /* of the database */
        struct store *store;
};

/* Of what is tried at random; KEYVIGIL_TEST_SEED brings a run back. */
static inline unsigned world_seed(void)
{
        const char *given = getenv("KEYVIGIL_TEST_SEED");
        unsigned seed = given ? (unsigned) strtoul(given, NULL, 10) : (unsigned) time(NULL);

        print_message("KEYVIGIL_TEST_SEED=%u\n", seed);
        return seed;
}

static inline int world_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void) st;
        (void) type;
        (void) ftw;
        return remove(path);
}

static inline void world_open(struct world *w)
{
        char *why = NULL;
        int r = store_open(w->dir, NULL, NULL, &w->store, &why);

        if (r < 0)
                print_error("%s\n", why);
        assert_int_equal(r, 0);
}

static inline void world_close(struct world *w)
{
        w->store = store_close(w->store);
}

/* Without a store yet. */
static inline int world_setup_empty(void **state)
{
        struct world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        snprintf(w->dir, sizeof(w->dir), "/tmp/store-test-XXXXXX");
        assert_non_null(mkdtemp(w->dir));
        assert_int_equal(chmod(w->dir, 0750), 0);
        snprintf(w->path, sizeof(w->path), "%s/keyvigil.db", w->dir);
        *state = w;
        return 0;
}

static inline int world_setup(void **state)
{
        world_setup_empty(state);
        world_open(*state);
        return 0;
}

static inline int world_teardown(void **state)
{
        struct world *w = *state;

        store_close(w->store);
        nftw(w->dir, world_remove_one, 16, FTW_DEPTH | FTW_PHYS);
        free(w);
        return 0;
}

/* A key with plausible beliefs; the caller frees it. */
static inline struct key *world_key(const char *name)
{
        struct key *key = key_new(name);

        assert_non_null(key);
        key->kind = KIND_RESTRICTED;
        key->mode = MODE_LIVE;
        key->added = NOW;
        key->secret_since = NOW;
        key->belief.life = LIFE_UNVERIFIED;
        key->state = STATE_UNVERIFIED;
        return key;
}

/* 150 bytes that tell who they are. */
static inline void world_seal(unsigned char blob[150], unsigned char fingerprint[16], unsigned n)
{
        memset(blob, 0, 150);
        snprintf((char *) blob, 150, "sealed-blob-number-%u-of-this-test", n);
        memset(blob + 60, (int) (n % 251), 90);
        memset(fingerprint, 0, 16);
        memcpy(fingerprint, &n, sizeof(n));
}

/* Is it secret number `n` that the key has? */
static inline bool world_has_secret(struct world *w, int64_t key_id, unsigned n)
{
        unsigned char expected[150], fingerprint[16], blob[512];
        size_t size = 0;

        world_seal(expected, fingerprint, n);
        return store_secret_read(w->store, key_id, SLOT_CURRENT, blob, sizeof(blob), &size) == 0 &&
               size == sizeof(expected) && memcmp(blob, expected, size) == 0;
}

static inline int world_try_add(struct world *w, struct key *key, const char *profile, unsigned secret,
                                char **ret_other)
{
        const char *names[] = { "team", "tier" }, *values[] = { "blue", "gold" };
        struct key_details details = {
                .profile = profile, .label_names = names, .label_values = values, .n_labels = 2
        };
        unsigned char blob[150], fingerprint[16];
        struct sealed sealed = { blob, sizeof(blob), fingerprint, sizeof(fingerprint) };

        world_seal(blob, fingerprint, secret);
        assert_int_equal(store_next_key_id(w->store, &key->id), 0);
        return store_key_add(w->store, key, &details, &sealed, ret_other);
}

/* Stored; the caller frees it. */
static inline struct key *world_add(struct world *w, const char *name, unsigned secret)
{
        struct key *key = world_key(name);

        assert_int_equal(world_try_add(w, key, "selgeo", secret, NULL), 0);
        return key;
}

static inline struct batch *batch_make(void)
{
        struct batch *batch = NULL;

        assert_int_equal(batch_new(&batch), 0);
        return batch;
}

static inline void world_remove(struct world *w, int64_t key_id)
{
        struct batch *batch = batch_make();

        batch_key_removed(batch, key_id, NOW + 100, 7);
        assert_int_equal(store_commit(w->store, batch), 0);
        batch_free(batch);
}

/* Results of a query as text: "name=value name=value\n" per row, NULL as "-". The caller frees it. */
struct world_text {
        char *text;
        size_t size;
        FILE *stream;
};

static inline int world_take_row(const struct column *columns, size_t n, void *userdata)
{
        struct world_text *text = userdata;

        for (size_t i = 0; i < n; i++) {
                fprintf(text->stream, "%s%s=", i ? " " : "", columns[i].name);
                if (columns[i].type == COLUMN_NULL)
                        fputs("-", text->stream);
                else if (columns[i].type == COLUMN_INTEGER)
                        fprintf(text->stream, "%lld", (long long) columns[i].integer);
                else
                        fputs(columns[i].text, text->stream);
        }
        fputs("\n", text->stream);
        return 0;
}

static inline char *world_query(struct store *store, enum query query, const struct query_filter *filter)
{
        struct world_text text = { 0 };

        text.stream = open_memstream(&text.text, &text.size);
        assert_non_null(text.stream);
        assert_int_equal(store_query(store, query, filter, world_take_row, &text), 0);
        fclose(text.stream);
        return text.text;
}

/* Asks, checks that each of the strings (NULL-terminated list) is in the answer. */
static inline void world_expect(struct store *store, enum query query, const struct query_filter *filter,
                                const char *const *expected)
{
        char *text = world_query(store, query, filter);

        for (; *expected; expected++)
                if (!strstr(text, *expected))
                        fail_msg("no \"%s\" in:\n%s", *expected, text);
        free(text);
}

#define EXPECT(store, query, filter, ...)                                                                    \
        world_expect(store, query, filter, (const char *const[]){ __VA_ARGS__, NULL })

static inline size_t world_lines(struct store *store, enum query query, const struct query_filter *filter)
{
        char *text = world_query(store, query, filter);
        size_t n = 0;

        for (const char *p = text; *p; p++)
                n += *p == '\n';
        free(text);
        return n;
}

/* All that the files of the database hold, one behind the other; the caller frees it. */
static inline char *world_content(const struct world *w, size_t *ret_size)
{
        static const char *const suffixes[] = { "", "-wal", "-shm" };
        char *content = NULL;
        size_t size = 0;

        for (size_t i = 0; i < 3; i++) {
                char path[128];
                FILE *f;
                struct stat st;

                snprintf(path, sizeof(path), "%s%s", w->path, suffixes[i]);
                f = fopen(path, "re");
                if (!f)
                        continue;
                assert_int_equal(fstat(fileno(f), &st), 0);
                content = realloc(content, size + (size_t) st.st_size + 1);
                assert_non_null(content);
                assert_int_equal(fread(content + size, 1, (size_t) st.st_size, f), st.st_size);
                size += (size_t) st.st_size;
                fclose(f);
        }
        *ret_size = size;
        return content;
}

/* Are these bytes in any file of the state directory that is not the lock? */
static inline bool world_file_has(const struct world *w, const void *bytes, size_t size)
{
        size_t all;
        char *content = world_content(w, &all);
        bool found = content && memmem(content, all, bytes, size);

        free(content);
        return found;
}

/* The table of secrets as it was before they had places, made out of what there is; every sixteenth key has
 * lost its own, of which bytes were left behind. */
#define WORLD_SECRETS_BEFORE                                                                                 \
        "PRAGMA secure_delete = OFF;"                                                                        \
        "CREATE TABLE before(id INTEGER PRIMARY KEY, sealed BLOB NOT NULL,"                                  \
        " fingerprint BLOB NOT NULL UNIQUE) STRICT;"                                                         \
        "INSERT INTO before SELECT s.id, l.sealed, l.fingerprint FROM secret s"                              \
        " JOIN place l ON l.id = s.place;"                                                                   \
        "DELETE FROM before WHERE id % 32 = 0;"                                                              \
        "PRAGMA secure_delete = ON;"                                                                         \
        "DROP TABLE secret; DROP TABLE place; ALTER TABLE before RENAME TO secret;"

/* While the store is closed: somebody else writes to its file. */
static inline void world_sql(const struct world *w, const char *text)
{
        sqlite3 *db = NULL;

        assert_int_equal(sqlite3_open(w->path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

#endif
