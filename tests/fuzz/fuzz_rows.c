/* The rows of a database that somebody else wrote into: each byte of the input says which value a column has.
 * All is read as at the start of the daemon, and asked as by a client; it comes, or is refused. What came is
 * written again as the daemon does, and comes back as it was. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/datetime.h"
#include "base/macros.h"
#include "base/text.h"
#include "fuzz.h"
#include "store/batch.h"
#include "store/ledger.h"
#include "store/store.h"

const struct seed fuzz_seeds[] = {
        SEED("k\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26\27\30\31"),
        SEED("i\5\5\5\5\5\5\5\5\5\5\5\5\5\5\5\5\5\5\5"),
        SEED("c\1\2\1\2\1\2\1\2\1\2\1\2\1\2\1\2"),
        SEED("e\3\3\3\3\3\3\3\3\3"),
        SEED("l\4\5\6"),
        SEED("n\0\1\2\3\4\5\6\1\2\3"),
        SEED("c\0\0\0\0\0\0\14"), /* stuck */
        SEED("e\0\0\1\14\3\0\11\20"),
        SEED("e\2\2\21\0\0\0\0\17"),
        SEED("n"), /* all as it should be */
};
const size_t fuzz_n_seeds = ELEMENTSOF(fuzz_seeds);

const char *const fuzz_words[] = { "k", "i", "c", "e", "l", "s", "n", "\1\1", "\2\2", "\5\5" };
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
          "last_excess_riskiest last_excess_rest secret_since checks grants missing excess pause_reason "
          "held_until odd unreadable" },
        { 'i', "incident",
          "kind account parent opened cleared reminded reminders acknowledged acknowledged_until "
          "acknowledged_uid "
          "priority count event_id reason detail message acknowledgement mode number quiet" },
        { 'c', "coupon",
          "account key mode coupon created seen state reason attempts next_try updated ours source" },
        { 'e', "event", "incident key at_wall kind priority send_state id fields" },
        { 'l', "label", "name value" },
        { 's', "span", "state from_wall until_wall checks" },
        { 'n', "scan",
          "mode last_complete last_scan coupons_seen month reads half_until half_began half_since "
          "half_seen" },
};

/* Each is some forty statements. */
const unsigned long fuzz_runs = 1000;

static char dir[64];
static sqlite3 *db;
static struct store *store;

/* What was read, until it is written again. */
#define TAKEN_MAX 8
static struct key *keys[TAKEN_MAX];
static struct ledger_row *coupons[TAKEN_MAX];
static struct incident *incidents[TAKEN_MAX];
static size_t n_keys, n_coupons, n_incidents;

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
            " DELETE FROM scan;"
            " INSERT INTO event (incident, key, at_wall, kind, priority, send_state, id, fields) VALUES (1, "
            "1,"
            " 1795000000, 'key-revoked', 2, 0, 'x', 'MESSAGE=a');"
            " INSERT INTO coupon (id, account, key, mode, coupon, created, seen, state, reason, attempts, "
            "next_try,"
            " updated, ours, source) VALUES (1, 1, 1, 'live', 'selgeo_probe_a', 1795000000, 1, 'found', '', "
            "0, 0,"
            " 1795000000, 0, 'scan'), (2, 1, 1, 'live', 'selgeo_probe_b', 1795000000, 1, 'deleting', 'x', 2, "
            "0,"
            " 1795000000, 1, 'connect'), (3, NULL, 1, 'live', 'selgeo_probe_a', 1795000000, 1, 'kept', 'y', "
            "0, 0,"
            " 1795000009, 1, 'added');"
            " INSERT INTO scan (account, mode, last_complete, last_scan, coupons_seen, month, reads) VALUES"
            " (1, 'live', 1795000000, 1795000000, 3, 202611, 4);"
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
        HOLD(n_keys < TAKEN_MAX);
        keys[n_keys++] = key;
        return 0;
}

static int take_incident(struct incident *incident, void *userdata)
{
        (void) userdata;
        HOLD(text_is_clean(incident->detail) && incident->opened >= 0 && incident->opened <= WALL_LAST);
        HOLD(n_incidents < TAKEN_MAX);
        incidents[n_incidents++] = incident;
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
        HOLD(n_coupons < TAKEN_MAX);
        coupons[n_coupons++] = row;
        return 0;
}

