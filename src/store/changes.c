#include <string.h>

#include "store/database.h"

/* A pause is the operator's doing, and the first verdict is none that changed. */
static bool is_verdict(const char *state)
{
        return strcmp(state, state_name(STATE_PAUSED)) != 0 &&
               strcmp(state, state_name(STATE_UNVERIFIED)) != 0;
}

int store_key_changes(struct store *store, int64_t key_id, int64_t since_wall, unsigned *ret_n,
                      int64_t *ret_first)
{
        sqlite3_stmt *spans = db_statement(store, STATEMENT_SPANS_OF_KEY);
        char newer[16] = "";
        int64_t newer_from = 0, first = 0;
        unsigned n = 0;
        int r;

        bind_int(spans, ":key", key_id);
        while ((r = db_step(store, spans)) > 0) { /* newest first */
                const char *state = column_text(spans, 0);

                if (!is_verdict(state))
                        continue;
                if (newer[0] != '\0' && strcmp(newer, state) != 0) {
                        n++;
                        first = newer_from;
                }
                strncpy(newer, state, sizeof(newer) - 1);
                newer_from = sqlite3_column_int64(spans, 1);
                if (newer_from < since_wall) {
                        db_reset(spans);
                        break;
                }
        }
        if (r < 0)
                return r;
        *ret_n = n;
        *ret_first = first;
        return 0;
}
