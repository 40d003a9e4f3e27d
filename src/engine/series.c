/* The questions that belong together: a pulse, a full check, an excess check. Asked one after the other. */
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"

/* Out-of-profile questions that may be asked to learn the account from a refusal. */
#define LEARN_MAX 5

/* Stripe refused the account at one question: what else to ask, so that it is not about that one. False: the
 * profile has nothing else. */
static bool other_item(const struct engine *e, const struct key *key, struct item *ret)
{
        const struct profile *profile = key_profile(e, key);
        const struct work *w = key->work;

        for (size_t i = 0; i < profile->n_required; i++) {
                unsigned row = profile->required[i].row;
                enum level level = profile->required[i].level;

                if ((row == w->refused_row && level == (enum level) w->refused_level) ||
                    !permission_probe(&e->parts.catalogue->rows[row], level, key_is_live_mode(key)))
                        continue;
                *ret = (struct item){ .row = (uint16_t) row, .level = (uint8_t) level };
                return true;
        }
        return false;
}

static struct item first_item(const struct engine *e, const struct key *key)
{
        const struct profile *profile = key_profile(e, key);
        bool live = key_is_live_mode(key);
        unsigned row;

        for (size_t i = 0; i < profile->n_required; i++) {
                const struct requirement *r = &profile->required[i];

                if (r->level == LEVEL_WRITE &&
                    permission_probe(&e->parts.catalogue->rows[r->row], LEVEL_WRITE, live))
                        return (struct item){ .row = (uint16_t) r->row, .level = LEVEL_WRITE };
        }
        for (size_t i = 0; i < profile->n_required; i++) {
                const struct requirement *r = &profile->required[i];

                if (permission_probe(&e->parts.catalogue->rows[r->row], LEVEL_READ, live))
                        return (struct item){ .row = (uint16_t) r->row, .level = LEVEL_READ };
        }
        if (catalogue_find(e->parts.catalogue, "customer", &row) >= 0 &&
            permission_probe(&e->parts.catalogue->rows[row], LEVEL_READ, live))
                return (struct item){ .row = (uint16_t) row, .level = LEVEL_READ };
        return (struct item){ .row = ROW_NONE, .level = LEVEL_READ };
}

struct item pulse_item(const struct engine *e, const struct key *key)
{
        struct item other;

        if (key->work && key->work->refused_streak > 0 &&
            !incident_find(e, key, INCIDENT_KEY_ACCOUNT_REFUSED) && other_item(e, key, &other))
                return other;
        return first_item(e, key);
}

struct ask *ask_item(struct engine *e, struct key *key, struct item item)
{
        if (item.row != ROW_NONE)
                return ask_about(e, key, item.row, (enum level) item.level);
        struct ask *ask = ask_path(e, key, METHOD_GET, strdup("/v1/customers/keyvigil_absent"));
        if (ask)
                ask->row = ROW_NONE;
        return ask;
}

static void append(struct work *w, struct item item)
{
        for (size_t i = 0; i < w->n_series; i++)
                if (w->series[i].row == item.row && w->series[i].level == item.level)
                        return;
        if (w->n_series < SERIES_MAX)
                w->series[w->n_series++] = item;
}

static struct work *begin(struct key *key)
{
        struct work *w = key_work(key);

        free(w->series);
        w->series = calloc(SERIES_MAX, sizeof(*w->series));
        if (!w->series)
                abort();
        w->n_series = w->next_series = 0;
        w->learn_from = SERIES_MAX;
        w->series_full = w->series_incomplete = false;
        return w;
}

/* Every required permission, each row once, at its level. */
static void append_required(const struct engine *e, const struct key *key, struct work *w)
{
        const struct profile *profile = key_profile(e, key);

        for (size_t i = 0; i < profile->n_required; i++) {
                unsigned row = profile->required[i].row;
                enum level level = profile_requires(profile, row);

                if (permission_probe(&e->parts.catalogue->rows[row], level, key_is_live_mode(key)))
                        append(w, (struct item){ .row = (uint16_t) row, .level = (uint8_t) level });
        }
        w->series_full = true;
}

/* A refusal names the account: ask for things the profile does not want, which are most likely refused. */
static void append_learning(const struct engine *e, const struct key *key, struct work *w)
{
        const struct profile *profile = key_profile(e, key);
        unsigned asked = 0;

        w->learn_from = w->n_series;
        if (key->kind == KIND_SECRET) /* is never refused anything */
                return;
        for (size_t i = e->parts.catalogue->n; i-- > 0 && asked < LEARN_MAX;) {
                const struct permission *p = &e->parts.catalogue->rows[i];

                if (profile_requires(profile, (unsigned) i) != LEVEL_NONE || !p->sure ||
                    p->n_implied_by > 0 || !permission_probe(p, LEVEL_WRITE, key_is_live_mode(key)))
                        continue;
                append(w, (struct item){ .row = (uint16_t) i, .level = LEVEL_WRITE });
                asked++;
        }
}

