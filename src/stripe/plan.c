#include "stripe/plan.h"

#include <errno.h>
#include <stdlib.h>

#include "stripe/plan_internal.h"

int plan_new(const struct settings *settings, const struct catalogue *catalogue,
             const struct profiles *profiles, uint64_t coupons, struct plan **ret)
{
        _cleanup_(plan_freep) struct plan *plan = calloc(1, sizeof(*plan));

        if (!plan)
                return -ENOMEM;
        plan->costs = calloc(profiles->n * 2 + 1, sizeof(*plan->costs));
        plan->uses = calloc(profiles->n * 2 + 1, sizeof(*plan->uses));
        if (!plan->costs || !plan->uses)
                return -ENOMEM;
        plan->settings = settings;
        plan->catalogue = catalogue;
        plan->profiles = profiles;
        plan->coupons = coupons;
        for (size_t i = 0; i < profiles->n * 2; i++)
                plan_key(settings, catalogue, profiles->list[i / 2], i % 2, &plan->costs[i]);
        *ret = TAKE(plan);
        return 0;
}

struct plan *plan_free(struct plan *plan)
{
        if (!plan)
                return NULL;
        free(plan->costs);
        free(plan->uses);
        return mfree(plan);
}

static void end_account(const struct plan_account *account, struct plan_sum *sum)
{
        double gets = account->gets + account->scan;

        if (account->keys == 0)
                return;
        sum->keys += account->keys;
        sum->accounts++;
        sum->needed_rate += (gets + account->posts) / (double) PLAN_MONTH_SECONDS;
        sum->accounts_over += gets > PLAN_READS_WARNING;
        if (gets <= sum->most_reads)
                return;
        sum->most_reads = gets;
        sum->reader = account->reader;
        sum->reader_reads = account->reader_reads;
}

void plan_next_account(struct plan *plan, bool live, uint64_t coupons)
{
        bool counted = coupons != PLAN_UNCOUNTED;

        end_account(&plan->account, &plan->sum);
        plan->n_counted += counted;
        plan->account = (struct plan_account){ .live = live, .coupons = counted ? coupons : plan->coupons };
}

void plan_add(struct plan *plan, size_t profile)
{
        struct plan_account *account = &plan->account;
        const struct plan_key *cost = &plan->costs[profile * 2 + account->live];
        struct plan_use *use = &plan->uses[profile * 2 + account->live];
        const struct profile *of = plan->profiles->list[profile];
        double scan = plan_scan(plan->settings, of, account->coupons);

        account->keys++;
        account->gets += cost->pulse.gets + cost->full.gets + cost->excess.gets;
        account->posts += cost->pulse.posts + cost->full.posts + cost->excess.posts;
        account->scan = MAX(account->scan, scan);
        if (of == account->reader) {
                account->reader_reads += cost->pulse.gets;
        } else if (cost->pulse.gets > account->reader_reads) {
                account->reader = of;
                account->reader_reads = cost->pulse.gets;
        }
        use->keys++;
        use->scan = MAX(use->scan, scan);
}

void plan_sum(const struct plan *plan, struct plan_sum *ret)
{
        struct plan_sum sum = plan->sum;

        end_account(&plan->account, &sum);
        *ret = sum;
}
