#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/database.h"
#include "store/inspect.h"
#include "store/keyrow.h"
#include "store/lock.h"
#include "store/schema.h"

#define DATABASE_FILE "keyvigil.db"

/* Set while a daemon has the file open: found at start, it says that the last one did not stop cleanly. */
#define META_RUNNING "store.running"

/* Steps of SQLite's machine between two ticks: some milliseconds. */
#define STEPS_PER_TICK 100000

/* What every connection gets. The log is moved only by us, from an idle timer, and a lock held by somebody
 * else may stop the loop for 50 ms at most. */
static const char pragmas[] = "PRAGMA trusted_schema = OFF;"
                              "PRAGMA cell_size_check = ON;"
                              "PRAGMA foreign_keys = ON;"
                              "PRAGMA wal_autocheckpoint = 0;"
                              "PRAGMA journal_size_limit = 8388608;"
                              "PRAGMA secure_delete = ON;"
                              "PRAGMA synchronous = FULL;"
                              "PRAGMA temp_store = MEMORY;";

struct store *store_close(struct store *store)
{
        if (!store)
                return NULL;
        if (store->lock >= 0 && store->statements[_STATEMENT_MAX - 1]) {
                if (store->open)
                        store_end(store, false);
                (void) store_meta_put(store, META_RUNNING, "0");
                db_scrub(store);
        }
        accounts_free(store);
        for (int i = 0; i < _STATEMENT_MAX; i++)
                sqlite3_finalize(store->statements[i]);
        sqlite3_close(store->db);
        if (store->lock >= 0)
                close(store->lock);
        free(store->path);
        return mfree(store);
}

static int store_new(const char *state_dir, struct store **ret)
{
        _cleanup_(store_closep) struct store *store = calloc(1, sizeof(*store));

        if (!store)
                return -ENOMEM;
        store->lock = -1;
        if (asprintf(&store->path, "%s/" DATABASE_FILE, state_dir) < 0) {
                store->path = NULL;
                return -ENOMEM;
        }
        *ret = TAKE(store);
        return 0;
}

static int explain(const struct store *store, int error, char **ret_why)
{
        const char *hint = "";

        if (error == -EUCLEAN)
                hint = "; the database is damaged, restore a backup";
        else if (error == -ENOSPC)
                hint = "; make room on the disk";
        else if (error == -EROFS)
                hint = "; the daemon must be able to write here";
        else if (error == -EBUSY)
                hint = "; another program holds the database locked, close it";
        else if (error == -EACCES)
                hint = "; only members of the group keyvigil may read it";
        return why_set(error, ret_why, "%s: %s%s", store->path, strerror(-error), hint);
}

static int pragma_int(struct store *store, const char *sql, int *ret)
{
        sqlite3_stmt *statement = NULL;
        int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);

        if (code == SQLITE_OK)
                code = sqlite3_step(statement);
        if (code == SQLITE_ROW)
                *ret = sqlite3_column_int(statement, 0);
        sqlite3_finalize(statement);
        return code == SQLITE_ROW ? 0 : code == SQLITE_DONE ? -EUCLEAN : db_errno(store->db, code);
}

/* After each commit. Where the log began anew, nothing of it is in the file yet. */
static int on_logged(void *userdata, sqlite3 *db, const char *database, int pages)
{
        struct store *store = userdata;

        (void) db;
        (void) database;
        if (pages < store->log_pages)
                store->log_moved = 0;
        store->log_pages = pages;
        return SQLITE_OK;
}

