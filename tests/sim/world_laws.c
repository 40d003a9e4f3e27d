/* The judgement over what was told of each key. The MESSAGE_IDs are the contract's, written down anew. */
#include <stdlib.h>
#include <string.h>

#include "world.h"

static const struct {
        const char *name, *id;
        int live, test; /* priority */
} kinds[] = {
        { "key-revoked", "28d5c947cd4d45048ef999dc67e12748", 2, 4 },
        { "key-expired", "d185422420804fd691ecfddecb14353a", 2, 4 },
        { "key-invalid", "39873e277d5a435e89d12eb34684d87d", 3, 4 },
        { "key-rolled", "c4fa3685b434499b9dd984820f28b0a5", 5, 5 },
        { "key-blocked", "ad2a6cb976194b3387c0aca004238419", 3, 4 },
        { "key-account-refused", "6d6c8ba279924452bf297bfdd986050c", 3, 4 },
        { "key-permissions-missing", "88298422e90a4c0c838419a14acc9550", 3, 4 },
        { "key-unverified", "d48ab468f69643df9c57b2251217ba7e", 4, 5 },
        { "key-wrong-account", "596d723d99774899895506615cdd0690", 2, 3 },
        { "key-permissions-excess", "0280564714634c9faae93def6af5806e", 4, 5 },
};

enum { REVOKED, EXPIRED, INVALID, ROLLED, BLOCKED, REFUSED, MISSING, UNVERIFIED, WRONG, EXCESS, KINDS };

#define CLEARED         "5329417baee54facafb01bfc039044d4"
#define SUMMARY         "0b0a414394ca49f4a6a86ecff7fb9d82"
#define FLAPPING        "d74a3378c92244bf97e89373953dae83"
#define STALE           "0a673baa69f34a82bee92722285d7739"
#define MASS_REVOCATION "e40b8846ed5d494dae4206495bab1c99"

long subject_named(const struct world *world, const char *name)
{
        char *end;

        if (strncmp(name, "merchant-", 9) != 0)
                return -1;
        unsigned long i = strtoul(name + 9, &end, 10);
        return *end == '\0' && i < world->n_subjects ? (long) i : -1;
}

/* --- who was told what --- */

struct told {
        const struct sim_entry *entry;
        int kind;    /* of `kinds`; -1: another */
        bool clears; /* it says that such a one is over */
};

struct file {
        struct told *list;
        size_t n;
};

static int kind_of(const struct sim_entry *e, bool *ret_clears)
{
        *ret_clears = strcmp(e->message_id, CLEARED) == 0;
        for (int k = 0; k < KINDS; k++)
                if (strcmp(*ret_clears ? e->kind : e->message_id,
                           *ret_clears ? kinds[k].name : kinds[k].id) == 0)
                        return k;
        return -1;
}

/* Every name's own entries, in their order. */
static struct file *files_make(const struct world *world)
{
        const struct sim *sim = world->sim;
        struct file *files = calloc(world->n_subjects, sizeof(*files));

        for (int pass = 0; pass < 2; pass++) {
                for (size_t k = 0; k < sim->n_entries; k++) {
                        const struct sim_entry *e = &sim->entries[k];
                        long i = e->key[0] ? subject_named(world, e->key) : -1;
                        struct told told = { .entry = e };

                        if (i < 0)
                                continue;
                        told.kind = kind_of(e, &told.clears);
                        if (pass == 1)
                                files[i].list[files[i].n] = told;
                        files[i].n++;
                }
                for (size_t i = 0; pass == 0 && i < world->n_subjects; i++) {
                        files[i].list = calloc(files[i].n + 1, sizeof(*files[i].list));
                        files[i].n = 0;
                }
        }
        return files;
}

static void files_free(struct world *world, struct file *files)
{
        for (size_t i = 0; i < world->n_subjects; i++)
                free(files[i].list);
        free(files);
}

static bool is_death(int kind)
{
        return kind >= REVOKED && kind <= ROLLED;
}

/* Does the one entry say that the other is over? A new secret may bring the next incident of a kind in the
 * moment in which the last one ends; and a member's entry bears its group's number. */
static bool is_end_of(const struct sim_entry *open, const struct sim_entry *clear)
{
        return strcmp(open->incident, clear->incident) == 0 || open->at + 2 * USEC_PER_SEC < clear->at;
}

