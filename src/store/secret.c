/* Where secrets lie. SQLite zeroes a row that is deleted, but not what it leaves behind where it moves rows
 * from one page to another: a copy there would outlive the row. So the rows of `place` never move: they are
 * added at the end alone, which moves none; they are never deleted; and their bytes are overwritten by as
 * many. A secret that goes leaves its place empty (zeroes, and a fingerprint that is nobody's) to the next of
 * its size. Which place a slot of a key has is said by `secret`, whose rows may come, go and move. */
#include "store/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/keyrow.h"

int secret_unknown(struct store *store, const struct sealed *secret, int64_t but_for, char **ret_other)
{
        sqlite3_stmt *owner = db_statement(store, STATEMENT_SECRET_OWNER);
        char *name = NULL;
        int r;

        bind_blob(owner, ":fingerprint", secret->fingerprint, secret->fingerprint_size);
        r = db_step(store, owner);
        if (r <= 0)
                return r;
        if (sqlite3_column_int64(owner, 0) == but_for) {
                db_reset(owner);
                return 0;
        }
        if (ret_other)
                name = strdup(column_text(owner, 1));
        db_reset(owner);
        if (ret_other && !name)
                return -ENOMEM;
        if (ret_other)
                *ret_other = name;
        return -EALREADY;
}

int store_secret_unknown(struct store *store, const struct sealed *secret, int64_t but_for_old_of,
                         char **ret_other)
{
        int64_t but_for = but_for_old_of ? secret_row(but_for_old_of, SLOT_OLD) : 0;
        int r = but_for_old_of ? store_secret_is(store, but_for_old_of, SLOT_NEXT, secret->fingerprint,
                                                 secret->fingerprint_size)
                               : 0;

        return r > 0 ? 0 : r < 0 ? r : secret_unknown(store, secret, but_for, ret_other);
}

int store_secret_is(struct store *store, int64_t key_id, enum slot slot, const unsigned char *fingerprint,
                    size_t size)
{
        sqlite3_stmt *is = db_statement(store, STATEMENT_SECRET_IS);

        bind_int(is, ":id", secret_row(key_id, slot));
        bind_blob(is, ":fingerprint", fingerprint, size);
        int r = db_step(store, is);
        if (r > 0)
                db_reset(is);
        return r;
}

/* Bytes into a place: one that is there, or (0) a new one behind all others. */
static int place_write(struct store *store, int64_t place, const struct sealed *secret)
{
        sqlite3_stmt *write = db_statement(store, place ? STATEMENT_PLACE_FILL : STATEMENT_PLACE_NEW);

        if (place)
                bind_int(write, ":place", place);
        bind_blob(write, ":sealed", secret->blob, secret->size);
        bind_blob(write, ":fingerprint", secret->fingerprint, secret->fingerprint_size);
        return db_run(store, write);
}

/* An empty place of this size. -ENOENT. */
static int place_find(struct store *store, size_t size, int64_t *ret)
{
        sqlite3_stmt *empty = db_statement(store, STATEMENT_PLACE_EMPTY);

        bind_int(empty, ":size", (int64_t) size);
        return db_int(store, empty, ret);
}

int secret_add(struct store *store, int64_t key_id, enum slot slot, const struct sealed *secret)
{
        sqlite3_stmt *put = db_statement(store, STATEMENT_SECRET_PUT);
        int64_t place = 0;
        int r = place_find(store, secret->size, &place);

        if (r < 0 && r != -ENOENT)
                return r;
        r = place_write(store, place, secret);
        if (r < 0)
                return r;
        bind_int(put, ":id", secret_row(key_id, slot));
        bind_int(put, ":place", place ? place : sqlite3_last_insert_rowid(store->db));
        return db_run(store, put);
}

/* Into a slot, in the place of what is there. */
static int secret_put(struct store *store, int64_t key_id, enum slot slot, const struct sealed *secret)
{
        sqlite3_stmt *of = db_statement(store, STATEMENT_PLACE_OF);
        int64_t place;
        int r;

        bind_int(of, ":id", secret_row(key_id, slot));
        bind_int(of, ":size", (int64_t) secret->size);
        r = db_int(store, of, &place);
        if (r >= 0)
                return place_write(store, place, secret);
        if (r == -ENOENT)
                r = secret_remove(store, key_id, slot);
        return r < 0 ? r : secret_add(store, key_id, slot, secret);
}

