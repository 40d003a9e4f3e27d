#include "store/schema.h"

#include <stdio.h>

#include "base/macros.h"
#include "store/views.h"

/* All times are seconds since 1970, 0 for never; the views make text of them. Words are stored as words, so
 * that the file stays readable without us and a new word never shifts the meaning of an old number. What is
 * written often and read together lies in one row: a key's beliefs are a single UPDATE. */
static const char first[] =
        "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE account(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
        "CREATE TABLE profile(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"

        /* Slots are for life; `current`: the catalogue still has it. */
        "CREATE TABLE permission("
        " slot INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, label TEXT NOT NULL,"
        " current INTEGER NOT NULL) STRICT;"
        "CREATE TABLE requirement("
        " profile INTEGER NOT NULL REFERENCES profile(id), slot INTEGER NOT NULL, level TEXT NOT NULL,"
        " PRIMARY KEY(profile, slot)) STRICT, WITHOUT ROWID;"

        "CREATE TABLE key("
        " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
        " profile INTEGER NOT NULL REFERENCES profile(id), added INTEGER NOT NULL,"
        " has_old INTEGER NOT NULL DEFAULT 0,"
        " kind TEXT NOT NULL, mode TEXT NOT NULL, account INTEGER REFERENCES account(id),"
        " account_declared INTEGER NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL,"
        " life TEXT NOT NULL, former TEXT NOT NULL, streak INTEGER NOT NULL, streak_of TEXT NOT NULL,"
        " holds INTEGER NOT NULL, ended TEXT NOT NULL, state TEXT NOT NULL, is_missing INTEGER NOT NULL,"
        " unwitnessed INTEGER NOT NULL, life_since INTEGER NOT NULL, suspect_since INTEGER NOT NULL,"
        " paused_until INTEGER NOT NULL, last_checked INTEGER NOT NULL, last_healthy INTEGER NOT NULL,"
        " last_full INTEGER NOT NULL, last_excess_riskiest INTEGER NOT NULL,"
        " last_excess_rest INTEGER NOT NULL, secret_since INTEGER NOT NULL, checks INTEGER NOT NULL,"
        " grants TEXT NOT NULL, missing TEXT NOT NULL DEFAULT '', excess TEXT NOT NULL DEFAULT '',"
        " pause_reason TEXT NOT NULL DEFAULT '') STRICT;"
        "CREATE INDEX key_account ON key(account) WHERE account IS NOT NULL;"
        "CREATE TABLE label("
        " key INTEGER NOT NULL REFERENCES key(id) ON DELETE CASCADE, name TEXT NOT NULL,"
        " value TEXT NOT NULL, PRIMARY KEY(key, name)) STRICT, WITHOUT ROWID;"
        "CREATE INDEX label_value ON label(name, value);"

        /* id is twice the key's id, plus the slot. */
        "CREATE TABLE secret("
        " id INTEGER PRIMARY KEY, sealed BLOB NOT NULL, fingerprint BLOB NOT NULL UNIQUE) STRICT;"

        /* The span that is open is the one of the highest id; its checks are counted in the key. */
        "CREATE TABLE span("
        " id INTEGER PRIMARY KEY, key INTEGER NOT NULL REFERENCES key(id) ON DELETE CASCADE,"
        " state TEXT NOT NULL, from_wall INTEGER NOT NULL, until_wall INTEGER, checks INTEGER) STRICT;"
        "CREATE INDEX span_key ON span(key);"
        "CREATE INDEX span_until ON span(until_wall) WHERE until_wall IS NOT NULL;"
        "CREATE TABLE permission_change("
        " id INTEGER PRIMARY KEY, key INTEGER NOT NULL REFERENCES key(id) ON DELETE CASCADE,"
        " at_wall INTEGER NOT NULL, slot INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL) STRICT;"
        "CREATE INDEX permission_change_key ON permission_change(key);"
        "CREATE INDEX permission_change_at ON permission_change(at_wall);"
        "CREATE TABLE answer("
        " id INTEGER PRIMARY KEY, key INTEGER NOT NULL REFERENCES key(id) ON DELETE CASCADE,"
        " at_wall INTEGER NOT NULL, answer TEXT NOT NULL, probe TEXT NOT NULL, status INTEGER NOT NULL,"
        " code TEXT, request_id TEXT, text TEXT, duration_usec INTEGER NOT NULL) STRICT;"
        "CREATE INDEX answer_key ON answer(key);"
        "CREATE INDEX answer_at ON answer(at_wall);"

        "CREATE TABLE incident("
        " id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,"
        " key INTEGER REFERENCES key(id) ON DELETE CASCADE, account INTEGER, parent INTEGER,"
        " opened INTEGER NOT NULL, cleared INTEGER NOT NULL, reminded INTEGER NOT NULL,"
        " reminders INTEGER NOT NULL, acknowledged INTEGER NOT NULL, acknowledged_until INTEGER NOT NULL,"
        " acknowledged_uid INTEGER NOT NULL, priority INTEGER NOT NULL, count INTEGER NOT NULL,"
        " event_id TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, message TEXT NOT NULL,"
        " acknowledgement TEXT NOT NULL) STRICT;"
        "CREATE INDEX incident_key ON incident(key) WHERE key IS NOT NULL;"
        "CREATE INDEX incident_parent ON incident(parent) WHERE parent IS NOT NULL;"
        "CREATE INDEX incident_open ON incident(id) WHERE cleared = 0;"
        "CREATE INDEX incident_cleared ON incident(cleared) WHERE cleared > 0;"

        /* An event outlives its key: it is still to be told. */
        "CREATE TABLE event("
        " seq INTEGER PRIMARY KEY AUTOINCREMENT, incident INTEGER, key INTEGER, at_wall INTEGER NOT NULL,"
        " kind TEXT NOT NULL, priority INTEGER NOT NULL, send_state INTEGER NOT NULL, id TEXT NOT NULL,"
        " fields TEXT NOT NULL) STRICT;"
        "CREATE INDEX event_unsent ON event(priority, seq) WHERE send_state = 0;"
        "CREATE INDEX event_key ON event(key) WHERE key IS NOT NULL;"
        "CREATE INDEX event_at ON event(at_wall);"

        /* A coupon belongs to an account, or to a key whose account is not known yet. `key` is the one it was
         * last seen with. */
        "CREATE TABLE coupon("
        " id INTEGER PRIMARY KEY, account INTEGER REFERENCES account(id),"
        " key INTEGER REFERENCES key(id) ON DELETE SET NULL, mode TEXT NOT NULL, coupon TEXT NOT NULL,"
        " created INTEGER NOT NULL, seen INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,"
        " attempts INTEGER NOT NULL, next_try INTEGER NOT NULL, updated INTEGER NOT NULL,"
        " ours INTEGER NOT NULL, source TEXT NOT NULL, incident INTEGER) STRICT;"
        "CREATE UNIQUE INDEX coupon_account ON coupon(account, mode, coupon) WHERE account IS NOT NULL;"
        "CREATE UNIQUE INDEX coupon_key ON coupon(key, mode, coupon) WHERE account IS NULL;"
        "CREATE INDEX coupon_by_key ON coupon(key);"
        "CREATE INDEX coupon_unfinished ON coupon(id) WHERE state IN ('found', 'deleting', 'kept', 'stuck');"
        "CREATE INDEX coupon_updated ON coupon(updated);"
        "CREATE TABLE scan("
        " id INTEGER PRIMARY KEY, account INTEGER REFERENCES account(id),"
        " key INTEGER REFERENCES key(id) ON DELETE CASCADE, mode TEXT NOT NULL,"
        " last_complete INTEGER NOT NULL, last_scan INTEGER NOT NULL, coupons_seen INTEGER NOT NULL,"
        " month INTEGER NOT NULL, reads INTEGER NOT NULL,"
        " CHECK ((account IS NULL) <> (key IS NULL))) STRICT;"
        "CREATE UNIQUE INDEX scan_account ON scan(account, mode) WHERE account IS NOT NULL;"
        "CREATE UNIQUE INDEX scan_key ON scan(key, mode) WHERE key IS NOT NULL;"

        VIEW_KEY VIEW_HISTORY VIEW_INCIDENT VIEW_COUPON VIEW_PERMISSION;

