#include "store/names.h"

#include <errno.h>
#include <stdio.h>

#include "model/grants.h"
#include "store/keyrow.h"

/* What is inserted with RETURNING is there only when the statement has run to its end. */
static int insert_name(struct store *store, enum statement insert, const char *name, int64_t *ret)
{
        sqlite3_stmt *statement = db_statement(store, insert);
        int64_t id;
        int r;

        bind_text(statement, ":name", name);
        r = db_step(store, statement);
        if (r <= 0)
                return r < 0 ? r : -EIO;
        id = sqlite3_column_int64(statement, 0);
        r = db_run(store, statement);
        if (r < 0)
                return r;
        *ret = id;
        return 0;
}

static int id_of_name(struct store *store, enum statement find, enum statement insert, const char *name,
                      int64_t *ret)
{
        sqlite3_stmt *statement = db_statement(store, find);
        int r;

        bind_text(statement, ":name", name);
        r = db_int(store, statement, ret);
        return r == -ENOENT ? insert_name(store, insert, name, ret) : r;
}

int profile_id(struct store *store, const char *name, int64_t *ret)
{
        return id_of_name(store, STATEMENT_PROFILE_ID, STATEMENT_PROFILE_INSERT, name, ret);
}

int meta_put(struct store *store, const char *name, const char *value)
{
        sqlite3_stmt *put = db_statement(store, STATEMENT_META_PUT);

        bind_text(put, ":name", name);
        bind_text(put, ":value", value);
        return db_run(store, put);
}

int store_meta_put(struct store *store, const char *name, const char *value)
{
        int r = db_begin(store);

        return r < 0 ? r : db_end(store, meta_put(store, name, value));
}

int store_meta_delete(struct store *store, const char *name)
{
        sqlite3_stmt *delete = db_statement(store, STATEMENT_META_DELETE);
        int r = db_begin(store);

        if (r < 0)
                return r;
        bind_text(delete, ":name", name);
        return db_end(store, db_run(store, delete));
}

int store_meta_each(struct store *store, const char *prefix, meta_take_fn take, void *userdata)
{
        sqlite3_stmt *each = db_statement(store, STATEMENT_META_EACH);
        char to[72];
        int r;

        snprintf(to, sizeof(to), "%s\x7f", prefix); /* names are plain text */
        bind_text(each, ":from", prefix);
        bind_text(each, ":to", to);
        while ((r = db_step(store, each)) > 0) {
                r = take(column_text(each, 0), column_text(each, 1), userdata);
                if (r < 0) {
                        db_reset(each);
                        return r;
                }
        }
        return r;
}

int store_meta_get(struct store *store, const char *name, char **ret_value)
{
        sqlite3_stmt *get = db_statement(store, STATEMENT_META_GET);

        bind_text(get, ":name", name);
        return db_text(store, get, ret_value);
}

static int permission_slot(struct store *store, const char *name, int64_t *ret)
{
        sqlite3_stmt *find = db_statement(store, STATEMENT_PERMISSION_SLOT);
        int r;

        bind_text(find, ":name", name);
        r = db_int(store, find, ret);
        if (r == -ENOENT)
                r = db_int(store, db_statement(store, STATEMENT_PERMISSION_NEXT), ret);
        if (r < 0)
                return r;
        return *ret < 0 || *ret >= SLOTS_MAX ? -E2BIG : 0;
}

static int permissions_put(struct store *store, const char *const *names, const char *const *labels, size_t n,
                           unsigned *ret_slots)
{
        sqlite3_stmt *put = db_statement(store, STATEMENT_PERMISSION_PUT);
        int r = db_run(store, db_statement(store, STATEMENT_PERMISSION_PASS));

        for (size_t i = 0; r >= 0 && i < n; i++) {
                int64_t slot;

                r = permission_slot(store, names[i], &slot);
                if (r < 0)
                        break;
                bind_int(put, ":slot", slot);
                bind_text(put, ":name", names[i]);
                bind_text(put, ":label", labels[i]);
                r = db_run(store, put);
                ret_slots[i] = (unsigned) slot;
        }
        return r;
}

int store_permissions_sync(struct store *store, const char *const *names, const char *const *labels, size_t n,
                           unsigned *ret_slots)
{
        unsigned slots[SLOTS_MAX];
        int r;

        if (n > SLOTS_MAX)
                return -E2BIG;
        r = db_begin(store);
        if (r < 0)
                return r;
        r = db_end(store, permissions_put(store, names, labels, n, slots));
        for (size_t i = 0; r >= 0 && i < n; i++)
                ret_slots[i] = slots[i];
        return r;
}

static int probes_put(struct store *store, const struct permission_probes *probes, size_t n)
{
        sqlite3_stmt *put = db_statement(store, STATEMENT_PERMISSION_PROBES);
        int r = 0;

        for (size_t i = 0; r >= 0 && i < n; i++) {
                bind_int(put, ":slot", probes[i].slot);
                bind_int(put, ":levels", probes[i].levels);
                bind_int(put, ":probed", probes[i].live | probes[i].test << 2);
                r = db_run(store, put);
        }
        return r;
}

int store_permissions_probes(struct store *store, const struct permission_probes *probes, size_t n)
{
        int r = db_begin(store);

        return r < 0 ? r : db_end(store, probes_put(store, probes, n));
}

static int requirements_put(struct store *store, const struct profile_row *rows, size_t n)
{
        sqlite3_stmt *put = db_statement(store, STATEMENT_REQUIREMENT_PUT);
        int r = db_run(store, db_statement(store, STATEMENT_REQUIREMENT_CLEAR));

        for (size_t i = 0; r >= 0 && i < n; i++) {
                int64_t profile;

                r = profile_id(store, rows[i].profile, &profile);
                if (r < 0)
                        break;
                bind_int(put, ":profile", profile);
                bind_int(put, ":slot", rows[i].slot);
                bind_text(put, ":level", level_name(rows[i].level));
                r = db_run(store, put);
        }
        return r;
}

static int links_put(struct store *store, const struct profile_link *links, size_t n)
{
        sqlite3_stmt *put = db_statement(store, STATEMENT_PROFILE_LINKS);
        int r = 0;

        for (size_t i = 0; r >= 0 && i < n; i++) {
                int64_t profile;

                r = profile_id(store, links[i].profile, &profile);
                if (r < 0)
                        break;
                bind_int(put, ":id", profile);
                bind_text(put, ":live", links[i].live);
                bind_text(put, ":test", links[i].test);
                r = db_run(store, put);
        }
        return r;
}

int store_profiles_links(struct store *store, const struct profile_link *links, size_t n)
{
        int r = db_begin(store);

        return r < 0 ? r : db_end(store, links_put(store, links, n));
}

int store_profiles_sync(struct store *store, const struct profile_row *rows, size_t n)
{
        int r = db_begin(store);

        return r < 0 ? r : db_end(store, requirements_put(store, rows, n));
}
