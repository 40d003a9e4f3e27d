#include "engine/requests/limiter.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>

#include "base/memory.h"
#include "engine/state.h"

/* Whoever shares limits: an account in one mode, or a key whose account is not known. */
struct lane_id {
        int64_t account_id, key_id;
        int mode;
};

enum lane_state {
        LANE_IDLE,     /* nothing waits, or all places are taken */
        LANE_READY,    /* in one of the limiter's queues */
        LANE_SLEEPING, /* its alarm is set: rate or back-off */
};

TAILQ_HEAD(ask_list, ask);
TAILQ_HEAD(lane_list, lane);

struct lane {
        struct lane_id id;
        struct ask_list urgent, normal;
        unsigned in_flight;
        unsigned failures; /* throttled, or server errors, in a row */
        usec_t next_start; /* rate and back-off */
        usec_t backed_off; /* until then we were asked to wait, or do by ourselves */
        usec_t ready_since;
        enum lane_state state;
        bool in_urgent; /* which of the limiter's queues */
        struct alarm alarm;
        TAILQ_ENTRY(lane) in_queue;
};

struct limiter {
        void *lanes; /* tree of struct lane, by id */
        struct lane_list urgent, normal;
        size_t in_flight, waiting;
        usec_t next_start;
        struct alarm alarm;
        bool stopped;
};

/* After more server errors in a row we do not wait longer than after so many, that is about 20 s: the end of
 * an outage is to be seen soon, however few accounts there are. The pace of all is set by watch/outage. */
#define SERVER_FAILURES_MAX 5

static void limiter_pump(struct engine *e);

static int lane_compare(const void *left, const void *right)
{
        const struct lane_id *a = left, *b = right;

        if (a->account_id != b->account_id)
                return a->account_id < b->account_id ? -1 : 1;
        if (a->key_id != b->key_id)
                return a->key_id < b->key_id ? -1 : 1;
        return a->mode - b->mode;
}

static void limiter_on_alarm(struct alarm *alarm, void *userdata)
{
        (void) alarm;
        limiter_pump(userdata);
}

int limiter_new(struct engine *e, struct limiter **ret)
{
        struct limiter *limiter = calloc(1, sizeof(*limiter));

        (void) e;
        if (!limiter)
                return -ENOMEM;
        TAILQ_INIT(&limiter->urgent);
        TAILQ_INIT(&limiter->normal);
        limiter->alarm.ring = limiter_on_alarm;
        *ret = limiter;
        return 0;
}

struct limiter *limiter_free(struct limiter *limiter)
{
        if (limiter)
                tdestroy(limiter->lanes, free);
        return mfree(limiter);
}

/* A lane is worth its memory only while something goes on or its past still counts. */
static void lane_rest(struct engine *e, struct lane *lane)
{
        struct limiter *limiter = e->limiter;

        if (lane->in_flight > 0 || lane->state == LANE_READY || !TAILQ_EMPTY(&lane->urgent) ||
            !TAILQ_EMPTY(&lane->normal))
                return;
        if (lane->next_start > engine_now(e)) {
                lane->state = LANE_SLEEPING;
                agenda_set(e->agenda, &lane->alarm, lane->next_start);
                return;
        }
        agenda_clear(e->agenda, &lane->alarm);
        tdelete(&lane->id, &limiter->lanes, lane_compare);
        free(lane);
}

/* Put the lane where it belongs, after anything about it changed. */
static void lane_settle(struct engine *e, struct lane *lane)
{
        struct limiter *limiter = e->limiter;
        bool urgent = !TAILQ_EMPTY(&lane->urgent);

        if (lane->state == LANE_READY)
                TAILQ_REMOVE(lane->in_urgent ? &limiter->urgent : &limiter->normal, lane, in_queue);
        agenda_clear(e->agenda, &lane->alarm);
        lane->state = LANE_IDLE;
        if (!urgent && TAILQ_EMPTY(&lane->normal)) {
                lane_rest(e, lane);
                return;
        }
        if (lane->in_flight >= e->parts.settings->stripe.account_concurrency)
                return;
        if (lane->next_start > engine_now(e)) {
                lane->state = LANE_SLEEPING;
                agenda_set(e->agenda, &lane->alarm, lane->next_start);
                return;
        }
        lane->state = LANE_READY;
        lane->in_urgent = urgent;
        lane->ready_since = engine_now(e);
        TAILQ_INSERT_TAIL(urgent ? &limiter->urgent : &limiter->normal, lane, in_queue);
}

static void lane_on_alarm(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;

        lane_settle(e, CONTAINER_OF(alarm, struct lane, alarm));
        limiter_pump(e);
}

static struct lane_id lane_id_of(const struct key *key)
{
        return (struct lane_id){ .account_id = key->account_id,
                                 .key_id = key->account_id == 0 ? key->id : 0,
                                 .mode = key->mode };
}

