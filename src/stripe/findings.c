#include "stripe/findings.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/macros.h"
#include "base/memory.h"

/* Does another granted permission bring this level of the row with it? With `wanted` only one counts that the
 * profile requires, or that comes with such a one. No row comes back to itself: conf/implied.h. */
static bool is_implied(const struct catalogue *catalogue, const struct profile *profile,
                       const struct grants *grants, unsigned row, enum level level, bool wanted)
{
        const struct permission *p = &catalogue->rows[row];

        for (size_t i = 0; i < p->n_implied_by; i++) {
                unsigned by = p->implied_by[i];

                if (grant_level(grants_get(grants, catalogue->rows[by].slot)) >= level &&
                    (level == LEVEL_READ || p->implied_write) &&
                    (!wanted || profile_requires(profile, by) >= level ||
                     is_implied(catalogue, profile, grants, by, level, true)))
                        return true;
        }
        return false;
}

/* A growing text; without memory the process ends, as it could not keep its promises. */
struct words {
        char *text;
        size_t size;
        FILE *stream;
        size_t n;
};

static void words_open(struct words *w)
{
        *w = (struct words){ 0 };
        w->stream = memory_sure(memory_stream(&w->text, &w->size));
}

static void words_add(struct words *w, const char *separator, const char *a, const char *b, const char *c)
{
        fprintf(w->stream, "%s%s%s%s", w->n++ ? separator : "", a, b, c);
}

static char *words_close(struct words *w)
{
        return memory_sure(fclose(w->stream) == 0 ? w->text : NULL);
}

static const char *level_label(enum level level)
{
        return level == LEVEL_WRITE ? "Write" : "Read";
}

/* Is the same level of this permission required by an earlier line, under another label? */
static bool is_repeated(const struct profile *profile, size_t line)
{
        const struct requirement *r = &profile->required[line];

        for (size_t i = 0; i < line; i++)
                if (profile->required[i].row == r->row && profile->required[i].level == r->level)
                        return true;
        return false;
}

static void find_missing(const struct catalogue *catalogue, const struct profile *profile,
                         const struct grants *grants, bool live, struct findings *ret)
{
        struct words ids, labels, unprobed;

        words_open(&ids);
        words_open(&labels);
        words_open(&unprobed);
        for (size_t i = 0; i < profile->n_required; i++) {
                const struct requirement *r = &profile->required[i];
                const struct permission *p = &catalogue->rows[r->row];
                enum grant grant = grants_get(grants, p->slot);
                /* Where two labels stand for one permission, the higher level answers for both. */
                bool lower = r->level < profile_requires(profile, r->row);
                int has = lower && grant_has(grant, LEVEL_WRITE) == 0 && grant_has(grant, r->level) < 0
                                  ? 0
                                  : grant_has(grant, r->level);

                ret->off = ret->off || grant == GRANT_OFF;
                if (has < 0 || !permission_probe(p, r->level, live))
                        words_add(&unprobed, ", ", r->label, ": ", level_label(r->level));
                if (has != 0)
                        continue;
                words_add(&labels, ", ", r->label, ": ", level_label(r->level));
                if (!lower && !is_repeated(profile, i))
                        words_add(&ids, " ", p->name, "_", level_name(r->level));
        }
        ret->n_missing = ids.n;
        ret->missing = words_close(&ids);
        ret->missing_labels = words_close(&labels);
        ret->unprobed = words_close(&unprobed);
}

/* Does the profile require something that cannot be told from this? */
static bool is_excused(const struct catalogue *catalogue, const struct profile *profile, unsigned row,
                       enum level level)
{
        const struct permission *p = &catalogue->rows[row];

        for (size_t i = 0; i < p->n_excused_by; i++)
                if (profile_requires(profile, p->excused_by[i]) >= level)
                        return true;
        return false;
}

/* The level that is too much: what is granted beyond what is required and not implied by something else; or
 * by nothing but what is itself too much, where the row is told with it. */
static enum level excess_level(const struct catalogue *catalogue, const struct profile *profile,
                               const struct grants *grants, unsigned row)
{
        enum level granted = grant_level(grants_get(grants, catalogue->rows[row].slot));

        if (profile->excess == EXCESS_ALLOW || granted <= profile_requires(profile, row) ||
            is_implied(catalogue, profile, grants, row, granted, catalogue->rows[row].implied_told) ||
            is_excused(catalogue, profile, row, granted))
                return LEVEL_NONE;
        return profile->excess == EXCESS_WRITES && granted != LEVEL_WRITE ? LEVEL_NONE : granted;
}

static void find_excess(const struct catalogue *catalogue, const struct profile *profile,
                        const struct grants *grants, struct findings *ret)
{
        struct words ids, labels;

        words_open(&ids);
        words_open(&labels);
        ret->worst = RISK_LOW;
        for (int risk = 0; risk < _RISK_MAX; risk++)
                for (unsigned row = 0; row < catalogue->n; row++) {
                        const struct permission *p = &catalogue->rows[row];
                        enum level level = (int) p->risk == risk
                                                   ? excess_level(catalogue, profile, grants, row)
                                                   : LEVEL_NONE;

                        if (level == LEVEL_NONE)
                                continue;
                        words_add(&ids, " ", p->name, "_", level_name(level));
                        words_add(&labels, ", ", p->labels[0], ": ", level_label(level));
                        ret->worst = MIN(ret->worst, p->risk);
                        ret->excess_writes = ret->excess_writes || level == LEVEL_WRITE;
                }
        ret->n_excess = ids.n;
        ret->excess = words_close(&ids);
        ret->excess_labels = words_close(&labels);
}

void findings_make(const struct catalogue *catalogue, const struct profile *profile,
                   const struct grants *grants, bool live, struct findings *ret)
{
        *ret = (struct findings){ 0 };
        find_missing(catalogue, profile, grants, live, ret);
        find_excess(catalogue, profile, grants, ret);
}

void findings_done(struct findings *f)
{
        free(f->missing);
        free(f->missing_labels);
        free(f->excess);
        free(f->excess_labels);
        free(f->unprobed);
}
