/* Opening: who may, what is refused, and that what is refused is not touched. */
#include <fcntl.h>
#include <grp.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/ledger.h"
#include "store/schema.h"
#include "world.h"

#define STRANGER 65533
#define GROUP    65532

static char *content(const char *path, size_t *ret_size)
{
        struct stat st;
        char *bytes;
        FILE *f = fopen(path, "re");

        assert_non_null(f);
        assert_int_equal(fstat(fileno(f), &st), 0);
        bytes = malloc((size_t) st.st_size + 1);
        assert_non_null(bytes);
        assert_int_equal(fread(bytes, 1, (size_t) st.st_size, f), st.st_size);
        fclose(f);
        *ret_size = (size_t) st.st_size;
        return bytes;
}

/* Opening fails with `error`, says so in one line with the path, and the file stays as it was. */
static void refused(const struct world *w, int error)
{
        size_t before_size, after_size;
        char *before = content(w->path, &before_size), *after;
        struct store *store = NULL;
        char *why = NULL;

        for (int readonly = 0; readonly < 2; readonly++) {
                int r = readonly ? store_open_readonly(w->dir, &store, &why)
                                 : store_open(w->dir, NULL, NULL, &store, &why);

                assert_int_equal(r, error);
                assert_null(store);
                assert_non_null(strstr(why, w->path));
                assert_null(strchr(why, '\n'));
                free(why);
                why = NULL;
        }
        after = content(w->path, &after_size);
        assert_int_equal(before_size, after_size);
        assert_memory_equal(before, after, before_size);
        free(before);
        free(after);
}

static mode_t mode_of(const struct world *w, const char *suffix)
{
        char path[128];
        struct stat st;

        snprintf(path, sizeof(path), "%s/%s", w->dir, suffix);
        assert_int_equal(stat(path, &st), 0);
        return st.st_mode & 07777;
}

static void files_are_for_the_group_to_read(void **state)
{
        static const mode_t masks[] = { 0077, 0000, 0027 };

        for (size_t i = 0; i < 3; i++) {
                struct world *w;
                mode_t before = umask(masks[i]);

                world_setup(state);
                w = *state;
                free(world_add(w, "acme", 1));
                assert_int_equal(mode_of(w, "keyvigil.db"), 0640);
                assert_int_equal(mode_of(w, "keyvigil.db-wal"), 0640);
                assert_int_equal(mode_of(w, "keyvigil.db-shm"), 0640);
                world_close(w);
                assert_int_equal(mode_of(w, "keyvigil.db-wal"), 0640);
                assert_int_equal(mode_of(w, "keyvigil.db-shm"), 0640);
                umask(before);
                world_teardown(state);
        }
}

static void the_directory_is_made(void **state)
{
        struct world *w = *state;
        struct store *store = NULL;
        char path[96], *why = NULL;
        struct stat st;

        snprintf(path, sizeof(path), "%s/new", w->dir);
        assert_int_equal(store_open(path, NULL, NULL, &store, &why), 0);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07027, 0); /* at most 0750, whatever the umask */
        store_close(store);
        assert_int_equal(store_open("/nonexistent/a/b", NULL, NULL, &store, &why), -ENOENT);
        assert_non_null(strstr(why, "/nonexistent/a/b"));
        free(why);
}

static void one_daemon_at_a_time(void **state)
{
        struct world *w = *state;
        struct store *second = NULL;
        char *why = NULL, pid[24];

        assert_int_equal(store_open(w->dir, NULL, NULL, &second, &why), -EWOULDBLOCK);
        snprintf(pid, sizeof(pid), "process %d)", (int) getpid());
        assert_non_null(strstr(why, pid));
        assert_null(strchr(why, '\n'));
        free(why);
        /* The first is not disturbed, a reader is welcome, and afterwards there is room again. */
        free(world_add(w, "acme", 1));
        assert_int_equal(store_open_readonly(w->dir, &second, &why), 0);
        assert_int_equal(world_lines(second, QUERY_KEYS, NULL), 1);
        second = store_close(second);
        world_close(w);
        world_open(w);
}

/* The file of a daemon before listings could be gone on with: the next one adds what lacks, and keeps the
 * rest. */
