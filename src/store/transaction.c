/* Transactions: short ones, and the long one of an import. */
#include <errno.h>

#include "store/database.h"

/* Kilobytes of the file that are kept in memory: always, and while many keys are stored, whose fingerprints
 * lie anywhere in their index. */
#define CACHE_USUAL "PRAGMA cache_size = -2000"
#define CACHE_LARGE "PRAGMA cache_size = -65536"

static void undo(struct store *store)
{
        if (sqlite3_get_autocommit(store->db))
                return;
        if (!store->nested) {
                db_run(store, db_statement(store, STATEMENT_ROLLBACK));
                return;
        }
        db_run(store, db_statement(store, STATEMENT_UNDO));
        db_run(store, db_statement(store, STATEMENT_RELEASE));
}

int db_end(struct store *store, int r)
{
        int error = r;

        if (r >= 0)
                error = db_run(store,
                               db_statement(store, store->nested ? STATEMENT_RELEASE : STATEMENT_COMMIT));
        if (error < 0)
                undo(store);
        if (!store->nested)
                accounts_ended(store, error >= 0);
        return error < 0 ? error : r;
}

/* `commit` or not, it is over; gives what `done` hears. */
static int long_end(struct store *store, bool commit)
{
        bool lost = sqlite3_get_autocommit(store->db);
        int r = store->broken < 0 ? store->broken : lost ? -EIO : commit ? 0 : -ECANCELED;

        store->open = store->nested = false;
        store->broken = 0;
        if (lost)
                accounts_ended(store, false);
        else
                r = db_end(store, r);
        if (store->residue)
                db_scrub(store);
        if (store->done)
                store->done(r, store->userdata);
        return r;
}

int db_begin(struct store *store)
{
        int r;

        db_let_go(store);
        if (!store->nested && store->open && (r = long_end(store, true)) < 0)
                return r;
        /* Some errors make SQLite undo the whole transaction by itself: then there is nothing to go on with.
         */
        if (store->nested && sqlite3_get_autocommit(store->db))
                return -EIO;
        r = db_run(store, db_statement(store, store->nested ? STATEMENT_SAVE : STATEMENT_BEGIN));
        if (r < 0)
                return r;
        r = accounts_write(store);
        return r < 0 ? db_end(store, r) : 0;
}

int db_break(struct store *store, int r)
{
        if (r < 0)
                store->broken = r;
        return r;
}

int store_begin(struct store *store, store_done_fn done, void *userdata)
{
        int r;

        if (store->nested)
                return -EBUSY;
        db_let_go(store);
        if (!store->open) {
                (void) db_exec(store, CACHE_LARGE);
                r = db_begin(store);
                if (r < 0)
                        return r;
                store->open = true;
                store->done = done;
                store->userdata = userdata;
        }
        store->nested = true;
        return 0;
}

void store_pause(struct store *store)
{
        store->nested = false;
}

int store_end(struct store *store, bool commit)
{
        int r = store->open ? long_end(store, commit) : 0;

        (void) db_exec(store, CACHE_USUAL);
        return !commit && r == -ECANCELED ? 0 : r;
}

bool store_is_open(const struct store *store)
{
        return store->open;
}
