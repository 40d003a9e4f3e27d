/* After a rotation the old secret is watched until it is dead, then erased. That death was planned: it is
 * never told as a revocation, whichever of the two dead answers it gives. Still it must be certain: what is
 * erased is asked no more, and people go by it when they look for what else might use the old secret. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/people/people.h"

/* As many dead answers as for any key (checks.confirm), then the current secret vouches for Stripe and our
 * path, then one more. This is how long it speaks for the answer that comes after its own. */
#define VOUCHED_FOR USEC_PER_MINUTE
/* Nothing depends on the old secret any more: it is not asked more often than this, and once it is overdue,
 * more seldom. */
#define PERIOD_MIN     (5 * USEC_PER_MINUTE)
#define PERIOD_OVERDUE USEC_PER_HOUR

struct rotation {
        struct engine *engine;
        struct key *key;
        struct alarm alarm;
        struct ask *ask;
        unsigned dead;
        usec_t first_dead;
        int64_t first_dead_wall;
        usec_t vouched; /* 0: nobody did, or it was too long ago */
        LIST_ENTRY(rotation) in_engine;
};

static void rotation_on_alarm(struct alarm *alarm, void *userdata);

static struct rotation *rotation_new(struct engine *e, struct key *key)
{
        struct rotation *r = memory_sure(calloc(1, sizeof(*r)));

        r->engine = e;
        r->key = key;
        r->alarm.ring = rotation_on_alarm;
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

