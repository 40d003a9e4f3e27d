/* What the store costs: bench_store [KEYS]. Prints one line per number; nothing here fails for being slow. */
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"

#define NOW 1795000000

/* A row each is written this often while nothing changes. */
#define MONTH_ROUNDS (30 * 24 * 4)

struct fleet {
        struct store *store;
        struct batch *batch;
        struct key **keys;
        long n;
};

static double now(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}

static void sure(int r, const char *what)
{
        if (r >= 0)
                return;
        fprintf(stderr, "%s: %s\n", what, strerror(-r));
        abort();
}

static void key_fill(struct key *key, int64_t account)
{
        key->account_id = account;
        key->added = key->secret_since = key->life_since = NOW;
        key->last_checked = key->last_healthy = key->last_full = NOW + 3600;
        key->last_excess[0] = key->last_excess[1] = NOW + 60;
        key->belief.life = LIFE_ALIVE;
        key->state = STATE_HEALTHY;
        for (unsigned slot = 0; slot < 118; slot++)
                grants_put(&key->grants, slot, slot % 7 ? GRANT_NONE : GRANT_WRITE);
}

static void add(struct fleet *fleet, long i)
{
        const char *label = "merchant", *value = "a merchant of the platform";
        struct key_details details = {
                .profile = "selgeo", .label_names = &label, .label_values = &value, .n_labels = 1
        };
        unsigned char blob[164] = { 1 }, fingerprint[16] = { 0 };
        struct sealed sealed = { blob, sizeof(blob), fingerprint, sizeof(fingerprint) };
        char name[32], account[32];
        struct key *key;
        int64_t account_id;

        snprintf(name, sizeof(name), "merchant-%09ld", i);
        snprintf(account, sizeof(account), "acct_1Bench%010ld", i);
        /* Fingerprints are spread evenly, as a hash is. */
        for (size_t j = 0; j < sizeof(fingerprint); j += sizeof(long))
                *(long *) (void *) (fingerprint + j) = (i + 1) * 0x9e3779b97f4a7c15;
        key = key_new(name);
        if (!key)
                abort();
        sure(store_account(fleet->store, account, &account_id), "account");
        key_fill(key, account_id);
        sure(store_next_key_id(fleet->store, &key->id), "id");
        sure(store_key_add(fleet->store, key, &details, &sealed, NULL), "add");
        free(key);
}

static int take(struct key *key, const char *profile, void *userdata)
{
        struct fleet *fleet = userdata;

        (void) profile;
        fleet->keys[fleet->n++] = key;
        return 0;
}

static int64_t file_size(const char *dir)
{
        char path[128];
        struct stat st;

        snprintf(path, sizeof(path), "%s/keyvigil.db", dir);
        return stat(path, &st) < 0 ? 0 : st.st_size;
}

static void secrets_read(struct fleet *fleet)
{
        unsigned char blob[512];
        size_t size;
        double start = now();
        long reads = 200000;

        for (long i = 0; i < reads; i++)
                sure(store_secret_read(fleet->store, 1 + i * 7919 % fleet->n, SLOT_CURRENT, blob,
                                       sizeof(blob), &size),
                     "secret");
        printf("secret read: %.2f us\n", (now() - start) / (double) reads * 1e6);
}

static void rows_write(struct fleet *fleet, const char *what, long step)
{
        double start = now(), longest = 0;

        for (long i = 0; i < fleet->n;) {
                double before = now();

                for (long group = 0; group < step && i < fleet->n; group++, i++) {
                        fleet->keys[i]->last_checked++;
                        fleet->keys[i]->checks++;
                        batch_key(fleet->batch, fleet->keys[i]);
                }
                sure(store_commit(fleet->store, fleet->batch), "commit");
                if (now() - before > longest)
                        longest = now() - before;
                store_checkpoint(fleet->store);
        }
        printf("%s: %.0f keys/s, longest commit %.1f ms\n", what, (double) fleet->n / (now() - start),
               longest * 1e3);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void) st;
        (void) type;
        (void) ftw;
        return remove(path);
}

static int no_row(const struct column *columns, size_t n, void *userdata)
{
        (void) columns;
        (void) n;
        (void) userdata;
        return 0;
}

static void open_fleet(struct fleet *fleet, const char *dir)
{
        char *why = NULL;
        int r = store_open(dir, NULL, NULL, &fleet->store, &why);

        if (r < 0)
                fprintf(stderr, "%s\n", why);
        sure(r, "open");
}

int main(int argc, char **argv)
{
        char dir[] = "/tmp/bench-store-XXXXXX";
        long n = argc > 1 ? strtol(argv[1], NULL, 10) : 10000;
        struct fleet fleet = { .keys = calloc((size_t) n, sizeof(struct key *)) };
        double start;
        int64_t size;

        if (n < 1 || !fleet.keys || !mkdtemp(dir))
                return 1;
        open_fleet(&fleet, dir);
        start = now();
        sure(store_begin(fleet.store, NULL, NULL), "begin");
        for (long i = 0; i < n; i++)
                add(&fleet, i);
        sure(store_end(fleet.store, true), "end");
        printf("import: %.0f keys/s\n", (double) n / (now() - start));
        fleet.store = store_close(fleet.store);

        start = now();
        open_fleet(&fleet, dir);
        sure(store_load_keys(fleet.store, take, &fleet), "load");
        printf("open and load: %.3f s for %ld keys\n", now() - start, n);
        secrets_read(&fleet);
        start = now();
        sure(store_query(fleet.store, QUERY_COUNTS, NULL, no_row, NULL), "counts");
        printf("counts: %.3f s\n", now() - start);

        sure(batch_new(&fleet.batch), "batch");
        rows_write(&fleet, "rows in groups of 500", 500);
        for (int round = 0; n <= 20000 && round < MONTH_ROUNDS / 100; round++) {
                for (long i = 0; i < n; i++) {
                        fleet.keys[i]->last_checked += 90000;
                        fleet.keys[i]->checks += 30000;
                        batch_key(fleet.batch, fleet.keys[i]);
                }
                sure(store_commit(fleet.store, fleet.batch), "commit");
                store_checkpoint(fleet.store);
        }
        fleet.store = store_close(fleet.store);
        size = file_size(dir);
        printf("database after a steady month: %" PRId64 " bytes, %.0f a key, %.1f MB for 100,000 keys\n",
               size, (double) size / (double) n, (double) size / (double) n * 0.1);
        batch_free(fleet.batch);
        for (long i = 0; i < fleet.n; i++)
                free(fleet.keys[i]);
        free(fleet.keys);

        nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        return 0;
}
