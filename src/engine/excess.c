/* The questions that no profile asks for: what else may this key do? Riskiest first, and spread so thin that
 * no account notices. Each question has its own instant within its interval, so a sweep needs no memory of
 * where it was, and goes on after a restart where the clock says. */
#include <stdlib.h>

#include "base/hash.h"
#include "engine/internal.h"

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
                e->excess_plans = calloc(2 * e->parts.profiles->n, sizeof(*e->excess_plans));
                if (!e->excess_plans)
                        abort();
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

/* Of `n` questions in an interval, those whose instants lie within the last `period`. */
static size_t due_of(const struct engine *e, const struct key *key, const struct item *items, size_t n,
                     usec_t interval, usec_t period, struct item *ret, size_t room)
{
        usec_t step = MAX(n > 0 ? interval / n : interval, (usec_t) 1);
        usec_t line = engine_now(e) + e->anchor + hash_text(key->name) % interval;
        size_t count = 0;

        for (usec_t k = (line - period) / step + 1; n > 0 && k <= line / step && count < room; k++)
                ret[count++] = items[k % n];
        return count;
}

/* The first sweep does not take weeks: with each pulse one question has its turn, and is asked if it never
 * was. */
static size_t unknown_of(const struct engine *e, const struct key *key, const struct excess_plan *plan,
                         usec_t period, struct item *ret)
{
        usec_t line = engine_now(e) + e->anchor + hash_text(key->name) % period;
        struct item item = plan->items[line / period % plan->n];
        enum grant grant = grants_get(&key->grants, e->parts.catalogue->rows[item.row].slot);

        *ret = item;
        return grant_has(grant, (enum level) item.level) < 0;
}

size_t excess_due(struct engine *e, const struct key *key, struct item ret[static EXCESS_DUE_MAX])
{
        usec_t interval = e->parts.settings->checks.excess, period = key_period(e, key);
        size_t n = 0;

        if (key->kind != KIND_RESTRICTED || key->belief.life != LIFE_ALIVE || key->last_full == 0)
                return 0;
        const struct excess_plan *plan = excess_plan(e, key);
        if (plan->n == 0)
                return 0;
        n += unknown_of(e, key, plan, period, ret);
        n += due_of(e, key, plan->items, plan->n_risky, interval, period, ret + n, EXCESS_DUE_MAX - n);
        n += due_of(e, key, plan->items + plan->n_risky, plan->n - plan->n_risky, 4 * interval, period,
                    ret + n, EXCESS_DUE_MAX - n);
        return n;
}
