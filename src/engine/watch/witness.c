#include "engine/watch/witness.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/watch/watch.h"

/* The latest healthy keys of each mode, of different accounts. */
#define RECENT_MAX 64
/* A witness's healthy answer must be younger than this many pulses. */
#define PULSES_MAX 2
/* Fleets up to this size are searched whole when the list of the latest has nobody. */
#define SEARCH_MAX 4096

struct recent {
        int64_t key_id, account_id;
        usec_t when;
};

struct witnesses {
        struct recent recent[_MODE_MAX][RECENT_MAX];
        size_t n[_MODE_MAX], next[_MODE_MAX];
        size_t healthy[_MODE_MAX]; /* keys that are believed healthy */
};

int witness_new(struct engine *e, struct witnesses **ret)
{
        (void) e;
        *ret = calloc(1, sizeof(**ret));
        return *ret ? 0 : -ENOMEM;
}

struct witnesses *witness_free(struct witnesses *witnesses)
{
        return mfree(witnesses);
}

static bool same_account(const struct recent *r, const struct key *key)
{
        return key->account_id ? r->account_id == key->account_id : r->key_id == key->id;
}

void witness_offer(struct engine *e, struct key *key)
{
        struct witnesses *w = e->witnesses;
        size_t slot = w->next[key->mode];
        struct recent *list = w->recent[key->mode];

        for (size_t i = 0; i < w->n[key->mode]; i++)
                if (same_account(&list[i], key)) {
                        slot = i;
                        break;
                }
        list[slot] =
                (struct recent){ .key_id = key->id, .account_id = key->account_id, .when = engine_now(e) };
        if (slot == w->next[key->mode])
                w->next[key->mode] = (slot + 1) % RECENT_MAX;
        if (w->n[key->mode] < RECENT_MAX && slot == w->n[key->mode])
                w->n[key->mode]++;
}

/* Suspects count as what they were: a fleet that is suspect as a whole is a reason to doubt, not to believe.
 */
static bool believed_healthy(const struct key *key)
{
        return key->paused_until == 0 &&
               (key_is_suspect(key) ? key->belief.former : key->belief.life) == LIFE_ALIVE;
}

void witness_count(struct engine *e, struct key *key)
{
        bool healthy = believed_healthy(key);

        if (healthy == key->counted)
                return;
        key->counted = healthy;
        if (healthy)
                e->witnesses->healthy[key->mode]++;
        else
                e->witnesses->healthy[key->mode]--;
}

/* Each is tried once: a second answer of the same key would tell no more. */
static bool was_tried(const struct work *w, const struct key *key)
{
        for (unsigned i = 0; i < w->witness_tries; i++)
                if (w->witnesses_tried[i] == key->id)
                        return true;
        return false;
}

/* `fresh`: what was healthy long ago can vouch as well, should it still be healthy, but is less likely to. */
static bool is_fit(const struct engine *e, const struct key *suspect, const struct key *key, bool fresh)
{
        int64_t limit = fresh ? PULSES_MAX * (int64_t) (key_pulse(e, key) / USEC_PER_SEC) : INT64_MAX;

        return key != suspect && key->mode == suspect->mode && !was_tried(suspect->work, key) &&
               key->belief.life == LIFE_ALIVE && key->belief.streak == 0 && key->paused_until == 0 &&
               key->last_healthy != 0 && key->last_healthy == key->last_checked &&
               engine_wall(e) - key->last_healthy < limit && !outage_key_is_unclear(key);
}

/* Another account is better than the same. */
static struct key *find_recent(struct engine *e, const struct key *suspect)
{
        const struct witnesses *w = e->witnesses;
        size_t n = w->n[suspect->mode], start = w->next[suspect->mode];
        struct key *fallback = NULL;

        for (size_t i = 0; i < n; i++) {
                const struct recent *r = &w->recent[suspect->mode][(start + n - 1 - i) % n];
                struct key *key = r->when ? keys_find(e, r->key_id) : NULL;

                if (!key || !is_fit(e, suspect, key, true))
                        continue;
                if (!key->account_id || key->account_id != suspect->account_id)
                        return key;
                if (!fallback)
                        fallback = key;
        }
        return fallback;
}

