/* The one place where the parts meet: keys are asked in their turn, answers judged, beliefs changed,
 * recorded, announced. Everything here runs on the caller's loop and never blocks but for the store's
 * commits. Functions that take `ret_why` leave one line for people there when they fail (the caller frees
 * it); no line holds a key or a part of one. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/journal.h"
#include "base/secret.h"
#include "base/transport.h"
#include "engine/figures.h"
#include "model/key.h"
#include "model/profile.h"
#include "model/settings.h"
#include "stripe/catalogue.h"
#include "stripe/judge.h"

struct engine;
struct store;
struct vault;

/* Borrowed: all of it must outlive the engine (settings, catalogue and profiles until engine_reconfigure()).
 */
struct engine_parts {
        const struct settings *settings;
        struct catalogue *catalogue; /* the engine sets the slots */
        const struct profiles *profiles;
        struct clock *clock;
        struct transport *transport;
        struct journal *journal;
        struct store *store;
        struct vault *vault;
        uint64_t seed; /* 0: waits and choices are unforeseeable; else this number brings them back */
};

/* Loads every key and open incident, sends what is still unsent, plans. Nothing is asked before
 * engine_start(). -ENOENT: a stored key's profile does not exist any more (named in ret_why). */
int engine_new(const struct engine_parts *parts, struct engine **ret, char **ret_why);
void engine_start(struct engine *engine);

/* No further request; what is in flight is let go. Flushes what can be written, says its last line to the
 * journal. */
void engine_stop(struct engine *engine);
struct engine *engine_free(struct engine *engine);
DEFINE_CLEANUP(struct engine, engine_free)

/* Take over a new configuration (the old one may be freed after success). -ENOENT: a profile in use is
 * missing in it. */
int engine_reconfigure(struct engine *engine, const struct settings *settings, struct catalogue *catalogue,
                       const struct profiles *profiles, char **ret_why);

/* --- how it is (status.h says more) --- */

const struct figures *engine_figures(const struct engine *engine);

/* Is the watch going on? No: a request that nothing hinders has waited for more than a minute. Then the
 * watchdog is not fed. */
bool engine_progresses(const struct engine *engine);

/* By name; NULL: no such key. */
const struct key *engine_key_named(struct engine *engine, const char *name);
/* All keys in order of id. Valid until the next call that adds or removes. */
const struct key *const *engine_keys(const struct engine *engine, size_t *ret_n);
/* The index in engine_keys() of the first key with a larger id; n: there is none. */
size_t engine_keys_after(const struct engine *engine, int64_t id);
/* The first key of an account; key->same_account leads on. NULL: there is none, or account 0. Valid as long.
 */
const struct key *engine_keys_of_account(const struct engine *engine, int64_t account_id);

/* Write the row of this key now, so that a query sees what is in memory. */
int engine_flush_key(struct engine *engine, const struct key *key);
/* Write what waits to be written: changes, incidents, events. */
int engine_flush(struct engine *engine);

#endif
