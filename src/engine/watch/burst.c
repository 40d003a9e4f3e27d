#include "engine/watch/burst.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/incidents/group.h"
#include "engine/watch/watch.h"

/* While so many others are suspected, a death waits this long for theirs. */
#define OTHERS    3
#define WAITS_FOR (20 * USEC_PER_SEC)
/* The one that makes so many accounts has others asked at once: is it everybody? */
#define ASKS_AT    4
#define ASKS       40
#define ASKS_AGAIN USEC_PER_MINUTE
/* Only so many keys are looked at to find them. */
#define SEARCH_MAX 4096
/* Is the doubt about many still there? */
#define LOOK_EVERY (30 * USEC_PER_SEC)

/* A key that is suspected. */
struct suspicion {
        struct key *key;
        enum belief_event verdict; /* what is believed when the wait is over */
        usec_t until;              /* 0: it does not wait */
        LIST_ENTRY(suspicion) next;
        TAILQ_ENTRY(suspicion) in_wait;
};

struct burst {
        LIST_HEAD(, suspicion) suspects[_MODE_MAX];
        TAILQ_HEAD(, suspicion) waiting; /* in the order in which their waits end */
        struct alarm wait, look;
        usec_t asked[_MODE_MAX];
};

static void burst_on_wait(struct alarm *alarm, void *userdata);
static void burst_on_look(struct alarm *alarm, void *userdata);

int burst_new(struct engine *e, struct burst **ret)
{
        struct burst *burst = calloc(1, sizeof(*burst));

        (void) e;
        if (!burst)
                return -ENOMEM;
        for (int mode = 0; mode < _MODE_MAX; mode++)
                LIST_INIT(&burst->suspects[mode]);
        TAILQ_INIT(&burst->waiting);
        burst->wait.ring = burst_on_wait;
        burst->look.ring = burst_on_look;
        *ret = burst;
        return 0;
}

struct burst *burst_free(struct burst *burst)
{
        for (int mode = 0; burst && mode < _MODE_MAX; mode++)
                while (!LIST_EMPTY(&burst->suspects[mode])) {
                        struct suspicion *s = LIST_FIRST(&burst->suspects[mode]);

                        LIST_REMOVE(s, next);
                        free(s);
                }
        return mfree(burst);
}

/* --- who is suspected --- */

/* Of this mode, how many accounts but that of `key`, as far as `enough`. */
static size_t count_others(const struct engine *e, const struct key *key, size_t enough)
{
        int64_t seen[ASKS_AT] = { key_account_number(key) };
        size_t n = 1;
        const struct suspicion *s;

        LIST_FOREACH(s, &e->burst->suspects[key->mode], next) {
                bool known = false;

                for (size_t i = 0; i < n; i++)
                        known = known || seen[i] == key_account_number(s->key);
                if (known)
                        continue;
                if (n > enough || n == ELEMENTSOF(seen))
                        break;
                seen[n++] = key_account_number(s->key);
        }
        return n - 1;
}

static bool burst_can_ask(const struct engine *e, const struct key *key, enum key_mode mode)
{
        return key->mode == mode && key->belief.life != LIFE_DEAD && !key_is_suspect(key) &&
               key->paused_until <= engine_wall(e);
}

static void ask_others(struct engine *e, enum key_mode mode)
{
        size_t tries = MIN(e->n_keys, (size_t) SEARCH_MAX), start = engine_random(e) % e->n_keys, asked = 0;

        for (size_t i = 0; i < tries && asked < ASKS; i++) {
                struct key *key = e->keys[(start + i) % e->n_keys];

                if (!burst_can_ask(e, key, mode))
                        continue;
                turn_soon(e, key, engine_now(e));
                asked++;
        }
}

