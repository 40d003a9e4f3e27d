/* Trouble below us: a full disk, no memory, a lock, a damaged file. A batch survives it whole. */
#include <fcntl.h>
#include <sqlite3.h>

#include "store/ledger.h"
#include "world.h"

/* --- writes that fail, by SQLite's own hooks for the system's calls --- */

static struct {
        long countdown; /* 0: nothing fails; 1: the next one does, and all after it while `lasting` */
        int error;
        bool lasting;
} writes;

static bool write_fails(void)
{
        if (writes.countdown == 0 || --writes.countdown > 0)
                return false;
        if (writes.lasting)
                writes.countdown = 1;
        errno = writes.error;
        return true;
}

static ssize_t fake_write(int fd, const void *bytes, size_t size)
{
        return write_fails() ? -1 : write(fd, bytes, size);
}

static ssize_t fake_pwrite(int fd, const void *bytes, size_t size, off_t at)
{
        return write_fails() ? -1 : pwrite(fd, bytes, size, at);
}

static void hook(const char *name, void (*fn)(void))
{
        sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

        /* A build of SQLite has those that it uses. */
        (void) vfs->xSetSystemCall(vfs, name, (sqlite3_syscall_ptr) fn);
}

/* --- memory that is denied --- */

static sqlite3_mem_methods memory;
static long memory_countdown;

static bool memory_denied(void)
{
        return memory_countdown != 0 && --memory_countdown == 0;
}

static void *fake_malloc(int size)
{
        return memory_denied() ? NULL : memory.xMalloc(size);
}

static void *fake_realloc(void *old, int size)
{
        return memory_denied() ? NULL : memory.xRealloc(old, size);
}

static int hooks_set(void **state)
{
        sqlite3_mem_methods fake;

        (void) state;
        if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory) != SQLITE_OK)
                return -1;
        fake = memory;
        fake.xMalloc = fake_malloc;
        fake.xRealloc = fake_realloc;
        if (sqlite3_config(SQLITE_CONFIG_MALLOC, &fake) != SQLITE_OK || sqlite3_initialize() != SQLITE_OK)
                return -1;
        hook("write", (void (*)(void)) fake_write);
        hook("pwrite", (void (*)(void)) fake_pwrite);
        hook("pwrite64", (void (*)(void)) fake_pwrite);
        return 0;
}

/* --- a batch with one of everything --- */

struct load {
        struct key *key;
        struct batch *batch;
        size_t size;
};

static struct event *event_make(int64_t seq, int64_t key_id)
{
        struct event *event = calloc(1, sizeof(*event));

        *event = (struct event){
                .seq = seq, .key_id = key_id, .at_wall = NOW, .fields = strdup("MESSAGE=x\n")
        };
        return event;
}

static struct load load_make(struct world *w)
{
        struct load load = { .key = world_add(w, "acme", 1) };
        struct ledger_owner owner = { .key_id = load.key->id };
        struct incident incident = {
                .id = 1, .kind = INCIDENT_KEY_REVOKED, .key_id = load.key->id, .opened = NOW
        };

        assert_int_equal(batch_new(&load.batch), 0);
        load.key->last_checked = NOW + 60;
        batch_key(load.batch, load.key);
        batch_findings(load.batch, load.key->id, "coupon_write", "");
        batch_span(load.batch, load.key->id, STATE_REVOKED, NOW + 60, 5);
        batch_permission(load.batch, load.key->id, 3, GRANT_WRITE, GRANT_NONE, NOW + 60);
        batch_answer(load.batch, &(struct answer_row){ .key_id = load.key->id, .answer = "dead-expired" });
        batch_incident(load.batch, &incident);
        batch_event(load.batch, event_make(1, load.key->id));
        batch_event_state(load.batch, 1, SEND_SENT);
        batch_coupon(load.batch, &(struct ledger_row){ .owner = owner, .coupon = (char *) "c" });
        batch_meta(load.batch, "fact", "told");
        load.size = batch_size(load.batch);
        return load;
}

