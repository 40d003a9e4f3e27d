/* After a rotation the old secret is watched until it is dead, then erased. That death was planned: it is
 * never told as a revocation, whichever of the two dead answers it gives. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"

/* So many dead answers in a row end it: nothing depends on it any more but a line in the journal. */
#define DEAD_ANSWERS 2

struct rotation {
        struct engine *engine;
        struct key *key;
        struct alarm alarm;
        struct ask *ask;
        unsigned dead;
        LIST_ENTRY(rotation) in_engine;
};

static void on_alarm(struct alarm *alarm, void *userdata);

static struct rotation *rotation_new(struct engine *e, struct key *key)
{
        struct rotation *r = calloc(1, sizeof(*r));

        if (!r)
                abort();
        r->engine = e;
        r->key = key;
        r->alarm.ring = on_alarm;
        LIST_INSERT_HEAD(&e->rotations, r, in_engine);
        return r;
}

static void rotation_free(struct rotation *r)
{
        ask_cancel(r->engine, r->ask);
        agenda_clear(r->engine->agenda, &r->alarm);
        LIST_REMOVE(r, in_engine);
        free(r);
}

static struct rotation *rotation_of(const struct engine *e, const struct key *key)
{
        struct rotation *r;

        LIST_FOREACH(r, &e->rotations, in_engine)
        if (r->key == key)
                return r;
        return NULL;
}

void rotation_forget(struct engine *e, const struct key *key)
{
        struct rotation *r = rotation_of(e, key);

        if (r)
                rotation_free(r);
}

void rotations_free(struct engine *e)
{
        while (LIST_FIRST(&e->rotations))
                rotation_free(LIST_FIRST(&e->rotations));
}

int rotation_load(struct engine *e)
{
        for (size_t i = 0; i < e->n_keys; i++)
                if (e->keys[i]->has_old)
                        (void) rotation_new(e, e->keys[i]);
        return 0;
}

static void plan(struct rotation *r, usec_t wait)
{
        agenda_set(r->engine->agenda, &r->alarm, engine_now(r->engine) + wait);
}

void rotation_start(struct engine *e)
{
        struct rotation *r;

        LIST_FOREACH(r, &e->rotations, in_engine)
        plan(r, key_pulse(e, r->key));
}

void rotation_pause(struct engine *e)
{
        struct rotation *r;

        LIST_FOREACH(r, &e->rotations, in_engine)
        {
                r->ask = ask_cancel(e, r->ask);
                agenda_clear(e->agenda, &r->alarm);
        }
}

static bool overlap_is_over(const struct engine *e, const struct key *key)
{
        return key->secret_since + (int64_t) (e->parts.settings->rotation.overlap / USEC_PER_SEC) <=
               engine_wall(e);
}

/* The old secret is dead: erased, and told as what it is. */
static void rolled(struct rotation *r)
{
        struct engine *e = r->engine;
        struct key *key = r->key;
        struct notice n = { .kind = INCIDENT_KEY_ROLLED, .reason = "replaced", .since = key->secret_since };

        if (store_secret_write(e->parts.store, key->id, SLOT_OLD, NULL, NULL) < 0) {
                plan(r, USEC_PER_MINUTE); /* the database is in trouble: the death can wait, the secret must
                                             go */
                return;
        }
        key->has_old = false;
        event_emit(e, key, &n, key->secret_since);
        incident_clear(e, key, incident_find(e, key, INCIDENT_KEY_OLD_STILL_ALIVE), "dead");
        key_changed(e, key);
        rotation_free(r);
}

static void on_answer(struct engine *e, struct ask *ask, const struct judgement *j, const struct reply *reply)
{
        struct rotation *r = ask->userdata;
        struct key *key = r->key;

        (void) reply;
        r->ask = NULL;
        if (answer_is_dead(j->answer) && ++r->dead >= DEAD_ANSWERS) {
                rolled(r);
                return;
        }
        if (answer_is_healthy(j->answer)) {
                struct notice n = { .kind = INCIDENT_KEY_OLD_STILL_ALIVE, .since = key->secret_since };

                r->dead = 0;
                if (overlap_is_over(e, key))
                        incident_open(e, key, &n, key->secret_since);
        }
        plan(r, r->dead > 0 ? SCHEDULE_RECHECK : key_pulse(e, key));
}