/* A process that is no daemon holds the lock, and with what an older one made. */
static pid_t hold_lock(const struct world *w, int *ret_end)
{
        char path[256], byte = 0;
        int ready[2], end[2];

        snprintf(path, sizeof(path), "%s/lock", w->dir);
        assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
        assert_int_equal(pipe2(end, O_CLOEXEC), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

                close(end[1]);
                _exit(fd < 0 || chmod(path, 0640) < 0 || write(fd, "1\n", 2) != 2 || flock(fd, LOCK_EX) < 0 ||
                      write(ready[1], "", 1) != 1 || read(end[0], &byte, 1) != 0);
        }
        close(ready[1]);
        close(end[0]);
        assert_int_equal(read(ready[0], &byte, 1), 1);
        close(ready[0]);
        *ret_end = end[1];
        return pid;
}

static void the_lock_names_who_holds_it(void **state)
{
        struct world *w = *state;
        char path[256], *why = NULL, wanted[64];
        struct store *store = NULL;
        struct stat st;
        int end, status;

        w->store = store_close(w->store);
        pid_t pid = hold_lock(w, &end);
        snprintf(wanted, sizeof(wanted), "process %d)", (int) pid);
        assert_int_equal(store_open(w->dir, NULL, NULL, &store, &why), -EWOULDBLOCK);
        assert_non_null(why);
        if (access("/proc/locks", R_OK) == 0)
                assert_non_null(strstr(why, wanted));
        assert_null(strstr(why, "process 1)")); /* what stands in the file is nobody's */
        free(why);
        close(end);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);

        assert_int_equal(store_open(w->dir, NULL, NULL, &w->store, NULL), 0);
        snprintf(path, sizeof(path), "%s/lock", w->dir);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600); /* whoever may read it could take it */
}

static void older_files_are_brought_up_to_date(void **state)
{
        struct world *w = *state;
        struct store *reader = NULL;
        struct ledger_scan scan = { .last_scan = 7, .half.until = 5 }, back;
        struct key *key = world_add(w, "acme", 1);
        struct ledger_owner owner = { .key_id = key->id };
        char *why = NULL;

        assert_int_equal(ledger_scan_put(w->store, &owner, &scan), 0);
        world_close(w);
        world_sql(w, "ALTER TABLE scan DROP COLUMN half_until; ALTER TABLE scan DROP COLUMN half_began;"
                     "ALTER TABLE scan DROP COLUMN half_since; ALTER TABLE scan DROP COLUMN half_seen;"
                     "DROP VIEW v_permission; CREATE VIEW v_permission AS SELECT 1;"
                     "ALTER TABLE permission DROP COLUMN probed; ALTER TABLE permission DROP COLUMN levels;"
                     "DROP VIEW v_incident; CREATE VIEW v_incident AS SELECT 1;"
                     "ALTER TABLE incident DROP COLUMN mode; ALTER TABLE incident DROP COLUMN number;"
                     "ALTER TABLE incident DROP COLUMN quiet; ALTER TABLE incident DROP COLUMN since;"
                     "ALTER TABLE key DROP COLUMN edit_url; ALTER TABLE profile DROP COLUMN create_live;"
                     "ALTER TABLE profile DROP COLUMN create_test;"
                     "DROP VIEW v_key; CREATE VIEW v_key AS SELECT 1; ALTER TABLE key DROP COLUMN unreadable;"
                     "DROP VIEW v_history; CREATE VIEW v_history AS SELECT 1;"
                     "DROP VIEW v_coupon; CREATE VIEW v_coupon AS SELECT 1;"
                     "DROP INDEX key_was; DROP INDEX key_removed; DROP INDEX incident_outage;"
                     "ALTER TABLE key DROP COLUMN was; ALTER TABLE key DROP COLUMN removed;"
                     "ALTER TABLE key DROP COLUMN odd; ALTER TABLE key DROP COLUMN "
                     "held_until;" WORLD_SECRETS_BEFORE "PRAGMA user_version = 1");
        assert_int_equal(store_open_readonly(w->dir, &reader, &why), -ENOTSUP);
        assert_non_null(strstr(why, "older"));
        free(why);
        world_open(w);
        assert_int_equal(world_lines(w->store, QUERY_KEYS, NULL), 1);
        assert_true(world_has_secret(w, key->id, 1));
        assert_int_equal(ledger_scan_get(w->store, &owner, &back), 0);
        assert_int_equal(back.last_scan, 7);
        assert_int_equal(back.half.until, 0);
        assert_int_equal(ledger_scan_put(w->store, &owner, &scan), 0);
        assert_int_equal(ledger_scan_get(w->store, &owner, &back), 0);
        assert_int_equal(back.half.until, 5);
        free(key);
}

