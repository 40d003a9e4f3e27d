/* The rows of a database that somebody else wrote into: each byte of the input says which value a column has.
 * All is read as at the start of the daemon, and asked as by a client; it comes, or is refused. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/datetime.h"
#include "base/macros.h"
#include "base/text.h"
#include "fuzz.h"
#include "store/ledger.h"
#include "store/store.h"

const struct seed fuzz_seeds[] = {
        SEED("k\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26\27\30\31"),
        SEED("i\5\5\5\5\5\5\5\5\5\5\5\5\5\5\5\5\5\5\5"),
        SEED("c\1\2\1\2\1\2\1\2\1\2\1\2\1\2\1\2"),
        SEED("e\3\3\3\3\3\3\3\3\3"),
        SEED("l\4\5\6"),
};
const size_t fuzz_n_seeds = ELEMENTSOF(fuzz_seeds);

const char *const fuzz_words[] = { "k", "i", "c", "e", "l", "s", "\1\1", "\2\2", "\5\5" };
const size_t fuzz_n_words = ELEMENTSOF(fuzz_words);

/* Of which STRICT lets pass those that fit the column's type. */
static const char *const values[] = {
        "9223372036854775807",
        "-9223372036854775808",
        "-1",
        "0",
        "1",
        "253402300800",
        "4294967296",
        "''",
        "'alive'",
        "'healthy'",
        "'live'",
        "'key-revoked'",
        "'stuck'",
        "'scan'",
        "cast(x'ff1b5b324ae280aec3' as text)",
        "'acme' || char(0) || 'x'",
        "'a' || char(10) || 'KEYVIGIL_KEY=b'",
        "printf('%.*c', 70000, 'x')",
        "'--rrwwRx?!'",
        "NULL",
        "1795000000",
};

static const struct {
        char letter;
        const char *table, *columns;
} tables[] = {
        { 'k', "key",
          "name kind mode account account_declared profile created expires added life former streak "
          "streak_of holds ended "
          "state is_missing unwitnessed life_since suspect_since paused_until last_checked last_healthy "
          "last_full "
          "last_excess_riskiest last_excess_rest secret_since checks grants missing excess pause_reason" },
        { 'i', "incident",
          "kind account parent opened cleared reminded reminders acknowledged acknowledged_until "
          "acknowledged_uid "
          "priority count event_id reason detail message acknowledgement" },
        { 'c', "coupon",
          "account key mode coupon created seen state reason attempts next_try updated ours source" },
        { 'e', "event", "incident key at_wall kind priority send_state event_id fields" },
        { 'l', "label", "name value" },
        { 's', "span", "state from_wall until_wall checks" },
};

/* Each is some forty statements. */
const unsigned long fuzz_runs = 1000;

static char dir[64];
static sqlite3 *db;
static struct store *store;

static void sql(const char *text)
{
        (void) sqlite3_exec(db, text, NULL, NULL, NULL); /* what does not fit is refused */
}

static void end(void)
{
        static const char *const names[] = { "keyvigil.db", "keyvigil.db-wal", "keyvigil.db-shm", "lock" };
        char path[128];

        sqlite3_close(db);
        store_close(store);
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
                (void) unlink(path);
        }
        (void) rmdir(dir);
}

