/* The questions that belong together: a pulse, a full check, an excess check. Asked one after the other. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "engine/requests/limiter.h"
#include "engine/watch/watch.h"

/* Out-of-profile questions that may be asked to learn the account from a refusal. */
#define LEARN_MAX 5
/* A question that stays without verdict is repeated this often before the series is given up. */
#define SERIES_REPEATS 3

/* Checks that go on at a time; each takes its memory until its last question is answered. Of the keys beyond
 * it only the pulse is asked, until there is room. */
#define GOING_ON_MAX 32768

/* The full checks that a change of many keys brings do not come all at once. Seconds. */
#define FULL_SPREAD SEC_PER_HOUR

static void append(struct series *series, struct item item)
{
        for (size_t i = 0; i < series->n; i++)
                if (item_same(series->items[i], item))
                        return;
        if (series->n < SERIES_MAX)
                series->items[series->n++] = item;
}

static struct series *series_empty(void)
{
        struct series *series =
                memory_sure(calloc(1, sizeof(*series) + SERIES_MAX * sizeof(series->items[0])));

        series->learn_from = SERIES_MAX;
        return series;
}

/* Every check begins with the question whether the key is alive. */
static struct series *series_new(const struct engine *e, const struct key *key)
{
        struct series *series = series_empty();

        memcpy(series->excess_before, key->last_excess, sizeof(series->excess_before));
        append(series, pulse_item(e, key));
        return series;
}

/* In place of the one that is under way. Nothing more is put behind it: room for what could have been goes.
 */
static void series_begin(struct engine *e, struct key *key, struct series *series)
{
        struct work *w = key_work(key);

        e->n_series += w->series == NULL;
        free(w->series);
        w->series = memory_sure(realloc(series, sizeof(*series) + series->n * sizeof(series->items[0])));
}

/* Every required permission, each row once, at its level. */
static void append_required(const struct engine *e, const struct key *key, struct series *series)
{
        const struct profile *profile = key_profile(e, key);

        for (size_t i = 0; i < profile->n_required; i++) {
                unsigned row = profile->required[i].row;
                enum level level = profile_requires(profile, row);

                if (permission_probe(&e->parts.catalogue->rows[row], level, key_is_live_mode(key)))
                        append(series, (struct item){ .row = (uint16_t) row, .level = (uint8_t) level });
        }
        series->full = true;
}

/* A refusal names the account: ask for things the profile does not want, which are most likely refused. */
static void append_learning(const struct engine *e, const struct key *key, struct series *series)
{
        const struct profile *profile = key_profile(e, key);
        unsigned asked = 0;

        series->learn_from = series->n;
        if (key->kind == KIND_SECRET) /* is never refused anything */
                return;
        for (size_t i = e->parts.catalogue->n; i-- > 0 && asked < LEARN_MAX;) {
                const struct permission *p = &e->parts.catalogue->rows[i];

                if (profile_requires(profile, (unsigned) i) != LEVEL_NONE || !p->sure ||
                    p->n_implied_by > 0 || !permission_probe(p, LEVEL_WRITE, key_is_live_mode(key)))
                        continue;
                append(series, (struct item){ .row = (uint16_t) i, .level = LEVEL_WRITE });
                asked++;
        }
}

/* While something is missing, write permissions are asked with every pulse, read ones hourly. */
static void append_missing(const struct engine *e, struct key *key, struct series *series)
{
        const struct profile *profile = key_profile(e, key);
        struct work *w = key_work(key);
        usec_t now = engine_now(e);
        /* A little early rather than a pulse late. */
        bool reads =
                w->missing_read_asked == 0 ||
                now - w->missing_read_asked + MIN(key_pulse(e, key) / 2, USEC_PER_MINUTE) >= USEC_PER_HOUR;

        for (size_t i = 0; i < profile->n_required; i++) {
                unsigned row = profile->required[i].row;
                enum level level = profile_requires(profile, row);
                enum grant grant = grants_get(&key->grants, e->parts.catalogue->rows[row].slot);

                if (grant_has(grant, level) == 0 && (level == LEVEL_WRITE || reads))
                        append(series, (struct item){ .row = (uint16_t) row, .level = (uint8_t) level });
        }
        if (reads)
                w->missing_read_asked = now;
}

