#include "store/spans.h"

#include "store/database.h"

int spans_read(struct store *store, int64_t after, int64_t until, span_take_fn take, void *userdata)
{
        sqlite3_stmt *read = db_statement(store, STATEMENT_SPANS_SLICE);
        int r;

        bind_int(read, ":after", after);
        bind_int(read, ":until", until);
        while ((r = db_step(store, read)) > 0)
                take((const char *) sqlite3_column_text(read, 0), sqlite3_column_int64(read, 1),
                     sqlite3_column_int64(read, 2), userdata);
        return r;
}

int spans_last(struct store *store, int64_t *ret_id)
{
        return db_int(store, db_statement(store, STATEMENT_SPANS_LAST), ret_id);
}

int spans_outages(struct store *store, int64_t since_wall, outage_take_fn take, void *userdata)
{
        sqlite3_stmt *read = db_statement(store, STATEMENT_OUTAGES);
        int r;

        bind_int(read, ":since", since_wall);
        while ((r = db_step(store, read)) > 0) {
                r = take(sqlite3_column_int64(read, 0), sqlite3_column_int64(read, 1),
                         (const char *) sqlite3_column_text(read, 2), userdata);
                if (r < 0) {
                        db_reset(read);
                        return r;
                }
        }
        return r;
}
