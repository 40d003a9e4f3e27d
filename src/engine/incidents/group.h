/* One cause, one alert: incidents of one kind that open in many accounts within minutes get an incident for
 * all of them. Each keeps its own, with its own severity; only the journal has the entries of those that join
 * at priority 6, with the number of the group. Nothing here changes what is believed of a key. */
#ifndef ENGINE_GROUP_H
#define ENGINE_GROUP_H

#include "alert/notice.h"
#include "engine/state.h"

struct groups;

int groups_new(struct engine *engine, struct groups **ret);
struct groups *groups_free(struct groups *groups);

/* After the stored incidents were loaded: groups that are open go on. -errno of the store. */
int groups_resume(struct engine *engine);

/* `incident` is about to open, or has more to say than `before` (ids of permissions; "": nothing before). The
 * number of the group that stands for it, which may open by this, or 0: it is told alone. */
int64_t group_join(struct engine *engine, struct key *key, const struct notice *notice, const char *before,
                   const struct incident *incident);

/* A question to the key was judged: `permission` is what was asked for, as in KEYVIGIL_MISSING, or NULL. */
void group_asked(struct engine *engine, const struct key *key, const char *permission);
/* Does anybody count? Else group_asked() needs not be called. */
bool group_counts(const struct engine *engine);

/* --- deaths, before they are believed --- */

/* A key is suspected: from now on the accounts that are asked are counted. */
void group_suspected(struct engine *engine, const struct key *key);
/* Would the death of this key be one more in a group that is open already? */
bool group_is_beyond(struct engine *engine, struct key *key);
/* Would the deaths of so many further accounts like this key's make a group, or is one open? */
bool group_would_open(struct engine *engine, const struct key *key, size_t accounts);
/* The key will be dead within this turn: count it now, so that those that die with it are told together. */
void group_expect(struct engine *engine, struct key *key);

/* Whose key it is, as groups count: keys of one account have one number, and so have keys of unknown account
 * whose bodies begin alike. */
int64_t group_account(struct engine *engine, const struct key *key);

#endif