/* Is this pulse the one in an hour in which a check that failed is tried again? */
static bool is_hourly(const struct engine *e, const struct key *key)
{
        usec_t pulse = key_pulse(e, key);

        return turn_of(e, key, pulse) % MAX(USEC_PER_HOUR / pulse, (usec_t) 1) == 0;
}

static bool full_is_due(const struct engine *e, const struct key *key)
{
        int64_t wall = engine_steady_wall(e), pulse = (int64_t) (key_pulse(e, key) / USEC_PER_SEC);
        int64_t due = key->last_full + (int64_t) (e->parts.settings->checks.full / USEC_PER_SEC);

        if (key->last_full == 0 || key->last_full > wall) /* in the future: the clock was set back */
                return true;
        /* A little early rather than a pulse late. What is overdue was tried in vain, or nobody was here. */
        return wall + pulse / 2 >= due && (wall < due + pulse || is_hourly(e, key));
}

void series_wanted_anew(const struct engine *e, struct key *key)
{
        key->review = key->wanted_anew = true;
        series_full_soon(e, key);
}

void series_full_soon(const struct engine *e, struct key *key)
{
        /* A pulse less: it is asked with one, and all are to be through within the hour. */
        int64_t pulse = (int64_t) (key_pulse(e, key) / USEC_PER_SEC);
        int64_t within =
                (int64_t) (hash_text(key->name) % (uint64_t) MAX(FULL_SPREAD - pulse, FULL_SPREAD / 2));
        int64_t full = (int64_t) (e->parts.settings->checks.full / USEC_PER_SEC);

        if (key->last_full != 0) /* else it is due anyway */
                key->last_full = MIN(key->last_full, engine_steady_wall(e) + within - full);
}

/* An account that was only declared may be wrong: it is looked up once. */
static bool account_is_known(const struct key *key)
{
        return key->account_id != 0 && !key->account_declared;
}

bool series_scheduled(struct engine *e, struct key *key)
{
        struct item excess[EXCESS_DUE_MAX];
        bool dead = key->belief.life == LIFE_DEAD;
        bool full = !dead && full_is_due(e, key);
        int64_t before[2] = { key->last_excess[0], key->last_excess[1] };

        if (e->n_series >= GOING_ON_MAX && !key->missing)
                return false;
        size_t n = excess_due(e, key, excess);
        if (dead || (!full && !key->missing && n == 0))
                return false; /* nothing but the pulse, as nearly always */
        struct series *series = series_new(e, key);

        memcpy(series->excess_before, before, sizeof(before));
        if (full)
                append_required(e, key, series);
        if (key->missing)
                append_missing(e, key, series);
        for (size_t i = 0; i < n; i++)
                append(series, excess[i]);
        if (full && key->last_full == 0 && !account_is_known(key))
                append_learning(e, key, series);
        series_begin(e, key, series);
        return true;
}

void series_requested(struct engine *e, struct key *key, enum check_kind kind)
{
        struct series *series = series_new(e, key);

        if (kind != CHECK_PULSE)
                append_required(e, key, series);
        if (kind == CHECK_EXCESS && key->kind == KIND_RESTRICTED) {
                const struct excess_plan *plan = excess_plan(e, key);

                for (size_t i = 0; i < plan->n; i++)
                        append(series, plan->items[i]);
                series->excess = true;
        }
        series_begin(e, key, series);
}

struct series *series_candidate(const struct engine *e, const struct key *key)
{
        struct series *series = series_new(e, key);

        append_required(e, key, series);
        append_learning(e, key, series);
        return series;
}

struct series *series_risky(struct engine *e, const struct key *key)
{
        struct series *series = series_empty();
        const struct excess_plan *plan = excess_plan(e, key);

        for (size_t i = 0; i < plan->n_risky; i++)
                if (excess_is_unknown(e, key, plan->items[i]))
                        append(series, plan->items[i]);
        return series;
}

