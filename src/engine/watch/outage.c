#include "engine/watch/outage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/requests/limiter.h"
#include "engine/watch/watch.h"

/* Opens when this many are unclear, or this share if that is more. */
#define OPEN_KEYS    5
#define OPEN_PERCENT 20
/* While it is open, one key in so many is asked, at least one and at most so many a minute. */
#define SAMPLE_ONE_IN     50
#define SAMPLE_PER_MINUTE 20
/* Clears when this many samples in a row were judged. */
#define CLEAR_SAMPLES 10
/* A newest answer counts for as long as the key's pulse, and so many seconds. */
#define SAMPLE_SLACK 120

/* How often answers that grew old are looked for, while some are unclear. */
#define EXPIRE_EVERY (10 * USEC_PER_SEC)

struct outage {
        size_t sampled; /* keys whose newest answer counts */
        size_t unclear; /* of them */
        size_t unclear_twice;
        unsigned causes[_CAUSE_MAX]; /* unclear answers by cause, since the last judged majority */
        bool open;
        bool sampling;   /* the answer that is being looked at is one that we asked for */
        unsigned judged; /* samples in a row, while open */
        usec_t expired;  /* when old answers were last looked for */
        size_t next;     /* where in the fleet the next sample is looked for */
        struct alarm alarm;
};

static void on_alarm(struct alarm *alarm, void *userdata);

int outage_new(struct engine *e, struct outage **ret)
{
        struct outage *outage = calloc(1, sizeof(*outage));

        (void) e;
        if (!outage)
                return -ENOMEM;
        outage->alarm.ring = on_alarm;
        *ret = outage;
        return 0;
}

struct outage *outage_free(struct outage *outage)
{
        return mfree(outage);
}

bool outage_is_open(const struct engine *e)
{
        return e->outage->open;
}

bool outage_key_is_unclear(const struct key *key)
{
        return key->unclear > 0;
}

static usec_t sample_interval(const struct engine *e)
{
        size_t per_minute = MIN(MAX(e->n_keys / SAMPLE_ONE_IN, (size_t) 1), (size_t) SAMPLE_PER_MINUTE);

        return USEC_PER_MINUTE / per_minute;
}

/* Keys that were unclear are asked before others: an outage of a part of the accounts is over when these are
 * judged. */
static struct key *sample_find(struct engine *e)
{
        struct outage *o = e->outage;
        struct key *other = NULL;

        for (size_t i = 0; i < e->n_keys; i++) {
                struct key *key = e->keys[(o->next + i) % e->n_keys];

                if (key->paused_until > engine_wall(e) ||
                    (key->work && (key->work->ask || key->work->witness)))
                        continue;
                if (key->unclear > 0) {
                        o->next = (o->next + i + 1) % e->n_keys;
                        return key;
                }
                if (!other)
                        other = key;
        }
        return other;
}

static void on_answer(struct engine *e, struct ask *ask, const struct judgement *j, const struct reply *reply)
{
        struct key *key = ask->key;

        key_work(key)->ask = NULL;
        e->outage->sampling = true;
        answer_learn(e, key, ask, j, reply);
        e->outage->sampling = false;
        turn_plan(e, key);
}

static void on_alarm(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        /* While we are made to wait, samples do not pile up, to leave all at once. */
        struct key *key = limiter_waiting(e->limiter) == 0 ? sample_find(e) : NULL;
        struct ask *ask = key ? ask_item(e, key, pulse_item(e, key)) : NULL;

        agenda_set(e->agenda, alarm, engine_now(e) + sample_interval(e));
        if (!ask)
                return;
        agenda_clear(e->agenda, &key->due);
        ask->done = on_answer;
        key_work(key)->ask = ask;
        ask_submit(e, ask);
}

/* "connect 12, timeout 3" */
static void causes_text(const struct outage *o, char *text, size_t size)
{
        size_t used = 0;

        text[0] = '\0';
        for (int cause = CAUSE_NONE + 1; cause < _CAUSE_MAX; cause++)
                if (o->causes[cause] > 0 && used < size)
                        used += (size_t) snprintf(text + used, size - used, "%s%s %u", used ? ", " : "",
                                                  cause_name((enum cause) cause), o->causes[cause]);
}

static void outage_begin(struct engine *e)
{
        struct outage *o = e->outage;
        char causes[256];

        causes_text(o, causes, sizeof(causes));
        o->open = true;
        o->judged = 0;
        struct notice n = {
                .kind = INCIDENT_STRIPE_OUTAGE, .detail = causes, .count = o->unclear, .has_count = true
        };
        incident_open(e, NULL, &n, engine_wall(e));
        turns_freeze_all(e);
        engine_outage_began(e);
        agenda_set(e->agenda, &o->alarm, engine_now(e) + sample_interval(e));
}

static void count(struct engine *e, struct key *key, bool unclear);