static struct lane *lane_of(struct engine *e, const struct key *key)
{
        struct lane_id id = lane_id_of(key);
        struct lane_id **found = tfind(&id, &e->limiter->lanes, lane_compare);

        if (found)
                return CONTAINER_OF(*found, struct lane, id);
        struct lane *lane = memory_sure(calloc(1, sizeof(*lane)));

        lane->id = id;
        lane->alarm.ring = lane_on_alarm;
        TAILQ_INIT(&lane->urgent);
        TAILQ_INIT(&lane->normal);
        (void) memory_sure(tsearch(&lane->id, &e->limiter->lanes, lane_compare));
        return lane;
}

/* May anything start now? If not, and only time is missing, the alarm is set. */
static bool may_start(struct engine *e)
{
        struct limiter *limiter = e->limiter;

        if (limiter->stopped || limiter->in_flight >= e->parts.settings->stripe.concurrency)
                return false;
        if (limiter->next_start > engine_now(e)) {
                agenda_set(e->agenda, &limiter->alarm, limiter->next_start);
                return false;
        }
        return true;
}

/* The rate is kept by spacing, so that no second sees more than its share: an eighth is added, because not
 * all requests are equally long on their way. After a pause nothing is made up for. */
static void lane_space(usec_t *next_start, usec_t now, unsigned rate)
{
        *next_start = MAX(*next_start, now) + USEC_PER_SEC / rate * 9 / 8;
}

static void lane_start_one(struct engine *e, struct lane *lane)
{
        struct limiter *limiter = e->limiter;
        struct ask_list *list = TAILQ_EMPTY(&lane->urgent) ? &lane->normal : &lane->urgent;
        struct ask *ask = TAILQ_FIRST(list);
        usec_t now = engine_now(e);
        int r = ask_start(e, ask);

        if (r == -EMFILE || r == -ENOMEM) {
                limiter->next_start = now + USEC_PER_SEC;
                return;
        }
        TAILQ_REMOVE(list, ask, in_lane);
        limiter->waiting--;
        if (ask->held_by != _LIMIT_MAX)
                e->figures.wait_seconds[ask->held_by] += (double) (now - ask->queued) / (double) USEC_PER_SEC;
        ask->flying = true;
        limiter->in_flight++;
        lane->in_flight++;
        /* Many lanes a millisecond: the whole rate may be owed for up to a hundredth of a second, or a busy
         * loop could never reach it. */
        limiter->next_start =
                MAX(limiter->next_start, now > 10 * USEC_PER_MSEC ? now - 10 * USEC_PER_MSEC : 0) +
                USEC_PER_SEC / e->parts.settings->stripe.rate;
        lane_space(&lane->next_start, now, e->parts.settings->stripe.account_rate);
        lane_settle(e, lane);
}

static void limiter_pump(struct engine *e)
{
        struct limiter *limiter = e->limiter;

        for (;;) {
                struct lane *lane = TAILQ_FIRST(&limiter->urgent);

                if (!lane)
                        lane = TAILQ_FIRST(&limiter->normal);
                if (!lane || !may_start(e))
                        return;
                lane_start_one(e, lane);
        }
}

/* The reason for which a request that joins this lane waits. */
static enum limit lane_hindrance(const struct engine *e, const struct lane *lane)
{
        const struct limiter *limiter = e->limiter;
        const struct settings *settings = e->parts.settings;
        usec_t now = engine_now(e);

        if (lane->in_flight >= settings->stripe.account_concurrency)
                return LIMIT_ACCOUNT_CONCURRENCY;
        if (lane->next_start > now)
                return lane->backed_off > now ? LIMIT_BACKOFF : LIMIT_ACCOUNT_RATE;
        if (limiter->in_flight >= settings->stripe.concurrency)
                return LIMIT_CONCURRENCY;
        if (limiter->next_start > now)
                return LIMIT_RATE;
        return _LIMIT_MAX;
}

void limiter_add(struct engine *e, struct ask *ask)
{
        struct lane *lane = lane_of(e, ask->key);

        ask->lane = lane;
        ask->queued = engine_now(e);
        if (ask->urgent)
                TAILQ_INSERT_TAIL(&lane->urgent, ask, in_lane);
        else
                TAILQ_INSERT_TAIL(&lane->normal, ask, in_lane);
        e->limiter->waiting++;
        /* A lane that is ready already keeps its turn. */
        if (lane->state != LANE_READY || (ask->urgent && !lane->in_urgent))
                lane_settle(e, lane);
        ask->held_by = lane_hindrance(e, lane);
        if (ask->held_by != _LIMIT_MAX)
                e->figures.waits[ask->held_by]++;
        limiter_pump(e);
}

