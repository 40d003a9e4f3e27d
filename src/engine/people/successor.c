/* Secrets that a list brought for keys that have others, and that did not prove themselves yet. Each lies
 * sealed beside the one that it is to replace, which is watched until then; so neither whoever sent the list
 * nor the daemon has to live until Stripe has answered. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/why.h"
#include "engine/people/people.h"
#include "model/silence.h"
#include "vault/vault.h"

/* So many are asked about at once: half of what may fly by default, so that the watch keeps its pace. */
#define RUNNING_MAX 128
#define LOOK_EVERY  USEC_PER_SEC
/* Not answered: once more after a minute, two, four … an hour. */
#define AGAIN_MIN USEC_PER_MINUTE
#define AGAIN_MAX (SILENCE_SUCCESSOR_MAX * USEC_PER_SEC)

/* In the store's meta, under META_SUCCESSOR: what is said of the secret, and by whom. */

struct successor {
        struct engine *engine;
        struct key *key;
        enum slot slot; /* where it lies: it may be the old secret that comes back */
        uint32_t uid;
        int64_t created, expires;
        char account[40]; /* "" unless the list says whose it is: then it may be another one */
        bool asked;
        unsigned tries;
        int64_t doubt; /* the key's suspect_since when it was asked last */
        usec_t when;
        LIST_ENTRY(successor) in_engine;
};

static void successors_on_alarm(struct alarm *alarm, void *userdata);

static void successor_meta_name(const struct key *key, char name[static 48])
{
        snprintf(name, 48, META_SUCCESSOR "%" PRId64, key->id);
}

/* A search through all: only few wait, or a person asks. */
static struct successor *successor_of(const struct engine *e, const struct key *key)
{
        struct successor *s;

        if (!key->has_next)
                return NULL;
        LIST_FOREACH(s, &e->successors, in_engine)
                if (s->key == key)
                        return s;
        return NULL;
}

static void look_at(struct engine *e, usec_t when)
{
        e->successors_alarm.ring = successors_on_alarm;
        if (!alarm_waits(&e->successors_alarm) || when < e->successors_alarm.when)
                agenda_set(e->agenda, &e->successors_alarm, when);
}

static void successor_free(struct successor *s)
{
        struct engine *e = s->engine;

        if (s->asked) {
                candidate_drop(e, s);
                e->n_successors_asked--;
        }
        s->key->has_next = false;
        LIST_REMOVE(s, in_engine);
        free(s);
}

/* Remove the secret and what is said of it. If the store fails, its row stays, and the next start asks again.
 */
static void successor_end(struct successor *s)
{
        struct store *store = s->engine->parts.store;
        int64_t key_id = s->key->id;
        char name[48];

        successor_meta_name(s->key, name);
        successor_free(s);
        if (store_secret_write(store, key_id, SLOT_NEXT, NULL, NULL) >= 0)
                (void) store_meta_delete(store, name);
}

void successor_forget(struct engine *e, const struct key *key)
{
        struct successor *s = successor_of(e, key);

        if (s)
                successor_end(s);
}

void successors_free(struct engine *e)
{
        while (LIST_FIRST(&e->successors)) {
                LIST_FIRST(&e->successors)->asked = false; /* the candidates go by themselves */
                successor_free(LIST_FIRST(&e->successors));
        }
        e->n_successors_asked = 0;
}

static void successor_on_proved(const struct check_result *result, void *userdata)
{
        struct successor *s = userdata;
        struct engine *e = s->engine;
        _cleanup_free_ char *reason = NULL;

        s->asked = false;
        e->n_successors_asked--;
        look_at(e, engine_now(e));
        if (!result->stored && result->outcome == OUTCOME_UNCLEAR) {
                s->when = engine_now(e) + MIN(AGAIN_MIN << MIN(s->tries, 6u), AGAIN_MAX);
                s->tries++;
                return;
        }
        engine_acting(e, s->uid);
        if (!result->stored)
                operator_did(e, s->key, "decided", 1, result->message);
        else if (s->account[0] && !s->key->account_declared)
                (void) people_declare(e, s->key, s->account, &reason);
        successor_end(s);
}

/* Where the old one is dead, what the new one lacks is told once it is there; a living one goes on instead.
 */
static void successor_ask(struct successor *s)
{
        struct engine *e = s->engine;
        struct key_request q = { .name = s->key->name,
                                 .account = s->account[0] ? s->account : NULL,
                                 .created = s->created,
                                 .expires = s->expires,
                                 .replace_account = s->account[0] != '\0',
                                 .force = s->key->belief.life == LIFE_DEAD };
        _cleanup_(secret_freep) struct secret *secret = NULL;
        _cleanup_free_ char *reason = NULL;

        s->doubt = s->key->suspect_since;
        engine_acting(e, s->uid);
        if (engine_secret(e, s->key, s->slot, &secret) < 0) { /* another one has taken the key's place */
                successor_end(s);
                return;
        }
        int r = engine_rotate(e, &q, secret, successor_on_proved, s, &reason);
        if (r == -EBUSY || r == -ENOMEM) {
                s->when = engine_now(e) + AGAIN_MIN;
        } else if (r < 0) {
                operator_did(e, s->key, "decided", 1, reason);
                successor_end(s);
        } else {
                s->asked = true;
                e->n_successors_asked++;
        }
}