/* Of the answers that opened it each was kept: those keys are the ones to ask. */
static int take_unclear(int64_t key_id, int64_t at_wall, void *userdata)
{
        struct engine *e = userdata;
        struct key *key = keys_find(e, key_id);
        int64_t opened = incident_find(e, NULL, INCIDENT_STRIPE_OUTAGE)->opened;

        if (key && key->paused_until <= engine_wall(e) && key->last_checked <= at_wall &&
            at_wall >= opened - (int64_t) (key_pulse(e, key) / USEC_PER_SEC) - SAMPLE_SLACK)
                count(e, key, true);
        return 0;
}

void outage_resume(struct engine *e)
{
        const struct incident *incident = incident_find(e, NULL, INCIDENT_STRIPE_OUTAGE);

        if (!incident)
                return;
        e->outage->open = true;
        /* Without them any key is asked. */
        (void) store_load_unclear(e->parts.store, incident->opened - SEC_PER_DAY, take_unclear, e);
        agenda_set(e->agenda, &e->outage->alarm, engine_now(e));
}

/* All keys are asked anew, each in its own slot: that is the spread. */
static void outage_end(struct engine *e)
{
        struct outage *o = e->outage;

        o->open = false;
        e->watching_since = engine_now(e);
        o->sampled = o->unclear = o->unclear_twice = 0;
        memset(o->causes, 0, sizeof(o->causes));
        agenda_clear(e->agenda, &o->alarm);
        incident_clear(e, NULL, incident_find(e, NULL, INCIDENT_STRIPE_OUTAGE), "answers-again");
        for (size_t i = 0; i < e->n_keys; i++) {
                e->keys[i]->sampled = false;
                e->keys[i]->unclear = 0;
                turn_plan(e, e->keys[i]);
        }
}

static bool should_open(const struct engine *e)
{
        const struct outage *o = e->outage;

        size_t watched = rounds_members(e);

        if (watched < OPEN_KEYS)
                return watched > 0 && o->unclear_twice >= watched;
        return o->unclear >= MAX((size_t) OPEN_KEYS, (o->sampled * OPEN_PERCENT + 99) / 100);
}

void outage_forget(struct engine *e, struct key *key)
{
        struct outage *o = e->outage;

        if (!key->sampled)
                return;
        o->sampled--;
        o->unclear -= key->unclear > 0;
        o->unclear_twice -= key->unclear > 1;
        key->sampled = false;
        key->unclear = 0;
}

static void count(struct engine *e, struct key *key, bool unclear)
{
        struct outage *o = e->outage;
        uint8_t before = key->unclear;

        outage_forget(e, key);
        if (key->belief.life == LIFE_DEAD) /* asked too seldom for its answer to be about now */
                return;
        key->sampled = true;
        key->answered = (uint32_t) (engine_now(e) / USEC_PER_SEC);
        key->unclear = unclear ? (uint8_t) MIN(before + 1, 2) : 0;
        o->sampled++;
        o->unclear += key->unclear > 0;
        o->unclear_twice += key->unclear > 1;
}

/* Who is made to wait for its turn says nothing of now. */
static void forget_old(struct engine *e)
{
        usec_t now = engine_now(e);

        if (now - e->outage->expired < EXPIRE_EVERY)
                return;
        e->outage->expired = now;
        for (size_t i = 0; i < e->n_keys; i++) {
                struct key *key = e->keys[i];
                usec_t limit = key_pulse(e, key) / USEC_PER_SEC + SAMPLE_SLACK;

                if (key->sampled && now / USEC_PER_SEC - key->answered > limit)
                        outage_forget(e, key);
        }
}

static void sample_open(struct engine *e, bool unclear)
{
        struct outage *o = e->outage;

        /* What was under way when it opened says nothing of those that got no answer. */
        o->judged = unclear ? 0 : o->judged + o->sampling;
        if (o->judged >= MIN((size_t) CLEAR_SAMPLES, MAX(rounds_members(e), (size_t) 1)))
                outage_end(e);
}

static void sample_closed(struct engine *e, bool unclear)
{
        struct outage *o = e->outage;

        if (unclear)
                forget_old(e);
        if (unclear && should_open(e))
                outage_begin(e);
        else if (o->unclear == 0)
                memset(o->causes, 0, sizeof(o->causes));
}

void outage_sample(struct engine *e, struct key *key, const struct judgement *j)
{
        struct outage *o = e->outage;
        bool unclear = j->answer == ANSWER_UNCLEAR;

        if (unclear && (j->stale_probe || j->cause == CAUSE_LOCAL))
                return; /* says nothing about the path */
        if (j->answer == ANSWER_THROTTLED && o->open)
                return;
        count(e, key, unclear); /* throttled: no verdict, but an answer */
        if (unclear)
                o->causes[j->cause]++;
        if (o->open)
                sample_open(e, unclear);
        else
                sample_closed(e, unclear);
}
