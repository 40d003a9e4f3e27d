/* The plan in words and as JSON. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "base/datetime.h"
#include "stripe/plan_internal.h"

static usec_t pulse_of(const struct profile *profile, const struct settings *settings)
{
        return profile->pulse ? profile->pulse : settings->checks.pulse;
}

/* The shortest pulse in whole minutes that stays under the limit, whatever else reads the account; 0: none.
 */
static usec_t pulse_needed(const struct plan_sum *sum, usec_t pulse)
{
        double rest = PLAN_READS_WARNING - (sum->most_reads - sum->reader_reads);
        double minutes = rest > 0 ? (double) (pulse / USEC_PER_SEC) * sum->reader_reads / rest / 60 : 0;

        return minutes > 0 && minutes < 100000 ? ((usec_t) minutes + 1) * USEC_PER_MINUTE : 0;
}

static void reads_warning(const struct plan_sum *sum, const struct settings *settings, char *text,
                          size_t size)
{
        char now[DATETIME_MAX], then[DATETIME_MAX], accounts[64] = "An account of this profile is";
        usec_t pulse = sum->reader ? pulse_of(sum->reader, settings) : 0;
        usec_t needed = sum->reader ? pulse_needed(sum, pulse) : 0;

        if (sum->accounts > 0)
                snprintf(accounts, sizeof(accounts), "%zu of %zu accounts %s", sum->accounts_over,
                         sum->accounts, sum->accounts_over == 1 ? "is" : "are");
        int n = snprintf(
                text, size,
                "%s read more than %d times a month (at most %.0f), of 10,000 that Stripe guarantees an "
                "account for all its programs together. ",
                accounts, PLAN_READS_WARNING, sum->most_reads);
        if (n < 0 || (size_t) n >= size)
                return;
        if (needed > pulse)
                snprintf(text + n, size - (size_t) n,
                         "Most is the pulse of %s that the profile '%s' has: %s or longer stays below; a "
                         "profile that requires a write permission is asked without reading.",
                         duration_format(pulse, now), sum->reader->name, duration_format(needed, then));
        else
                snprintf(text + n, size - (size_t) n,
                         "Lengthen coupons.scan, checks.full or checks.excess, or watch fewer keys of one "
                         "account.");
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
                reads_warning(sum, settings, ret[n++], PLAN_WARNING_SIZE);
        return n;
}

static bool key_warning(const struct settings *settings, const struct plan_key *cost,
                        const struct profile *profile, double scan, char ret[static PLAN_WARNING_SIZE])
{
        const struct plan_sum sum = {
                .most_reads = cost->pulse.gets + cost->full.gets + cost->excess.gets + scan,
                .reader = cost->pulse.gets > 0 ? profile : NULL,
                .reader_reads = cost->pulse.gets,
        };

        if (sum.most_reads <= PLAN_READS_WARNING)
                return false;
        reads_warning(&sum, settings, ret, PLAN_WARNING_SIZE);
        return true;
}

bool plan_key_warning(const struct settings *settings, const struct catalogue *catalogue,
                      const struct profile *profile, bool live, char ret[static PLAN_WARNING_SIZE])
{
        struct plan_key cost;

        plan_key(settings, catalogue, profile, live, &cost);
        return key_warning(settings, &cost, profile, plan_scan(settings, profile, PLAN_COUPONS), ret);
}

static json_t *load_json(const struct plan_load *load)
{
        return json_pack("{s:I,s:I}", "gets", (json_int_t) (load->gets + 0.5), "posts",
                         (json_int_t) (load->posts + 0.5));
}

static json_t *profile_json(const struct plan *plan, size_t profile, bool live, size_t keys, double scan_gets)
{
        const struct profile *of = plan->profiles->list[profile];
        const struct plan_key *cost = &plan->costs[profile * 2 + live];
        struct plan_load scan = { .gets = scan_gets };
        struct plan_load all = { .gets = cost->pulse.gets + cost->full.gets + cost->excess.gets + scan.gets,
                                 .posts = cost->pulse.posts + cost->full.posts + cost->excess.posts };

        return json_pack("{s:s,s:s,s:I,s:I,s:o,s:o,s:o,s:o,s:o}", "profile", of->name, "mode",
                         live ? "live" : "test", "keys", (json_int_t) keys, "pulse_seconds",
                         (json_int_t) (pulse_of(of, plan->settings) / USEC_PER_SEC), "all", load_json(&all),
                         "pulse", load_json(&cost->pulse), "full", load_json(&cost->full), "excess",
                         load_json(&cost->excess), "coupons", load_json(&scan));
}

/* Profiles in use; of an empty store, all of them, so that one can plan ahead. */
static int add_profiles(const struct plan *plan, size_t all_keys, json_t *array, json_t *lines)
{
        char warning[PLAN_WARNING_SIZE];

        for (size_t i = 0; i < plan->profiles->n * 2; i++) {
                const struct profile *profile = plan->profiles->list[i / 2];
                bool live = i % 2 == 0;
                const struct plan_use *use = &plan->uses[i / 2 * 2 + live];
                double scan = use->scan;
                size_t keys = use->keys;

                if (keys == 0 && (all_keys > 0 || !(live ? profile->live : profile->test)))
                        continue;
                if (keys == 0)
                        scan = plan_scan(plan->settings, profile, plan->coupons);
                if (json_array_append_new(array, profile_json(plan, i / 2, live, keys, scan)) < 0)
                        return -ENOMEM;
                if (keys == 0 && live &&
                    key_warning(plan->settings, &plan->costs[i / 2 * 2 + live], profile, scan, warning) &&
                    json_array_append_new(lines, json_string(warning)) < 0)
                        return -ENOMEM;
        }
        return 0;
}

json_t *plan_json(const struct plan *plan)
{
        char warnings[PLAN_WARNINGS_MAX][PLAN_WARNING_SIZE];
        json_t *profiles = json_array(), *lines = json_array();
        struct plan_sum sum;

        plan_sum(plan, &sum);
        int r = profiles && lines ? add_profiles(plan, sum.keys, profiles, lines) : -ENOMEM;
        for (size_t i = 0, n = plan_warnings(&sum, plan->settings, warnings); i < n && r >= 0; i++)
                r = json_array_append_new(lines, json_string(warnings[i]));
        if (r < 0) {
                json_decref(profiles);
                json_decref(lines);
                return NULL;
        }
        return json_pack("{s:i,s:I,s:I,s:I,s:I,s:I,s:I,s:f,s:i,s:o,s:o}", "days", 30, "coupons_assumed",
                         (json_int_t) plan->coupons, "accounts_counted", (json_int_t) plan->n_counted, "keys",
                         (json_int_t) sum.keys, "accounts", (json_int_t) sum.accounts, "accounts_over",
                         (json_int_t) sum.accounts_over, "most_reads", (json_int_t) (sum.most_reads + 0.5),
                         "needed_rate", sum.needed_rate, "rate", (int) plan->settings->stripe.rate,
                         "profiles", profiles, "warnings", lines);
}
