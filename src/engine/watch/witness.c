#include "engine/watch/witness.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/requests/limiter.h"
#include "engine/watch/watch.h"

/* The latest healthy keys of each mode, of different accounts. */
#define RECENT_MAX 64
/* A witness's healthy answer must be younger than this many pulses. */
#define PULSES_MAX 2
/* So many are searched when the list of the latest has nobody; all, once a minute, if these are all of one
 * account. */
#define SEARCH_MAX 4096
#define ALONE_FOR  USEC_PER_MINUTE

struct recent {
        int64_t key_id, account_id;
        usec_t when;
};

struct witnesses {
        struct recent recent[_MODE_MAX][RECENT_MAX];
        size_t n[_MODE_MAX], next[_MODE_MAX];
        size_t healthy[_MODE_MAX]; /* keys that are believed healthy */
        usec_t alone[_MODE_MAX];   /* when all were searched, and none of another account was found */
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

bool witness_is_healthy(const struct engine *e, const struct key *key)
{
        const struct witnesses *w = e->witnesses;

        for (size_t i = 0; i < w->n[key->mode]; i++) {
                const struct recent *r = &w->recent[key->mode][i];

                if (r->when && r->key_id != key->id &&
                    engine_now(e) - r->when < PULSES_MAX * key_pulse(e, key))
                        return true;
        }
        return false;
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

/* The better, the more its answer says: another account's key shows that it is not this account's trouble,
 * and what was healthy a moment ago is likely to answer. */
enum fitness {
        UNFIT,
        SAME_ACCOUNT,
        SAME_ACCOUNT_FRESH,
        OTHER_ACCOUNT,
        BEST, /* another account, and fresh */
};

static enum fitness fitness_of(const struct engine *e, const struct key *suspect, const struct key *key)
{
        int64_t limit = PULSES_MAX * (int64_t) (key_pulse(e, key) / USEC_PER_SEC);

        if (key == suspect || key->mode != suspect->mode || was_tried(suspect->work, key) ||
            key->belief.life != LIFE_ALIVE || key->belief.streak != 0 || key->paused_until != 0 ||
            key->last_healthy == 0 || key->last_healthy != key->last_checked || outage_key_is_unclear(key))
                return UNFIT;
        if (limiter_backs_off(e, key)) /* its answer would be waited for */
                return UNFIT;
        bool fresh = engine_wall(e) - key->last_healthy < limit;

        if (key->account_id != 0 && key->account_id == suspect->account_id)
                return fresh ? SAME_ACCOUNT_FRESH : SAME_ACCOUNT;
        return fresh ? BEST : OTHER_ACCOUNT;
}

struct choice {
        struct key *key;
        enum fitness fitness;
};

static void witness_consider(const struct engine *e, const struct key *suspect, struct key *key,
                             struct choice *best)
{
        enum fitness fitness = fitness_of(e, suspect, key);

        if (fitness > best->fitness)
                *best = (struct choice){ .key = key, .fitness = fitness };
}

/* From anywhere in the list: many suspects at a time are not to hang on one witness. */
static void choose_recent(struct engine *e, const struct key *suspect, struct choice *best)
{
        const struct witnesses *w = e->witnesses;
        size_t n = w->n[suspect->mode], start = n > 0 ? engine_random(e) % n : 0;

        for (size_t i = 0; i < n && best->fitness < BEST; i++) {
                const struct recent *r = &w->recent[suspect->mode][(start + i) % n];
                struct key *key = r->when ? keys_find(e, r->key_id) : NULL;

                if (key)
                        witness_consider(e, suspect, key, best);
        }
}

static void choose_any(struct engine *e, const struct key *suspect, size_t most, enum fitness enough,
                       struct choice *best)
{
        size_t n = MIN(e->n_keys, most), start = engine_random(e) % e->n_keys;

        for (size_t i = 0; i < n && best->fitness < enough; i++)
                witness_consider(e, suspect, e->keys[(start + i) % e->n_keys], best);
}

static struct key *witness_choose(struct engine *e, const struct key *suspect)
{
        struct witnesses *w = e->witnesses;
        struct choice best = { .fitness = UNFIT };
        usec_t *alone = &w->alone[suspect->mode], now = engine_now(e);

        choose_recent(e, suspect, &best);
        choose_any(e, suspect, SEARCH_MAX, BEST, &best);
        if (best.fitness >= OTHER_ACCOUNT || e->n_keys <= SEARCH_MAX || (*alone && now - *alone < ALONE_FOR))
                return best.key;
        choose_any(e, suspect, e->n_keys, OTHER_ACCOUNT, &best);
        *alone = best.fitness < OTHER_ACCOUNT ? now : 0;
        return best.key;
}

static void witness_try(struct engine *e, struct key *suspect);

/* The last question goes over another connection than the witness's: one that was opened after the last dead
 * answer (which suspects may share), or now, where the witness could not be asked on that answer's own. */
static void witness_vouch(struct engine *e, struct key *suspect, const struct reply *reply)
{
        struct work *w = suspect->work;
        usec_t now = engine_now(e);

        w->vouched = now;
        wait_turn(e, w);
        w->decides_after = reply && reply->connection == w->dead_connection ? w->last_dead : now;
        turn_plan(e, suspect);
}

static void witness_on_answer(struct engine *e, struct ask *ask, const struct judgement *j,
                              const struct reply *reply)
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
                witness_vouch(e, suspect, reply);
        } else if (answer_event(j->answer) == BELIEF_UNCLEAR &&
                   suspect->work->witness_tries < WITNESSES_MAX) {
                witness_try(e, suspect);
        } else {
                burst_doubtful(e, suspect);
        }
}

static bool witness_start(struct engine *e, struct key *suspect, struct key *witness)
{
        struct ask *ask = ask_item(e, witness, pulse_item(e, witness));

        if (!ask)
                return false;
        ask->urgent = true;
        ask->opened_after = suspect->work->first_dead;
        ask->connection = suspect->work->dead_connection;
        ask->userdata = suspect;
        ask->done = witness_on_answer;
        suspect->work->witness = ask;
        ask_submit(e, ask);
        return true;
}

static void witness_try(struct engine *e, struct key *suspect)
{
        struct work *w = suspect->work;
        struct key *witness = witness_choose(e, suspect);

        w->witnesses_tried[w->witness_tries++] = witness ? witness->id : 0;
        if (!witness || !witness_start(e, suspect, witness))
                burst_doubtful(e, suspect);
}

void witness_ask(struct engine *e, struct key *suspect)
{
        size_t others = e->witnesses->healthy[suspect->mode] - (suspect->counted ? 1 : 0);

        key_work(suspect)->witness_tries = 0;
        suspect->work->vouched = 0;
        if (others == 0)
                burst_unwitnessed(e, suspect);
        else
                witness_try(e, suspect);
}

void witness_release(struct engine *e, struct key *key)
{
        struct ask *ask, *next;

        for (ask = LIST_FIRST(&e->asks); ask; ask = next) {
                struct key *suspect = ask->userdata;

                next = LIST_NEXT(ask, in_engine);
                if (ask->key != key || ask->done != witness_on_answer)
                        continue;
                suspect->work->witness = ask_cancel(e, ask);
                wait_turn(e, suspect->work); /* one more answer, then another witness */
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
