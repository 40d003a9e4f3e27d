#include "store/incident_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "model/incident.h"
#include "store/selector_sql.h"

/* Incidents that are looked at in one go, whether they are wanted or not. */
#define STEP 2000

static void write_kinds(FILE *to, uint64_t kinds)
{
        const char *separator = "";

        if (kinds == UINT64_MAX)
                return;
        fputs(" AND j.kind IN (", to);
        for (unsigned kind = 0; kind < _INCIDENT_KIND_MAX; kind++)
                if (kinds & UINT64_C(1) << kind) {
                        fprintf(to, "%s'%s'", separator, incident_kind_name((enum incident_kind) kind));
                        separator = ", ";
                }
        fputs(")", to);
}

static void write_begin(FILE *to, const struct incident_filter *filter)
{
        fputs("SELECT w.*, 0, j.id FROM incident j CROSS JOIN v_incident w ON w.id = j.id", to);
        if (!selector_is_empty(&filter->keys))
                fputs(" CROSS JOIN key k ON k.id = j.key AND k.removed = 0"
                      " CROSS JOIN profile p ON p.id = k.profile LEFT JOIN account a ON a.id = k.account",
                      to);
        fputs(" WHERE j.id < :place_id AND j.id >= :floor AND j.opened >= :since", to);
        if (filter->key)
                fputs(" AND j.key IN (" SQL_KEYS_CALLED ")", to);
        if (filter->open_only)
                fputs(" AND j.cleared = 0", to);
        write_kinds(to, filter->kinds);
}

static int list_prepare(struct store *store, const struct incident_filter *filter, sqlite3_stmt **ret)
{
        _cleanup_free_ char *begin = NULL;
        size_t size;
        FILE *to = memory_stream(&begin, &size);

        if (!to)
                return -ENOMEM;
        write_begin(to, filter);
        if (fclose(to) != 0)
                return -ENOMEM;
        int r = selector_prepare(store, begin, &filter->keys, " ORDER BY j.id DESC LIMIT :limit", ret);
        if (r < 0)
                return r;
        bind_int(*ret, ":since", filter->since);
        if (filter->key)
                bind_text(*ret, ":key", filter->key);
        return 0;
}

static int last_incident(struct store *store, int64_t *ret)
{
        sqlite3_stmt *statement = db_statement(store, STATEMENT_INCIDENT_LAST);
        int r = db_step(store, statement);

        if (r > 0)
                *ret = sqlite3_column_int64(statement, 0);
        db_reset(statement);
        return r < 0 ? r : 0;
}

static int read_rows(struct store *store, sqlite3_stmt *statement, int64_t floor, unsigned limit,
                     struct row_place *place, row_fn row, void *userdata)
{
        unsigned n = 0;
        int code, r = 0;

        row_place_bind(statement, place);
        bind_int(statement, ":floor", floor);
        selector_put_now(statement);
        bind_int(statement, ":limit", limit);
        while (r >= 0 && (code = sqlite3_step(statement)) == SQLITE_ROW) {
                row_place_take(statement, place);
                r = row_give(statement, PLACE_COLUMNS, row, userdata);
                n++;
        }
        if (r < 0)
                return r;
        if (code != SQLITE_DONE)
                return db_errno(store->db, code);
        if (n < limit)
                place->id = floor;
        return place->id > 0;
}

int incident_list_next(struct store *store, const struct incident_filter *filter, unsigned limit,
                       struct row_place *place, row_fn row, void *userdata)
{
        sqlite3_stmt *statement = NULL;
        int r = 0;

        if (!place->begun) {
                r = last_incident(store, &place->id);
                if (r < 0)
                        return r;
                place->id++;
                place->begun = true;
        }
        r = list_prepare(store, filter, &statement);
        int64_t floor =
                filter->key ? 0 : MAX(place->id - STEP, INT64_C(0)); /* those of one key have an index */
        if (r >= 0)
                r = read_rows(store, statement, floor, limit, place, row, userdata);
        sqlite3_finalize(statement);
        return r;
}
