/* What people and programs ask of the engine. Functions that take `ret_why` leave one line for people there
 * when they fail (the caller frees it); no line holds a key or a part of one. */
#ifndef ENGINE_OPERATIONS_H
#define ENGINE_OPERATIONS_H

#include "engine/engine.h"

/* Whoever has this uid asks for what follows, until the next call: each change is then an operator-action. */
void engine_acting(struct engine *engine, uint32_t uid);

/* An operator-action about `count` keys at once. `detail`: free words, may be NULL. */
void engine_did(struct engine *engine, const char *action, uint64_t count, const char *detail);

/* --- keys --- */

struct label {
        const char *name, *value;
};

#define LABELS_MAX 32

/* What is said of a key when it is stored. NULL / 0: not said. */
struct key_request {
        const char *name;
        const char *profile; /* NULL: "selgeo" for add, required for import */
        const char *account;
        int64_t created, expires;
        const struct label *labels;
        size_t n_labels;
        bool has_mode;        /* the secret must be of this mode */
        int mode;             /* enum key_mode */
        bool connect;         /* try a real coupon, too */
        bool excess;          /* add: look at once for the riskiest of what is too much; put: right after */
        bool force;           /* store it although something is missing or could not be told */
        bool replace_account; /* rotate: the new secret may be of another account */
};

enum check_kind {
        CHECK_PULSE,
        CHECK_FULL,
        CHECK_EXCESS,
        CHECK_COUPONS,
        CHECK_CONNECT,
};

enum check_outcome {
        OUTCOME_WELL,     /* as the profile wants it */
        OUTCOME_FINDINGS, /* dead, blocked, refused, something missing or too much */
        OUTCOME_UNCLEAR,  /* could not tell */
};

/* Borrowed during the callback. Texts are "" where there is nothing to say. */
struct check_result {
        const char *name;
        const struct key *key; /* NULL: not (or no longer) stored */
        enum check_outcome outcome;
        enum answer answer;  /* the last one */
        const char *message; /* plain words: what was found, or why it could not be told */
        const char *account;
        const char *missing, *missing_labels; /* as in struct notice */
        const char *excess, *excess_labels;
        const char
                *unprobed; /* required permissions that cannot be probed, or were not answered, as labels */
        const char *remedy_url;
        const char *warning; /* odd length, name pattern … */
        bool stored;         /* add: it is in the store now */
        bool wrong_account;  /* not stored: it is of another account than it must be */
};

/* Called exactly once, from the loop, unless the engine is freed first (then never). */
typedef void (*check_done_fn)(const struct check_result *result, void *userdata);

/* Verify every permission of the profile, then store (unless something is missing and not `force`). Fails at
 * once, with nothing asked: -EINVAL name, secret, mode, kind or label; -EEXIST the name; -EALREADY the
 * secret; -ENOENT the profile; -EBUSY the store is in trouble. */
int engine_add(struct engine *engine, const struct key_request *request, const struct secret *secret,
               check_done_fn done, void *userdata, char **ret_why);

/* Store without asking; it is checked soon. Errors as engine_add(). `ret_warning` (NULL if there is nothing
 * to say; the caller frees): what engine_add() would report as its warning. After engine_import_begin() many
 * of these are one transaction. */
int engine_import(struct engine *engine, const struct key_request *request, const struct secret *secret,
                  bool dry_run, char **ret_warning, char **ret_why);

/* What became of imported keys. Zeroed at first, the caller's until engine_import_end(). */
struct import_lines {
        size_t open;   /* taken, and in a transaction that is not committed */
        size_t stored; /* on disk */
        size_t lost;   /* taken, but the transaction could not be committed: none of it is stored */
        int error;     /* the last reason for that */
};

/* Many keys are one transaction, which may stay open over several turns of the loop, with
 * engine_import_pause() at the end of each; it is committed when it is about a second old, or as soon as
 * anything else is to be stored. -EBUSY and the like: nothing can be stored now (`ret_why`). */
int engine_import_begin(struct engine *engine, struct import_lines *lines, char **ret_why);
void engine_import_pause(struct engine *engine);
/* Commit what is open of `lines`. */
void engine_import_end(struct engine *engine, struct import_lines *lines);

