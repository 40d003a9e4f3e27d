/* The record: one SQLite file, one connection, in the loop. Nobody else knows SQL. Nothing here logs; -errno
 * goes up: -EBUSY, -EAGAIN (locked by somebody), -ENOSPC (disk full), -EROFS, -EIO, -EUCLEAN (corrupt),
 * -ENOMEM. Where `ret_why` is given, a failure leaves one line for people there (what, where, what to do),
 * which the caller frees. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "model/key.h"
#include "store/batch.h"

struct store;

/* Called now and then during long work at start (checking, migrating), so that the daemon can ask for more
 * time. */
typedef void (*store_tick_fn)(void *userdata);

/* Open for writing: take the lock, make or migrate the file, check it after an unclean stop, prove that it
 * can be written. -EWOULDBLOCK: another daemon has it (named by pid in the text); -ENOTSUP: newer or not
 * ours; -EUCLEAN. In all three nothing was touched. */
int store_open(const char *state_dir, store_tick_fn tick, void *userdata, struct store **ret, char **ret_why);

/* Open for reading beside a daemon or without one: for the client. -ENOENT, -EACCES; as above. */
int store_open_readonly(const char *state_dir, struct store **ret, char **ret_why);

/* Checkpoints (unless read-only), marks the stop as clean, closes, releases the lock. */
struct store *store_close(struct store *store);
DEFINE_CLEANUP(struct store, store_close)

/* --- writing --- */

/* Write all of `batch` in one transaction. 0: it is on disk and `batch` is empty. Otherwise nothing of it was
 * written, `batch` is as it was, and the same call may be made again later. */
int store_commit(struct store *store, struct batch *batch);

/* Move pages from the log to the file, and let the log begin anew when it has grown; from an idle timer.
 * -EBUSY: somebody else reads what would be overwritten, so the log goes on growing; never waits for that.
 * -EAGAIN: the long transaction is open. */
int store_checkpoint(struct store *store);

/* Bytes in the log; and those of them that are not in the file yet. */
int64_t store_log_used(const struct store *store);
int64_t store_log_waiting(const struct store *store);

/* Delete at most `limit` rows of history older than `before_wall`: never an open span, open incident, unsent
 * event or unfinished ledger row. Gives how many were deleted; fewer than `limit` means done. */
int store_expire(struct store *store, int64_t before_wall, unsigned limit, unsigned *ret_deleted);

/* What is said of a key but not kept in memory. Arrays and strings are the caller's. */
struct key_details {
        const char *profile;
        const char *const *label_names, *const *label_values;
        size_t n_labels;
};

struct sealed {
        const void *blob;
        size_t size;
        const unsigned char *fingerprint; /* VAULT_FINGERPRINT_SIZE bytes, keyed */
        size_t fingerprint_size;
};

/* 1: there is a key of this name, or there was one whose history is still here; else 0. */
int store_key_known(struct store *store, const char *name);

/* The id that the next key will have: its secret is sealed to it. */
int store_next_key_id(struct store *store, int64_t *ret);

/* What is written between store_begin() and store_pause() is one long transaction, for an import. It stays
 * open over any number of such pairs, until store_end() or until anything else is written: then it is
 * committed first, so that nothing else is kept from the disk by it. `done` (NULL: nobody) hears how it
 * ended, once, from inside the call that ended it, and must not call the store: 0, or an errno, and none of
 * it is stored. `userdata` is for `done`, of the call that opened it. -EBUSY: not paused. */
typedef void (*store_done_fn)(int result, void *userdata);
int store_begin(struct store *store, store_done_fn done, void *userdata);
void store_pause(struct store *store);
/* Commit, or undo; fine when nothing is open. */
int store_end(struct store *store, bool commit);
bool store_is_open(const struct store *store);

/* A new key with its secret; key->id is set by the caller from store_next_key_id(). Opens its first span.
 * -EEXIST: the name is taken; -EALREADY: the secret is stored already (ret_other: under which name, caller
 * frees). */
int store_key_add(struct store *store, const struct key *key, const struct key_details *details,
                  const struct sealed *secret, char **ret_other);

/* Labels: an empty value removes. */
int store_key_label(struct store *store, int64_t key_id, const char *name, const char *value);
int store_key_pause_reason(struct store *store, int64_t key_id, const char *reason);

/* What batch_edit_url() kept (the caller frees; never NULL). -ENOENT. */
int store_key_edit_url(struct store *store, int64_t key_id, char **ret);

