/* The columns of `key` that follow a struct key: one list for the UPDATE, the INSERT and the SELECT, so that
 * the three cannot drift apart. Within store/ only. */
#ifndef STORE_KEYCOLUMNS_H
#define STORE_KEYCOLUMNS_H

#define KEY_COLUMNS(X)                                                                                       \
        X(kind)                                                                                              \
        KEY_COLUMNS_AFTER(X)
#define KEY_COLUMNS_AFTER(X)                                                                                 \
        X(mode)                                                                                              \
        X(account)                                                                                           \
        X(account_declared)                                                                                  \
        X(created)                                                                                           \
        X(expires)                                                                                           \
        X(life)                                                                                              \
        X(former)                                                                                            \
        X(streak)                                                                                            \
        X(streak_of)                                                                                         \
        X(holds)                                                                                             \
        X(ended)                                                                                             \
        X(state)                                                                                             \
        X(is_missing)                                                                                        \
        X(unwitnessed)                                                                                       \
        X(life_since)                                                                                        \
        X(suspect_since)                                                                                     \
        X(paused_until)                                                                                      \
        X(last_checked)                                                                                      \
        X(last_healthy)                                                                                      \
        X(last_full)                                                                                         \
        X(last_excess_riskiest)                                                                              \
        X(last_excess_rest)                                                                                  \
        X(secret_since)                                                                                      \
        X(held_until)                                                                                        \
        X(odd)                                                                                               \
        X(checks)                                                                                            \
        X(grants)                                                                                            \
        X(unreadable)

/* Columns of the SELECT. */
enum key_column {
        COLUMN_id,
        COLUMN_name,
        COLUMN_profile,
        COLUMN_added,
        COLUMN_has_old,
        COLUMN_missing,
        COLUMN_excess,
        COLUMN_has_edit_url,
#define X(name) COLUMN_##name,
        KEY_COLUMNS(X)
#undef X
};

/* Places of the parameters, from the first column's on. A name would be looked for among thirty, thirty times
 * a row. */
enum key_place {
#define X(name) PLACE_##name,
        KEY_COLUMNS(X)
#undef X
                _PLACE_MAX
};

#define INSERT_PLACES 5 /* of the first column; 1 to 4: id, name, profile, added */
#define UPDATE_PLACES 2 /* of the first column; 1: id */

#define KEY_COLUMN_COMMA(name)     ", " #name
#define KEY_COLUMN_PARAMETER(name) ", ?"
#define KEY_COLUMN_SET(name)       ", " #name " = ?"

#define SQL_KEY_SELECT                                                                                       \
        "SELECT id, name, profile, added, has_old, missing, excess, edit_url <> ''" KEY_COLUMNS(             \
                KEY_COLUMN_COMMA) " FROM key WHERE removed = 0 ORDER BY id"
#define SQL_KEY_INSERT                                                                                       \
        "INSERT INTO key(id, name, profile, added" KEY_COLUMNS(                                              \
                KEY_COLUMN_COMMA) ") VALUES(?, ?, ?, ?" KEY_COLUMNS(KEY_COLUMN_PARAMETER) ")"
/* `id` stays out of the list of what is set: SQLite would look through every table that refers to it. */
#define SQL_KEY_UPDATE                                                                                       \
        "UPDATE key SET kind = ?2" KEY_COLUMNS_AFTER(KEY_COLUMN_SET) " WHERE id = ?1 AND removed = 0"

#endif
