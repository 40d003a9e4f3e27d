/* What the files of this folder share: the connection, its statements, transactions. Not for others. */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"
#include "store/statements.h"
#include "store/store.h"

/* A lock held by somebody else may stop the loop for so long, in milliseconds. */
#define BUSY_TIMEOUT 50

struct store {
        sqlite3 *db;
        sqlite3_stmt *statements[_STATEMENT_MAX];
        char *path;  /* of the database */
        int lock;    /* descriptor of the lock file; -1: read-only */
        bool held;   /* see db_hold() */
        bool open;   /* the long transaction: see store_begin() */
        bool nested; /* between store_begin() and store_pause(): what is written belongs to it */
        int broken;  /* it is to be undone, and why */
        store_done_fn done;
        void *userdata;
        struct accounts *accounts; /* that are not written yet; NULL: none */
        int log_pages, log_moved;  /* in the log; of them, those that are in the file, too */
        bool residue;              /* the log may hold a sealed secret that was taken out */
};

/* What an SQLite result code is for the caller. `db` may be NULL. */
int db_errno(sqlite3 *db, int code);

/* A text without results. */
int db_exec(struct store *store, const char *sql);

/* Prepare all statements. */
int db_prepare(struct store *store);

/* Statements are taken from the table, bound by name and given back by one of the functions below, which
 * reset them whatever happens. Texts and blobs are not copied: they must live until then. */
static inline sqlite3_stmt *db_statement(struct store *store, enum statement which)
{
        return store->statements[which];
}

void bind_int(sqlite3_stmt *statement, const char *name, int64_t value);
void bind_text(sqlite3_stmt *statement, const char *name, const char *value); /* NULL: NULL */
void bind_blob(sqlite3_stmt *statement, const char *name, const void *bytes, size_t size);
/* An id where 0 means "none", stored as NULL. */
void bind_id(sqlite3_stmt *statement, const char *name, int64_t value);

/* The same by number, from 1, for rows that are written by the thousand. */
void place_int(sqlite3_stmt *statement, int place, int64_t value);
void place_text(sqlite3_stmt *statement, int place, const char *value);

/* Run to the end; any rows are thrown away. */
int db_run(struct store *store, sqlite3_stmt *statement);

/* One row at a time: 1 a row, 0 no more, or -errno; with 0 or an error it is reset. */
int db_step(struct store *store, sqlite3_stmt *statement);

/* Reset and forget what was bound: after rows were read. */
void db_reset(sqlite3_stmt *statement);

/* The first column of the first row. -ENOENT: no row. */
int db_int(struct store *store, sqlite3_stmt *statement, int64_t *ret);
int db_text(struct store *store, sqlite3_stmt *statement, char **ret);

/* The text of a column, never NULL. */
const char *column_text(sqlite3_stmt *row, int column);

/* The same as a copy without what cannot be printed (base/text.h), for whatever wrote the file; NULL without
 * memory. */
char *column_copy(sqlite3_stmt *row, int column);

/* Seconds since 1970, within what may be reckoned with (base/datetime.h); 0: none. */
int64_t column_wall(sqlite3_stmt *row, int column);

/* The same where INT64_MAX is "for ever". */
int64_t column_until(sqlite3_stmt *row, int column);

/* A count: not below 0, not above `max`. */
int64_t column_within(sqlite3_stmt *row, int column, int64_t max);

#define COLUMNS_MAX 40 /* of a row that is handed on; there are no more */

/* Hand the row that a statement stands on to `give`, without its last columns, `hidden` in number; gives what
 * that gave. */
int row_give(sqlite3_stmt *row, int hidden, row_fn give, void *userdata);

/* The last two columns of a row in a list that is read in pieces say its place. */
#define PLACE_COLUMNS 2
void row_place_take(sqlite3_stmt *row, struct row_place *ret);
void row_place_bind(sqlite3_stmt *statement, const struct row_place *place);

/* Beginning and ending to read costs ten times what reading a row does (two locks, each a system call). So a
 * view of the file is held from one read of a secret to the next. It is let go before anything is written or
 * moved out of the log: as the only writer we cannot miss anything, and the log is never held up by us. */
void db_hold(struct store *store);
void db_let_go(struct store *store);

/* One step of a write: its own transaction, or a savepoint in the long one. */
int db_begin(struct store *store);
/* A step of the long transaction without savepoint. If it failed, all of that is undone at its end. Gives
 * `r`. */
int db_break(struct store *store, int r);
/* Commit if `r` is not negative, else undo; gives `r` or why the commit failed. */
int db_end(struct store *store, int r);

/* What accounts.c does for a transaction: at its beginning, and when the outermost one ended. */
int accounts_write(struct store *store);
void accounts_ended(struct store *store, bool committed);
void accounts_free(struct store *store);

/* Take what secrets were removed out of the log too, as far as readers let us; tried again at each
 * checkpoint. */
void db_scrub(struct store *store);

/* `*ret_why` = text, if wanted. Gives `error`, for `return`. */
int why_set(int error, char **ret_why, const char *format, ...) _printf_(3, 4);

#endif
