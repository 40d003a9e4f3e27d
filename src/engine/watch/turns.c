/* When a key's alarm rings next, and what is asked then. Decided afresh each time from what is believed, so
 * that a restart needs nothing but the stored beliefs. */
#include "base/hash.h"
#include "engine/watch/watch.h"

/* While nothing may be concluded, what cannot wait for its slot looks again this often. */
#define FROZEN_RETRY USEC_PER_MINUTE

/* A wait towards a wall-clock instant, on the schedule's own line; looks again at least daily. */
static usec_t wait_until(const struct engine *e, int64_t wall)
{
        int64_t left = wall - engine_steady_wall(e);

        return (usec_t) MIN(MAX(left, INT64_C(1)), SEC_PER_DAY) * USEC_PER_SEC;
}

usec_t turn_of(const struct engine *e, const struct key *key, usec_t period)
{
        return (engine_now(e) + e->anchor - hash_text(key->name) % period) / period;
}

static usec_t doubts_due(const struct work *w)
{
        usec_t first = USEC_INFINITY;

        for (size_t i = 0; i < w->n_doubts; i++)
                first = MIN(first, w->doubts[i].when);
        return first;
}

bool doubts_are_due(const struct work *w, usec_t now)
{
        return doubts_due(w) <= now;
}

static usec_t next_instant(const struct engine *e, const struct key *key, usec_t now)
{
        const struct work *w = key->work;
        usec_t slot;

        if (w && w->series && !key_is_suspect(key))
                return w->again ? w->again : now;
        if (w && w->again && key_is_suspect(key))
                return w->again;
        slot = schedule_slot(key->name, key_period(e, key), now, e->anchor);
        if (!w)
                return slot;
        if (w->again)
                slot = MIN(slot, w->again);
        if (w->account_refused.again)
                slot = MIN(slot, w->account_refused.again);
        return MIN(slot, doubts_due(w));
}

static void turn_ring(struct alarm *alarm, void *userdata);

static void alarm_at(struct engine *e, struct key *key, usec_t when)
{
        key->due.ring = turn_ring;
        agenda_set(e->agenda, &key->due, when);
}

void turn_plan(struct engine *e, struct key *key)
{
        usec_t now = engine_now(e);

        if (!e->started || e->stopped)
                return;
        if (key->work && (key->work->ask || key->work->witness)) {
                agenda_clear(e->agenda, &key->due);
                return;
        }
        if (key->work && key->work->reporters)
                alarm_at(e, key, next_instant(e, key, now)); /* somebody waits, pause or not */
        else if (key->paused_until == INT64_MAX)
                agenda_clear(e->agenda, &key->due);
        else if (key->paused_until > engine_wall(e))
                alarm_at(e, key, now + wait_until(e, key->paused_until));
        else
                alarm_at(e, key, next_instant(e, key, now));
        key_rest(key);
}

void turn_soon(struct engine *e, struct key *key, usec_t when)
{
        if (!e->started || e->stopped || (key->work && (key->work->ask || key->work->witness)))
                return;
        if (!alarm_waits(&key->due) || when < key->due.when)
                alarm_at(e, key, when);
}

static void send(struct engine *e, struct key *key, struct item item)
{
        struct work *w = key_work(key);
        struct ask *ask = ask_item(e, key, item);

        if (!ask) { /* no memory, or a question that has no probe: its turn comes again */
                alarm_at(e, key, engine_now(e) + USEC_PER_MINUTE);
                return;
        }
        if (key_is_suspect(key))
                ask->opened_after = w->first_dead;
        ask->urgent = w->again != 0 || key_is_suspect(key) || w->reporters;
        ask->done = watch_answered;
        w->again = 0;
        w->ask = ask;
        ask_submit(e, ask);
}

/* The first doubt whose time has come. */
static bool take_doubt(const struct work *w, usec_t now, struct item *ret)
{
        for (size_t i = 0; i < w->n_doubts; i++)
                if (w->doubts[i].when <= now) {
                        *ret = w->doubts[i].item;
                        return true;
                }
        return false;
}

static void ask_next(struct engine *e, struct key *key)
{
        struct work *w = key->work;
        struct item item;

        if (key_is_suspect(key) || (w && w->again && !w->series)) {
                send(e, key, pulse_item(e, key));
                return;
        }
        if (w && !w->series &&
            (take_doubt(w, engine_now(e), &item) || account_refused_take(w, engine_now(e), &item))) {
                send(e, key, item);
                return;
        }
        if ((!w || !w->series) && !series_scheduled(e, key))
                send(e, key, pulse_item(e, key));
        else if (series_next(e, key, &item))
                send(e, key, item);
        else
                turn_plan(e, key);
}

/* Nothing per key is concluded while the provider is out of reach, so nothing is asked but the samples. */
static void freeze(struct engine *e, struct key *key)
{
        usec_t now = engine_now(e);

        if (key->work && key->work->series && !key_is_suspect(key)) {
                series_abandon(e, key);
                key->work->again = 0; /* its own turn will do, when it is over */
        }
        rounds_asked(e, key);
        alarm_at(e, key,
                 key->work && key->work->again
                         ? now + FROZEN_RETRY
                         : schedule_slot(key->name, key_period(e, key), now, e->anchor));
}

void turns_freeze_all(struct engine *e)
{
        struct ask *ask, *next;

        for (ask = LIST_FIRST(&e->asks); ask; ask = next) {
                struct key *key = ask->key;

                next = LIST_NEXT(ask, in_engine);
                if (ask->done != watch_answered || ask->flying || key->work->reporters)
                        continue;
                key->work->ask = ask_cancel(e, ask);
                if (key_is_suspect(key))
                        key->work->again = engine_now(e);
                freeze(e, key);
        }
}

static void turn_ring(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        struct key *key = CONTAINER_OF(alarm, struct key, due);

        bool awaited = key->work && key->work->reporters;

        if (awaited && key_is_suspect(key)) {
                /* What is known is told; the confirmation keeps its own time. */
                series_abandon(e, key);
                turn_plan(e, key);
                return;
        }
        if (key->paused_until > engine_wall(e) && !awaited) {
                turn_plan(e, key);
                return;
        }
        if (key->paused_until != 0 && key->paused_until <= engine_wall(e)) { /* the pause ended by itself */
                key->paused_until = 0;
                if (key->belief.life != LIFE_DEAD)
                        rounds_joined(e, key);
                key_changed(e, key);
        }
        if (outage_is_open(e) && !awaited) {
                freeze(e, key);
                return;
        }
        if (key->belief.life == LIFE_HELD && key->work && key->work->then == ACTION_HOLD) {
                life_event(e, key, BELIEF_HOLD_OVER, NULL);
                return;
        }
        ask_next(e, key);
}

void turn_reset(struct engine *e, struct key *key)
{
        struct work *w = key->work;

        if (!w)
                return;
        if (w->ask && key_is_suspect(key))
                w->again = engine_now(e);
        w->ask = ask_cancel(e, w->ask);
        if (w->witness) {
                w->witness = ask_cancel(e, w->witness);
                w->again = engine_now(e); /* one more answer, then another witness */
        }
        w->n_doubts = 0;
        w->account_refused = (struct account_refused){ 0 };
        series_abandon(e, key);
}