static void begin(void)
{
        char path[128];

        snprintf(dir, sizeof(dir), "%s/keyvigil-fuzz-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        if (!mkdtemp(dir) || store_open(dir, NULL, NULL, &store, NULL) < 0)
                abort();
        snprintf(path, sizeof(path), "%s/keyvigil.db", dir);
        if (sqlite3_open(path, &db) != SQLITE_OK)
                abort();
        sql("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; INSERT INTO profile (name) VALUES "
            "('selgeo');"
            " INSERT INTO account (name) VALUES ('acct_1')");
        atexit(end);
}

/* One row of each, as they should be. */
static void plant(void)
{
        sql("BEGIN; DELETE FROM key; DELETE FROM incident; DELETE FROM coupon; DELETE FROM event; DELETE "
            "FROM label;"
            " DELETE FROM span;"
            " INSERT INTO key (id, name, kind, mode, account, account_declared, profile, created, expires, "
            "added, life,"
            " former, streak, streak_of, holds, ended, state, is_missing, unwitnessed, life_since, "
            "suspect_since,"
            " paused_until, last_checked, last_healthy, last_full, last_excess_riskiest, last_excess_rest,"
            " secret_since, checks, grants) VALUES (1, 'acme', 'restricted', 'live', 1, 0, 1, 0, 0, "
            "1795000000,"
            " 'alive', 'alive', 0, 'healthy', 0, '', 'healthy', 0, 0, 1795000000, 0, 0, 1795000000, "
            "1795000000, 0, 0,"
            " 0, 1795000000, 1, '');"
            " INSERT INTO incident (id, kind, key, opened, cleared, reminded, reminders, acknowledged,"
            " acknowledged_until, acknowledged_uid, priority, count, event_id, reason, detail, message,"
            " acknowledgement) VALUES (1, 'key-revoked', 1, 1795000000, 0, 0, 0, 0, 0, 0, 2, 0, 'x', '', '', "
            "'', '');"
            " INSERT INTO label VALUES (1, 'team', 'a');"
            " INSERT INTO span (key, state, from_wall) VALUES (1, 'healthy', 1795000000); COMMIT");
}

static void change(const uint8_t *data, size_t size)
{
        char columns[1024], text[2048], *rest = columns, *column;

        sql("BEGIN");
        for (size_t i = 0; i < ELEMENTSOF(tables); i++) {
                if (tables[i].letter != (char) data[0])
                        continue;
                snprintf(columns, sizeof(columns), "%s", tables[i].columns);
                for (size_t k = 1; k < size && (column = strsep(&rest, " ")); k++) {
                        snprintf(text, sizeof(text), "UPDATE %s SET %s = %s", tables[i].table, column,
                                 values[data[k] % ELEMENTSOF(values)]);
                        if (data[k] != 0)
                                sql(text);
                }
        }
        sql("COMMIT");
}

static int take_key(struct key *key, const char *profile, void *userdata)
{
        (void) userdata;
        HOLD(text_is_clean(key->name) && key->created >= 0 && key->created <= WALL_LAST && profile);
        HOLD(key->life_since >= 0 && key->life_since <= WALL_LAST);
        free(key);
        return 0;
}

static int take_incident(struct incident *incident, void *userdata)
{
        (void) userdata;
        HOLD(text_is_clean(incident->message) && incident->opened >= 0 && incident->opened <= WALL_LAST);
        incident_free(incident);
        return 0;
}

static int take_event(struct event *event, void *userdata)
{
        (void) userdata;
        HOLD(text_is_clean(event->fields));
        event_free(event);
        return 0;
}

static int take_row(const struct column *columns, size_t n, void *userdata)
{
        (void) userdata;
        for (size_t i = 0; i < n; i++)
                HOLD(columns[i].type != COLUMN_TEXT || text_is_clean(columns[i].text));
        return 0;
}

static int take_coupon(struct ledger_row *row, void *userdata)
{
        (void) userdata;
        HOLD(text_is_clean(row->coupon) && row->updated >= 0 && row->updated <= WALL_LAST);
        ledger_row_free(row);
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct query_filter filter = { .key = "acme", .limit = 10 };
        const struct ledger_owner owner = { .account_id = 1, .key_id = 1, .mode = MODE_LIVE };

        if (size == 0)
                return 0;
        if (!store)
                begin();
        plant();
        change(data, size);
        (void) store_load_keys(store, take_key, NULL);
        (void) store_load_incidents(store, take_incident, NULL);
        (void) store_load_unsent(store, 10, take_event, NULL);
        (void) ledger_load(store, &owner, take_coupon, NULL);
        for (int query = QUERY_KEYS; query <= QUERY_COUNTS; query++)
                (void) store_query(store, (enum query) query, &filter, take_row, NULL);
        return 0;
}
