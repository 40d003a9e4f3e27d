#include "store/ledger.h"

#include <errno.h>
#include <string.h>

#include "base/names.h"
#include "store/database.h"
#include "store/ledger_write.h"

static const char *const state_names[] = {
#define X(name, text) [COUPON_##name] = (text),
        COUPON_STATES(X)
#undef X
};

static const char *const source_names[] = {
#define X(name, text) [COUPON_FROM_##name] = (text),
        COUPON_SOURCES(X)
#undef X
};

const char *coupon_state_name(enum coupon_state state)
{
        return state_names[state];
}

struct ledger_row *ledger_row_free(struct ledger_row *row)
{
        if (!row)
                return NULL;
        free(row->coupon);
        free(row->reason);
        return mfree(row);
}

static void bind_owner(sqlite3_stmt *statement, const struct ledger_owner *owner)
{
        bind_id(statement, ":account", owner->account_id);
        bind_id(statement, ":key", owner->key_id);
        bind_text(statement, ":mode", key_mode_name(owner->mode));
}

int coupon_write(struct store *store, const struct ledger_row *row, int64_t *ret_id)
{
        sqlite3_stmt *put = db_statement(store, STATEMENT_COUPON_PUT);
        int64_t id;
        int r;

        bind_owner(put, &row->owner);
        bind_text(put, ":coupon", row->coupon);
        bind_int(put, ":created", row->created);
        bind_int(put, ":seen", row->seen);
        bind_text(put, ":state", coupon_state_name(row->state));
        bind_text(put, ":reason", row->reason ?: "");
        bind_int(put, ":attempts", row->attempts);
        bind_int(put, ":next_try", row->next_try);
        bind_int(put, ":updated", row->updated);
        bind_int(put, ":ours", row->ours);
        bind_text(put, ":source", source_names[row->source]);
        bind_id(put, ":incident", row->incident);
        r = db_step(store, put);
        if (r <= 0)
                return r < 0 ? r : -ENOENT;
        id = sqlite3_column_int64(put, 0);
        r = db_run(store, put);
        if (r >= 0 && ret_id)
                *ret_id = id;
        return r;
}

int ledger_put(struct store *store, const struct ledger_row *row, int64_t *ret_id)
{
        int r;

        /* Within somebody else's transaction it would not be on disk when we return. */
        if (store->nested)
                return -EBUSY;
        r = db_begin(store);
        return r < 0 ? r : db_end(store, coupon_write(store, row, ret_id));
}

/* Columns of SQL_COUPON_COLUMNS. */
static int row_read(sqlite3_stmt *from, struct ledger_row **ret)
{
        _cleanup_(ledger_row_freep) struct ledger_row *row = calloc(1, sizeof(*row));
        int state = name_find(state_names, ELEMENTSOF(state_names), column_text(from, 7));
        int source = name_find(source_names, ELEMENTSOF(source_names), column_text(from, 13));

        if (!row)
                return -ENOMEM;
        if (state < 0 || source < 0)
                return -EUCLEAN;
        row->id = sqlite3_column_int64(from, 0);
        row->owner.account_id = sqlite3_column_int64(from, 1);
        row->owner.key_id = sqlite3_column_int64(from, 2);
        row->owner.mode = strcmp(column_text(from, 3), key_mode_name(MODE_LIVE)) == 0 ? MODE_LIVE : MODE_TEST;
        row->coupon = column_copy(from, 4);
        row->created = column_wall(from, 5);
        row->seen = (uint32_t) column_within(from, 6, UINT32_MAX);
        row->state = (enum coupon_state) state;
        row->reason = column_copy(from, 8);
        row->attempts = (uint32_t) column_within(from, 9, UINT32_MAX);
        row->next_try = column_until(from, 10);
        row->updated = column_wall(from, 11);
        row->ours = sqlite3_column_int(from, 12) != 0;
        row->source = (enum coupon_source) source;
        row->incident = sqlite3_column_int64(from, 14);
        if (!row->coupon || !row->reason)
                return -ENOMEM;
        *ret = TAKE(row);
        return 0;
}

int ledger_find(struct store *store, const struct ledger_owner *owner, const char *coupon,
                struct ledger_row **ret)
{
        sqlite3_stmt *statement = db_statement(store, STATEMENT_COUPON_FIND);
        int r;

        bind_owner(statement, owner);
        bind_text(statement, ":coupon", coupon);
        r = db_step(store, statement);
        if (r <= 0)
                return r < 0 ? r : -ENOENT;
        r = row_read(statement, ret);
        db_reset(statement);
        return r;
}

int ledger_load(struct store *store, const struct ledger_owner *owner, ledger_take_fn take, void *userdata)
{
        sqlite3_stmt *load =
                db_statement(store, owner ? STATEMENT_COUPON_UNFINISHED_OF : STATEMENT_COUPON_UNFINISHED);
        struct ledger_row *row = NULL;
        int r;

        if (owner)
                bind_owner(load, owner);
        while ((r = db_step(store, load)) > 0) {
                r = row_read(load, &row);
                if (r >= 0)
                        r = take(row, userdata);
                if (r < 0) {
                        db_reset(load);
                        return r;
                }
        }
        return r;
}

