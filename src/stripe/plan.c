#include "stripe/plan.h"

#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "stripe/plan_internal.h"

int plan_new(const struct settings *settings, const struct catalogue *catalogue,
             const struct profiles *profiles, uint64_t coupons, struct plan **ret)
{
        struct plan *plan = calloc(1, sizeof(*plan));

        if (!plan)
                return -ENOMEM;
        plan->costs = calloc(profiles->n * 2 + 1, sizeof(*plan->costs));
        if (!plan->costs) {
                free(plan);
                return -ENOMEM;
        }
        plan->settings = settings;
        plan->catalogue = catalogue;
        plan->profiles = profiles;
        plan->coupons = coupons;
        for (size_t i = 0; i < profiles->n * 2; i++)
                plan_key(settings, catalogue, profiles->list[i / 2], i % 2, &plan->costs[i]);
        *ret = plan;
        return 0;
}

struct plan *plan_free(struct plan *plan)
{
        if (!plan)
                return NULL;
        free(plan->costs);
        free(plan->entries);
        free(plan->counted);
        return mfree(plan);
}

int plan_add(struct plan *plan, size_t profile, uint64_t account, uint64_t id, bool live)
{
        struct plan_entry *entries = array_room(plan->entries, plan->n, 1, &plan->room, sizeof(*entries));

        if (!entries)
                return -ENOMEM;
        plan->entries = entries;
        plan->entries[plan->n++] = (struct plan_entry){
                .owner = { .account = account, .id = account ? 0 : id, .live = live },
                .profile = (uint32_t) profile,
        };
        return 0;
}

int plan_count(struct plan *plan, uint64_t account, uint64_t id, bool live, uint64_t coupons)
{
        struct plan_counted *counted =
                array_room(plan->counted, plan->n_counted, 1, &plan->counted_room, sizeof(*counted));

        if (!counted)
                return -ENOMEM;
        plan->counted = counted;
        plan->counted[plan->n_counted++] = (struct plan_counted){
                .owner = { .account = account, .id = account ? 0 : id, .live = live },
                .coupons = coupons,
        };
        return 0;
}

static int compare(const void *left, const void *right)
{
        const struct plan_owner *a = left, *b = right; /* the first member of both lists' items */

        if (a->account != b->account)
                return a->account < b->account ? -1 : 1;
        if (a->id != b->id)
                return a->id < b->id ? -1 : 1;
        return (int) a->live - (int) b->live;
}

static void sort(struct plan *plan)
{
        if (plan->n > 0)
                qsort(plan->entries, plan->n, sizeof(*plan->entries), compare);
        if (plan->n_counted > 0)
                qsort(plan->counted, plan->n_counted, sizeof(*plan->counted), compare);
}

static const struct plan_key *plan_cost(const struct plan *plan, const struct plan_entry *entry)
{
        return &plan->costs[entry->profile * 2 + entry->owner.live];
}

double plan_entry_scan(const struct plan *plan, const struct plan_entry *entry)
{
        const struct plan_counted *known = plan->n_counted == 0
                                                   ? NULL
                                                   : bsearch(&entry->owner, plan->counted, plan->n_counted,
                                                             sizeof(*plan->counted), compare);

        return plan_scan(plan->settings, plan->profiles->list[entry->profile],
                         known ? known->coupons : plan->coupons);
}

struct account_load {
        double gets, posts;
        const struct profile *reader;
        double reader_reads;
};

/* The keys of one account, from `*i` on. Coupons are looked for once, however many keys there are. */
static struct account_load account_load(const struct plan *plan, size_t *i)
{
        const struct plan_entry *first = &plan->entries[*i];
        struct account_load load = { 0 };
        double scan = 0;

        do {
                const struct plan_entry *entry = &plan->entries[(*i)++];
                const struct plan_key *cost = plan_cost(plan, entry);
                const struct profile *profile = plan->profiles->list[entry->profile];

                load.gets += cost->pulse.gets + cost->full.gets + cost->excess.gets;
                load.posts += cost->pulse.posts + cost->full.posts + cost->excess.posts;
                if (profile == load.reader)
                        load.reader_reads += cost->pulse.gets;
                else if (cost->pulse.gets > load.reader_reads) {
                        load.reader = profile;
                        load.reader_reads = cost->pulse.gets;
                }
                scan = MAX(scan, plan_entry_scan(plan, entry));
        } while (*i < plan->n && compare(first, &plan->entries[*i]) == 0);
        load.gets += scan;
        return load;
}

void plan_sum(struct plan *plan, struct plan_sum *ret)
{
        struct plan_sum sum = { .keys = plan->n };

        sort(plan);
        for (size_t i = 0; i < plan->n; sum.accounts++) {
                struct account_load load = account_load(plan, &i);

                sum.needed_rate += (load.gets + load.posts) / (double) PLAN_MONTH_SECONDS;
                sum.accounts_over += load.gets > PLAN_READS_WARNING;
                if (load.gets <= sum.most_reads)
                        continue;
                sum.most_reads = load.gets;
                sum.reader = load.reader;
                sum.reader_reads = load.reader_reads;
        }
        *ret = sum;
}
