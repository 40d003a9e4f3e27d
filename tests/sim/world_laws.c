/* The judgement over what was told of each key. */
#include <stdlib.h>
#include <string.h>

#include "world_told.h"

/* --- a: the living --- */

static void judge_living(struct world *world, size_t i, const struct told *told)
{
        const struct subject *s = &world->subjects[i];
        usec_t at = told->entry->at, from = at - MIN(at, told_lag(world, at));

        if (!told_is_death(told->kind) || told->clears || spans_touch(&s->dead, from, at + 1) ||
            (told->kind == ROLLED && s->rotations > 0) || truth_excuses(world, i, from, at))
                return;
        breach(world, LAW_LIVING, "merchant-%zu lives, and was told %s", i, told_kinds[told->kind].name);
        if (world->breach.law == LAW_LIVING)
                world->breach.at = at;
}

/* --- b: the dead --- */

static void judge_kind(struct world *world, size_t i, usec_t died, const struct sim_entry *e)
{
        const struct subject *s = &world->subjects[i];
        bool clears, invalid;
        int kind = told_kind_of(e, &clears);

        if (e->at < died || kind == ROLLED || s->stored_at > died)
                return;
        if (died <= s->stored_at)
                invalid = true;
        else if (truth_quiet(world, i, s->stored_at, bound_block(world, i)) < died)
                invalid = false;
        else
                return; /* it may never have been heard of, or just so */
        if ((kind == INVALID) != invalid)
                breach(world, LAW_DEATH_KIND, "merchant-%zu was %s, and was told %s", i,
                       invalid ? "dead from the start" : "healthy once", told_kinds[kind].name);
}

static void judge_dead(struct world *world, size_t i, const struct file *file)
{
        const struct subject *s = &world->subjects[i];

        for (size_t k = 0; k < s->dead.n; k++) {
                const struct span *dead = &s->dead.list[k];
                usec_t due = truth_quiet(world, i, dead->from, bound_death(world, i, dead->from));

                if (due == USEC_INFINITY || dead->until < due || told_is_flapping(file, due) ||
                    told_is_summarised(world, dead->from, due))
                        continue;
                const struct sim_entry *e = told_open_at(file, REVOKED, ROLLED, due);
                char when[32];

                if (e)
                        judge_kind(world, i, dead->from, e);
                else
                        breach(world, LAW_DEATH_TOLD,
                               "merchant-%zu died, and by %s, %llu min %llu s later, it was not told", i,
                               story_when(due - world->began, when),
                               (unsigned long long) ((due - dead->from) / MINUTE),
                               (unsigned long long) ((due - dead->from) % MINUTE / USEC_PER_SEC));
        }
}

static void judge_priority(struct world *world, size_t i, const struct told *told)
{
        const struct subject *s = &world->subjects[i];
        int own = told->kind < 0 ? 0 : s->test ? told_kinds[told->kind].test : told_kinds[told->kind].live;

        if (told->kind >= 0 && told->entry->priority == 6 && !told->clears)
                world->seen[SILENCE_MEMBER]++;
        if (!told_is_death(told->kind) || told->clears || told->entry->priority == own)
                return;
        if (told->entry->priority == 6 && (truth_deaths_before(world, s->test, told->entry->at) >= 5 ||
                                           told_lies_before(world, told->entry->at)))
                return;
        breach(world, LAW_DEATH_PRIORITY, "the death of merchant-%zu was told with PRIORITY %d", i,
               told->entry->priority);
}

/* --- b: what else is wrong with a key --- */

static void judge_spans(struct world *world, size_t i, const struct file *file, const struct spans *spans,
                        usec_t bound, int kind, enum law law)
{
        const struct subject *s = &world->subjects[i];

        for (size_t k = 0; k < spans->n; k++) {
                const struct span *span = &spans->list[k];
                usec_t due = truth_quiet(world, i, span->from, bound);
                char when[32];

                if (due == USEC_INFINITY || span->until < due || told_is_flapping(file, due) ||
                    told_is_summarised(world, span->from, due))
                        continue;
                if ((spans != &s->blocked && spans_touch(&s->blocked, span->from, due)) ||
                    (spans != &s->refused && spans_touch(&s->refused, span->from, due)) ||
                    spans_touch(&s->dead, span->from, due) || told_open_at(file, kind, kind, due) ||
                    told_touches(file, REVOKED, ROLLED, due - bound, due))
                        continue;
                breach(world, law, "merchant-%zu: %s since %llu min, and it was not told by %s", i,
                       told_kinds[kind].name, (unsigned long long) ((due - span->from) / MINUTE),
                       story_when(due - world->began, when));
        }
}