void burst_suspected(struct engine *e, struct key *key)
{
        struct suspicion *s = memory_sure(calloc(1, sizeof(*s)));
        usec_t now = engine_now(e), *asked = &e->burst->asked[key->mode];

        s->key = key;
        key_work(key)->suspicion = s;
        LIST_INSERT_HEAD(&e->burst->suspects[key->mode], s, next);
        group_suspected(e, key);
        if (count_others(e, key, ASKS_AT - 1) == ASKS_AT - 1 && (*asked == 0 || now - *asked > ASKS_AGAIN)) {
                *asked = now;
                ask_others(e, (enum key_mode) key->mode);
        }
}

static void wait_end(struct engine *e, struct suspicion *s)
{
        if (s->until)
                TAILQ_REMOVE(&e->burst->waiting, s, in_wait);
        s->until = 0;
}

void burst_settled(struct engine *e, struct key *key)
{
        struct suspicion *s = key->work ? key->work->suspicion : NULL;

        if (!s)
                return;
        key->work->suspicion = NULL;
        wait_end(e, s);
        LIST_REMOVE(s, next);
        free(s);
}

/* --- deaths wait for each other --- */

/* The wait is over, one way or the other. */
static void burst_believe(struct engine *e, struct suspicion *s)
{
        struct key *key = s->key;

        wait_end(e, s);
        life_event(e, key, s->verdict, NULL);
}

static bool dies_like(const struct key *key, const struct key *other)
{
        return key->mode == other->mode && (key->last_healthy != 0) == (other->last_healthy != 0);
}

static int burst_compare(const void *left, const void *right)
{
        int64_t a = *(const int64_t *) left, b = *(const int64_t *) right;

        return (a > b) - (a < b);
}

static void nothing(void *node)
{
        (void) node;
}

/* Of how many accounts keys wait that die like this one, itself among them. */
static size_t count_waiting(struct engine *e, const struct key *key)
{
        struct suspicion *s;
        void *seen = NULL;
        size_t n = 0, room = 0;
        _cleanup_free_ int64_t *accounts = NULL;

        TAILQ_FOREACH(s, &e->burst->waiting, in_wait)
                room++;
        accounts = memory_sure(calloc(room + 1, sizeof(*accounts)));
        TAILQ_FOREACH(s, &e->burst->waiting, in_wait) {
                if (!dies_like(key, s->key))
                        continue;
                accounts[n] = group_account(e, s->key);
                int64_t **found = tsearch(&accounts[n], &seen, burst_compare);
                n += found && *found == &accounts[n];
        }
        tdestroy(seen, nothing);
        return n;
}

/* So many that they are one: counted first, so that each is told as a part of it. */
static void believe_all_like(struct engine *e, struct key *key)
{
        struct suspicion *s, *next;

        TAILQ_FOREACH(s, &e->burst->waiting, in_wait)
                if (dies_like(key, s->key))
                        group_expect(e, s->key);
        for (s = TAILQ_FIRST(&e->burst->waiting); s; s = next) {
                next = TAILQ_NEXT(s, in_wait);
                if (dies_like(key, s->key))
                        burst_believe(e, s);
        }
}

static void burst_on_wait(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        struct suspicion *s;

        while ((s = TAILQ_FIRST(&e->burst->waiting)) && s->until <= engine_now(e))
                burst_believe(e, s);
        if (s)
                agenda_set(e->agenda, alarm, s->until);
}

static void wait_begin(struct engine *e, struct suspicion *s)
{
        s->until = engine_now(e) + WAITS_FOR;
        TAILQ_INSERT_TAIL(&e->burst->waiting, s, in_wait);
        if (!alarm_waits(&e->burst->wait))
                agenda_set(e->agenda, &e->burst->wait, s->until);
        /* Its own turn comes when nobody waits any more. */
        wait_other(key_work(s->key), s->until + USEC_PER_MINUTE);
        turn_plan(e, s->key);
}

/* This verdict makes the key dead. */
static void die_soon(struct engine *e, struct key *key, enum belief_event verdict)
{
        struct suspicion *s = key_work(key)->suspicion;

        if (s && s->until)
                return; /* it waits already */
        if (!s || count_others(e, key, OTHERS) < OTHERS) {
                life_event(e, key, verdict, NULL);
                return;
        }
        s->verdict = verdict;
        wait_begin(e, s);
        if (group_would_open(e, key, count_waiting(e, key)))
                believe_all_like(e, key);
}