/* Where a listing stopped that was not read to its end. */
static const char half_read[] = "ALTER TABLE scan ADD COLUMN half_until INTEGER NOT NULL DEFAULT 0;"
                                "ALTER TABLE scan ADD COLUMN half_began INTEGER NOT NULL DEFAULT 0;"
                                "ALTER TABLE scan ADD COLUMN half_since INTEGER NOT NULL DEFAULT 0;"
                                "ALTER TABLE scan ADD COLUMN half_seen INTEGER NOT NULL DEFAULT 0;";

static const char permission_since[] = "DROP VIEW v_permission; " VIEW_PERMISSION;

/* Which levels there are, and which of them can be asked for; sync fills it in. */
static const char permission_probed[] =
        "DROP VIEW v_permission;"
        "ALTER TABLE permission ADD COLUMN probed INTEGER NOT NULL DEFAULT 15;"
        "ALTER TABLE permission ADD COLUMN levels INTEGER NOT NULL DEFAULT 3;" VIEW_PERMISSION_PROBED;

static const char permission_off[] = "DROP VIEW v_permission; " VIEW_PERMISSION_OFF;

/* What an incident is about, which of its kind about its key it is, and whether the journal told it quietly.
 */
static const char incident_groups[] =
        "DROP VIEW v_incident;"
        "ALTER TABLE incident ADD COLUMN mode TEXT NOT NULL DEFAULT '';"
        "ALTER TABLE incident ADD COLUMN number INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE incident ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0;" VIEW_INCIDENT_GROUPS;