static void judge_odd(struct world *world, size_t i, const struct file *file)
{
        const struct subject *s = &world->subjects[i];
        enum oddity odd = plan_oddity(world->plan, world->sim->keys[s->secret].account);

        if (!s->stored || (odd != ODD_UNLISTED && odd != ODD_OWN_500))
                return;
        usec_t due = truth_quiet_but_odd(world, i, s->stored_at, bound_odd(world, i));
        if (due != USEC_INFINITY && !told_is_summarised(world, s->stored_at, due) &&
            !told_open_at(file, UNVERIFIED, UNVERIFIED, due) && !told_open_at(file, REVOKED, ROLLED, due))
                breach(world, LAW_ODD_TOLD, "merchant-%zu was never judged, and it was not told", i);
}

static void judge_troubles(struct world *world, size_t i, const struct file *file)
{
        const struct subject *s = &world->subjects[i];

        judge_spans(world, i, file, &s->blocked, bound_block(world, i), BLOCKED, LAW_BLOCK_TOLD);
        judge_spans(world, i, file, &s->refused, bound_refused(world, i), REFUSED, LAW_REFUSED_TOLD);
        judge_spans(world, i, file, &s->missing, bound_missing(world, i, false), MISSING, LAW_MISSING_TOLD);
        judge_spans(world, i, file, &s->missing_write, bound_missing(world, i, true), MISSING,
                    LAW_WRITE_TOLD);
        judge_spans(world, i, file, &s->wrong, 26 * HOUR, WRONG, LAW_WRONG_TOLD);
        judge_odd(world, i, file);
}

/* --- c, e --- */

/* A new secret ends an incident of the old one in the moment in which its own may begin. A member's entry
 * bears its group's number. */
static bool is_over_by(const struct file *file, const struct told *open, usec_t at)
{
        for (size_t k = 0; k < file->n; k++) {
                const struct told *t = &file->list[k];
                bool same = strcmp(t->entry->incident, open->entry->incident) == 0 ||
                            (open->entry->priority == 6 && t->entry->at >= open->entry->at);

                if (t->clears && t->kind == open->kind && same && t->entry->at <= at + 2 * USEC_PER_SEC)
                        return true;
        }
        return false;
}

static void judge_twice(struct world *world, size_t i, const struct file *file)
{
        const struct told *open[KINDS] = { NULL };

        for (size_t k = 0; k < file->n; k++) {
                const struct told *t = &file->list[k];

                if (t->kind < 0)
                        continue;
                /* One incident may be told again when it has grown, under the number of the group that made
                 * it grow. */
                if (!t->clears && t->entry->priority < 6 && open[t->kind] &&
                    open[t->kind]->entry->priority < 6 &&
                    strcmp(open[t->kind]->entry->incident, t->entry->incident) != 0 &&
                    !is_over_by(file, open[t->kind], t->entry->at))
                        breach(world, LAW_TWICE, "merchant-%zu was told %s twice, as incidents %s and %s", i,
                               told_kinds[t->kind].name, open[t->kind]->entry->incident, t->entry->incident);
                if (told_is_death(t->kind) && !t->clears)
                        memset(open, 0, sizeof(open)); /* a death ends what else was open, without a word */
                if (!t->clears)
                        open[t->kind] = t;
                else if (open[t->kind] && told_is_end_of(open[t->kind]->entry, t->entry))
                        open[t->kind] = NULL;
        }
}

/* What is told of a key beside its death was so, just now. */
static void judge_true(struct world *world, size_t i, const struct told *told)
{
        const struct subject *s = &world->subjects[i];
        const struct spans *spans[KINDS] = {
                [BLOCKED] = &s->blocked,
                [REFUSED] = &s->refused,
                [MISSING] = &s->missing,
                [WRONG] = &s->wrong,
        };
        usec_t at = told->entry->at, from = at - MIN(at, told_lag(world, at));

        if (told->kind < 0 || told->clears || !spans[told->kind] ||
            spans_touch(spans[told->kind], from, at + 1))
                return;
        breach(world, LAW_TRUE, "of merchant-%zu was told %s, which it was not", i,
               told_kinds[told->kind].name);
        if (world->breach.law == LAW_TRUE)
                world->breach.at = at;
}

static void note_features(struct world *world)
{
        for (size_t k = 0; k < world->sim->n_entries; k++) {
                const char *id = world->sim->entries[k].message_id;

                world->seen[SILENCE_SUMMARY] += strcmp(id, ID_SUMMARY) == 0;
                world->seen[SILENCE_FLAPPING] += strcmp(id, ID_FLAPPING) == 0;
                world->seen[SILENCE_STALE] += strcmp(id, ID_STALE) == 0;
        }
}

void laws_judge(struct world *world)
{
        struct file *files = files_make(world);

        note_features(world);
        for (size_t i = 0; i < world->n_subjects; i++) {
                for (size_t k = 0; k < files[i].n; k++) {
                        judge_living(world, i, &files[i].list[k]);
                        judge_priority(world, i, &files[i].list[k]);
                        judge_true(world, i, &files[i].list[k]);
                }
                judge_dead(world, i, &files[i]);
                judge_troubles(world, i, &files[i]);
                if (world->seen[SILENCE_SUMMARY] == 0) /* what was summarised is not among them */
                        judge_twice(world, i, &files[i]);
        }
        causes_judge(world);
        files_free(world, files);
}