static int connect(struct store *store, int flags)
{
        int on = 1;
        int code = sqlite3_open_v2(store->path, &store->db,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);

        if (code != SQLITE_OK)
                return db_errno(store->db, code);
        sqlite3_extended_result_codes(store->db, 1);
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        /* Else a group member, who may not create files here, could not read after a clean stop. */
        sqlite3_file_control(store->db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
        sqlite3_busy_timeout(store->db, BUSY_TIMEOUT);
        int r = db_exec(store, pragmas);
        sqlite3_wal_hook(store->db, on_logged, store);
        return r;
}

/* A new file belongs to us before SQLite knows of it: its mode, and what it is. */
static int create(struct store *store)
{
        int fd = open(store->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
        int r;

        if (fd < 0)
                return -errno;
        r = fchmod(fd, 0640) < 0 ? -errno : 0;
        close(fd);
        return r;
}

static int mark_as_ours(struct store *store)
{
        char sql[64];

        snprintf(sql, sizeof(sql), "PRAGMA application_id = %d", SCHEMA_APPLICATION_ID);
        return db_exec(store, sql);
}

/* Turning the log on, and finding that it is: on an odd file system it may stay off. */
static int log_switch(struct store *store)
{
        sqlite3_stmt *statement = NULL;
        int code = sqlite3_prepare_v2(store->db, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
        bool on = false;

        if (code == SQLITE_OK)
                code = sqlite3_step(statement);
        if (code == SQLITE_ROW)
                on = strcmp(column_text(statement, 0), "wal") == 0;
        sqlite3_finalize(statement);
        if (code != SQLITE_ROW)
                return db_errno(store->db, code);
        return on ? 0 : -EOPNOTSUPP;
}

struct ticker {
        store_tick_fn tick;
        void *userdata;
};

static int on_progress(void *userdata)
{
        const struct ticker *ticker = userdata;

        ticker->tick(ticker->userdata);
        return 0;
}

static int stopped_cleanly(struct store *store, bool *ret)
{
        int running = 0;
        int r = pragma_int(
                store, "SELECT coalesce((SELECT value = '1' FROM meta WHERE name = '" META_RUNNING "'), 0)",
                &running);

        if (r >= 0)
                *ret = !running;
        return r;
}

static int check(struct store *store, char **ret_why)
{
        sqlite3_stmt *statement = NULL;
        int code = sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &statement, NULL);
        int r = 0;

        if (code == SQLITE_OK)
                code = sqlite3_step(statement);
        if (code != SQLITE_ROW)
                r = explain(store, db_errno(store->db, code), ret_why);
        else if (strcmp(column_text(statement, 0), "ok") != 0)
                r = explain(store, -EUCLEAN, ret_why);
        sqlite3_finalize(statement);
        return r;
}

static int check_after_crash(struct store *store, char **ret_why)
{
        bool clean = false;
        int r = stopped_cleanly(store, &clean);

        if (r < 0)
                return explain(store, r == -EIO ? -EUCLEAN : r, ret_why);
        store->residue = !clean; /* what was to be taken out of the log may still be in it */
        return clean ? 0 : check(store, ret_why);
}

/* The version that the log, if there is one, has too. */
static int version_read(struct store *store, int *ret, char **ret_why)
{
        int application = 0, version = 0;
        int r = pragma_int(store, "PRAGMA application_id", &application);

        if (r >= 0)
                r = pragma_int(store, "PRAGMA user_version", &version);
        if (r < 0)
                return explain(store, r, ret_why);
        if (application != SCHEMA_APPLICATION_ID)
                return why_set(-ENOTSUP, ret_why, "%s: a database, but not one of keyvigil", store->path);
        if (version < 0 || version > schema_version())
                return database_too_new(store->path, version, ret_why);
        *ret = version;
        return 0;
}

static int migrate(struct store *store, int version, char **ret_why)
{
        int code = schema_migrate(store->db, version);

        store->residue = true; /* what a migration moved is in the log as well */
        if (code == SQLITE_OK)
                return 0;
        return explain(store, code == SQLITE_ERROR ? -EUCLEAN : db_errno(store->db, code), ret_why);
}

/* From here on the file is written to: whatever can be refused was refused. */
static int begin_use(struct store *store, int version, char **ret_why)
{
        int r = log_switch(store);

        if (r < 0)
                return explain(store, r, ret_why);
        if (version < schema_version()) {
                r = migrate(store, version, ret_why);
                if (r < 0)
                        return r;
        }
        r = db_prepare(store);
        if (r >= 0)
                r = store_meta_put(store, META_RUNNING, "1");
        return r < 0 ? explain(store, r, ret_why) : 0;
}

static int open_writable(struct store *store, struct ticker *ticker, char **ret_why)
{
        int version = 0;
        int r = database_inspect(store->path, ret_why);
        bool is_new = r == 0;

        if (r < 0)
                return r;
        if (is_new)
                r = create(store);
        if (r >= 0)
                r = connect(store, SQLITE_OPEN_READWRITE);
        if (r >= 0 && is_new)
                r = mark_as_ours(store);
        if (r < 0)
                return explain(store, r, ret_why);
        if (ticker->tick)
                sqlite3_progress_handler(store->db, STEPS_PER_TICK, on_progress, ticker);
        r = version_read(store, &version, ret_why);
        if (r >= 0 && version > 0)
                r = check_after_crash(store, ret_why);
        if (r >= 0)
                r = begin_use(store, version, ret_why);
        sqlite3_progress_handler(store->db, 0, NULL, NULL);
        return r;
}

int store_open(const char *state_dir, store_tick_fn tick, void *userdata, struct store **ret, char **ret_why)
{
        _cleanup_(store_closep) struct store *store = NULL;
        struct ticker ticker = { tick, userdata };
        int r;

        if (mkdir(state_dir, 0750) < 0 && errno != EEXIST)
                return why_set(-errno, ret_why, "%s: %m; the state directory must be there", state_dir);
        r = store_new(state_dir, &store);
        if (r >= 0)
                r = lock_take(state_dir, &store->lock, ret_why);
        if (r < 0)
                return r;
        r = open_writable(store, &ticker, ret_why);
        if (r < 0)
                return r;
        *ret = TAKE(store);
        return 0;
}

int store_open_readonly(const char *state_dir, struct store **ret, char **ret_why)
{
        _cleanup_(store_closep) struct store *store = NULL;
        int version = 0;
        int r = store_new(state_dir, &store);

        if (r < 0)
                return r;
        r = database_inspect(store->path, ret_why);
        if (r == 0)
                return why_set(-ENOENT, ret_why,
                               "%s: there is no database yet; keyvigild makes it at its first start",
                               store->path);
        if (r < 0)
                return r;
        r = connect(store, SQLITE_OPEN_READONLY);
        if (r < 0)
                return explain(store, r, ret_why);
        r = version_read(store, &version, ret_why);
        if (r < 0)
                return r;
        if (version < schema_version())
                return why_set(-ENOTSUP, ret_why,
                               "%s: written by an older keyvigil; start this one's keyvigild once",
                               store->path);
        r = db_prepare(store);
        if (r < 0)
                return explain(store, r, ret_why);
        *ret = TAKE(store);
        return 0;
}