static void lane_leave(struct engine *e, struct ask *ask)
{
        struct lane *lane = ask->lane;

        if (ask->flying) {
                e->limiter->in_flight--;
                lane->in_flight--;
        } else {
                TAILQ_REMOVE(ask->urgent ? &lane->urgent : &lane->normal, ask, in_lane);
                e->limiter->waiting--;
        }
        ask->lane = NULL;
}

void limiter_remove(struct engine *e, struct ask *ask)
{
        struct lane *lane = ask->lane;

        if (!lane)
                return;
        lane_leave(e, ask);
        lane_settle(e, lane);
        /* The next request in line starts on the next turn of the loop, not from inside this call. */
        if (!e->limiter->stopped && e->limiter->waiting > 0)
                agenda_set(e->agenda, &e->limiter->alarm, engine_now(e));
}

static void lane_back_off(struct engine *e, struct lane *lane, unsigned failures, int64_t retry_after)
{
        /* SILENCE_BACK_OFF_MAX */
        lane->backed_off = engine_now(e) + schedule_backoff(failures, retry_after, engine_random(e));
        lane->next_start = MAX(lane->next_start, lane->backed_off);
}

static void lane_learn(struct engine *e, struct lane *lane, const struct judgement *j)
{
        if (answer_is_judged(j->answer))
                lane->failures = 0;
        else if (j->answer == ANSWER_UNCLEAR && j->everyone)
                lane_back_off(e, lane, MIN(++lane->failures, (unsigned) SERVER_FAILURES_MAX), j->retry_after);
        else if (j->answer == ANSWER_THROTTLED || j->retry_after > 0)
                lane_back_off(e, lane, ++lane->failures, j->retry_after);
}

void limiter_answered(struct engine *e, struct ask *ask, const struct judgement *judgement)
{
        struct lane *lane = ask->lane;

        lane_leave(e, ask);
        lane_learn(e, lane, judgement);
        lane_settle(e, lane);
        limiter_pump(e);
}

bool limiter_backs_off(const struct engine *e, const struct key *key)
{
        struct lane_id id = lane_id_of(key);
        struct lane_id *const *found = tfind(&id, &e->limiter->lanes, lane_compare);

        return found && CONTAINER_OF(*found, struct lane, id)->backed_off > engine_now(e);
}

void limiter_stop(struct engine *e)
{
        e->limiter->stopped = true;
        agenda_clear(e->agenda, &e->limiter->alarm);
}

size_t limiter_in_flight(const struct limiter *limiter)
{
        return limiter->in_flight;
}

size_t limiter_waiting(const struct limiter *limiter)
{
        return limiter->waiting;
}

usec_t limiter_lag(const struct engine *e)
{
        const struct limiter *limiter = e->limiter;
        const struct lane *lane = TAILQ_FIRST(&limiter->urgent) ?: TAILQ_FIRST(&limiter->normal);

        return lane ? engine_now(e) - lane->ready_since : 0;
}

bool limiter_stalled(const struct engine *e, usec_t span)
{
        const struct limiter *limiter = e->limiter;
        const struct lane *lane = TAILQ_FIRST(&limiter->urgent);
        usec_t now = engine_now(e);

        if (!lane)
                lane = TAILQ_FIRST(&limiter->normal);
        return lane && !limiter->stopped && limiter->in_flight < e->parts.settings->stripe.concurrency &&
               limiter->next_start + span < now && lane->ready_since + span < now;
}

struct waits_look {
        usec_t now;
        struct limiter_waits waits;
        usec_t longest;
};

static void lane_look(const void *node, VISIT visit, void *userdata)
{
        const struct lane *lane = *(const struct lane *const *) node;
        struct waits_look *all = userdata;
        const struct ask *ask;

        if ((visit != postorder && visit != leaf) || lane->state == LANE_READY)
                return;
        size_t *n = lane->failures > 0 ? &all->waits.backed_off : &all->waits.pace, before = *n;
        TAILQ_FOREACH(ask, &lane->urgent, in_lane)
                ++*n;
        TAILQ_FOREACH(ask, &lane->normal, in_lane)
                ++*n;
        if (lane->failures > 0 && *n > before && lane->next_start > all->now)
                all->longest = MAX(all->longest, lane->next_start - all->now);
}

void limiter_waits(const struct engine *e, struct limiter_waits *ret)
{
        struct waits_look all = { .now = engine_now(e) };

        twalk_r(e->limiter->lanes, lane_look, &all);
        *ret = all.waits;
        ret->backed_off_until = ret->backed_off ? engine_wall(e) + (int64_t) (all.longest / USEC_PER_SEC) : 0;
        ret->rate = e->limiter->waiting - MIN(e->limiter->waiting, ret->pace + ret->backed_off);
}
