/* The log: what was committed goes there first, and from there to the file, when there is time. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "store/database.h"

#define PAGE_SIZE INT64_C(4096)

/* From here on the log is to begin anew: else that happens by itself with a commit that no reader overlaps.
 */
#define RESTART_SIZE (INT64_C(16) << 20)

int64_t store_log_used(const struct store *store)
{
        return store->log_pages * PAGE_SIZE;
}

int64_t store_log_waiting(const struct store *store)
{
        return (store->log_pages - store->log_moved) * PAGE_SIZE;
}

int64_t store_log_size(struct store *store)
{
        _cleanup_free_ char *path = NULL;
        struct stat st;

        if (asprintf(&path, "%s-wal", store->path) < 0) {
                path = NULL;
                return 0;
        }
        return stat(path, &st) < 0 ? 0 : st.st_size;
}

static int checkpoint(struct store *store, int mode)
{
        int pages, moved;
        int code = sqlite3_wal_checkpoint_v2(store->db, NULL, mode, &pages, &moved);

        if (pages >= 0 && moved >= 0)
                store->log_moved = moved;
        return code;
}

/* Nobody is waited for: who reads now may read for hours. */
static int begin_anew(struct store *store, int mode)
{
        int code;

        sqlite3_busy_timeout(store->db, 0);
        code = checkpoint(store, mode);
        sqlite3_busy_timeout(store->db, BUSY_TIMEOUT);
        if (code == SQLITE_OK)
                store->log_pages = store->log_moved = 0;
        return code;
}

void db_scrub(struct store *store)
{
        store->residue = true;
        db_let_go(store);
        if (!store->open && begin_anew(store, SQLITE_CHECKPOINT_TRUNCATE) == SQLITE_OK)
                store->residue = false;
}

int store_checkpoint(struct store *store)
{
        int code;

        if (store->open)
                return -EAGAIN;
        if (store->residue) {
                db_scrub(store);
                if (!store->residue)
                        return 0;
        }
        db_let_go(store);
        code = checkpoint(store, SQLITE_CHECKPOINT_PASSIVE);
        if (code == SQLITE_OK && store_log_used(store) >= RESTART_SIZE)
                code = begin_anew(store, SQLITE_CHECKPOINT_RESTART);
        return db_errno(store->db, code);
}
