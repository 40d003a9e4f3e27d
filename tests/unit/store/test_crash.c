/* kill -9 at any moment: what was acknowledged is there, and every batch is there whole or not at all. */
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include "world.h"

enum { KEYS = 20, ROUNDS = 12 };

static struct event *event_make(int64_t seq)
{
        struct event *event = calloc(1, sizeof(*event));

        if (!event)
                abort();
        *event = (struct event){ .seq = seq, .at_wall = NOW, .fields = strdup("MESSAGE=x\n") };
        return event;
}

static int take_key(struct key *key, const char *profile, void *userdata)
{
        struct key ***next = userdata;

        (void) profile;
        *(*next)++ = key;
        return 0;
}

/* In the child: batch number `n` gives every key `n` checks, a span, and tells of it in one event. Each
 * acknowledged number goes down the pipe. Never returns. */
static void write_until_killed(const char *dir, int acknowledge)
{
        struct store *store = NULL;
        struct batch *batch = NULL;
        struct key *keys[KEYS], **next = keys;
        int64_t incident, n;
        char *why = NULL;

        if (store_open(dir, NULL, NULL, &store, &why) < 0 || batch_new(&batch) < 0 ||
            store_load_keys(store, take_key, &next) < 0 || store_last_ids(store, &incident, &n) < 0)
                _exit(1);
        for (;;) {
                n++;
                for (int i = 0; i < KEYS; i++) {
                        keys[i]->checks = (uint32_t) n;
                        batch_key(batch, keys[i]);
                        batch_span(batch, keys[i]->id, n % 2 ? STATE_HEALTHY : STATE_BLOCKED, NOW + n, 1);
                }
                batch_event(batch, event_make(n));
                if (store_commit(store, batch) < 0 || write(acknowledge, &n, sizeof(n)) != sizeof(n))
                        _exit(1);
                if (n % 7 == 0)
                        store_checkpoint(store);
        }
}

static int64_t number(sqlite3 *db, const char *sql)
{
        sqlite3_stmt *statement = NULL;
        int64_t value;

        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        value = sqlite3_column_int64(statement, 0);
        sqlite3_finalize(statement);
        return value;
}

static void inspect(struct world *w, int64_t acknowledged)
{
        sqlite3 *db = NULL;
        int64_t last;

        world_open(w);
        assert_int_equal(sqlite3_open_v2(w->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
        assert_int_equal(number(db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
        last = number(db, "SELECT coalesce(max(seq), 0) FROM event");
        assert_true(last >= acknowledged);
        assert_true(last <= acknowledged + 1);
        assert_int_equal(number(db, "SELECT count(*) FROM event"), last);
        assert_int_equal(number(db, "SELECT min(checks) FROM key"), last);
        assert_int_equal(number(db, "SELECT max(checks) FROM key"), last);
        assert_int_equal(number(db, "SELECT count(*) FROM span"), KEYS * (last + 1));
        assert_int_equal(number(db, "SELECT count(*) FROM span WHERE until_wall IS NULL"), KEYS);
        sqlite3_close(db);
        world_close(w);
}

/* The last number that comes down the pipe. After the first the child has `patience_ms` to live. */
static int64_t watch_and_kill(pid_t child, int pipe, int patience_ms, int64_t before)
{
        int64_t n, last = before;
        struct timespec life = { 0, patience_ms * 1000000L };
        int status;

        assert_int_equal(read(pipe, &n, sizeof(n)), sizeof(n));
        last = n;
        nanosleep(&life, NULL);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        while (read(pipe, &n, sizeof(n)) == sizeof(n))
                last = n;
        return last;
}

static void killed_at_any_moment(void **state)
{
        struct world *w = *state;
        unsigned seed = world_seed();
        int64_t acknowledged = 0;

        for (unsigned i = 0; i < KEYS; i++) {
                char name[16];

                snprintf(name, sizeof(name), "key-%u", i);
                free(world_add(w, name, i + 1));
        }
        world_close(w);
        for (int round = 0; round < ROUNDS; round++) {
                int ends[2];
                pid_t child;

                assert_int_equal(pipe(ends), 0);
                child = fork();
                assert_true(child >= 0);
                if (child == 0)
                        write_until_killed(w->dir, ends[1]);
                close(ends[1]);
                seed = seed * 1103515245u + 12345u;
                acknowledged = watch_and_kill(child, ends[0], (int) (seed >> 8) % 20, acknowledged);
                close(ends[0]);
                inspect(w, acknowledged);
                /* The one that was written but not acknowledged counts from here on. */
                world_open(w);
                {
                        int64_t incident;

                        assert_int_equal(store_last_ids(w->store, &incident, &acknowledged), 0);
                }
                world_close(w);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(killed_at_any_moment, world_setup, world_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
