/* All keys, in order of id. */
#ifndef ENGINE_KEYS_H
#define ENGINE_KEYS_H

#include "engine/state.h"

struct profile;

int keys_add(struct engine *e, struct key *key); /* owned from now on; id larger than all others */
/* At most REMOVE_MAX of them. Freed; nothing goes on about them any more. `keys` is put into order. */
void keys_remove(struct engine *e, struct key **keys, size_t n);
void keys_free(struct engine *e);
struct key *keys_find(const struct engine *e, int64_t id); /* NULL: no such key */
/* The index of the key in e->keys. */
size_t keys_place(const struct engine *e, const struct key *key);

/* Visit every key, a slice in each turn of the loop; keys that come meanwhile are visited, too. Instead of
 * the walk that goes on, if one does. */
void keys_walk_begin(struct engine *e, struct keys_walk *walk,
                     void (*visit)(struct engine *e, struct key *key));
bool keys_walk_goes_on(const struct keys_walk *walk);

const struct profile *key_profile(const struct engine *e, const struct key *key);
usec_t key_pulse(const struct engine *e, const struct key *key);  /* as configured */
usec_t key_period(const struct engine *e, const struct key *key); /* slower when it is dead */

/* --- by account (accounts.c) --- */

/* The number by which accounts are told apart: a key whose account is not known is an account of its own. */
static inline int64_t key_account_number(const struct key *key)
{
        return key->account_id ? key->account_id : -key->id;
}

/* The first one; key->same_account leads on. NULL: there is none, or account 0. */
struct key *keys_of_account(const struct engine *e, int64_t account_id);
/* 0: it has none. -ENOMEM, -EUCLEAN (no number of an account): it keeps what it had. */
int key_set_account(struct engine *e, struct key *key, int64_t account_id);
/* For keys.c. */
int account_link(struct engine *e, struct key *key);
void account_unlink(struct engine *e, struct key *key);

/* --- how many (counts.c) --- */

/* Count the key anew, after each change of its belief, its pause or its findings. */
void key_count(struct engine *e, struct key *key);
/* Count the key no more: before its profile changes, or before it is removed. */
void key_uncount(struct engine *e, struct key *key);
/* Zeros; the caller frees. -ENOMEM. */
int counts_of_profiles(const struct profiles *profiles, struct profile_count **ret);
/* Requests per second that the schedule needs. */
double counts_needed_rate(const struct engine *e);
/* The longest pulse of the keys that are watched and not dead, or of all keys; 0: there is no such key. */
usec_t counts_longest_pulse(const struct engine *e, bool all);

#endif