        if (!key->has_old)
                return NULL;
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

/* The swap is on disk before the old secret's incidents are cleared. A crash in between leaves a living key
 * with an open incident that says it is dead. */
static void heal(struct engine *e, struct key *key)
{
        static const enum incident_kind kinds[] = { INCIDENT_KEY_REVOKED, INCIDENT_KEY_EXPIRED,
                                                    INCIDENT_KEY_INVALID, INCIDENT_KEY_ROLLED,
                                                    INCIDENT_KEY_BLOCKED };

        for (size_t i = 0; key->belief.life == LIFE_ALIVE && i < ELEMENTSOF(kinds); i++)
                incident_clear(e, key, incident_find(e, key, kinds[i]),
                               key->has_old ? "replaced" : "accepted-again");
}

int rotation_load(struct engine *e)
{
        for (size_t i = 0; i < e->n_keys; i++) {
                if (e->keys[i]->has_old)
                        (void) rotation_new(e, e->keys[i]);
                if (e->keys[i]->incidents)
                        heal(e, e->keys[i]);
        }
        return 0;
}

static bool overlap_is_over(const struct engine *e, const struct key *key)
{
        return key->secret_since + (int64_t) (e->parts.settings->rotation.overlap / USEC_PER_SEC) <=
               engine_wall(e);
}

static void plan(struct rotation *r, usec_t wait)
{
        agenda_set(r->engine->agenda, &r->alarm, engine_now(r->engine) + wait);
}

/* Its next turn, on the schedule's line: neither a restart nor many rotations at once make a burst. */
static void plan_turn(struct rotation *r)
{
        struct engine *e = r->engine;
        usec_t period = MAX(key_pulse(e, r->key), overlap_is_over(e, r->key) ? PERIOD_OVERDUE : PERIOD_MIN);

        agenda_set(e->agenda, &r->alarm, schedule_slot(r->key->name, period, engine_now(e), e->anchor));
}

void rotation_start(struct engine *e)
{
        struct rotation *r;

        LIST_FOREACH(r, &e->rotations, in_engine)
                plan_turn(r);
        successors_start(e);
}

void rotation_pause(struct engine *e)
{
        struct rotation *r;

        LIST_FOREACH(r, &e->rotations, in_engine) {
                r->ask = ask_cancel(e, r->ask);
                agenda_clear(e->agenda, &r->alarm);
        }
}

void rotation_ask_soon(struct engine *e, const struct key *key)
{
        struct rotation *r = rotation_of(e, key);

        if (r && !r->ask && r->dead == 0)
                plan(r, 0);
}

/* The old secret is dead: told as what it is, and erased with the same commit. */
static void rolled(struct rotation *r)
{
        struct engine *e = r->engine;
        struct key *key = r->key;
        struct notice n = { .kind = INCIDENT_KEY_ROLLED, .reason = "replaced" };

        event_emit(e, key, &n, r->first_dead_wall);
        incident_clear(e, key, incident_find(e, key, INCIDENT_KEY_OLD_STILL_ALIVE), "dead");
        rotation_free(r);
        key->has_old = false;
        batch_old_secret_gone(recorder_batch(e), key->id);
        key_changed(e, key);
}

static bool is_confirmed(const struct rotation *r)
{
        return r->dead > r->engine->parts.settings->checks.n_confirm;
}

static void old_is_dead(struct rotation *r)
{
        struct engine *e = r->engine;
        usec_t now = engine_now(e);

        if (r->dead++ == 0) {
                r->first_dead = now;
                r->first_dead_wall = engine_wall(e);
        }
        bool vouched = r->vouched && now - r->vouched < VOUCHED_FOR;
        r->vouched = 0;
        /* Where the current one is dead, too, somebody else has vouched for that. */
        if (is_confirmed(r) && (vouched || r->key->belief.life == LIFE_DEAD))
                rolled(r);
        else
                plan(r, is_confirmed(r) ? 0 : e->parts.settings->checks.confirm[r->dead - 1]);
}

static void old_is_alive(struct rotation *r)
{
        struct engine *e = r->engine;
        struct key *key = r->key;
        struct notice n = { .kind = INCIDENT_KEY_OLD_STILL_ALIVE, .since = key->secret_since };

        r->dead = 0;
        r->vouched = 0;
        if (overlap_is_over(e, key))
                incident_open(e, key, &n, key->secret_since);
        else /* of a rotation before this one, or the overlap was made longer */
                incident_clear(e, key, incident_find(e, key, INCIDENT_KEY_OLD_STILL_ALIVE), "replaced");
        plan_turn(r);
}

/* Blocked is alive: only not from here. So is a key whose account Stripe does not serve. */
static bool proves_life(enum answer answer)
{
        return answer_is_healthy(answer) || answer == ANSWER_BLOCKED || answer == ANSWER_ACCOUNT_REFUSED;
}

static void rotation_on_answer(struct engine *e, struct ask *ask, const struct judgement *j,
                               const struct reply *reply)
{
        struct rotation *r = ask->userdata;

        (void) e;
        (void) reply;
        r->ask = NULL;
        if (answer_is_dead(j->answer)) {
                old_is_dead(r);
        } else if (proves_life(j->answer)) {
                old_is_alive(r);
        } else if (r->dead > 0) {
                r->vouched = 0;
                plan(r, SCHEDULE_RECHECK);
        } else {
                plan_turn(r);
        }
}

/* The current secret was asked whether Stripe is itself. */
static void rotation_on_vouched(struct engine *e, struct ask *ask, const struct judgement *j,
                                const struct reply *reply)
{
        struct rotation *r = ask->userdata;
        struct key *key = r->key;

        r->ask = NULL;
        r->vouched = proves_life(j->answer) ? engine_now(e) : 0;
        plan(r, r->vouched ? 0 : SCHEDULE_RECHECK);
        answer_learn(e, key, ask, j, reply); /* it is an answer like any other */
        turn_plan(e, key);
}

static void rotation_on_alarm(struct alarm *alarm, void *userdata)
{
        struct rotation *r = CONTAINER_OF(alarm, struct rotation, alarm);
        struct engine *e = userdata;
        struct key *key = r->key;
        bool vouch = is_confirmed(r) && !r->vouched && key->belief.life != LIFE_DEAD;

        if (key->paused_until > engine_wall(e) || outage_strikes(e, key) ||
            !(r->ask = ask_item(e, key, pulse_item(e, key)))) {
                plan_turn(r);
                return;
        }
        r->ask->slot = vouch ? SLOT_CURRENT : SLOT_OLD;
        r->ask->opened_after = r->dead > 0 ? r->first_dead : 0;
        r->ask->userdata = r;
        r->ask->done = vouch ? rotation_on_vouched : rotation_on_answer;
        ask_submit(e, r->ask);
}

void rotation_watch(struct engine *e, struct key *key, bool was_dead)
{
        struct rotation *r = rotation_new(e, key);

        if (was_dead)
                plan(r, USEC_PER_SEC);
        else
                plan_turn(r);
}