void series_sweep(struct engine *e, struct key *key)
{
        struct series *series = series_risky(e, key);

        series->excess = true;
        series_begin(e, key, series);
        turn_soon(e, key, engine_now(e));
}

static void series_end(struct engine *e, struct key *key)
{
        struct series *series = TAKE(key->work->series);

        /* A retired endpoint gives no verdict however often it is asked. */
        bool done = !series->failed && series->judged;

        e->n_series--;
        e->figures.checks[series->full ? CHECKS_FULL : CHECKS_EXCESS]++;
        if (series->full && done)
                key->last_full = engine_steady_wall(e);
        key->unsaved = true;
        if (series->excess && done && !key->swept)
                key->swept = key->review = true;
        permission_review(e, key);
        if (series->full && done) /* else a second answer decides */
                key->wanted_anew = key->wanted_anew && key->work->n_doubts > 0;
        rounds_asked(e, key);
        reporters_tell(e, key, series->incomplete);
        free(series);
}

/* Read is not asked of a permission that has just been seen to grant write. */
static bool makes_sense(const struct engine *e, const struct key *key, struct item item)
{
        return item.row == ROW_NONE || item.level != LEVEL_READ ||
               profile_requires(key_profile(e, key), item.row) != LEVEL_NONE ||
               grants_get(&key->grants, e->parts.catalogue->rows[item.row].slot) != GRANT_WRITE;
}

bool series_take(const struct engine *e, const struct key *key, struct series *series, struct item *ret)
{
        while (series->next < series->n) {
                size_t i = series->next++;

                if (i >= series->learn_from && series->account_told)
                        return false;
                if (makes_sense(e, key, series->items[i])) {
                        *ret = series->items[i];
                        return true;
                }
        }
        return false;
}

bool series_next(struct engine *e, struct key *key, struct item *ret)
{
        if (series_take(e, key, key->work->series, ret))
                return true;
        series_end(e, key);
        return false;
}

void series_abandon(struct engine *e, struct key *key)
{
        struct series *series = key->work ? key->work->series : NULL;

        if (!series)
                return;
        series->incomplete = series->failed = true;
        /* These have their turn again. */
        memcpy(key->last_excess, series->excess_before, sizeof(series->excess_before));
        series_end(e, key);
}

/* An answer that was none: the question is asked again after a growing wait, then given up. One endpoint that
 * is retired or in trouble does not end the check of the others; when it is the first one, or two in a row,
 * it is likely all of them. */
static void series_unclear(struct engine *e, struct key *key, const struct judgement *j)
{
        struct series *series = key->work->series;
        /* Not even the pulse, which comes first: that is the path's trouble, most likely. Repeats from all
         * keys would take the places of those that are answered, and an outage of a part be found the later.
         */
        bool crowded = j->answer == ANSWER_UNCLEAR && series->next == 1 && !key->work->reporters &&
                       limiter_in_flight(e->limiter) > e->parts.settings->stripe.concurrency / 4;

        /* Nor does a repeat help where none helped in its last turns, or where the secret cannot be opened.
         */
        bool vain = key->unreadable || outage_strikes(e, key) || key->unclear > SERIES_REPEATS + 1;

        if (!judgement_is_in_vain(j) && !crowded && !vain && series->repeats < SERIES_REPEATS) {
                series->next--;
                wait_repeat(e, key->work, &series->repeats);
                return;
        }
        bool first = !series->judged, again = series->troubled;

        series->repeats = 0;
        if (answer_is_feature_off(j->answer)) /* no question is open; what is required was seen to already */
                return;
        series->incomplete = true;
        if (judgement_is_in_vain(j))
                return;
        series->troubled = series->failed = true;
        if (first || again || outage_strikes(e, key))
                series_abandon(e, key);
}

void series_answered(struct engine *e, struct key *key, const struct judgement *j)
{
        struct series *series = key->work->series;

        if (key_is_suspect(key) || answer_is_dead(j->answer)) {
                series_abandon(e, key);
        } else if (!answer_is_judged(j->answer)) {
                series_unclear(e, key, j);
        } else {
                series->judged = true;
                series->troubled = false;
                series->repeats = 0;
        }
}