/* Nothing of the batch is in the file, all of it is in memory. */
static void whole(struct world *w, const struct load *load)
{
        struct query_filter of_key = { .key = "acme" };
        char *value = NULL;

        assert_int_equal(batch_size(load->batch), load->size);
        assert_true(load->key->dirty);
        assert_int_equal(world_lines(w->store, QUERY_INCIDENTS, NULL), 0);
        assert_int_equal(world_lines(w->store, QUERY_COUPONS, NULL), 0);
        assert_int_equal(world_lines(w->store, QUERY_ANSWERS, &of_key), 0);
        assert_int_equal(world_lines(w->store, QUERY_HISTORY, &of_key), 1);
        EXPECT(w->store, QUERY_KEYS, NULL, "last_checked=- last_healthy=- missing= ");
        assert_int_equal(store_meta_get(w->store, "fact", &value), -ENOENT);
}

static void written(struct world *w, const struct load *load)
{
        struct query_filter of_key = { .key = "acme" };

        assert_int_equal(batch_size(load->batch), 0);
        assert_false(load->key->dirty);
        assert_int_equal(world_lines(w->store, QUERY_INCIDENTS, NULL), 1);
        assert_int_equal(world_lines(w->store, QUERY_COUPONS, NULL), 1);
        assert_int_equal(world_lines(w->store, QUERY_ANSWERS, &of_key), 1);
        assert_int_equal(world_lines(w->store, QUERY_HISTORY, &of_key), 3);
        EXPECT(w->store, QUERY_KEYS, NULL,
               "last_checked=2026-11-18T11:07:40Z last_healthy=- missing=coupon_write ");
}

static void load_free(struct load *load)
{
        batch_free(load->batch);
        free(load->key);
}

static void every_write_may_fail(void **state)
{
        static const struct {
                int given, expected;
        } errors[] = {
                { ENOSPC, -ENOSPC }, { EDQUOT, -ENOSPC }, { EFBIG, -ENOSPC },
                { EIO, -EIO },       { EROFS, -EROFS },
        };
        struct world *w = *state;
        struct load load = load_make(w);
        bool failed = true;

        for (long n = 1; failed; n++)
                for (size_t i = 0; failed && i < sizeof(errors) / sizeof(*errors); i++) {
                        int r;

                        writes.countdown = n;
                        writes.error = errors[i].given;
                        r = store_commit(w->store, load.batch);
                        failed = writes.countdown == 0;
                        writes.countdown = 0;
                        if (!failed) {
                                assert_int_equal(r, 0);
                                assert_true(n > 5); /* else the hook is not where SQLite writes */
                                break;
                        }
                        assert_int_equal(r, errors[i].expected);
                        whole(w, &load);
                }
        written(w, &load);
        load_free(&load);
}

static void a_full_disk_is_told_at_start(void **state)
{
        struct world *w = *state;

        for (int n = 1; n < 100; n++) {
                struct store *store = NULL;
                char *why = NULL;
                int r;

                writes.countdown = n;
                writes.error = ENOSPC;
                writes.lasting = true;
                r = store_open(w->dir, NULL, NULL, &store, &why);
                writes.countdown = 0;
                writes.lasting = false;
                store_close(store);
                if (r == 0) {
                        assert_true(n > 3);
                        free(why);
                        break;
                }
                if (r != -ENOSPC)
                        fail_msg("write %d: %s", n, why);
                assert_non_null(strstr(why, "room"));
                free(why);
        }
        /* Whatever was half made before can be used now. */
        world_open(w);
        free(world_add(w, "acme", 1));
}