/* A key in doubt goes first, however lately it was asked: its death is none if the new secret lives. */
static usec_t ask_those(struct engine *e, bool suspect)
{
        struct successor *s, *next;
        usec_t now = engine_now(e), soonest = UINT64_MAX;

        for (s = LIST_FIRST(&e->successors); s && e->n_successors_asked < RUNNING_MAX; s = next) {
                next = LIST_NEXT(s, in_engine);
                if (s->asked || (suspect && !key_is_suspect(s->key)))
                        continue;
                if (s->when <= now || (suspect && s->doubt != s->key->suspect_since))
                        successor_ask(s);
                else
                        soonest = MIN(soonest, s->when);
        }
        return soonest;
}

static void successors_on_alarm(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;

        (void) alarm;
        (void) ask_those(e, true);
        usec_t soonest = ask_those(e, false);
        if (!LIST_EMPTY(&e->successors))
                look_at(e, MAX(engine_now(e) + LOOK_EVERY, MIN(soonest, engine_now(e) + AGAIN_MIN)));
}

void successor_ask_soon(struct engine *e, const struct key *key)
{
        struct successor *s = successor_of(e, key);

        if (!s || s->asked)
                return;
        s->when = 0;
        look_at(e, engine_now(e));
}

void successors_start(struct engine *e)
{
        if (!LIST_EMPTY(&e->successors))
                look_at(e, engine_now(e));
}

static int successor_put(struct engine *e, struct key *key, const struct successor *said)
{
        struct successor *s = calloc(1, sizeof(*s));

        if (!s)
                return -ENOMEM;
        *s = *said;
        s->engine = e;
        s->key = key;
        key->has_next = true;
        LIST_INSERT_HEAD(&e->successors, s, in_engine);
        return 0;
}

int successor_is(struct engine *e, const struct key *key, const struct secret *secret)
{
        unsigned char fingerprint[VAULT_FINGERPRINT_SIZE];

        if (!key->has_next)
                return 0;
        vault_fingerprint(e->parts.vault, secret, fingerprint);
        return store_secret_is(e->parts.store, key->id, SLOT_NEXT, fingerprint, sizeof(fingerprint));
}

static int seal(struct engine *e, const struct key *key, const struct secret *secret, enum slot *ret_slot)
{
        unsigned char blob[VAULT_SEALED_MAX], fingerprint[VAULT_FINGERPRINT_SIZE];
        struct sealed sealed = { .blob = blob,
                                 .fingerprint = fingerprint,
                                 .fingerprint_size = sizeof(fingerprint) };
        int r;

        vault_fingerprint(e->parts.vault, secret, fingerprint);
        r = store_secret_is(e->parts.store, key->id, SLOT_OLD, fingerprint, sizeof(fingerprint));
        *ret_slot = r > 0 ? SLOT_OLD : SLOT_NEXT;
        if (r != 0)
                return r;
        r = vault_seal(e->parts.vault, key->id, SLOT_NEXT, secret, blob, &sealed.size);
        return r < 0 ? r : store_secret_write(e->parts.store, key->id, SLOT_NEXT, &sealed, NULL);
}

int successor_expect(struct engine *e, struct key *key, const struct key_request *q,
                     const struct secret *secret, char **ret_why)
{
        struct successor said = { .uid = e->actor, .created = q->created, .expires = q->expires };
        char name[48], text[128];

        snprintf(said.account, sizeof(said.account), "%s", q->account ? q->account : "");
        successor_forget(e, key); /* the list has another one by now */
        int r = seal(e, key, secret, &said.slot);
        successor_meta_name(key, name);
        snprintf(text, sizeof(text), "%d %" PRIu32 " %" PRId64 " %" PRId64 " %s", (int) said.slot, said.uid,
                 said.created, said.expires, said.account);
        if (r >= 0)
                r = store_meta_put(e->parts.store, name, text);
        if (r >= 0)
                r = successor_put(e, key, &said);
        if (r < 0)
                return why(ret_why, r, "The new secret could not be stored: %s.", strerror(-r));
        look_at(e, engine_now(e) + LOOK_EVERY);
        return 0;
}

static int take_stored(const char *name, const char *value, void *userdata)
{
        struct engine *e = userdata;
        struct successor said = { 0 };
        int64_t id = 0;
        int slot;
        struct key *key;

        if (sscanf(name, META_SUCCESSOR "%" SCNd64, &id) != 1 ||
            sscanf(value, "%d %" SCNu32 " %" SCNd64 " %" SCNd64 " %39s", &slot, &said.uid, &said.created,
                   &said.expires, said.account) < 4)
                return 0;
        said.slot = slot == SLOT_OLD ? SLOT_OLD : SLOT_NEXT;
        key = keys_find(e, id);
        return key ? successor_put(e, key, &said) : 0;
}

int successors_load(struct engine *e)
{
        return store_meta_each(e->parts.store, META_SUCCESSOR, take_stored, e);
}