/* The profile by its name, which need not be known yet. */
int store_key_profile(struct store *store, int64_t key_id, const char *profile);

/* Put a secret into a slot, or take it out (`secret` NULL); old bytes are overwritten in the file. -EALREADY
 * as above. The caller keeps key->has_old right in memory; when loaded it says what is in SLOT_OLD. */
int store_secret_write(struct store *store, int64_t key_id, enum slot slot, const struct sealed *secret,
                       char **ret_other);

/* Would this secret be taken? Only its fingerprint is looked at. -EALREADY as above. `but_for_old_of`: that
 * it is the old or the next one of this key does not count (a rotation may go back); 0: all count. */
int store_secret_unknown(struct store *store, const struct sealed *secret, int64_t but_for_old_of,
                         char **ret_other);

/* Is it this one that is in the slot? 1, 0. */
int store_secret_is(struct store *store, int64_t key_id, enum slot slot, const unsigned char *fingerprint,
                    size_t fingerprint_size);

/* Rotation in one transaction, which also empties SLOT_NEXT: the current sealed secret is stored as `old`
 * (sealed anew for that slot by the caller), `current` takes its place, and the key's row becomes what `key`
 * says: what is believed of the new secret. -EALREADY as above. */
int store_secret_rotate(struct store *store, const struct key *key, const struct sealed *current,
                        const struct sealed *old);

/* The row of an account by its name (acct_…). A new one is written with the next transaction, whatever that
 * is for. */
int store_account(struct store *store, const char *name, int64_t *ret_id);

/* Small facts that outlive the daemon, by name (at most 64 bytes): the text is replaced. -ENOENT when
 * reading. */
int store_meta_get(struct store *store, const char *name, char **ret_value);
int store_meta_put(struct store *store, const char *name, const char *value);
int store_meta_delete(struct store *store, const char *name);
/* All whose names begin so. The store must not be called from `take`. */
typedef int (*meta_take_fn)(const char *name, const char *value, void *userdata);
int store_meta_each(struct store *store, const char *prefix, meta_take_fn take, void *userdata);
/* A secret that waits to replace a key's own: this, and the id of the key. */
#define META_SUCCESSOR "successor."

/* Tell the store the catalogue's permissions by name, in the catalogue's order. Gives each its slot for life:
 * known names keep theirs, new ones get the next. -E2BIG: more than SLOTS_MAX in all. */
int store_permissions_sync(struct store *store, const char *const *names, const char *const *labels, size_t n,
                           unsigned *ret_slots);

/* What can be asked of a permission: bit 0 read, bit 1 write. */
struct permission_probes {
        unsigned slot;
        uint8_t levels;     /* those that exist */
        uint8_t live, test; /* those that can be asked for in this mode */
};

/* After store_permissions_sync(). -errno as there. */
int store_permissions_probes(struct store *store, const struct permission_probes *probes, size_t n);

/* Tell the store what the profiles require (for the views): replaces what was known. */
struct profile_row {
        const char *profile;
        unsigned slot;
        enum level level;
};
int store_profiles_sync(struct store *store, const struct profile_row *rows, size_t n);

/* Where keys for a profile are created. Texts are borrowed. */
struct profile_link {
        const char *profile;
        char *live, *test;
};
int store_profiles_links(struct store *store, const struct profile_link *links, size_t n);

/* --- reading --- */

/* In all functions that take rows to the caller one by one, the store must not be called from there. */

/* Every key in the order of ids; `take` owns the key (its `profile` field is not set: the name is given). A
 * negative return ends it. */
typedef int (*key_take_fn)(struct key *key, const char *profile, void *userdata);
int store_load_keys(struct store *store, key_take_fn take, void *userdata);

/* Every open incident, in order of id; and every event that is still unsent, by priority, then seq. */
typedef int (*incident_take_fn)(struct incident *incident, void *userdata);
int store_load_incidents(struct store *store, incident_take_fn take, void *userdata);
/* Every incident that opened since then, the newest first. */
int store_load_incidents_since(struct store *store, int64_t since_wall, incident_take_fn take,
                               void *userdata);
/* The highest number of an incident of this kind about the key; 0: there was none. */
int store_incident_number(struct store *store, int64_t key_id, enum incident_kind kind, uint32_t *ret);
/* How many events of this kind about the key there are. */
int store_event_number(struct store *store, int64_t key_id, enum incident_kind kind, uint32_t *ret);
typedef int (*event_take_fn)(struct event *event, void *userdata);
int store_count_unsent(struct store *store, size_t *ret);
int store_load_unsent(struct store *store, unsigned limit, event_take_fn take, void *userdata);

