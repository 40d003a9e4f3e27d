/* The questions that no profile asks for: what else may this key do? Riskiest first, and spread so thin that
 * no account notices. Each question has its own instant within its interval; how far a key has come is stored
 * with it, so that a restart, a pause or an outage delays questions, but loses none. */
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "engine/watch/watch.h"

static void add_row(const struct engine *e, const struct profile *profile, unsigned row, bool live,
                    struct excess_plan *plan)
{
        const struct permission *p = &e->parts.catalogue->rows[row];
        enum level required = profile_requires(profile, row);

        if (required == LEVEL_WRITE)
                return;
        if (permission_probe(p, LEVEL_WRITE, live))
                plan->items[plan->n++] = (struct item){ .row = (uint16_t) row, .level = LEVEL_WRITE };
        if (required == LEVEL_NONE && profile->excess == EXCESS_REPORT &&
            permission_probe(p, LEVEL_READ, live))
                plan->items[plan->n++] = (struct item){ .row = (uint16_t) row, .level = LEVEL_READ };
}

static void make_plan(const struct engine *e, const struct profile *profile, bool live,
                      struct excess_plan *plan)
{
        plan->made = true;
        if (profile->excess == EXCESS_ALLOW)
                return;
        for (int risk = 0; risk < _RISK_MAX; risk++) {
                for (unsigned row = 0; row < e->parts.catalogue->n; row++)
                        if ((int) e->parts.catalogue->rows[row].risk == risk)
                                add_row(e, profile, row, live, plan);
                if (risk == RISK_PERSONAL)
                        plan->n_risky = plan->n;
        }
}

const struct excess_plan *excess_plan(struct engine *e, const struct key *key)
{
        bool live = key_is_live_mode(key);

        if (!e->excess_plans) {
                e->excess_plans = memory_sure(calloc(2 * e->parts.profiles->n, sizeof(*e->excess_plans)));
        }
        struct excess_plan *plan = &e->excess_plans[2 * (size_t) key->profile + live];
        if (!plan->made)
                make_plan(e, key_profile(e, key), live, plan);
        return plan;
}

void excess_plans_free(struct engine *e)
{
        free(e->excess_plans);
        e->excess_plans = NULL;
}

/* Of `n` questions in an interval, those whose instants came since `*position`: as many as a period usually
 * brings, and one more, so that what was missed is made up for without haste. Up to where they were taken is
 * the new position. All in seconds on the line, so that rounding loses none. */
static size_t due_of(const struct engine *e, const struct key *key, const struct item *items, size_t n,
                     usec_t interval, int64_t *position, struct item *ret, size_t room)
{
        int64_t line = engine_steady_wall(e), whole = (int64_t) (interval / USEC_PER_SEC);
        int64_t step = MAX(whole / (int64_t) MAX(n, (size_t) 1), INT64_C(1));
        int64_t phase = (int64_t) (hash_text(key->name) % (uint64_t) whole);
        int64_t from = *position > 0 && *position <= line ? MAX(*position, line - whole) : line;
        int64_t k = (from + phase) / step + 1, last = (line + phase) / step;
        size_t usual = (size_t) ((int64_t) (key_period(e, key) / USEC_PER_SEC) / step) + 2, count = 0;

        for (; n > 0 && k <= last && count < MIN(usual, room); k++)
                ret[count++] = items[(size_t) k % n];
        *position = n > 0 && k <= last ? (k - 1) * step - phase : line;
        return count;
}

bool excess_is_unknown(const struct engine *e, const struct key *key, struct item item)
{
        enum grant grant = grants_get(&key->grants, e->parts.catalogue->rows[item.row].slot);

        return grant_has(grant, (enum level) item.level) < 0 && grant != GRANT_OFF &&
               !stale_is_told(e, item.row, (enum level) item.level);
}

/* The time in which everything may be expected to be asked once (SILENCE_SWEEP_MAX). What gets no answer for
 * so long (a feature that the account does not have, say) is left to its usual turn. */
static bool is_first_sweep(const struct engine *e, const struct key *key, const struct excess_plan *plan)
{
        int64_t patience = (int64_t) (2 * plan->n * key_pulse(e, key) / USEC_PER_SEC);

        return engine_wall(e) - MAX(key->added, key->secret_since) <= patience;
}

/* The first sweep does not take weeks: with each pulse one question that was never answered has its turn, the
 * riskiest first. Every other turn goes round all of them, so that one without answer does not hold up the
 * rest. */
static size_t unknown_of(const struct engine *e, const struct key *key, const struct excess_plan *plan,
                         struct item *ret)
{
        usec_t turn = turn_of(e, key, key_period(e, key));
        struct item unknown[SERIES_MAX];
        size_t n = 0;

        for (size_t i = 0; i < plan->n; i++)
                if (excess_is_unknown(e, key, plan->items[i]))
                        unknown[n++] = plan->items[i];
        if (n == 0)
                return 0;
        *ret = unknown[turn % 2 == 0 ? 0 : turn / 2 % n];
        return 1;
}

size_t excess_due(struct engine *e, struct key *key, struct item ret[static EXCESS_DUE_MAX])
{
        usec_t interval = e->parts.settings->checks.excess;
        size_t n = 0;

        if (key->kind != KIND_RESTRICTED || key->belief.life != LIFE_ALIVE || key->last_full == 0)
                return 0;
        const struct excess_plan *plan = excess_plan(e, key);
        if (plan->n == 0)
                return 0;
        if (is_first_sweep(e, key, plan))
                n += unknown_of(e, key, plan, ret);
        n += due_of(e, key, plan->items, plan->n_risky, interval, &key->last_excess[0], ret + n,
                    EXCESS_DUE_MAX - n);
        n += due_of(e, key, plan->items + plan->n_risky, plan->n - plan->n_risky, 4 * interval,
                    &key->last_excess[1], ret + n, EXCESS_DUE_MAX - n);
        return n;
}

bool excess_is_swept(struct engine *e, const struct key *key)
{
        const struct excess_plan *plan = excess_plan(e, key);

        if (key->swept || !is_first_sweep(e, key, plan))
                return true;
        for (size_t i = 0; i < plan->n_risky; i++)
                if (excess_is_unknown(e, key, plan->items[i]))
                        return false;
        return true;
}
