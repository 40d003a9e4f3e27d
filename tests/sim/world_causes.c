/* The judgement over what is told of many at once: bursts, groups and outages. */
#include <stdlib.h>
#include <string.h>

#include "world_told.h"

/* An account counts once in a day: its next trouble of the kind is told alone. */
static bool was_told_before(const struct world *world, size_t entry, int kind, unsigned account)
{
        const struct sim *sim = world->sim;

        for (size_t k = entry; k-- > 0 && sim->entries[k].at + DAY > sim->entries[entry].at;) {
                long i = sim->entries[k].key[0] ? subject_named(world, sim->entries[k].key) : -1;
                bool clears;

                if (i >= 0 && plan_account(world->plan, (size_t) i) == account &&
                    told_kind_of(&sim->entries[k], &clears) == kind && !clears)
                        return true;
        }
        return false;
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

                if (i < 0 || world->subjects[i].test != test || told_kind_of(e, &clears) != kind || clears ||
                    e->priority == 6 ||
                    was_told_before(world, k, kind, plan_account(world->plan, (size_t) i)))
                        continue;
                usec_t before = recent[n % ELEMENTSOF(recent)];
                recent[n++ % ELEMENTSOF(recent)] = e->at;
                if (before > 0 && e->at - before < 10 * MINUTE && told_lag(world, e->at) < HOUR)
                        breach(world, LAW_ENTRIES, "%zu of %s were told singly within ten minutes",
                               ELEMENTSOF(recent) + 1, told_kinds[kind].name);
        }
}

/* A group of deaths has that many, or untruths that look like them. */
static void judge_groups(struct world *world)
{
        for (size_t k = 0; k < world->sim->n_entries; k++) {
                const struct sim_entry *e = &world->sim->entries[k];

                if (strcmp(e->message_id, ID_MASS_REVOCATION) != 0 || strstr(e->reason, "unconfirmed") ||
                    told_lies_before(world, e->at))
                        continue;
                if (truth_losses_before(world, false, e->at) < 5 &&
                    truth_losses_before(world, true, e->at) < 5)
                        breach(world, LAW_GROUP,
                               "mass-revocation was told, and fewer than five died that had lived here");
        }
}

/* --- how many --- */

static bool is_member(const struct sim_entry *e, const char *incident)
{
        bool clears;

        return e->priority == 6 && strcmp(e->incident, incident) == 0 && e->key[0] &&
               told_kind_of(e, &clears) >= 0 && !clears;
}

/* Accounts that were told to be members of it, up to that entry. */
static size_t count_members(const struct world *world, const char *incident, size_t end)
{
        size_t accounts = world->n_subjects / world->plan->per_account + 1, n = 0;
        bool *seen = calloc(accounts, sizeof(*seen));

        for (size_t k = 0; k < end; k++) {
                long i = is_member(&world->sim->entries[k], incident)
                                 ? subject_named(world, world->sim->entries[k].key)
                                 : -1;
                unsigned account = i >= 0 ? plan_account(world->plan, (size_t) i) : 0;

                n += i >= 0 && !seen[account];
                seen[account] = seen[account] || i >= 0;
        }
        free(seen);
        return n;
}

/* At its end each group says how many they were. */
static void judge_counts(struct world *world)
{
        for (size_t k = 0; k < world->sim->n_entries; k++) {
                const struct sim_entry *e = &world->sim->entries[k];
                const char *count;

                if (strcmp(e->message_id, ID_CLEARED) != 0 || e->key[0] ||
                    (strcmp(e->kind, "mass-revocation") != 0 &&
                     strcmp(e->kind, "keys-dead-on-arrival") != 0 &&
                     strcmp(e->kind, "permission-changed") != 0 && strcmp(e->kind, "many-alike") != 0))
                        continue;
                size_t members = count_members(world, e->incident, k);

                entry_field(e, "KEYVIGIL_COUNT=", &count);
                if (strtoul(count, NULL, 10) < members)
                        breach(world, LAW_COUNT, "%s %s counted %lu, and %zu accounts were told to be in it",
                               e->kind, e->incident, strtoul(count, NULL, 10), members);
        }
}

/* --- outages --- */

/* Is this the end of the only trouble for a while, with nobody who is odd? */
static bool is_clean_end(const struct world *world, const struct act *outage, usec_t bound)
{
        usec_t from = outage->at, until = outage->at + outage->span + 10 * MINUTE;

        for (size_t i = 0; i < world->plan->n_acts; i++) {
                const struct act *act = &world->plan->acts[i];
                bool troubles = act->kind >= ACT_LIE_ALL && act->kind <= ACT_SILENCE;

                if (act != outage && troubles && act->at < until && act->at + act->span + 20 * MINUTE > from)
                        return false;
        }
        usec_t begin = world->began + outage->at, end = begin + outage->span;
        return world->plan->odd_percent == 0 && end + bound <= world->ends &&
               !spans_touch(&world->down, begin, end + bound) &&
               !spans_touch(&world->unjournalled, begin, end + bound);
}

static void judge_outage(struct world *world, usec_t end, usec_t bound)
{
        const struct sim *sim = world->sim;

        for (size_t k = 0; k < sim->n_entries; k++) {
                const struct sim_entry *open = &sim->entries[k];
                usec_t over = USEC_INFINITY;

                if (open->at >= end || strcmp(open->message_id, ID_OUTAGE) != 0)
                        continue;
                for (size_t c = k; c < sim->n_entries && over == USEC_INFINITY; c++)
                        if (strcmp(sim->entries[c].message_id, ID_CLEARED) == 0 &&
                            strcmp(sim->entries[c].incident, open->incident) == 0)
                                over = sim->entries[c].at;
                if (over > end + bound)
                        breach(world, LAW_WELL_AGAIN,
                               "the provider was well again, and %llu s later the outage was not cleared",
                               (unsigned long long) (bound / USEC_PER_SEC));
        }
}

/* Cleared within 45 s for up to 100 keys, 2 min for any number. */
static void judge_outages(struct world *world)
{
        usec_t bound = world->n_subjects <= 100 ? 45 * USEC_PER_SEC : 2 * MINUTE;

        for (size_t i = 0; i < world->plan->n_acts; i++) {
                const struct act *act = &world->plan->acts[i];

                if ((act->kind == ACT_OUTAGE || act->kind == ACT_PAGE) && is_clean_end(world, act, bound))
                        judge_outage(world, world->began + act->at + act->span, bound);
        }
}

void causes_judge(struct world *world)
{
        for (int kind = 0; kind < KINDS; kind++) {
                judge_bursts(world, false, kind);
                judge_bursts(world, true, kind);
        }
        judge_groups(world);
        judge_counts(world);
        judge_outages(world);
}