/* A line of a list that the store is to be made equal to. What it does not say stays as it is. */
struct sync_line {
        struct key_request request;
        bool has_labels;             /* its labels are all that the key shall have */
        bool no_account, no_expires; /* to be taken away */
};

enum sync_result {
        SYNC_ADDED,
        SYNC_REPLACED, /* the secret is another one: nothing is done, engine_put() proves it first */
        SYNC_CHANGED,  /* what is said beside the secret */
        SYNC_UNCHANGED,
};

/* Like engine_import(), for names that may be there already. Secrets are compared, not opened. */
int engine_sync(struct engine *engine, const struct sync_line *line, const struct secret *secret,
                bool dry_run, enum sync_result *ret, char **ret_warning, char **ret_why);

/* Ask now. -ENOENT. A key that is being asked already is reported when the wanted kind has been done. */
int engine_check(struct engine *engine, const char *name, enum check_kind kind, check_done_fn done,
                 void *userdata, char **ret_why);

int engine_pause(struct engine *engine, const char *name, int64_t until_wall, const char *reason,
                 char **ret_why);
int engine_resume(struct engine *engine, const char *name, char **ret_why);
/* `force`: although a probe coupon of ours may be left in the account. */
int engine_remove(struct engine *engine, const char *name, bool force, char **ret_why);

/* What is not NULL (or, for `expires`, not -1) is changed; a label with an empty value is removed. */
struct key_change {
        const char *profile;
        const char *account; /* "": forget the declared account */
        int64_t expires;     /* 0: none */
        const struct label *labels;
        size_t n_labels;
};
int engine_set(struct engine *engine, const char *name, const struct key_change *change, char **ret_why);

/* Prove that the new secret is of the same account and grants at least the same, then swap, and watch the old
 * one until it is dead. Of the request name, created, expires and force count; `force`: although something is
 * missing, or the account could not be told (another account is always refused). Errors as engine_add(). */
int engine_rotate(struct engine *engine, const struct key_request *request, const struct secret *secret,
                  check_done_fn done, void *userdata, char **ret_why);

/* What tells one secret of a key from the next is so long, with its NUL. */
#define KEY_VERSION_MAX 24

enum put_result {
        PUT_ADDED,
        PUT_ROTATED,
        PUT_UNCHANGED, /* this secret is stored under this name */
        PUT_DEFERRED,  /* stored, but not proved yet; an operator-action `decided` will tell */
        PUT_UNDECIDED, /* could not be told in time; nothing is stored */
        PUT_REFUSED,   /* the result says why */
};

struct put_options {
        int mode;             /* enum key_mode that the secret must be of; -1: any */
        usec_t deadline;      /* from now */
        bool defer;           /* store it undecided (a new key only) */
        const char *if_match; /* the version that the key must have ; NULL: any */
};

/* `result` is NULL for PUT_UNCHANGED, PUT_DEFERRED and PUT_UNDECIDED at the deadline. */
typedef void (*put_done_fn)(enum put_result what, const struct check_result *result, void *userdata);

/* Have this secret stored under this name, whatever was there before: add it, rotate to it, or find it there.
 * The same call again is harmless. What else the request says is set if it differs. Errors as engine_add(),
 * and -EMEDIUMTYPE: the secret is of another mode; -ESTALE: the version is another one. */
int engine_put(struct engine *engine, const struct key_request *request, const struct secret *secret,
               const struct put_options *options, put_done_fn done, void *userdata, char **ret_why);

/* An event that means nothing, so that people see whether events arrive. */
void engine_test_alert(struct engine *engine);

/* --- incidents --- */

/* No more reminders until `until_wall` (INT64_MAX: until it is cleared). -ENOENT: no such open incident. */
int engine_acknowledge(struct engine *engine, int64_t incident, const char *reason, int64_t until_wall,
                       uint32_t uid, char **ret_why);

/* `committed` is called whenever events were committed, until the engine stops; it must not call the engine.
 * One at most. */
void engine_watch_events(struct engine *engine, void (*committed)(void *userdata), void *userdata);

/* Send every event since then once more, in order. Gives how many are queued. -EBUSY: the last replay still
 * goes on. */
int engine_replay(struct engine *engine, int64_t since_wall, size_t *ret_n, char **ret_why);

#endif
