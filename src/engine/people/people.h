/* What people ask for. */
#ifndef ENGINE_PEOPLE_H
#define ENGINE_PEOPLE_H

#include "engine/coupons/coupons.h"
#include "engine/import.h"
#include "engine/operations.h"
#include "engine/put.h"
#include "engine/watch/watch.h"

/* Nothing goes on about the key any more, and it is freed; the store is the caller's matter. */
void people_forget(struct engine *e, struct key *key);

/* Declare the account of the key; "": declare none. */
int people_declare(struct engine *e, struct key *key, const char *account, char **ret_why);

void candidates_free(struct engine *e); /* with the successors that they prove */
/* The one that would have told `userdata` is let go, and tells nobody. */
void candidate_drop(struct engine *e, const void *userdata);
/* Tell everybody who waits that it could not be told, and free. */
void candidates_give_up(struct engine *e);

/* --- storing (admission.c), verifying before (candidate.c), replacing (replace.c, rotation.c) --- */

/* Name, secret, mode, kind, labels, profile against each other, before anything is asked or looked up. Gives
 * a key that is not yet stored (the caller owns it) and a warning (caller frees; NULL if none). Errors as
 * engine_add(). */
int admission_check(struct engine *e, const struct key_request *request, const struct secret *secret,
                    struct key **ret, char **ret_warning, char **ret_why);
/* Nobody has this name or this secret yet. -EEXIST, -EALREADY. */
int admission_unused(struct engine *e, const char *name, const struct secret *secret, char **ret_why);
/* Seal and store, if it is unused; the key is the engine's from now on. */
int admission_store(struct engine *e, struct key *key, const struct key_request *request,
                    const struct secret *secret, char **ret_why);
/* Is this secret allowed under the profile? -EINVAL. */
int admission_secret(const struct profile *profile, const struct secret *secret, uint8_t *ret_kind,
                     uint8_t *ret_mode, char **ret_warning, char **ret_why);

/* What people wrote, before it is stored: the one check for all of it (base/text.h), against the secret that
 * it comes with or the key's own (NULL: of none). `what` begins the sentence. -EINVAL. */
int admission_text(const char *what, const char *text, size_t max, const struct secret *secret,
                   char **ret_why);
int admission_labels(const struct label *labels, size_t n, const struct secret *secret, char **ret_why);
int admission_account(const char *account, const struct secret *secret, char **ret_why);
/* 0 is none. */
int admission_date(const char *what, int64_t wall, char **ret_why);

/* Nobody has this secret, but for the old one of `successor_of` (NULL: a new key). -EALREADY. */
int admission_unknown(struct engine *e, const struct key *successor_of, const struct secret *secret,
                      char **ret_why);
/* One more sentence for people; what there is already stays. */
void admission_warn(char **warning, const char *format, ...) _printf_(2, 3);

/* Ask the questions that `key` (taken over, not in the list of keys) must pass, then store it, or let it
 * succeed key number `replaces` (0: none). `warning` is taken over. -ENOMEM. */
int candidate_start(struct engine *e, struct key *key, const struct key_request *q,
                    const struct secret *secret, char *warning, int64_t replaces, check_done_fn done,
                    void *userdata);

/* Why the new secret, which is alive, may not replace the old one; "": it lacks what the old one grants (the
 * report says that better). NULL: it may. `account`: whose it is, "" if Stripe did not say, NULL if it may be
 * anybody's. */
const char *replace_refusal(const struct engine *e, const struct key *old, const struct grants *successor,
                            const char *account, bool force);
/* Does Stripe name another account than is known of the old one? */
bool replace_changes_account(const struct engine *e, const struct key *old, const char *account);
/* `keep_old`: what was stored can be opened, and is watched until it is dead. Swap the secrets, and write the
 * row of the key as it is `after`. Nothing is changed if this fails. */
int replace_store(struct engine *e, const struct key *after, const struct secret *secret, bool keep_old,
                  char **ret_why);
/* The key has become what it is with its new secret: end what was open, watch the old one. */
void replace_begin(struct engine *e, struct key *key, const struct key *before);

/* Is the secret of that mode (-1: any)? -EMEDIUMTYPE. */
int admission_mode(const struct secret *secret, int mode, char **ret_why);

/* Gives what the line changes about the key, labels left out; false: nothing (sync.c). */
bool people_differences(const struct engine *e, const struct key *key, const struct sync_line *line,
                        struct key_change *ret);

/* PUT (put.c). */
/* Is this the secret that the key has? 1, 0, -errno. */
int people_has_secret(struct engine *e, const struct key *key, const struct secret *secret);
void puts_free(struct engine *e);

/* A key that is stored undecided: the first verdict is an operator-action (decision.c). */
void decision_expect(struct engine *e, const struct key *key);
int decisions_load(struct engine *e);
void decisions_free(struct engine *e);

/* Secrets of a list that replace the current ones once they have proved themselves (successor.c). Seal and
 * store it; while somebody imports, with that transaction. */
int successor_expect(struct engine *e, struct key *key, const struct key_request *q,
                     const struct secret *secret, char **ret_why);
/* Is this the secret that waits? 1, 0, -errno. */
int successor_is(struct engine *e, const struct key *key, const struct secret *secret);
/* Somebody asks about the key: ask about the secret that waits, too. */
void successor_ask_soon(struct engine *e, const struct key *key);
void successor_forget(struct engine *e, const struct key *key);
int successors_load(struct engine *e);
void successors_start(struct engine *e);
void successors_free(struct engine *e);

/* Watch what is in SLOT_OLD. `was_dead`: the key was replaced because it is dead. */
void rotation_watch(struct engine *e, struct key *key, bool was_dead);
/* Somebody asks about the key: see to the old secret, too. */
void rotation_ask_soon(struct engine *e, const struct key *key);
int rotation_load(struct engine *e);
void rotation_start(struct engine *e); /* and of the secrets that are to come */
void rotation_pause(struct engine *e); /* until rotation_start() */
void rotation_forget(struct engine *e, const struct key *key);
void rotations_free(struct engine *e);

#endif