void burst_witnessed(struct engine *e, struct key *key)
{
        if (key->belief.holds == 0 && key->last_healthy != 0 && group_is_beyond(e, key))
                life_event(e, key, BELIEF_WITNESS_DOUBTFUL, NULL);
        else
                die_soon(e, key, BELIEF_WITNESS_HEALTHY);
}

void burst_unwitnessed(struct engine *e, struct key *key)
{
        if (key->belief.holds == 0)
                life_event(e, key, BELIEF_UNWITNESSED, NULL); /* held once */
        else
                die_soon(e, key, BELIEF_UNWITNESSED);
}

void burst_doubtful(struct engine *e, struct key *key)
{
        if (key->belief.life == LIFE_HELD && key->belief.holds >= HOLDS_MAX)
                die_soon(e, key, BELIEF_WITNESS_DOUBTFUL);
        else
                life_event(e, key, BELIEF_WITNESS_DOUBTFUL, NULL);
}

/* --- doubt about many --- */

static struct incident *unconfirmed(const struct engine *e, enum key_mode mode)
{
        struct incident *incident = e->incidents;

        while (incident && (incident->kind != INCIDENT_MASS_REVOCATION ||
                            !reasons_have(incident->reasons, REASON_UNCONFIRMED) ||
                            strcmp(incident->mode, key_mode_name(mode)) != 0))
                incident = incident->next;
        return incident;
}

/* Beyond its first hold, which means: nobody was there to confirm what it was answered. */
static bool is_unconfirmed(const struct key *key)
{
        return key->belief.life == LIFE_HELD && key->belief.holds > 1;
}

static bool any_unconfirmed(const struct engine *e, enum key_mode mode)
{
        const struct suspicion *s;

        LIST_FOREACH(s, &e->burst->suspects[mode], next)
                if (is_unconfirmed(s->key))
                        return true;
        return false;
}

static void burst_on_look(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        bool any = false;

        for (int mode = 0; mode < _MODE_MAX; mode++) {
                struct incident *open = unconfirmed(e, (enum key_mode) mode);

                if (open && any_unconfirmed(e, (enum key_mode) mode))
                        any = true;
                else
                        incident_clear(e, NULL, open, reason_name(REASON_UNCONFIRMED));
        }
        if (any)
                agenda_set(e->agenda, alarm, engine_now(e) + LOOK_EVERY);
}

/* Accounts with a key that is suspected. */
static size_t count_suspected(struct engine *e, enum key_mode mode)
{
        const struct suspicion *s;
        void *seen = NULL;
        size_t n = 0;

        LIST_FOREACH(s, &e->burst->suspects[mode], next) {
                int64_t *account = memory_sure(malloc(sizeof(*account))), **found;

                *account = key_account_number(s->key);
                found = tsearch(account, &seen, burst_compare);
                if (found && *found == account)
                        n++;
                else
                        free(account);
        }
        tdestroy(seen, free);
        return n;
}

void burst_hold(struct engine *e, struct key *key)
{
        struct notice n = {
                .kind = INCIDENT_MASS_REVOCATION,
                .reason = reason_name(REASON_UNCONFIRMED),
                .mode = key_mode_name((enum key_mode) key->mode),
                .priority = incident_kind_priority(INCIDENT_MASS_REVOCATION, key_is_live_mode(key)),
                .has_count = true,
        };

        if (!is_unconfirmed(key) || unconfirmed(e, (enum key_mode) key->mode))
                return;
        n.count = count_suspected(e, (enum key_mode) key->mode);
        incident_open(e, NULL, &n, key->suspect_since);
        agenda_set(e->agenda, &e->burst->look, engine_now(e) + LOOK_EVERY);
}

void burst_resume(struct engine *e)
{
        agenda_set(e->agenda, &e->burst->look, engine_now(e) + LOOK_EVERY);
}