static void on_alarm(struct alarm *alarm, void *userdata)
{
        struct rotation *r = CONTAINER_OF(alarm, struct rotation, alarm);
        struct engine *e = userdata;

        if (r->key->paused_until > engine_wall(e) || outage_is_open(e) ||
            !(r->ask = ask_item(e, r->key, pulse_item(e, r->key)))) {
                plan(r, key_pulse(e, r->key));
                return;
        }
        r->ask->slot = SLOT_OLD;
        r->ask->userdata = r;
        r->ask->done = on_answer;
        ask_submit(e, r->ask);
}

/* What was open about the old secret is over with it. */
static void forget_old(struct engine *e, struct key *key)
{
        static const enum incident_kind kinds[] = {
                INCIDENT_KEY_REVOKED,         INCIDENT_KEY_EXPIRED,
                INCIDENT_KEY_INVALID,         INCIDENT_KEY_BLOCKED,
                INCIDENT_KEY_ACCOUNT_REFUSED, INCIDENT_KEY_PERMISSIONS_MISSING,
                INCIDENT_KEY_UNVERIFIED,      INCIDENT_KEY_ROTATION_DUE,
                INCIDENT_KEY_UNRESTRICTED,    INCIDENT_KEY_PERMISSIONS_EXCESS,
                INCIDENT_KEY_OLD_STILL_ALIVE, INCIDENT_KEY_FLAPPING,
                INCIDENT_KEY_WRONG_ACCOUNT,
        };

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                incident_clear(e, key, incident_find(e, key, kinds[i]), "replaced");
}

static int seal_both(struct engine *e, const struct key *key, const struct secret *secret,
                     struct sealed *current, struct sealed *old)
{
        unsigned char blob[VAULT_SEALED_MAX];
        _cleanup_(secret_freep) struct secret *opened = NULL;
        size_t size;
        int r = store_secret_read(e->parts.store, key->id, SLOT_CURRENT, blob, sizeof(blob), &size);

        if (r < 0 || (r = vault_unseal(e->parts.vault, key->id, SLOT_CURRENT, blob, size, &opened)) < 0)
                return r;
        vault_fingerprint(e->parts.vault, secret, (unsigned char *) current->fingerprint);
        vault_fingerprint(e->parts.vault, opened, (unsigned char *) old->fingerprint);
        r = vault_seal(e->parts.vault, key->id, SLOT_CURRENT, secret, (void *) current->blob, &current->size);
        return r < 0 ? r
                     : vault_seal(e->parts.vault, key->id, SLOT_OLD, opened, (void *) old->blob, &old->size);
}

int rotation_swap(struct engine *e, struct key *key, const struct secret *secret, char **ret_why)
{
        unsigned char blobs[2][VAULT_SEALED_MAX], prints[2][VAULT_FINGERPRINT_SIZE];
        struct sealed current = { .blob = blobs[0],
                                  .fingerprint = prints[0],
                                  .fingerprint_size = sizeof(prints[0]) };
        struct sealed old = { .blob = blobs[1],
                              .fingerprint = prints[1],
                              .fingerprint_size = sizeof(prints[1]) };
        bool was_dead = key->belief.life == LIFE_DEAD;
        int r = seal_both(e, key, secret, &current, &old);

        if (r >= 0)
                r = store_secret_rotate(e->parts.store, key->id, &current, &old);
        if (r < 0)
                return why(ret_why, r,
                           r == -EALREADY ? "This secret is stored already (%s)."
                                          : "The new secret could not be stored: %s.",
                           strerror(-r));
        witness_release(e, key); /* its answer would be about the old secret */
        forget_old(e, key);
        work_free(e, key);
        rotation_forget(e, key);
        key->has_old = true;
        key->end = END_NONE;
        key->missing = false;
        key->suspect_since = 0;
        key->created = 0;
        key->expires = 0;
        key->secret_since = key->life_since = engine_wall(e);
        if (was_dead)
                rounds_joined(e, key);
        plan(rotation_new(e, key), was_dead ? USEC_PER_SEC : key_pulse(e, key));
        witness_count(e, key);
        return 0;
}