/* Keys that are no sign of an outage. */
static const char key_odd[] = "ALTER TABLE key ADD COLUMN odd INTEGER NOT NULL DEFAULT 0;";

/* A hold ends when it was to end, whenever the daemon was stopped meanwhile. */
static const char key_held[] = "ALTER TABLE key ADD COLUMN held_until INTEGER NOT NULL DEFAULT 0;";

static const char key_unreadable[] = "DROP VIEW v_key; ALTER TABLE key ADD COLUMN unreadable INTEGER NOT "
                                     "NULL DEFAULT 0;" VIEW_KEY_UNREADABLE;

/* What is left of a key that was removed: `was` is the name that it gave back. */
static const char key_removed[] =
        "DROP VIEW v_key; DROP VIEW v_history; DROP VIEW v_incident; DROP VIEW v_coupon;"
        "DROP VIEW v_permission;"
        "ALTER TABLE key ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE key ADD COLUMN was TEXT;"
        "CREATE INDEX key_removed ON key(removed) WHERE removed > 0;"
        "CREATE INDEX key_was ON key(was) WHERE removed > 0;" VIEW_KEY_THERE VIEW_HISTORY_REMOVED
                VIEW_INCIDENT_REMOVED VIEW_COUPON_REMOVED VIEW_PERMISSION_THERE;

/* Few of many; found by their kind. */
static const char incident_outages[] =
        "CREATE INDEX incident_outage ON incident(opened) WHERE kind = 'stripe-outage';";

/* Where a key is mended: its own page in the Dashboard, once an answer named it, and the page that creates
 * one for its profile. And since when what an incident tells of is so. */
static const char remedies[] =
        "ALTER TABLE key ADD COLUMN edit_url TEXT NOT NULL DEFAULT '';"
        "ALTER TABLE profile ADD COLUMN create_live TEXT NOT NULL DEFAULT '';"
        "ALTER TABLE profile ADD COLUMN create_test TEXT NOT NULL DEFAULT '';"
        "DROP VIEW v_incident;"
        "ALTER TABLE incident ADD COLUMN since INTEGER NOT NULL DEFAULT 0;" VIEW_INCIDENT_SINCE;

/* What is taken out is to be gone from the file, and SQLite leaves copies of rows behind where it moves them
 * between pages. So sealed secrets lie in places that never move: new ones only at the end, none ever
 * deleted, each overwritten by what has its very size (see store/secret.c). Where the old table lay, all is
 * zeroed. */
static const char secret_places[] =
        "ALTER TABLE secret RENAME TO secret_before;"
        "CREATE TABLE place("
        " id INTEGER PRIMARY KEY, sealed BLOB NOT NULL, fingerprint BLOB NOT NULL UNIQUE) STRICT;"
        "CREATE TABLE secret(id INTEGER PRIMARY KEY, place INTEGER NOT NULL UNIQUE) STRICT;"
        "INSERT INTO place(id, sealed, fingerprint)"
        " SELECT id, sealed, fingerprint FROM secret_before ORDER BY id;"
        "INSERT INTO secret(id, place) SELECT id, id FROM place ORDER BY id;"
        "DROP TABLE secret_before;"
        "CREATE INDEX place_empty ON place(length(sealed)) WHERE substr(sealed, 1, 1) = x'00';";

static const char key_untold[] = "DROP VIEW v_key;" VIEW_KEY_UNTOLD;

/* user_version says how many of these were applied. Only ever append: a released text is never edited. */
static const char *const migrations[] = {
        first,         half_read,  permission_since, permission_probed, permission_off,   incident_groups,
        key_odd,       key_held,   key_unreadable,   key_removed,       incident_outages, remedies,
        secret_places, key_untold,
};

int schema_version(void)
{
        return (int) ELEMENTSOF(migrations);
}

int schema_migrate(sqlite3 *db, int version)
{
        char pragma[48];
        int r = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

        for (int i = version; r == SQLITE_OK && i < schema_version(); i++)
                r = sqlite3_exec(db, migrations[i], NULL, NULL, NULL);
        snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", schema_version());
        if (r == SQLITE_OK)
                r = sqlite3_exec(db, pragma, NULL, NULL, NULL);
        if (r == SQLITE_OK)
                r = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
        if (r != SQLITE_OK && !sqlite3_get_autocommit(db))
                sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        return r;
}