/* Each key that got an unclear answer since then, and when it got the last of them. */
typedef int (*unclear_take_fn)(int64_t key_id, int64_t at_wall, void *userdata);
int store_load_unclear(struct store *store, int64_t since_wall, unclear_take_fn take, void *userdata);

/* Events since, sent or not, oldest first, for `incidents --replay`. */
int store_load_events(struct store *store, int64_t since_wall, int64_t after_seq, unsigned limit,
                      event_take_fn take, void *userdata);

/* The highest incident id and event seq ever used; 0 if none. */
int store_last_ids(struct store *store, int64_t *ret_incident, int64_t *ret_event);

/* How often incidents of these kinds opened or ended about the key within that time, and when the first did
 * (0: never). What a clock that was set back since would call the future is not in it. */
#define INCIDENT_CHANGES_KINDS 3
int store_incident_changes(struct store *store, int64_t key_id, const enum incident_kind *kinds,
                           size_t n_kinds, int64_t since_wall, int64_t until_wall, unsigned *ret_n,
                           int64_t *ret_first);

/* -ENOENT. */
int store_key_id(struct store *store, const char *name, int64_t *ret_id);
int store_account_name(struct store *store, int64_t account_id, char **ret_name);

/* The sealed secret; at most `size` bytes. -ENOENT; -EUCLEAN: larger than that. */
int store_secret_read(struct store *store, int64_t key_id, enum slot slot, void *blob, size_t size,
                      size_t *ret_size);
/* What tells the current secret from any other, without saying anything of it. -ENOENT. */
int store_secret_version(struct store *store, int64_t key_id, char *version, size_t size);
/* Is any secret stored? (A missing master key may then not be replaced by a new one.) 1, 0. */
int store_has_secrets(struct store *store);

/* --- what people and programs read --- */

enum query {
        QUERY_KEYS,            /* v_key; filters: state, label_name + label_value, key */
        QUERY_LABELS,          /* of `key` */
        QUERY_PERMISSIONS,     /* v_permission of `key`, plus since when */
        QUERY_HISTORY,         /* v_history of `key`, newest first, permission changes among it */
        QUERY_ANSWERS,         /* the last unexpected answers of `key` */
        QUERY_INCIDENTS,       /* v_incident; filters: open_only, id, key */
        QUERY_INCIDENT_KEYS,   /* keys listed under mass incident `id` */
        QUERY_COUPONS,         /* v_coupon; filters: key, or open_only (unfinished ones) */
        QUERY_INCIDENT_COUNTS, /* open ones: kind, priority, how many */
        QUERY_COUPON_COUNTS,   /* unfinished ones: state, how many */
        QUERY_COUNTS, /* one row: keys by state, open incidents by priority, unsent events: for status */
};

struct query_filter {
        const char *key; /* NULL: any */
        const char *state;
        const char *label_name, *label_value;
        bool open_only;
        int64_t id;     /* 0: any */
        unsigned limit; /* 0: 1,000,000 */
};

enum column_type {
        COLUMN_NULL,
        COLUMN_INTEGER,
        COLUMN_TEXT,
        COLUMN_TIME, /* seconds since 1970 as `integer`; <= 0 and beyond WALL_LAST: never */
};

struct column {
        const char *name; /* as in the view */
        enum column_type type;
        int64_t integer;
        const char *text; /* valid during the call */
};

typedef int (*row_fn)(const struct column *columns, size_t n, void *userdata);

/* Rows, one call each; a negative return ends it and is given back. The store must not be called from `row`.
 */
int store_query(struct store *store, enum query query, const struct query_filter *filter, row_fn row,
                void *userdata);

/* How far a list was read that is read in pieces. Zeroed: not at all. */
struct row_place {
        int64_t at, id; /* of the last row */
        bool begun;
};

/* The same for QUERY_HISTORY, QUERY_INCIDENTS (without `id`) and QUERY_COUPONS in pieces: at most `limit`
 * rows of those behind `place`, which moves on. 1: there may be more; 0: those were the last. */
int store_query_next(struct store *store, enum query query, const struct query_filter *filter,
                     struct row_place *place, row_fn row, void *userdata);

/* A copy of the whole file by VACUUM INTO, mode 0600. -EEXIST: `path` is there already. */
int store_backup(struct store *store, const char *path, char **ret_why);

/* How large the file of the log is, in bytes. */
int64_t store_log_size(struct store *store);

#endif