static struct key *find_any(struct engine *e, const struct key *suspect, bool fresh)
{
        size_t tries = MIN(e->n_keys, (size_t) SEARCH_MAX);
        size_t start = e->n_keys > SEARCH_MAX ? engine_random(e) % e->n_keys : 0;

        for (size_t i = 0; i < tries; i++) {
                struct key *key = e->keys[(start + i) % e->n_keys];

                if (is_fit(e, suspect, key, fresh))
                        return key;
        }
        return NULL;
}

static void witness_try(struct engine *e, struct key *suspect);

static void on_answer(struct engine *e, struct ask *ask, const struct judgement *j, const struct reply *reply)
{
        struct key *suspect = ask->userdata;
        struct key *witness = ask->key;

        suspect->work->witness = NULL;
        answer_learn(e, witness, ask, j, reply); /* it is an answer like any other */
        turn_plan(e, witness);
        if (!key_is_suspect(suspect)) {
                turn_plan(e, suspect);
        } else if (answer_is_healthy(j->answer)) {
                /* A mistake of the provider's may have ended between the suspect's last answer and this one:
                 * only a dead answer after a healthy witness is the key's own. */
                suspect->work->vouched = suspect->work->again = engine_now(e);
                turn_plan(e, suspect);
        } else if (answer_event(j->answer) == BELIEF_UNCLEAR &&
                   suspect->work->witness_tries < WITNESSES_MAX) {
                witness_try(e, suspect);
        } else {
                burst_doubtful(e, suspect);
        }
}

static bool start(struct engine *e, struct key *suspect, struct key *witness)
{
        struct ask *ask = ask_item(e, witness, pulse_item(e, witness));

        if (!ask)
                return false;
        ask->urgent = true;
        ask->opened_after = suspect->work->first_dead;
        ask->userdata = suspect;
        ask->done = on_answer;
        suspect->work->witness = ask;
        ask_submit(e, ask);
        return true;
}

static void witness_try(struct engine *e, struct key *suspect)
{
        struct work *w = suspect->work;
        struct key *witness = find_recent(e, suspect);

        if (!witness)
                witness = find_any(e, suspect, true);
        if (!witness) /* after a start nobody's answer is young */
                witness = find_any(e, suspect, false);
        w->witnesses_tried[w->witness_tries++] = witness ? witness->id : 0;
        if (!witness || !start(e, suspect, witness))
                burst_doubtful(e, suspect);
}

void witness_ask(struct engine *e, struct key *suspect)
{
        size_t others = e->witnesses->healthy[suspect->mode] - (suspect->counted ? 1 : 0);

        key_work(suspect)->witness_tries = 0;
        suspect->work->vouched = 0;
        if (others == 0) /* nobody who could be asked: the confirmations alone decide */
                burst_witnessed(e, suspect);
        else
                witness_try(e, suspect);
}

void witness_release(struct engine *e, struct key *key)
{
        struct ask *ask, *next;

        for (ask = LIST_FIRST(&e->asks); ask; ask = next) {
                struct key *suspect = ask->userdata;

                next = LIST_NEXT(ask, in_engine);
                if (ask->key != key || ask->done != on_answer)
                        continue;
                suspect->work->witness = ask_cancel(e, ask);
                suspect->work->again = engine_now(e); /* one more answer, then another witness */
                turn_plan(e, suspect);
        }
}

void witness_forget(struct engine *e, struct key *key)
{
        struct witnesses *w = e->witnesses;

        if (key->counted)
                w->healthy[key->mode]--;
        key->counted = false;
        for (size_t i = 0; i < w->n[key->mode]; i++)
                if (w->recent[key->mode][i].key_id == key->id)
                        w->recent[key->mode][i].when = 0;
        witness_release(e, key);
}