/* Is one of these kinds told, and not cleared, at that moment? Gives the entry. */
static const struct sim_entry *open_at(const struct file *file, int first, int last, usec_t at)
{
        const struct sim_entry *open[KINDS] = { NULL }, *found = NULL;

        for (size_t i = 0; i < file->n && file->list[i].entry->at <= at; i++) {
                const struct told *t = &file->list[i];

                if (t->kind >= 0 && !t->clears)
                        open[t->kind] = t->entry;
                else if (t->kind >= 0 && open[t->kind] && is_end_of(open[t->kind], t->entry))
                        open[t->kind] = NULL;
        }
        for (int k = first; k <= last; k++)
                found = open[k] ? open[k] : found;
        return found;
}

/* Was it said by then that it changes too often to be told of each time? That is told for it. */
static bool is_flapping(const struct file *file, usec_t by)
{
        for (size_t i = 0; i < file->n; i++)
                if (strcmp(file->list[i].entry->message_id, FLAPPING) == 0 && file->list[i].entry->at <= by)
                        return true;
        return false;
}

/* --- a: the living --- */

/* An entry may be late: the journal was away, or the daemon. */
static usec_t lag(const struct world *world, usec_t at)
{
        usec_t recent = at > 5 * MINUTE ? at - 5 * MINUTE : 0;

        return spans_touch(&world->unjournalled, recent, at) || spans_touch(&world->down, recent, at)
                       ? 4 * HOUR
                       : 2 * MINUTE;
}

static void judge_living(struct world *world, size_t i, const struct told *told)
{
        const struct subject *s = &world->subjects[i];
        usec_t at = told->entry->at, from = at - MIN(at, lag(world, at));

        if (!is_death(told->kind) || told->clears || spans_touch(&s->dead, from, at + 1) ||
            (told->kind == ROLLED && s->rotations > 0) || truth_excuses(world, i, at))
                return;
        breach(world, LAW_LIVING, "merchant-%zu lives, and was told %s", i, kinds[told->kind].name);
        if (world->breach.law == LAW_LIVING)
                world->breach.at = at;
}

/* --- b: the dead --- */

static void judge_kind(struct world *world, size_t i, usec_t died, const struct sim_entry *e)
{
        const struct subject *s = &world->subjects[i];
        bool clears, invalid;
        int kind = kind_of(e, &clears);

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
                       invalid ? "dead from the start" : "healthy once", kinds[kind].name);
}

