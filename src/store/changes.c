#include "store/database.h"

int store_incident_changes(struct store *store, int64_t key_id, const enum incident_kind *kinds,
                           size_t n_kinds, int64_t since_wall, int64_t until_wall, unsigned *ret_n,
                           int64_t *ret_first)
{
        static const char *const names[INCIDENT_CHANGES_KINDS] = { ":a", ":b", ":c" };
        sqlite3_stmt *count = db_statement(store, STATEMENT_INCIDENT_CHANGES);
        int r;

        bind_int(count, ":key", key_id);
        bind_int(count, ":since", since_wall);
        bind_int(count, ":until", until_wall);
        for (size_t i = 0; i < INCIDENT_CHANGES_KINDS; i++)
                bind_text(count, names[i], i < n_kinds ? incident_kind_name(kinds[i]) : "");
        r = db_step(store, count);
        if (r < 0)
                return r;
        *ret_n = (unsigned) column_within(count, 0, UINT16_MAX);
        *ret_first = column_wall(count, 1);
        db_reset(count);
        return 0;
}
