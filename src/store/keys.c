#include <errno.h>
#include <string.h>

#include "store/database.h"
#include "store/keyrow.h"
#include "store/names.h"
#include "store/secret.h"

int store_next_key_id(struct store *store, int64_t *ret)
{
        return db_int(store, db_statement(store, STATEMENT_KEY_NEXT), ret);
}

int store_key_id(struct store *store, const char *name, int64_t *ret_id)
{
        sqlite3_stmt *id = db_statement(store, STATEMENT_KEY_ID);

        bind_text(id, ":name", name);
        return db_int(store, id, ret_id);
}

int store_key_known(struct store *store, const char *name)
{
        sqlite3_stmt *known = db_statement(store, STATEMENT_KEY_KNOWN);
        int64_t is;

        bind_text(known, ":key", name);
        int r = db_int(store, known, &is);
        return r < 0 ? r : is != 0;
}

static int label_put(struct store *store, int64_t key_id, const char *name, const char *value)
{
        bool removes = value[0] == '\0';
        sqlite3_stmt *put = db_statement(store, removes ? STATEMENT_LABEL_DELETE : STATEMENT_LABEL_PUT);

        bind_int(put, ":key", key_id);
        bind_text(put, ":name", name);
        if (!removes)
                bind_text(put, ":value", value);
        return db_run(store, put);
}

static int add(struct store *store, const struct key *key, const struct key_details *details,
               const struct sealed *secret)
{
        int64_t profile;
        int r = profile_id(store, details->profile, &profile);

        if (r >= 0)
                r = keyrow_insert(store, key, profile);
        if (r >= 0)
                r = secret_add(store, key->id, SLOT_CURRENT, secret);
        if (r >= 0)
                r = span_begin(store, key->id, (enum state) key->state, key->added);
        for (size_t i = 0; r >= 0 && i < details->n_labels; i++)
                r = label_put(store, key->id, details->label_names[i], details->label_values[i]);
        return r;
}

int store_key_add(struct store *store, const struct key *key, const struct key_details *details,
                  const struct sealed *secret, char **ret_other)
{
        int64_t other;
        int r = store_key_id(store, key->name, &other);

        if (r >= 0)
                return -EEXIST;
        if (r != -ENOENT || (r = secret_unknown(store, secret, 0, ret_other)) < 0)
                return r;
        /* A savepoint would copy every page that a key touches. After an error the transaction is lost, and
         * what came now would be stored without it. */
        if (store->nested)
                return store->broken < 0 ? store->broken : db_break(store, add(store, key, details, secret));
        r = db_begin(store);
        return r < 0 ? r : db_end(store, add(store, key, details, secret));
}

/* What others may want of it: no secret, nor what it was able to do, nor what was said of it. */
static int remove_parts(struct store *store, int64_t key_id)
{
        static const enum statement of_key[] = { STATEMENT_LABELS_OF_KEY, STATEMENT_SCANS_OF_KEY,
                                                 STATEMENT_COUPONS_OF_KEY, STATEMENT_COUPONS_WITHOUT_KEY };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(of_key); i++) {
                sqlite3_stmt *statement = db_statement(store, of_key[i]);

                bind_int(statement, ":key", key_id);
                r = db_run(store, statement);
        }
        for (int slot = SLOT_CURRENT; r >= 0 && slot <= SLOT_NEXT; slot++)
                r = secret_remove(store, key_id, (enum slot) slot);
        return r;
}

int key_remove(struct store *store, int64_t key_id, int64_t at_wall, uint32_t checks)
{
        static const enum statement steps[] = { STATEMENT_SPAN_END, STATEMENT_SPAN_REMOVED,
                                                STATEMENT_KEY_REMOVE };
        int r = remove_parts(store, key_id);

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(steps); i++) {
                sqlite3_stmt *statement = db_statement(store, steps[i]);

                bind_int(statement, ":key", key_id);
                bind_int(statement, ":at", at_wall);
                if (steps[i] == STATEMENT_SPAN_END)
                        bind_int(statement, ":checks", checks);
                r = db_run(store, statement);
        }
        return r;
}

int store_key_label(struct store *store, int64_t key_id, const char *name, const char *value)
{
        int r = db_begin(store);

        return r < 0 ? r : db_end(store, label_put(store, key_id, name, value));
}

int store_key_pause_reason(struct store *store, int64_t key_id, const char *reason)
{
        sqlite3_stmt *put = db_statement(store, STATEMENT_KEY_PAUSE_REASON);
        int r = db_begin(store);

        if (r < 0)
                return r;
        bind_int(put, ":id", key_id);
        bind_text(put, ":reason", reason);
        return db_end(store, db_run(store, put));
}

int store_key_edit_url(struct store *store, int64_t key_id, char **ret)
{
        sqlite3_stmt *get = db_statement(store, STATEMENT_KEY_EDIT_URL_GET);
        int r;

        bind_int(get, ":id", key_id);
        r = db_step(store, get);
        if (r <= 0)
                return r < 0 ? r : -ENOENT;
        *ret = column_copy(get, 0);
        db_reset(get);
        return *ret ? 0 : -ENOMEM;
}

int store_key_profile(struct store *store, int64_t key_id, const char *profile)
{
        sqlite3_stmt *put = db_statement(store, STATEMENT_KEY_PROFILE);
        int64_t id;
        int r = db_begin(store);

        if (r < 0)
                return r;
        r = profile_id(store, profile, &id);
        if (r >= 0) {
                bind_int(put, ":id", key_id);
                bind_int(put, ":profile", id);
                r = db_run(store, put);
        }
        return db_end(store, r);
}
