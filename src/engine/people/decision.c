/* A key that was stored before it could be proved: the first verdict about it is told to whoever waits for
 * it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "engine/people/people.h"

/* In the store's meta, with the key's id behind it: who stored it. */
#define META_PREFIX "deferred."
#define LOOK_EVERY  USEC_PER_SEC

struct decision {
        int64_t key_id;
        uint32_t uid;
        LIST_ENTRY(decision) in_engine;
};

static void decision_meta_name(int64_t key_id, char name[static 48])
{
        snprintf(name, 48, META_PREFIX "%" PRId64, key_id);
}

static void decision_free(struct engine *e, struct decision *decision)
{
        char name[48];

        decision_meta_name(decision->key_id, name);
        (void) store_meta_delete(e->parts.store, name);
        LIST_REMOVE(decision, in_engine);
        free(decision);
}

/* 1: it was told, or there is nobody to tell of. */
static int decision_tell(struct engine *e, const struct decision *decision)
{
        struct key *key = keys_find(e, decision->key_id);

        if (!key)
                return 1;
        if (key->belief.life == LIFE_UNVERIFIED || key_is_suspect(key))
                return 0;
        engine_acting(e, decision->uid);
        operator_did(e, key, "decided", 1, state_name(key_state(key, engine_wall(e))));
        return 1;
}

static void decision_on_alarm(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        struct decision *decision, *next;

        for (decision = LIST_FIRST(&e->decisions); decision; decision = next) {
                next = LIST_NEXT(decision, in_engine);
                if (decision_tell(e, decision))
                        decision_free(e, decision);
        }
        if (!LIST_EMPTY(&e->decisions))
                agenda_set(e->agenda, alarm, engine_now(e) + LOOK_EVERY);
}

static int decision_add(struct engine *e, int64_t key_id, uint32_t uid)
{
        struct decision *decision = calloc(1, sizeof(*decision));

        if (!decision)
                return -ENOMEM;
        decision->key_id = key_id;
        decision->uid = uid;
        LIST_INSERT_HEAD(&e->decisions, decision, in_engine);
        e->decisions_alarm.ring = decision_on_alarm;
        if (!alarm_waits(&e->decisions_alarm))
                agenda_set(e->agenda, &e->decisions_alarm, engine_now(e) + LOOK_EVERY);
        return 0;
}

void decision_expect(struct engine *e, const struct key *key)
{
        char name[48], uid[16];

        decision_meta_name(key->id, name);
        snprintf(uid, sizeof(uid), "%" PRIu32, e->actor);
        (void) store_meta_put(e->parts.store, name, uid); /* in trouble it is told if we live that long */
        (void) decision_add(e, key->id, e->actor);
}

static int decision_take(const char *name, const char *value, void *userdata)
{
        int64_t id, uid;

        if (number_parse(name + strlen(META_PREFIX), 1, INT64_MAX, &id) < 0 ||
            number_parse(value, 0, UINT32_MAX, &uid) < 0)
                return 0;
        return decision_add(userdata, id, (uint32_t) uid);
}

int decisions_load(struct engine *e)
{
        return store_meta_each(e->parts.store, META_PREFIX, decision_take, e);
}

void decisions_free(struct engine *e)
{
        struct decision *decision;

        while ((decision = LIST_FIRST(&e->decisions))) {
                LIST_REMOVE(decision, in_engine);
                free(decision);
        }
}