static void newer_files_are_refused(void **state)
{
        struct world *w = *state;

        world_close(w);
        world_sql(w, "PRAGMA user_version = 4711");
        refused(w, -ENOTSUP);
}

/* The newer version is in the log only: the file itself looks like ours. */
static void newer_logs_are_refused(void **state)
{
        struct world *w = *state;
        pid_t child;
        int status;

        world_close(w);
        child = fork();
        if (child == 0) {
                sqlite3 *db = NULL;

                if (sqlite3_open(w->path, &db) == SQLITE_OK)
                        sqlite3_exec(db, "PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 4711", NULL,
                                     NULL, NULL);
                _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        refused(w, -ENOTSUP);
}

static void foreign_files_are_refused(void **state)
{
        struct world *w = *state;
        FILE *f;

        world_sql(w, "CREATE TABLE t(a)");
        refused(w, -ENOTSUP);
        f = fopen(w->path, "we");
        assert_non_null(f);
        fputs("This is no database at all, but a text that is longer than the header of one would have to "
              "be, "
              "to see that it is told apart by what it says and not by its length.\n",
              f);
        fclose(f);
        refused(w, -EUCLEAN);
        f = fopen(w->path, "we");
        assert_non_null(f);
        fputs("short", f);
        fclose(f);
        refused(w, -EUCLEAN);
}

static void a_directory_is_no_database(void **state)
{
        struct world *w = *state;
        struct store *store = NULL;
        char *why = NULL;

        assert_int_equal(mkdir(w->path, 0700), 0);
        assert_int_equal(store_open(w->dir, NULL, NULL, &store, &why), -EUCLEAN);
        free(why);
}

static void nothing_to_read_yet(void **state)
{
        struct world *w = *state;
        struct store *store = NULL;
        char *why = NULL;

        assert_int_equal(store_open_readonly(w->dir, &store, &why), -ENOENT);
        assert_non_null(strstr(why, w->path));
        free(why);
        assert_int_equal(access(w->path, F_OK), -1);
}

static void readers_do_not_write(void **state)
{
        struct world *w = *state;
        struct store *reader = NULL;
        char *why = NULL;

        world_close(w);
        assert_int_equal(store_open_readonly(w->dir, &reader, &why), 0);
        assert_int_equal(store_meta_put(reader, "a", "b"), -EROFS);
        store_close(reader);
}

static void an_empty_file_is_a_new_one(void **state)
{
        struct world *w = *state;
        int fd = open(w->path, O_WRONLY | O_CREAT, 0600);

        assert_true(fd >= 0);
        close(fd);
        world_open(w);
        free(world_add(w, "acme", 1));
        assert_int_equal(mode_of(w, "keyvigil.db"), 0640);
}

/* Overwrite the root page of a table with noise. */
static void root_damage(const struct world *w, const char *table)
{
        sqlite3 *db = NULL;
        sqlite3_stmt *find = NULL;
        char noise[4096];
        off_t page;
        int fd;

        assert_int_equal(sqlite3_open(w->path, &db), SQLITE_OK);
        assert_int_equal(
                sqlite3_prepare_v2(db, "SELECT rootpage FROM sqlite_schema WHERE name = ?", -1, &find, NULL),
                SQLITE_OK);
        sqlite3_bind_text(find, 1, table, -1, SQLITE_STATIC);
        assert_int_equal(sqlite3_step(find), SQLITE_ROW);
        page = sqlite3_column_int64(find, 0) - 1;
        sqlite3_finalize(find);
        sqlite3_close(db);
        memset(noise, 0xa5, sizeof(noise));
        fd = open(w->path, O_WRONLY);
        assert_int_equal(pwrite(fd, noise, sizeof(noise), page * 4096), sizeof(noise));
        close(fd);
}

static void tick(void *userdata)
{
        ++*(int *) userdata;
}

/* The whole file is checked after an unclean stop, and only then. */
static void unclean_stops_are_noticed(void **state)
{
        struct world *w = *state;
        struct store *store = NULL;
        char *why = NULL;
        int ticks = 0;

        world_close(w);
        root_damage(w, "answer");
        assert_int_equal(store_open(w->dir, tick, &ticks, &store, &why), 0);
        store_close(store);
        world_sql(w, "UPDATE meta SET value = '1' WHERE name = 'store.running'");
        assert_int_equal(store_open(w->dir, tick, &ticks, &store, &why), -EUCLEAN);
        assert_non_null(strstr(why, "damaged"));
        free(why);
}

static void a_daemon_that_died_leaves_a_good_file(void **state)
{
        struct world *w = *state;
        pid_t child;
        int status;

        world_close(w);
        child = fork();
        if (child == 0) {
                struct key *key;

                world_open(w);
                key = world_add(w, "acme", 1);
                bool added = key != NULL;
                free(key);
                _exit(added ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        world_open(w);
        assert_int_equal(world_lines(w->store, QUERY_KEYS, NULL), 1);
}

static void long_work_ticks(void **state)
{
        struct world *w = *state;
        struct store *store = NULL;
        char *why = NULL;
        int ticks = 0;

        assert_int_equal(store_begin(w->store, NULL, NULL), 0);
        for (unsigned i = 0; i < 3000; i++) {
                char name[16];

                snprintf(name, sizeof(name), "key-%u", i);
                free(world_add(w, name, i + 1));
        }
        assert_int_equal(store_end(w->store, true), 0);
        world_close(w);
        world_sql(w, "UPDATE meta SET value = '1' WHERE name = 'store.running'");
        assert_int_equal(store_open(w->dir, tick, &ticks, &store, &why), 0);
        assert_true(ticks > 0);
        store_close(store);
}

/* As another user: `own_group` decides whether it may read. Gives the exit status of `what`. */
static int as_stranger(struct world *w, bool own_group, int (*what)(struct world *))
{
        pid_t child = fork();
        int status;

        assert_true(child >= 0);
        if (child == 0) {
                gid_t gid = own_group ? GROUP : STRANGER;

                if (setgroups(0, NULL) < 0 || setgid(gid) < 0 || setuid(STRANGER) < 0)
                        _exit(99);
                _exit(what(w));
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}

static int count_row(const struct column *columns, size_t n, void *userdata)
{
        (void) columns;
        (void) n;
        ++*(int *) userdata;
        return 0;
}

static int reads_one_key(struct world *w)
{
        struct store *store = NULL;
        char *why = NULL;
        int rows = 0;
        int r = store_open_readonly(w->dir, &store, &why);

        if (r >= 0)
                r = store_query(store, QUERY_KEYS, NULL, count_row, &rows);
        if (r >= 0)
                r = store_query(store, QUERY_HISTORY, &(struct query_filter){ .key = "acme" }, count_row,
                                &rows);
        store_close(store);
        free(why);
        return r < 0 ? -r : rows == 2 ? 0 : 98;
}

/* What sqlite3(1) does: no setting of ours. */
static int reads_plainly(struct world *w)
{
        static const char *const views[] = { "v_key", "v_history", "v_incident", "v_coupon", "v_permission" };
        sqlite3 *db = NULL;
        int r = sqlite3_open_v2(w->path, &db, SQLITE_OPEN_READWRITE, NULL);

        for (size_t i = 0; r == SQLITE_OK && i < 5; i++) {
                char text[64];

                snprintf(text, sizeof(text), "SELECT * FROM %s", views[i]);
                r = sqlite3_exec(db, text, NULL, NULL, NULL);
        }
        sqlite3_close(db);
        return r & 0xff;
}

static int opens_for_writing(struct world *w)
{
        struct store *store = NULL;
        char *why = NULL;
        int r = store_open(w->dir, NULL, NULL, &store, &why);
        bool told = why && strstr(why, w->dir) && !strchr(why, '\n');

        store_close(store);
        free(why);
        return r == -EACCES && told ? 0 : 1;
}

static void group_to(struct world *w, const char *suffix)
{
        char path[128];

        snprintf(path, sizeof(path), "%s%s", w->path, suffix);
        assert_int_equal(chown(path, 0, GROUP), 0);
}

static void group_members_may_read(void **state)
{
        struct world *w = *state;

        if (geteuid() != 0)
                skip();
        free(world_add(w, "acme", 1));
        assert_int_equal(chown(w->dir, 0, GROUP), 0);
        group_to(w, "");
        group_to(w, "-wal");
        group_to(w, "-shm");
        /* With the daemon at work, after a clean stop, and for nobody else. */
        for (int running = 1; running >= 0; running--) {
                assert_int_equal(as_stranger(w, true, reads_one_key), 0);
                assert_int_equal(as_stranger(w, true, reads_plainly), 0);
                assert_int_equal(as_stranger(w, false, reads_one_key), EACCES);
                assert_int_equal(as_stranger(w, true, opens_for_writing), 0);
                if (running)
                        world_close(w);
        }
}

static void group_members_may_read_after_a_crash(void **state)
{
        struct world *w = *state;
        pid_t child;
        int status;

        if (geteuid() != 0)
                skip();
        assert_int_equal(chown(w->dir, 0, GROUP), 0);
        world_close(w);
        child = fork();
        if (child == 0) {
                world_open(w);
                world_add(w, "acme", 1);
                _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        group_to(w, "");
        group_to(w, "-wal");
        group_to(w, "-shm");
        assert_int_equal(as_stranger(w, true, reads_one_key), 0);
        assert_int_equal(as_stranger(w, true, reads_plainly), 0);
}

static void backups_are_whole_and_private(void **state)
{
        struct world *w = *state;
        struct world copy = { 0 };
        char *why = NULL, path[128];
        struct stat st;

        free(world_add(w, "acme", 1));
        snprintf(copy.dir, sizeof(copy.dir), "%.48s/restored", w->dir);
        assert_int_equal(mkdir(copy.dir, 0750), 0);
        snprintf(path, sizeof(path), "%s/keyvigil.db", copy.dir);
        assert_int_equal(store_backup(w->store, path, &why), 0);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(store_backup(w->store, path, &why), -EEXIST);
        assert_non_null(strstr(why, path));
        free(why);
        assert_int_equal(store_backup(w->store, "/nonexistent/x", &why), -ENOENT);
        free(why);
        world_open(&copy);
        assert_int_equal(world_lines(copy.store, QUERY_KEYS, NULL), 1);
        world_close(&copy);
}

static void readers_make_backups(void **state)
{
        struct world *w = *state;
        struct store *reader = NULL;
        char *why = NULL, path[128];

        free(world_add(w, "acme", 1));
        assert_int_equal(store_open_readonly(w->dir, &reader, &why), 0);
        snprintf(path, sizeof(path), "%s/backup.db", w->dir);
        assert_int_equal(store_backup(reader, path, &why), 0);
        store_close(reader);
}

static void the_log_is_emptied(void **state)
{
        struct world *w = *state;

        free(world_add(w, "acme", 1));
        assert_true(store_log_size(w->store) > 0);
        assert_int_equal(store_checkpoint(w->store), 0);
        world_close(w);
        assert_int_equal(world_file_has(w, "sealed-blob-number-1", 20), true);
        snprintf(w->path + strlen(w->path), 8, "-wal");
        {
                struct stat st;

                assert_int_equal(stat(w->path, &st), 0);
                assert_int_equal(st.st_size, 0);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
#define TEST(f)  cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
#define EMPTY(f) cmocka_unit_test_setup_teardown(f, world_setup_empty, world_teardown)
                cmocka_unit_test(files_are_for_the_group_to_read),
                EMPTY(the_directory_is_made),
                TEST(one_daemon_at_a_time),
                TEST(the_lock_names_who_holds_it),
                TEST(older_files_are_brought_up_to_date),
                TEST(newer_files_are_refused),
                TEST(newer_logs_are_refused),
                EMPTY(foreign_files_are_refused),
                EMPTY(a_directory_is_no_database),
                EMPTY(nothing_to_read_yet),
                TEST(readers_do_not_write),
                EMPTY(an_empty_file_is_a_new_one),
                TEST(unclean_stops_are_noticed),
                TEST(a_daemon_that_died_leaves_a_good_file),
                TEST(long_work_ticks),
                TEST(group_members_may_read),
                TEST(group_members_may_read_after_a_crash),
                TEST(backups_are_whole_and_private),
                TEST(readers_make_backups),
                TEST(the_log_is_emptied),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
