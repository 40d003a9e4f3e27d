/* The columns of `key` that follow a struct key: one list for the UPDATE, the INSERT and the SELECT, so that
 * the three cannot drift apart. Within store/ only. */
#ifndef STORE_KEYCOLUMNS_H
#define STORE_KEYCOLUMNS_H

#define KEY_COLUMNS(X)                                                                                       \
        X(kind)                                                                                              \
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
        X(checks)                                                                                            \
        X(grants)

/* Columns of the SELECT. */
enum key_column {
        COLUMN_id,
        COLUMN_name,
        COLUMN_profile,
        COLUMN_added,
        COLUMN_has_old,
#define X(name) COLUMN_##name,
        KEY_COLUMNS(X)
#undef X
};

#define KEY_COLUMN_COMMA(name)     ", " #name
#define KEY_COLUMN_PARAMETER(name) ", :" #name
#define KEY_COLUMN_SET(name)       ", " #name " = :" #name

#define SQL_KEY_SELECT                                                                                       \
        "SELECT id, name, profile, added, has_old" KEY_COLUMNS(KEY_COLUMN_COMMA) " FROM key ORDER BY id"
#define SQL_KEY_INSERT                                                                                       \
        "INSERT INTO key(id, name, profile, added" KEY_COLUMNS(                                              \
                KEY_COLUMN_COMMA) ") VALUES(:id, :name, "                                                    \
                                  ":profile, :added" KEY_COLUMNS(KEY_COLUMN_PARAMETER) ")"
#define SQL_KEY_UPDATE "UPDATE key SET id = id" KEY_COLUMNS(KEY_COLUMN_SET) " WHERE id = :id"

#endif
