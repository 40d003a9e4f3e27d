/* When a key's alarm rings next, and what is asked then. Decided afresh each time from what is believed, so
 * that a restart needs nothing but the stored beliefs. */

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "engine/requests/limiter.h"
#include "engine/watch/watch.h"

/* A request is given up for another one when it has been on its way for so long while others are answered. */
#define STALE_FLIGHT (5 * USEC_PER_SEC)
/* So many questions wait for the limits at most, but for those that cannot wait outside. */
#define WAITING_MAX 4096

/* A wait towards a wall-clock instant, on the schedule's own line; looks again at least daily. */
static usec_t turns_wait_until(const struct engine *e, int64_t wall)
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

static usec_t next_slot(const struct engine *e, const struct key *key)
{
        return schedule_slot(key->name, key_period(e, key), engine_now(e), e->anchor);
}

/* Its slot, and the end of a doubt that nothing answers: looked at whatever else the key waits for. */
static usec_t turn_next_look(const struct engine *e, const struct key *key)
{
        return MIN(next_slot(e, key), life_unanswered_at(key));
}

/* Its slot is kept in any case: a key that waits for something else has had its turn then. */
static usec_t next_instant(const struct engine *e, const struct key *key)
{
        const struct work *w = key->work;
        usec_t slot = turn_next_look(e, key);

        if (!w)
                return slot;
        if (w->series && !key_is_suspect(key))
                return w->again ? w->again : engine_now(e);
        if (w->again)
                slot = MIN(slot, w->again);
        if (key_is_suspect(key))
                return slot;
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

static bool is_under_way(const struct key *key)
{
        return key->work && (key->work->ask || key->work->witness);
}

void turn_plan(struct engine *e, struct key *key)
{
        if (!e->started || e->stopped)
                return;
        if (is_under_way(key))
                alarm_at(e, key, turn_next_look(e, key));
        else if (key->work && key->work->reporters)
                alarm_at(e, key, next_instant(e, key)); /* somebody waits, pause or not */
        else if (key->paused_until == INT64_MAX)
                agenda_clear(e->agenda, &key->due);
        else if (key->paused_until > engine_wall(e))
                alarm_at(e, key, engine_now(e) + turns_wait_until(e, key->paused_until));
        else
                alarm_at(e, key, next_instant(e, key));
        key_rest(key);
}

void turn_soon(struct engine *e, struct key *key, usec_t when)
{
        if (!e->started || e->stopped || is_under_way(key))
                return;
        if (!alarm_waits(&key->due) || when < key->due.when)
                alarm_at(e, key, when);
}

/* No memory, or a question that has no probe any more: its turn comes again. Whoever waits for the answer is
 * not to wait until then, but told. */
static void put_back(struct engine *e, struct key *key)
{
        struct work *w = key->work;

        if (w->reporters) {
                w->last_answer = ANSWER_UNCLEAR;
                free(w->last_text);
                w->last_text = strdup(
                        "keyvigild could not put the question together, most likely for want of memory; try "
                        "again");
                series_abandon(e, key);
        }
        alarm_at(e, key, engine_now(e) + USEC_PER_MINUTE);
}

static void turn_send(struct engine *e, struct key *key, struct item item)
{
        struct work *w = key_work(key);
        struct ask *ask = ask_item(e, key, item);

        if (!ask) {
                put_back(e, key);
                return;
        }
        if (key_is_suspect(key))
                ask->opened_after = w->vouched ? w->decides_after : w->first_dead;
        ask->urgent = w->again != 0 || key_is_suspect(key) || w->reporters;
        ask->done = watch_answered;
        wait_nothing(w);
        w->ask = ask;
        ask_submit(e, ask);
        if (!ask->flying)
                alarm_at(e, key, turn_next_look(e, key));
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
                turn_send(e, key, pulse_item(e, key));
                return;
        }
        if (w && !w->series &&
            (take_doubt(w, engine_now(e), &item) || account_refused_take(w, engine_now(e), &item))) {
                turn_send(e, key, item);
                return;
        }
        if ((!w || !w->series) && !series_scheduled(e, key))
                turn_send(e, key, pulse_item(e, key));
        else if (series_next(e, key, &item))
                turn_send(e, key, item);
        else
                turn_plan(e, key);
}