int secret_remove(struct store *store, int64_t key_id, enum slot slot)
{
        static const enum statement steps[] = { STATEMENT_PLACE_CLEAR, STATEMENT_SECRET_DELETE };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(steps); i++) {
                sqlite3_stmt *step = db_statement(store, steps[i]);

                bind_int(step, ":id", secret_row(key_id, slot));
                r = db_run(store, step);
        }
        return r;
}

static int has_old_put(struct store *store, int64_t key_id, bool has_old)
{
        sqlite3_stmt *put = db_statement(store, STATEMENT_KEY_HAS_OLD);

        bind_int(put, ":id", key_id);
        bind_int(put, ":has_old", has_old);
        return db_run(store, put);
}

int secret_old_gone(struct store *store, int64_t key_id)
{
        int r = secret_remove(store, key_id, SLOT_OLD);

        return r < 0 ? r : has_old_put(store, key_id, false);
}

static int replace(struct store *store, int64_t key_id, enum slot slot, const struct sealed *secret,
                   char **ret_other)
{
        /* It is to come no more, or comes now. */
        int r = slot == SLOT_CURRENT ? secret_remove(store, key_id, SLOT_NEXT) : 0;

        if (r < 0)
                return r;
        if (!secret)
                r = secret_remove(store, key_id, slot);
        else
                r = secret_unknown(store, secret, secret_row(key_id, slot), ret_other);
        if (r >= 0 && secret)
                r = secret_put(store, key_id, slot, secret);
        if (r >= 0 && slot == SLOT_OLD)
                r = has_old_put(store, key_id, secret != NULL);
        return r;
}

int store_secret_write(struct store *store, int64_t key_id, enum slot slot, const struct sealed *secret,
                       char **ret_other)
{
        int r = db_begin(store);

        if (r < 0)
                return r;
        r = db_end(store, replace(store, key_id, slot, secret, ret_other));
        if (r >= 0)
                db_scrub(store);
        return r;
}

/* The rows in the other slots go first: their fingerprints may be the one that becomes current. */
static int rotate(struct store *store, const struct key *key, const struct sealed *current,
                  const struct sealed *old)
{
        int r = secret_remove(store, key->id, SLOT_NEXT);

        if (r >= 0)
                r = secret_unknown(store, current, secret_row(key->id, SLOT_OLD), NULL);
        if (r >= 0)
                r = secret_remove(store, key->id, SLOT_OLD);
        if (r >= 0)
                r = secret_put(store, key->id, SLOT_CURRENT, current);
        if (r >= 0)
                r = secret_put(store, key->id, SLOT_OLD, old);
        if (r >= 0)
                r = keyrow_update(store, key);
        return r < 0 ? r : has_old_put(store, key->id, true);
}

int store_secret_rotate(struct store *store, const struct key *key, const struct sealed *current,
                        const struct sealed *old)
{
        int r = db_begin(store);

        if (r < 0)
                return r;
        r = db_end(store, rotate(store, key, current, old));
        if (r >= 0)
                db_scrub(store);
        return r;
}

int store_secret_version(struct store *store, int64_t key_id, char *version, size_t size)
{
        sqlite3_stmt *read = db_statement(store, STATEMENT_SECRET_VERSION);
        _cleanup_free_ char *text = NULL;
        int r;

        bind_int(read, ":id", secret_row(key_id, SLOT_CURRENT));
        r = db_text(store, read, &text);
        if (r >= 0)
                snprintf(version, size, "%s", text);
        return r;
}

int store_secret_read(struct store *store, int64_t key_id, enum slot slot, void *blob, size_t size,
                      size_t *ret_size)
{
        sqlite3_stmt *read = db_statement(store, STATEMENT_SECRET_READ);
        size_t have;
        int r;

        db_hold(store);
        bind_int(read, ":id", secret_row(key_id, slot));
        r = db_step(store, read);
        if (r <= 0)
                return r < 0 ? r : -ENOENT;
        have = (size_t) sqlite3_column_bytes(read, 0);
        if (have > size || have == 0)
                r = -EUCLEAN;
        else
                memcpy(blob, sqlite3_column_blob(read, 0), have);
        db_reset(read);
        if (r < 0)
                return r;
        *ret_size = have;
        return 0;
}

int store_has_secrets(struct store *store)
{
        int64_t any;
        int r = db_int(store, db_statement(store, STATEMENT_SECRET_ANY), &any);

        return r < 0 ? r : any != 0;
}