/* While something is missing, write permissions are asked with every pulse, read ones hourly. */
static void append_missing(const struct engine *e, struct key *key, struct work *w)
{
        const struct profile *profile = key_profile(e, key);
        usec_t now = engine_now(e);
        bool reads = now - w->missing_read_asked >= USEC_PER_HOUR || w->missing_read_asked == 0;

        for (size_t i = 0; i < profile->n_required; i++) {
                unsigned row = profile->required[i].row;
                enum level level = profile_requires(profile, row);
                enum grant grant = grants_get(&key->grants, e->parts.catalogue->rows[row].slot);

                if (grant_has(grant, level) == 0 && (level == LEVEL_WRITE || reads))
                        append(w, (struct item){ .row = (uint16_t) row, .level = (uint8_t) level });
        }
        if (reads)
                w->missing_read_asked = now;
}

static bool full_is_due(const struct engine *e, const struct key *key)
{
        int64_t wall = engine_steady_wall(e);
        int64_t interval = (int64_t) (e->parts.settings->checks.full / USEC_PER_SEC);

        /* A little early rather than a pulse late; a date in the future means that the clock was set back. */
        return key->last_full == 0 || key->last_full > wall ||
               key->last_full + interval <= wall + (int64_t) (key_pulse(e, key) / USEC_PER_SEC / 2);
}

bool series_scheduled(struct engine *e, struct key *key)
{
        struct item excess[EXCESS_DUE_MAX];
        bool dead = key->belief.life == LIFE_DEAD;
        size_t n = excess_due(e, key, excess);
        bool full = !dead && full_is_due(e, key);

        if (dead || (!full && !key->missing && n == 0))
                return false; /* nothing but the pulse, as nearly always */
        struct work *w = begin(key);
        append(w, pulse_item(e, key));
        if (full)
                append_required(e, key, w);
        if (key->missing)
                append_missing(e, key, w);
        for (size_t i = 0; i < n; i++)
                append(w, excess[i]);
        if (full && key->last_full == 0 && key->account_id == 0)
                append_learning(e, key, w);
        return true;
}

void series_requested(struct engine *e, struct key *key, enum check_kind kind)
{
        struct work *w = begin(key);

        append(w, pulse_item(e, key));
        if (kind != CHECK_PULSE)
                append_required(e, key, w);
        if (kind == CHECK_EXCESS && key->kind == KIND_RESTRICTED) {
                const struct excess_plan *plan = excess_plan(e, key);

                for (size_t i = 0; i < plan->n; i++)
                        append(w, plan->items[i]);
        }
}

void series_candidate(struct engine *e, struct key *key)
{
        struct work *w = begin(key);

        append(w, pulse_item(e, key));
        append_required(e, key, w);
        append_learning(e, key, w);
}

static void finish(struct engine *e, struct key *key)
{
        struct work *w = key->work;
        bool full = w->series_full && !w->series_incomplete;

        free(w->series);
        w->series = NULL;
        if (full)
                key->last_full = engine_steady_wall(e);
        permission_review(e, key);
        rounds_asked(e, key);
        reporters_tell(e, key);
}

/* Read is not asked of a permission that has just been seen to grant write. */
static bool makes_sense(const struct engine *e, const struct key *key, const struct item *item)
{
        return item->row == ROW_NONE || item->level != LEVEL_READ ||
               profile_requires(key_profile(e, key), item->row) != LEVEL_NONE ||
               grants_get(&key->grants, e->parts.catalogue->rows[item->row].slot) != GRANT_WRITE;
}

bool series_next(struct engine *e, struct key *key, struct item *ret)
{
        struct work *w = key->work;

        while (w->next_series < w->n_series) {
                size_t i = w->next_series++;

                if (i >= w->learn_from && key->account_id != 0)
                        break;
                if (makes_sense(e, key, &w->series[i])) {
                        *ret = w->series[i];
                        return true;
                }
        }
        finish(e, key);
        return false;
}

void series_abandon(struct engine *e, struct key *key)
{
        struct work *w = key->work;

        if (!w || !w->series)
                return;
        w->series_incomplete = true;
        finish(e, key);
}
