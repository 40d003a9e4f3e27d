/* The questions that belong together: a pulse, a full check, an excess check. Asked one after the other. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "engine/internal.h"

/* Out-of-profile questions that may be asked to learn the account from a refusal. */
#define LEARN_MAX 5

struct item pulse_item(const struct engine *e, const struct key *key)
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

static void excess_of_row(const struct engine *e, const struct profile *profile, unsigned row, bool live,
                          struct item *items, size_t *n)
{
        const struct permission *p = &e->parts.catalogue->rows[row];
        enum level required = profile_requires(profile, row);

        if (required == LEVEL_WRITE)
                return;
        if (permission_probe(p, LEVEL_WRITE, live))
                items[(*n)++] = (struct item){ .row = (uint16_t) row, .level = LEVEL_WRITE };
        if (required == LEVEL_NONE && profile->excess == EXCESS_REPORT &&
            permission_probe(p, LEVEL_READ, live))
                items[(*n)++] = (struct item){ .row = (uint16_t) row, .level = LEVEL_READ };
}

size_t excess_items(const struct engine *e, const struct profile *profile, bool live, struct item *ret,
                    size_t *ret_n_risky)
{
        size_t n = 0;

        *ret_n_risky = 0;
        if (profile->excess == EXCESS_ALLOW)
                return 0;
        for (int risk = 0; risk < _RISK_MAX; risk++) {
                for (unsigned row = 0; row < e->parts.catalogue->n; row++)
                        if ((int) e->parts.catalogue->rows[row].risk == risk)
                                excess_of_row(e, profile, row, live, ret, &n);
                if (risk == RISK_PERSONAL)
                        *ret_n_risky = n;
        }
        return n;
}

/* Each question has its own instant within its interval, so a sweep is spread evenly, needs no memory of
 * where it was, and goes on after a restart where the clock says. True if that instant lies within the last
 * `period`. */
static bool item_is_due(const struct engine *e, const struct key *key, size_t i, size_t n, usec_t interval,
                        usec_t period)
{
        usec_t line = engine_now(e) + e->anchor;
        usec_t phase = (hash_text(key->name) + i * (interval / n)) % interval;

        return (line + interval - phase) % interval < period;
}

static void append_excess(const struct engine *e, struct key *key, struct work *w)
{
        struct item items[SERIES_MAX];
        size_t n_risky, n = excess_items(e, key_profile(e, key), key_is_live_mode(key), items, &n_risky);
        usec_t interval = e->parts.settings->checks.excess, period = key_period(e, key);
        bool asked_unknown = false;

        for (size_t i = 0; i < n; i++) {
                bool risky = i < n_risky;
                enum grant grant = grants_get(&key->grants, e->parts.catalogue->rows[items[i].row].slot);
                bool unknown = grant_has(grant, (enum level) items[i].level) < 0;

                /* The first sweep goes on with every pulse, the later ones at leisure. */
                if (unknown && !asked_unknown)
                        asked_unknown = true;
                else if (unknown ||
                         !item_is_due(e, key, risky ? i : i - n_risky, risky ? n_risky : n - n_risky,
                                      risky ? interval : 4 * interval, period))
                        continue;
                append(w, items[i]);
        }
}

static bool full_is_due(const struct engine *e, const struct key *key)
{
        int64_t wall = engine_steady_wall(e);
        int64_t interval = (int64_t) (e->parts.settings->checks.full / USEC_PER_SEC);

        /* A little early rather than a pulse late; a date in the future means that the clock was set back. */
        return key->last_full == 0 || key->last_full > wall ||
               key->last_full + interval <= wall + (int64_t) (key_pulse(e, key) / USEC_PER_SEC / 2);
}

void series_scheduled(struct engine *e, struct key *key)
{
        struct work *w = begin(key);

        append(w, pulse_item(e, key));
        if (key->belief.life == LIFE_DEAD)
                return;
        if (full_is_due(e, key))
                append_required(e, key, w);
        if (key->missing)
                append_missing(e, key, w);
        if (key->kind == KIND_RESTRICTED && key->belief.life == LIFE_ALIVE && key->last_full != 0)
                append_excess(e, key, w);
        if (w->series_full && key->last_full == 0 && key->account_id == 0)
                append_learning(e, key, w);
}

void series_requested(struct engine *e, struct key *key, enum check_kind kind)
{
        struct work *w = begin(key);

        append(w, pulse_item(e, key));
        if (kind != CHECK_PULSE)
                append_required(e, key, w);
        if (kind == CHECK_EXCESS && key->kind == KIND_RESTRICTED) {
                struct item items[SERIES_MAX];
                size_t n_risky,
                        n = excess_items(e, key_profile(e, key), key_is_live_mode(key), items, &n_risky);

                for (size_t i = 0; i < n; i++)
                        append(w, items[i]);
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