static void every_allocation_may_fail(void **state)
{
        struct world *w = *state;
        struct load load = load_make(w);
        long n = 0;
        int r;

        do {
                memory_countdown = ++n;
                r = store_commit(w->store, load.batch);
                if (memory_countdown > 0 || r == 0)
                        break;
                assert_int_equal(r, -ENOMEM);
                memory_countdown = 0;
                whole(w, &load);
        } while (true);
        memory_countdown = 0;
        assert_int_equal(r, 0);
        written(w, &load);
        load_free(&load);
}

static void opening_without_memory(void **state)
{
        struct world *w = *state;
        long n, failures = 0;

        world_close(w);
        /* Opening allocates some thousand times: further on, not each is tried. */
        for (n = 1;; n += 1 + n / 40) {
                struct store *store = NULL;
                char *why = NULL;
                bool denied;
                int r;

                memory_countdown = n;
                r = store_open(w->dir, NULL, NULL, &store, &why);
                denied = memory_countdown == 0;
                memory_countdown = 0;
                store_close(store);
                free(why);
                if (!denied) {
                        assert_int_equal(r, 0);
                        break;
                }
                /* SQLite can do without some of it. */
                assert_true(r == 0 || r == -ENOMEM);
                failures += r < 0;
        }
        assert_true(failures > 20);
        world_open(w);
}

static void a_locked_file_can_wait(void **state)
{
        struct world *w = *state;
        struct load load = load_make(w);
        struct ledger_row row = { .owner.key_id = load.key->id, .coupon = (char *) "d" };
        sqlite3 *other = NULL;

        assert_int_equal(sqlite3_open(w->path, &other), SQLITE_OK);
        assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
        for (int i = 0; i < 3; i++) {
                assert_int_equal(store_commit(w->store, load.batch), -EBUSY);
                whole(w, &load);
        }
        assert_int_equal(ledger_put(w->store, &row, NULL), -EBUSY);
        assert_int_equal(store_meta_put(w->store, "fact", "no"), -EBUSY);
        assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(other);
        assert_int_equal(store_commit(w->store, load.batch), 0);
        written(w, &load);
        load_free(&load);
}

static void an_import_that_broke_is_not_committed(void **state)
{
        struct world *w = *state;
        struct key *key = world_key("second");
        struct batch *batch = NULL;
        int r;

        assert_int_equal(batch_new(&batch), 0);
        assert_int_equal(store_begin(w->store, NULL, NULL), 0);
        assert_int_equal(store_commit(w->store, batch), -EBUSY);
        free(world_add(w, "first", 1));
        writes.countdown = 1;
        writes.error = ENOSPC;
        writes.lasting = true;
        r = world_try_add(w, key, "selgeo", 2, NULL);
        assert_true(r == 0 || r == -ENOSPC); /* the log is written at the end */
        assert_true(store_end(w->store, true) < 0);
        writes.countdown = 0;
        writes.lasting = false;
        assert_int_equal(world_lines(w->store, QUERY_KEYS, NULL), 0);
        free(world_add(w, "first", 1));
        assert_int_equal(world_lines(w->store, QUERY_KEYS, NULL), 1);
        batch_free(batch);
        free(key);
}

/* --- damaged files --- */

static unsigned next_random(unsigned *seed)
{
        *seed = *seed * 1103515245u + 12345u;
        return *seed >> 8;
}

static int take_key(struct key *key, const char *profile, void *userdata)
{
        (void) profile;
        (void) userdata;
        free(key);
        return 0;
}

static int take_incident(struct incident *incident, void *userdata)
{
        (void) userdata;
        incident_free(incident);
        return 0;
}

static int take_event(struct event *event, void *userdata)
{
        (void) userdata;
        event_free(event);
        return 0;
}

static int take_row(const struct column *columns, size_t n, void *userdata)
{
        for (size_t i = 0; i < n; i++)
                *(size_t *) userdata += columns[i].text ? strlen(columns[i].text) : 1;
        return 0;
}

static void works_or_says_so(int r)
{
        if (r < 0 && r != -EUCLEAN)
                fail_msg("error %d instead of -EUCLEAN", r);
}

