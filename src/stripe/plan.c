#include "stripe/plan.h"

#include <errno.h>
#include <stdio.h>

struct entry {
        uint64_t account;
        uint32_t profile;
        bool live;
};

struct plan {
        const struct settings *settings;
        const struct catalogue *catalogue;
        const struct profiles *profiles;
        uint64_t coupons;
        struct plan_key *costs; /* [profile][live] */
        struct entry *entries;
        size_t n, room;
};

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
        return mfree(plan);
}

int plan_add(struct plan *plan, size_t profile, uint64_t account, bool live)
{
        if (plan->n == plan->room) {
                size_t room = plan->room ? plan->room * 2 : 64;
                struct entry *entries = reallocarray(plan->entries, room, sizeof(*entries));

                if (!entries)
                        return -ENOMEM;
                plan->entries = entries;
                plan->room = room;
        }
        plan->entries[plan->n++] =
                (struct entry){ .account = account, .profile = (uint32_t) profile, .live = live };
        return 0;
}

static int compare(const void *left, const void *right)
{
        const struct entry *a = left, *b = right;

        if (a->account != b->account)
                return a->account < b->account ? -1 : 1;
        return (int) a->live - (int) b->live;
}

static const struct plan_key *cost_of(const struct plan *plan, const struct entry *entry)
{
        return &plan->costs[entry->profile * 2 + entry->live];
}

static bool same_account(const struct entry *a, const struct entry *b)
{
        return a->account != 0 && a->account == b->account && a->live == b->live;
}

/* The keys of one account, from `*i` on: their requests a month, of which `*ret_gets` are reads. Coupons are
 * looked for once, however many keys there are. */
static double account_load(const struct plan *plan, size_t *i, double *ret_gets)
{
        const struct entry *first = &plan->entries[*i];
        double gets = 0, posts = 0, scan = 0;

        do {
                const struct entry *entry = &plan->entries[(*i)++];
                const struct plan_key *cost = cost_of(plan, entry);
                double own = plan_scan(plan->settings, plan->profiles->list[entry->profile], plan->coupons);

                gets += cost->pulse.gets + cost->full.gets + cost->excess.gets;
                posts += cost->pulse.posts + cost->full.posts + cost->excess.posts;
                scan = MAX(scan, own);
        } while (*i < plan->n && same_account(first, &plan->entries[*i]));
        *ret_gets = gets + scan;
        return gets + scan + posts;
}

void plan_sum(struct plan *plan, struct plan_sum *ret)
{
        struct plan_sum sum = { .keys = plan->n };

        if (plan->n > 0)
                qsort(plan->entries, plan->n, sizeof(*plan->entries), compare);
        for (size_t i = 0; i < plan->n; sum.accounts++) {
                double gets, all = account_load(plan, &i, &gets);

                sum.needed_rate += all / (double) PLAN_MONTH_SECONDS;
                sum.most_reads = MAX(sum.most_reads, gets);
        }
        *ret = sum;
}

size_t plan_warnings(const struct plan_sum *sum, const struct settings *settings,
                     char ret[static PLAN_WARNINGS_MAX][PLAN_WARNING_SIZE])
{
        size_t n = 0;

        if (sum->needed_rate > PLAN_RATE_WARNING * settings->stripe.rate)
                snprintf(ret[n++], PLAN_WARNING_SIZE,
                         "The schedule needs %.1f requests a second, and stripe.rate allows %u; keys will be "
                         "asked late. Lengthen the pulse, or raise the rate.",
                         sum->needed_rate, settings->stripe.rate);
        if (sum->most_reads > PLAN_READS_WARNING)
                snprintf(
                        ret[n++], PLAN_WARNING_SIZE,
                        "One account is read %.0f times a month, of 10,000 that Stripe guarantees to all its "
                        "programs together. Lengthen the pulse of read-only profiles.",
                        sum->most_reads);
        return n;
}

static json_t *load_json(const struct plan_load *load)
{
        return json_pack("{s:I,s:I}", "gets", (json_int_t) (load->gets + 0.5), "posts",
                         (json_int_t) (load->posts + 0.5));
}

static json_t *profile_json(const struct plan *plan, size_t profile, bool live, size_t keys)
{
        const struct profile *of = plan->profiles->list[profile];
        const struct plan_key *cost = &plan->costs[profile * 2 + live];
        struct plan_load scan = { .gets = plan_scan(plan->settings, of, plan->coupons) };
        struct plan_load all = { .gets = cost->pulse.gets + cost->full.gets + cost->excess.gets + scan.gets,
                                 .posts = cost->pulse.posts + cost->full.posts + cost->excess.posts };

        return json_pack("{s:s,s:s,s:I,s:o,s:o,s:o,s:o,s:o}", "profile", of->name, "mode",
                         live ? "live" : "test", "keys", (json_int_t) keys, "all", load_json(&all), "pulse",
                         load_json(&cost->pulse), "full", load_json(&cost->full), "excess",
                         load_json(&cost->excess), "coupons", load_json(&scan));
}

/* Profiles in use; of an empty store, all of them, so that one can plan ahead. */
static int add_profiles(const struct plan *plan, json_t *array)
{
        for (size_t i = 0; i < plan->profiles->n * 2; i++) {
                const struct profile *profile = plan->profiles->list[i / 2];
                bool live = i % 2 == 0;
                size_t keys = 0;

                for (size_t k = 0; k < plan->n; k++)
                        keys += plan->entries[k].profile == i / 2 && plan->entries[k].live == live;
                if (keys == 0 && (plan->n > 0 || !(live ? profile->live : profile->test)))
                        continue;
                if (json_array_append_new(array, profile_json(plan, i / 2, live, keys)) < 0)
                        return -ENOMEM;
        }
        return 0;
}

json_t *plan_json(struct plan *plan)
{
        char warnings[PLAN_WARNINGS_MAX][PLAN_WARNING_SIZE];
        json_t *profiles = json_array(), *lines = json_array();
        struct plan_sum sum;
        int r = profiles && lines ? add_profiles(plan, profiles) : -ENOMEM;

        plan_sum(plan, &sum);
        for (size_t i = 0, n = plan_warnings(&sum, plan->settings, warnings); i < n && r >= 0; i++)
                r = json_array_append_new(lines, json_string(warnings[i]));
        if (r < 0) {
                json_decref(profiles);
                json_decref(lines);
                return NULL;
        }
        return json_pack("{s:i,s:I,s:I,s:I,s:I,s:f,s:i,s:o,s:o}", "days", 30, "coupons_assumed",
                         (json_int_t) plan->coupons, "keys", (json_int_t) sum.keys, "accounts",
                         (json_int_t) sum.accounts, "most_reads", (json_int_t) (sum.most_reads + 0.5),
                         "needed_rate", sum.needed_rate, "rate", (int) plan->settings->stripe.rate,
                         "profiles", profiles, "warnings", lines);
}
