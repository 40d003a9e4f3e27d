/* No statement reads a whole table that grows with the fleet, but for those whose job it is. */
#include <sqlite3.h>

#include "store/statements.h"
#include "world.h"

static const char *const names[] = {
#define X(name, text) [STATEMENT_##name] = #name,
        STATEMENTS(X)
#undef X
};

static bool may_scan(enum statement which)
{
        switch (which) {
        case STATEMENT_KEY_SELECT:
        case STATEMENT_INCIDENT_LOAD: /* an index of open ones only */
        case STATEMENT_EVENT_UNSENT:
        case STATEMENT_COUPON_UNFINISHED:
        case STATEMENT_SCAN_ALL:
        case STATEMENT_PROFILE_ALL:
        case STATEMENT_SECRET_ANY:
        case STATEMENT_HOLD: /* its first row only */
        case STATEMENT_EVENT_FIRST:
        case STATEMENT_INCIDENT_NEWEST:    /* as far as a day reaches */
        case STATEMENT_EVENT_COUNT_UNSENT: /* by their own index, once at the start */
        case STATEMENT_EXPIRE_EVENT:       /* as many as it may delete */
        case STATEMENT_Q_KEYS:
        case STATEMENT_Q_INCIDENTS:
        case STATEMENT_Q_INCIDENTS_OPEN:
        case STATEMENT_Q_COUPONS:
        case STATEMENT_Q_COUNTS:
        case STATEMENT_Q_HISTORY: /* what was found of one key */
        case STATEMENT_PERMISSION_PASS:
        case STATEMENT_Q_INCIDENT_COUNTS: /* what is open, and */
        case STATEMENT_Q_COUPON_COUNTS:   /* unfinished: by their own index */
        case STATEMENT_Q_COUPONS_OPEN:
        case STATEMENT_OUTAGES: /* an index of outages only */
        case STATEMENT_PERMISSION_NEXT:
        case STATEMENT_REQUIREMENT_CLEAR:
                return true;
        default:
                return false;
        }
}

static bool grows(const char *detail)
{
        /* Few rows, whatever the fleet. */
        static const char *const small[] = { "SCAN p", "SCAN CONSTANT", "SCAN permission",
                                             "SCAN sqlite_sequence" };

        if (strncmp(detail, "SCAN", 4) != 0)
                return false;
        for (size_t i = 0; i < sizeof(small) / sizeof(*small); i++)
                if (strncmp(detail, small[i], strlen(small[i])) == 0)
                        return false;
        return true;
}

static void nothing_scans(void **state)
{
        struct world *w = *state;
        sqlite3 *db = NULL;
        int bad = 0;

        world_close(w);
        assert_int_equal(sqlite3_open_v2(w->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
        for (int i = 0; i < _STATEMENT_MAX; i++) {
                char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", statement_texts[i]);
                sqlite3_stmt *plan = NULL;

                assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &plan, NULL), SQLITE_OK);
                while (sqlite3_step(plan) == SQLITE_ROW) {
                        const char *detail = (const char *) sqlite3_column_text(plan, 3);

                        if (grows(detail) && !may_scan((enum statement) i))
                                print_error("%s: %s\n", names[i], detail), bad++;
                }
                sqlite3_finalize(plan);
                sqlite3_free(sql);
        }
        sqlite3_close(db);
        assert_int_equal(bad, 0);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(nothing_scans, world_setup, world_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