static void use(struct store *store, int64_t key_id)
{
        struct query_filter of_key = { .key = "key-7", .id = 1 };
        unsigned char blob[512];
        size_t size = 0;
        int r;

        works_or_says_so(store_load_keys(store, take_key, NULL));
        works_or_says_so(store_load_incidents(store, take_incident, NULL));
        works_or_says_so(store_load_unsent(store, 100, take_event, NULL));
        for (int query = 0; query <= QUERY_COUNTS; query++) {
                works_or_says_so(store_query(store, (enum query) query, NULL, take_row, &size));
                works_or_says_so(store_query(store, (enum query) query, &of_key, take_row, &size));
        }
        r = store_secret_read(store, key_id, SLOT_CURRENT, blob, sizeof(blob), &size);
        assert_true(r == 0 || r == -ENOENT || r == -EUCLEAN);
        works_or_says_so(store_meta_put(store, "a", "b"));
}

static void bytes_write(const char *path, const char *bytes, size_t size)
{
        FILE *f = fopen(path, "we");

        assert_non_null(f);
        assert_int_equal(fwrite(bytes, 1, size, f), size);
        fclose(f);
}

static char *sample(struct world *w, size_t *ret_size)
{
        struct load load = load_make(w);
        struct stat st;
        char *bytes;
        FILE *f;

        assert_int_equal(store_commit(w->store, load.batch), 0);
        load_free(&load);
        for (unsigned i = 0; i < 60; i++) {
                char name[16];

                snprintf(name, sizeof(name), "key-%u", i);
                free(world_add(w, name, i + 2));
        }
        world_close(w);
        f = fopen(w->path, "re");
        assert_non_null(f);
        assert_int_equal(fstat(fileno(f), &st), 0);
        bytes = malloc((size_t) st.st_size);
        assert_non_null(bytes);
        assert_int_equal(fread(bytes, 1, (size_t) st.st_size, f), st.st_size);
        fclose(f);
        *ret_size = (size_t) st.st_size;
        return bytes;
}

static void damage_is_an_answer_not_a_crash(void **state)
{
        struct world *w = *state;
        unsigned seed = world_seed();
        size_t size, refusals = 0;
        char *good = sample(w, &size), *bad = malloc(size), wal[128];

        snprintf(wal, sizeof(wal), "%s-wal", w->path);
        for (int round = 0; round < 100; round++) {
                unsigned hits = 1 + next_random(&seed) % 40;
                size_t length = round % 10 == 9 ? next_random(&seed) % size : size;
                struct store *store = NULL;
                char *why = NULL;
                int r;

                memcpy(bad, good, size);
                for (unsigned i = 0; i < hits; i++)
                        bad[(next_random(&seed) * 65536u + next_random(&seed)) % size] =
                                (char) next_random(&seed);
                bytes_write(w->path, bad, length);
                unlink(wal);
                r = store_open(w->dir, NULL, NULL, &store, &why);
                if (r < 0 && r != -EUCLEAN && r != -ENOTSUP)
                        fail_msg("round %d: %d: %s", round, r, why);
                refusals += r < 0;
                if (r == 0)
                        use(store, 8);
                store_close(store);
                free(why);
        }
        assert_true(refusals > 5);
        free(good);
        free(bad);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
#define TEST(f)  cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
#define EMPTY(f) cmocka_unit_test_setup_teardown(f, world_setup_empty, world_teardown)
                TEST(every_write_may_fail),
                EMPTY(a_full_disk_is_told_at_start),
                TEST(every_allocation_may_fail),
                TEST(opening_without_memory),
                TEST(a_locked_file_can_wait),
                TEST(an_import_that_broke_is_not_committed),
                TEST(damage_is_an_answer_not_a_crash),
        };

        return cmocka_run_group_tests(tests, hooks_set, NULL);
}