static int take_scan(const struct ledger_owner *owner, const struct ledger_scan *scan, void *userdata)
{
        (void) userdata;
        HOLD(owner->mode < _MODE_MAX);
        HOLD(scan->last_complete >= 0 && scan->coupons_seen >= 0 && scan->reads >= 0 && scan->half.seen >= 0);
        return 0;
}

static void drop_taken(void)
{
        while (n_keys > 0)
                free(keys[--n_keys]);
        while (n_coupons > 0)
                ledger_row_free(coupons[--n_coupons]);
        while (n_incidents > 0)
                incident_free(incidents[--n_incidents]);
}

static void load(const struct ledger_owner *owner)
{
        drop_taken();
        (void) store_load_keys(store, take_key, NULL);
        (void) store_load_incidents(store, take_incident, NULL);
        (void) ledger_load(store, owner, take_coupon, NULL);
}

static void hold_same_key(const struct key *a, const struct key *b)
{
        HOLD(strcmp(a->name, b->name) == 0 && a->kind == b->kind && a->mode == b->mode);
        HOLD(a->belief.life == b->belief.life && a->belief.former == b->belief.former);
        HOLD(a->belief.streak == b->belief.streak && a->end == b->end && a->state == b->state);
        HOLD(a->created == b->created && a->expires == b->expires && a->paused_until == b->paused_until);
        HOLD(a->last_checked == b->last_checked && a->checks == b->checks && a->missing == b->missing);
        HOLD(memcmp(&a->grants, &b->grants, sizeof(a->grants)) == 0);
}

/* Everything that was read is written, and read again. */
static void write_again(const struct ledger_owner *owner)
{
        struct batch *batch = NULL;
        struct key *before[TAKEN_MAX];
        size_t n = n_keys;

        if (batch_new(&batch) < 0)
                abort();
        for (size_t i = 0; i < n_keys; i++)
                batch_key(batch, keys[i]);
        if (n_keys > 0)
                batch_span(batch, keys[0]->id, STATE_BLOCKED, 1795000001, 1);
        for (size_t i = 0; i < n_coupons; i++)
                batch_coupon(batch, coupons[i]);
        for (size_t i = 0; i < n_incidents; i++)
                batch_incident(batch, incidents[i]);
        bool written = store_commit(store, batch) == 0;
        for (size_t i = 0; i < n; i++)
                batch_forget_key(batch, keys[i]);
        batch_free(batch);
        memcpy(before, keys, sizeof(before));
        n_keys = 0;
        load(owner);
        HOLD(!written || n_keys == n);
        for (size_t i = 0; i < n; i++) {
                if (written)
                        hold_same_key(before[i], keys[i]);
                free(before[i]);
        }
}

/* What the ledger is asked, and what becomes of it when an account is learned. */
static void use_ledger(const struct ledger_owner *owner)
{
        const struct ledger_owner unknown = { .key_id = 1, .mode = MODE_LIVE };
        struct ledger_row *found = NULL;
        struct ledger_scan scan;
        int64_t deleted = 0, id = 0;

        if (n_coupons > 0 && ledger_find(store, owner, coupons[0]->coupon, &found) == 0)
                ledger_row_free(found);
        (void) ledger_count_deleted(store, owner, 0, &deleted);
        (void) ledger_count_deleted(store, NULL, 0, &deleted);
        HOLD(deleted >= 0);
        (void) ledger_has_ours(store, owner);
        if (ledger_scan_get(store, owner, &scan) == 0)
                (void) ledger_scan_put(store, &unknown, &scan);
        (void) ledger_load_scans(store, take_scan, NULL);
        for (size_t i = 0; i < n_coupons; i++) {
                coupons[i]->owner = unknown;
                (void) ledger_put(store, coupons[i], &id);
        }
        (void) ledger_load(store, NULL, take_coupon, NULL);
        (void) ledger_merge(store, 1, 1);
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
        load(&owner);
        (void) store_load_unsent(store, 10, take_event, NULL);
        for (int query = QUERY_KEYS; query <= QUERY_COUNTS; query++)
                (void) store_query(store, (enum query) query, &filter, take_row, NULL);
        write_again(&owner);
        use_ledger(&owner);
        drop_taken();
        return 0;
}
