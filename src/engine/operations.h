/* What people and programs ask of the engine. Functions that take `ret_why` leave one line for people there
 * when they fail (the caller frees it); no line holds a key or a part of one. */
#ifndef ENGINE_OPERATIONS_H
#define ENGINE_OPERATIONS_H

#include "engine/engine.h"
#include "engine/request.h"

/* Whoever has this uid asks for what follows, until the next call: each change is then an operator-action. */
void engine_acting(struct engine *engine, uint32_t uid);

/* An operator-action about `count` keys at once. `detail`: free words, may be NULL. */
void engine_did(struct engine *engine, const char *action, uint64_t count, const char *detail);

/* --- keys --- */

/* Verify every permission of the profile, then store (unless something is missing and not `force`). Fails at
 * once, with nothing asked: -EINVAL name, secret, mode, kind or label; -EEXIST the name; -EALREADY the
 * secret; -ENOENT the profile; -EBUSY the store is in trouble. */
int engine_add(struct engine *engine, const struct key_request *request, const struct secret *secret,
               check_done_fn done, void *userdata, char **ret_why);

/* Ask now. -ENOENT. A key that is being asked already is reported when the wanted kind has been done. */
int engine_check(struct engine *engine, const char *name, enum check_kind kind, check_done_fn done,
                 void *userdata, char **ret_why);

int engine_pause(struct engine *engine, const char *name, int64_t until_wall, const char *reason,
                 char **ret_why);
int engine_resume(struct engine *engine, const char *name, char **ret_why);
/* `force`: although a probe coupon of ours may be left in the account. */
int engine_remove(struct engine *engine, const char *name, bool force, char **ret_why);

/* Many with one commit; a turn of the loop takes no more than so many. */
#define REMOVE_MAX 200

struct removal {
        size_t removed, absent;
        const char
                *kept[REMOVE_MAX]; /* borrowed names: a probe coupon of ours may be left in their accounts */
        size_t n_kept;
};

/* A name that does not exist is no error. -E2BIG: more than REMOVE_MAX; -EBUSY and the like as
 * engine_remove(). */
int engine_remove_all(struct engine *engine, const char *const *names, size_t n, bool force,
                      struct removal *ret, char **ret_why);

/* What is not NULL (or, for `expires`, not -1) is changed; a label with an empty value is removed. */
struct key_change {
        const char *profile;
        const char *account; /* "": forget the declared account */
        int64_t expires;     /* 0: none */
        bool has_created;
        int64_t created; /* when the secret was made; 0: not known */
        const struct label *labels;
        size_t n_labels;
};
int engine_set(struct engine *engine, const char *name, const struct key_change *change, char **ret_why);

/* Prove that the new secret is of the same account and grants at least the same, then swap, and watch the old
 * one until it is dead. Of the request name, created, expires and force count; `force`: although something is
 * missing, or the account could not be told (another account is always refused). Errors as engine_add(). */
int engine_rotate(struct engine *engine, const struct key_request *request, const struct secret *secret,
                  check_done_fn done, void *userdata, char **ret_why);

/* An event that means nothing, so that people see whether events arrive. */
void engine_test_alert(struct engine *engine);

/* --- incidents --- */

/* No more reminders until `until_wall` (INT64_MAX: for 30 days), or until it grows. -ENOENT: no such open
 * incident. */
int engine_acknowledge(struct engine *engine, int64_t incident, const char *reason, int64_t until_wall,
                       uint32_t uid, char **ret_why);

/* `committed` is called whenever events were committed, until the engine stops; it must not call the engine.
 * One at most. */
void engine_watch_events(struct engine *engine, void (*committed)(void *userdata), void *userdata);

/* Send every event since then once more, in order. Gives how many are queued. -EBUSY: the last replay still
 * goes on. */
int engine_replay(struct engine *engine, int64_t since_wall, size_t *ret_n, char **ret_why);

#endif
