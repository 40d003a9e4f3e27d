#include "store/database.h"

int store_expire(struct store *store, int64_t before_wall, unsigned limit, unsigned *ret_deleted)
{
        static const enum statement deletes[] = {
                STATEMENT_EXPIRE_SPAN,     STATEMENT_EXPIRE_CHANGE, STATEMENT_EXPIRE_ANSWER,
                STATEMENT_EXPIRE_INCIDENT, STATEMENT_EXPIRE_EVENT,  STATEMENT_EXPIRE_COUPON,
                STATEMENT_EXPIRE_KEY,
        };
        unsigned deleted = 0;
        int r = db_begin(store);

        if (r < 0)
                return r;
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(deletes) && deleted < limit; i++) {
                sqlite3_stmt *statement = db_statement(store, deletes[i]);

                bind_int(statement, ":before", before_wall);
                bind_int(statement, ":limit", limit - deleted);
                r = db_run(store, statement);
                if (r >= 0)
                        deleted += (unsigned) sqlite3_changes(store->db);
        }
        r = db_end(store, r);
        if (r >= 0)
                *ret_deleted = deleted;
        return r;
}