static void judge_dead(struct world *world, size_t i, const struct file *file)
{
        const struct subject *s = &world->subjects[i];

        for (size_t k = 0; k < s->dead.n; k++) {
                const struct span *dead = &s->dead.list[k];
                usec_t due = truth_quiet(world, i, dead->from, bound_death(world, i, dead->from));

                if (due == USEC_INFINITY || dead->until < due || is_flapping(file, due))
                        continue;
                const struct sim_entry *e = open_at(file, REVOKED, ROLLED, due);
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

static bool lied_before(const struct world *world, usec_t at)
{
        for (size_t i = 0; i < world->plan->n_acts; i++) {
                const struct act *act = &world->plan->acts[i];
                usec_t from = world->began + act->at;

                if ((act->kind == ACT_LIE_SOME || act->kind == ACT_LIE_ALL) && from <= at &&
                    at < from + act->span + 2 * HOUR)
                        return true;
        }
        return false;
}

static void judge_priority(struct world *world, size_t i, const struct told *told)
{
        const struct subject *s = &world->subjects[i];
        int own = told->kind < 0 ? 0 : s->test ? kinds[told->kind].test : kinds[told->kind].live;

        if (told->kind >= 0 && told->entry->priority == 6 && !told->clears)
                world->seen[SILENCE_MEMBER]++;
        if (!is_death(told->kind) || told->clears || told->entry->priority == own)
                return;
        if (told->entry->priority == 6 && (truth_deaths_before(world, s->test, told->entry->at) >= 5 ||
                                           lied_before(world, told->entry->at)))
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

                if (due == USEC_INFINITY || span->until < due || is_flapping(file, due))
                        continue;
                if ((spans != &s->blocked && spans_touch(&s->blocked, span->from, due)) ||
                    (spans != &s->refused && spans_touch(&s->refused, span->from, due)) ||
                    spans_touch(&s->dead, span->from, due) || open_at(file, kind, kind, due))
                        continue;
                breach(world, law, "merchant-%zu: %s since %llu min, and it was not told by %s", i,
                       kinds[kind].name, (unsigned long long) ((due - span->from) / MINUTE),
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
        if (due != USEC_INFINITY && !open_at(file, UNVERIFIED, UNVERIFIED, due))
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

/* A new secret ends an incident of the old one in the moment in which its own may begin. */
static bool is_over_by(const struct file *file, const struct sim_entry *open, usec_t at)
{
        for (size_t k = 0; k < file->n; k++)
                if (file->list[k].clears && strcmp(file->list[k].entry->incident, open->incident) == 0 &&
                    file->list[k].entry->at <= at + 2 * USEC_PER_SEC)
                        return true;
        return false;
}

static void judge_twice(struct world *world, size_t i, const struct file *file)
{
        const struct sim_entry *open[KINDS] = { NULL };

        for (size_t k = 0; k < file->n; k++) {
                const struct told *t = &file->list[k];

                if (t->kind < 0)
                        continue;
                /* One incident may be told again when it has grown, under the number of the group that made
                 * it grow. */
                if (!t->clears && t->entry->priority < 6 && open[t->kind] &&
                    strcmp(open[t->kind]->incident, t->entry->incident) != 0 &&
                    !is_over_by(file, open[t->kind], t->entry->at))
                        breach(world, LAW_TWICE, "merchant-%zu was told %s twice, as incidents %s and %s", i,
                               kinds[t->kind].name, open[t->kind]->incident, t->entry->incident);
                if (is_death(t->kind) && !t->clears)
                        memset(open, 0, sizeof(open)); /* a death ends what else was open, without a word */
                if (!t->clears)
                        open[t->kind] = t->entry;
                else if (open[t->kind] && is_end_of(open[t->kind], t->entry))
                        open[t->kind] = NULL;
        }
}

/* Openings of one kind that are told with their own priority within ten minutes of one another: what a group
 * is for. */
static void judge_bursts(struct world *world, bool test, int kind)
{
        const struct sim *sim = world->sim;
        usec_t recent[26] = { 0 };
        size_t n = 0;

        for (size_t k = 0; k < sim->n_entries; k++) {
                const struct sim_entry *e = &sim->entries[k];
                long i = e->key[0] ? subject_named(world, e->key) : -1;
                bool clears;

                if (i < 0 || world->subjects[i].test != test || kind_of(e, &clears) != kind || clears ||
                    e->priority == 6)
                        continue;
                usec_t before = recent[n % ELEMENTSOF(recent)];
                recent[n++ % ELEMENTSOF(recent)] = e->at;
                if (before > 0 && e->at - before < 10 * MINUTE && lag(world, e->at) < HOUR)
                        breach(world, LAW_ENTRIES, "%zu of %s were told singly within ten minutes",
                               ELEMENTSOF(recent) + 1, kinds[kind].name);
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
        usec_t at = told->entry->at, from = at - MIN(at, lag(world, at));

        if (told->kind < 0 || told->clears || !spans[told->kind] ||
            spans_touch(spans[told->kind], from, at + 1))
                return;
        breach(world, LAW_TRUE, "of merchant-%zu was told %s, which it was not", i, kinds[told->kind].name);
        if (world->breach.law == LAW_TRUE)
                world->breach.at = at;
}

/* A group of deaths has that many, or untruths that look like them. */
static void judge_groups(struct world *world)
{
        for (size_t k = 0; k < world->sim->n_entries; k++) {
                const struct sim_entry *e = &world->sim->entries[k];

                if (strcmp(e->message_id, MASS_REVOCATION) != 0 || strstr(e->reason, "unconfirmed") ||
                    lied_before(world, e->at))
                        continue;
                if (truth_deaths_before(world, false, e->at) < 5 &&
                    truth_deaths_before(world, true, e->at) < 5)
                        breach(world, LAW_GROUP, "mass-revocation was told, and fewer than five died");
        }
}

static void note_features(struct world *world)
{
        for (size_t k = 0; k < world->sim->n_entries; k++) {
                const char *id = world->sim->entries[k].message_id;

                world->seen[SILENCE_SUMMARY] += strcmp(id, SUMMARY) == 0;
                world->seen[SILENCE_FLAPPING] += strcmp(id, FLAPPING) == 0;
                world->seen[SILENCE_STALE] += strcmp(id, STALE) == 0;
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
                if (world->seen[SILENCE_SUMMARY] > 0)
                        continue; /* what was summarised is not among them */
                judge_dead(world, i, &files[i]);
                judge_troubles(world, i, &files[i]);
                judge_twice(world, i, &files[i]);
        }
        for (int kind = 0; kind < KINDS; kind++) {
                judge_bursts(world, false, kind);
                judge_bursts(world, true, kind);
        }
        judge_groups(world);
        files_free(world, files);
}