static bool ask_now(struct engine *e, struct key *key, struct item item, bool urgent)
{
        struct work *w = key->work;

        if (!e->started || e->stopped || key_is_suspect(key) ||
            (w && (w->witness || w->series || w->reporters)))
                return false;
        if (w && w->ask) {
                if (engine_now(e) - w->ask->queued < STALE_FLIGHT)
                        return false;
                w->ask = ask_cancel(e, w->ask);
        }
        if (urgent)
                wait_turn(e, key_work(key));
        turn_send(e, key, item);
        return true;
}

bool turn_ask(struct engine *e, struct key *key)
{
        return ask_now(e, key, pulse_item(e, key), true);
}

bool turn_ask_item(struct engine *e, struct key *key, struct item item)
{
        return ask_now(e, key, item, false);
}

/* Its slot came while it waits for something. To be doubted, to be left alone by our own manners, to be
 * struck by an outage is no neglect: the turn counts as had. */
static void turn_pass(struct engine *e, struct key *key)
{
        if (life_is_unanswered(e, key)) {
                key->work->ask = ask_cancel(e, key->work->ask);
                life_event(e, key, BELIEF_DOUBT_OVER, NULL);
                return;
        }
        if (key_is_suspect(key) || outage_strikes(e, key) || limiter_backs_off(e, key))
                rounds_asked(e, key);
        turn_plan(e, key);
}

static void pause_ended(struct engine *e, struct key *key)
{
        key->paused_until = 0; /* SILENCE_PAUSED_MAX */
        rounds_joined(e, key);
        key_changed(e, key);
}

/* Does the alarm ring for nothing but the slot? */
static bool is_slot_only(const struct engine *e, const struct key *key)
{
        const struct work *w = key->work;
        usec_t now = engine_now(e);

        return !w || (!w->series && (w->again == 0 || w->again > now) && doubts_due(w) > now &&
                      (w->account_refused.again == 0 || w->account_refused.again > now));
}

static void ring_suspect(struct engine *e, struct key *key)
{
        struct work *w = key_work(key);

        /* A doubt keeps its own time, whoever would like to know sooner. */
        if (w->again > engine_now(e))
                turn_pass(e, key);
        else if (key->belief.life == LIFE_HELD && w->holds)
                life_event(e, key, BELIEF_HOLD_OVER, NULL);
        else
                ask_next(e, key);
}

/* More keys have their turn than may be asked: a question that waits takes a thousand times the memory of an
 * alarm that rings again, the later the more of them there are. */
static bool is_crowded(const struct engine *e)
{
        return limiter_waiting(e->limiter) >= WAITING_MAX;
}

static void put_off(struct engine *e, struct key *key)
{
        usec_t all = (e->n_put_off + WAITING_MAX) * USEC_PER_SEC / e->parts.settings->stripe.rate;

        key->put_off = true;
        e->n_put_off++;
        alarm_at(e, key,
                 engine_now(e) + MAX(all / 2, USEC_PER_SEC) + engine_random(e) % MAX(all, USEC_PER_SEC));
}

static void ring_slot(struct engine *e, struct key *key)
{
        if (outage_skips(e, key))
                turn_pass(e, key);
        else if (is_crowded(e))
                put_off(e, key);
        else
                ask_next(e, key);
}

static void turn_ring(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        struct key *key = CONTAINER_OF(alarm, struct key, due);
        bool awaited = key->work && key->work->reporters;

        e->n_put_off -= key->put_off;
        key->put_off = false;
        if (is_under_way(key)) {
                turn_pass(e, key);
                return;
        }
        if (awaited && key_is_suspect(key)) {
                /* Whoever asked is told what is known now; the confirmation keeps its own time. */
                series_abandon(e, key);
                turn_plan(e, key);
                return;
        }
        if (key->paused_until > engine_wall(e) && !awaited) {
                turn_plan(e, key);
                return;
        }
        if (key->paused_until != 0 && key->paused_until <= engine_wall(e))
                pause_ended(e, key);
        if (key_is_suspect(key))
                ring_suspect(e, key);
        else if (awaited || !is_slot_only(e, key))
                ask_next(e, key);
        else
                ring_slot(e, key);
}

void turn_reset(struct engine *e, struct key *key)
{
        struct work *w = key->work;

        if (!w)
                return;
        if (w->ask && key_is_suspect(key))
                wait_turn(e, w);
        w->ask = ask_cancel(e, w->ask);
        if (w->witness) {
                w->witness = ask_cancel(e, w->witness);
                wait_turn(e, w); /* one more answer, then another witness */
        }
        w->n_doubts = 0;
        w->account_refused = (struct account_refused){ 0 };
        series_abandon(e, key);
}
