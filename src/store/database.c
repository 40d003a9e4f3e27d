#include "store/database.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/datetime.h"
#include "base/text.h"

int why_set(int error, char **ret_why, const char *format, ...)
{
        va_list ap;

        if (!ret_why)
                return error;
        va_start(ap, format);
        if (vasprintf(ret_why, format, ap) < 0)
                *ret_why = NULL;
        va_end(ap);
        return error;
}

/* What the operating system said, where SQLite only says that something failed. */
static int system_error(int error, int otherwise)
{

        switch (error) {
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
                return -ENOSPC;
        case EROFS:
        case EACCES:
        case EPERM:
        case ENOENT:
        case EMFILE:
        case ENFILE:
                return -error;
        default:
                return otherwise;
        }
}

/* A commit that fails leaves the reason with the file of the log only. */
static int log_error(sqlite3 *db)
{
        sqlite3_file *log = NULL;
        int error = 0;

        if (db && sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK && log &&
            log->pMethods)
                (void) log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error);
        return error;
}

static int io_error(sqlite3 *db, int code)
{
        switch (code) {
        case SQLITE_IOERR_NOMEM:
                return -ENOMEM;
        case SQLITE_IOERR_WRITE:
                return system_error(log_error(db), -EIO);
        default:
                return system_error(db ? sqlite3_system_errno(db) : 0, -EIO);
        }
}

int db_errno(sqlite3 *db, int code)
{
        switch (code & 0xff) {
        case SQLITE_OK:
        case SQLITE_ROW:
        case SQLITE_DONE:
                return 0;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
                return -EBUSY;
        case SQLITE_FULL:
                return -ENOSPC;
        case SQLITE_READONLY:
                return -EROFS;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
                return -EUCLEAN;
        case SQLITE_NOMEM:
                return -ENOMEM;
        case SQLITE_CONSTRAINT:
                return -EEXIST;
        case SQLITE_PERM:
        case SQLITE_AUTH:
                return -EACCES;
        case SQLITE_IOERR:
                return io_error(db, code);
        case SQLITE_CANTOPEN:
                return system_error(db ? sqlite3_system_errno(db) : 0, -EIO);
        default:
                return -EIO;
        }
}

int db_exec(struct store *store, const char *sql)
{
        return db_errno(store->db, sqlite3_exec(store->db, sql, NULL, NULL, NULL));
}

static int parameter(sqlite3_stmt *statement, const char *name)
{
        int index = sqlite3_bind_parameter_index(statement, name);

        assert(index > 0);
        return index;
}

/* Binding cannot fail: nothing is copied, and the statement is at rest. */
static void bound(int code)
{
        assert(code == SQLITE_OK);
        (void) code;
}

void bind_int(sqlite3_stmt *statement, const char *name, int64_t value)
{
        bound(sqlite3_bind_int64(statement, parameter(statement, name), value));
}

void bind_id(sqlite3_stmt *statement, const char *name, int64_t value)
{
        if (value != 0)
                bind_int(statement, name, value);
        else
                bound(sqlite3_bind_null(statement, parameter(statement, name)));
}

void bind_text(sqlite3_stmt *statement, const char *name, const char *value)
{
        bound(sqlite3_bind_text(statement, parameter(statement, name), value, -1, SQLITE_STATIC));
}

void place_int(sqlite3_stmt *statement, int place, int64_t value)
{
        bound(sqlite3_bind_int64(statement, place, value));
}

void place_text(sqlite3_stmt *statement, int place, const char *value)
{
        bound(sqlite3_bind_text(statement, place, value, -1, SQLITE_STATIC));
}

void bind_blob(sqlite3_stmt *statement, const char *name, const void *bytes, size_t size)
{
        bound(sqlite3_bind_blob64(statement, parameter(statement, name), bytes, size, SQLITE_STATIC));
}

void db_reset(sqlite3_stmt *statement)
{
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
}

int db_step(struct store *store, sqlite3_stmt *statement)
{
        int code = sqlite3_step(statement);
        int r;

        if (code == SQLITE_ROW)
                return 1;
        r = db_errno(store->db, code);
        db_reset(statement);
        return r;
}

int db_run(struct store *store, sqlite3_stmt *statement)
{
        int r;

        do
                r = db_step(store, statement);
        while (r > 0);
        return r;
}

int db_int(struct store *store, sqlite3_stmt *statement, int64_t *ret)
{
        int r = db_step(store, statement);

        if (r <= 0)
                return r < 0 ? r : -ENOENT;
        *ret = sqlite3_column_int64(statement, 0);
        db_reset(statement);
        return 0;
}

int db_text(struct store *store, sqlite3_stmt *statement, char **ret)
{
        char *text;
        int r = db_step(store, statement);

        if (r <= 0)
                return r < 0 ? r : -ENOENT;
        text = strdup(column_text(statement, 0));
        db_reset(statement);
        if (!text)
                return -ENOMEM;
        *ret = text;
        return 0;
}

const char *column_text(sqlite3_stmt *row, int column)
{
        const unsigned char *text = sqlite3_column_text(row, column);

        return text ? (const char *) text : "";
}

char *column_copy(sqlite3_stmt *row, int column)
{
        return text_scrub(strdup(column_text(row, column)));
}

int64_t column_within(sqlite3_stmt *row, int column, int64_t max)
{
        int64_t value = sqlite3_column_int64(row, column);

        return value < 0 ? 0 : MIN(value, max);
}

int64_t column_wall(sqlite3_stmt *row, int column)
{
        return column_within(row, column, WALL_LAST);
}

int64_t column_until(sqlite3_stmt *row, int column)
{
        return sqlite3_column_int64(row, column) == INT64_MAX ? INT64_MAX : column_wall(row, column);
}

int db_prepare(struct store *store)
{
        for (int i = 0; i < _STATEMENT_MAX; i++) {
                int code = sqlite3_prepare_v3(store->db, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                              &store->statements[i], NULL);

                if (code != SQLITE_OK)
                        return code == SQLITE_ERROR ? -EUCLEAN : db_errno(store->db, code);
        }
        return 0;
}

void db_hold(struct store *store)
{
        if (store->held || !sqlite3_get_autocommit(store->db))
                return;
        /* A statement that has more rows to give keeps its view; it is for db_let_go() to reset it. */
        store->held = db_step(store, db_statement(store, STATEMENT_HOLD)) > 0;
}

void db_let_go(struct store *store)
{
        if (store->held)
                db_reset(db_statement(store, STATEMENT_HOLD));
        store->held = false;
}