int ledger_merge(struct store *store, int64_t key_id, int64_t account_id)
{
        static const enum statement steps[] = {
                STATEMENT_COUPON_JOIN, STATEMENT_COUPON_JOINED, STATEMENT_COUPON_ADOPT,
                STATEMENT_SCAN_JOIN,   STATEMENT_SCAN_JOINED,   STATEMENT_SCAN_ADOPT,
        };
        sqlite3_stmt *any = db_statement(store, STATEMENT_LEDGER_OF_KEY);
        int64_t something;
        int r;

        bind_int(any, ":key", key_id);
        r = db_int(store, any, &something);
        if (r < 0 || !something) /* as for most keys whose account is learned */
                return r;
        r = db_begin(store);
        if (r < 0)
                return r;
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(steps); i++) {
                sqlite3_stmt *statement = db_statement(store, steps[i]);

                bind_int(statement, ":key", key_id);
                bind_int(statement, ":account", account_id);
                r = db_run(store, statement);
        }
        return db_end(store, r);
}

int ledger_count_deleted(struct store *store, const struct ledger_owner *owner, int64_t since_wall,
                         int64_t *ret)
{
        sqlite3_stmt *count =
                db_statement(store, owner ? STATEMENT_COUPON_DELETED_OF : STATEMENT_COUPON_DELETED);

        if (owner)
                bind_owner(count, owner);
        bind_int(count, ":since", since_wall);
        return db_int(store, count, ret);
}

int ledger_has_ours(struct store *store, const struct ledger_owner *owner)
{
        sqlite3_stmt *ours = db_statement(store, STATEMENT_COUPON_OURS);
        int64_t any;
        int r;

        bind_owner(ours, owner);
        r = db_int(store, ours, &any);
        return r < 0 ? r : any != 0;
}

int scan_write(struct store *store, const struct ledger_owner *owner, const struct ledger_scan *scan)
{
        sqlite3_stmt *put = db_statement(store, STATEMENT_SCAN_PUT);

        bind_owner(put, owner);
        bind_int(put, ":last_complete", scan->last_complete);
        bind_int(put, ":last_scan", scan->last_scan);
        bind_int(put, ":coupons_seen", scan->coupons_seen);
        bind_int(put, ":month", scan->month);
        bind_int(put, ":reads", scan->reads);
        bind_int(put, ":half_until", scan->half.until);
        bind_int(put, ":half_began", scan->half.began);
        bind_int(put, ":half_since", scan->half.since);
        bind_int(put, ":half_seen", scan->half.seen);
        return db_run(store, put);
}

int ledger_scan_put(struct store *store, const struct ledger_owner *owner, const struct ledger_scan *scan)
{
        int r = db_begin(store);

        return r < 0 ? r : db_end(store, scan_write(store, owner, scan));
}

/* No account has more, and sums of it cannot overflow. */
#define COUNT_MAX INT64_C(1000000000000)

static struct ledger_scan scan_read(sqlite3_stmt *row, int first)
{
        return (struct ledger_scan){
                .last_complete = column_wall(row, first),
                .last_scan = column_wall(row, first + 1),
                .coupons_seen = column_within(row, first + 2, COUNT_MAX),
                .month = column_within(row, first + 3, COUNT_MAX),
                .reads = column_within(row, first + 4, COUNT_MAX),
                .half.until = column_wall(row, first + 5),
                .half.began = column_wall(row, first + 6),
                .half.since = column_wall(row, first + 7),
                .half.seen = column_within(row, first + 8, COUNT_MAX),
        };
}

int ledger_scan_get(struct store *store, const struct ledger_owner *owner, struct ledger_scan *ret)
{
        sqlite3_stmt *get = db_statement(store, STATEMENT_SCAN_GET);
        int r;

        bind_owner(get, owner);
        r = db_step(store, get);
        if (r < 0)
                return r;
        *ret = r > 0 ? scan_read(get, 0) : (struct ledger_scan){ 0 };
        db_reset(get);
        return 0;
}

int ledger_load_scans(struct store *store, ledger_scan_take_fn take, void *userdata)
{
        sqlite3_stmt *all = db_statement(store, STATEMENT_SCAN_ALL);
        int r;

        while ((r = db_step(store, all)) > 0) {
                struct ledger_scan scan = scan_read(all, 3);
                struct ledger_owner owner = {
                        .account_id = sqlite3_column_int64(all, 0),
                        .key_id = sqlite3_column_int64(all, 1),
                        .mode = strcmp(column_text(all, 2), key_mode_name(MODE_LIVE)) == 0 ? MODE_LIVE
                                                                                           : MODE_TEST,
                };

                r = take(&owner, &scan, userdata);
                if (r < 0) {
                        db_reset(all);
                        return r;
                }
        }
        return r;
}
