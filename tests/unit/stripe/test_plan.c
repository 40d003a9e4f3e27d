#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "conf/conf.h"
#include "stripe/plan_list.h"

#define MONTH_PULSES (30 * 24 * 12.0) /* every five minutes */

/* The built-in catalogue and profiles with all settings at their defaults. */
static int load(void **state)
{
        const char *source = getenv("srcdir");
        struct problems problems = { 0 };
        struct conf *conf = NULL;
        char path[4096];

        snprintf(path, sizeof(path), "%s/conf", source ? source : ".");
        setenv(CONF_DATADIR_VARIABLE, path, 1);
        snprintf(path, sizeof(path), "%s/conf/keyvigil.yaml", source ? source : ".");
        int r = conf_load(path, &conf, &problems);

        for (size_t i = 0; i < problems.n; i++)
                print_error("%s\n", problems.list[i].text);
        problems_clear(&problems);
        *state = conf;
        return r;
}

static int unload(void **state)
{
        conf_free(*state);
        return 0;
}

static const struct profile *profile_of(const struct conf *conf, const char *name, size_t *ret_index)
{
        assert_int_equal(profiles_find(conf->profiles, name, ret_index), 0);
        return conf->profiles->list[*ret_index];
}

/* Keys that come in any order, planned anew whenever somebody asks. */
struct fleet {
        const struct conf *conf;
        const struct profiles *profiles;
        uint64_t coupons;
        struct plan_list *list;
};

static void fleet_begin(struct fleet *fleet, const struct conf *conf, const struct profiles *profiles,
                        uint64_t coupons)
{
        *fleet = (struct fleet){ .conf = conf, .profiles = profiles, .coupons = coupons };
        assert_int_equal(plan_list_new(&fleet->list), 0);
}

static void fleet_clear(struct fleet *fleet)
{
        plan_list_free(fleet->list);
}

static struct plan *fleet_plan(const struct fleet *fleet)
{
        struct plan *plan;

        assert_int_equal(plan_new(&fleet->conf->settings, fleet->conf->catalogue, fleet->profiles,
                                  fleet->coupons, &plan),
                         0);
        plan_list_give(fleet->list, plan);
        return plan;
}

static void fleet_sum(const struct fleet *fleet, struct plan_sum *ret)
{
        _cleanup_(plan_freep) struct plan *plan = fleet_plan(fleet);

        plan_sum(plan, ret);
}

static json_t *fleet_json(const struct fleet *fleet)
{
        _cleanup_(plan_freep) struct plan *plan = fleet_plan(fleet);

        return plan_json(plan);
}

static void near(double value, double expected)
{
        if (fabs(value - expected) > 0.5)
                fail_msg("%f is not %f", value, expected);
}

static void a_profile_that_writes_pulses_without_reading(void **state)
{
        const struct conf *conf = *state;
        struct plan_key key;
        size_t index;

        plan_key(&conf->settings, conf->catalogue, profile_of(conf, "selgeo", &index), true, &key);
        near(key.pulse.posts, MONTH_PULSES);
        near(key.pulse.gets, 0);
        near(key.full.gets + key.full.posts, 8 * 30);
        assert_true(key.full.posts >= 3 * 30);
        assert_true(key.excess.gets > 0 && key.excess.posts > 0);
}

static void a_profile_that_only_reads_pulses_every_quarter_of_an_hour(void **state)
{
        const struct conf *conf = *state;
        struct plan_key key;
        size_t index;

        plan_key(&conf->settings, conf->catalogue, profile_of(conf, "combidesk", &index), false, &key);
        near(key.pulse.gets, MONTH_PULSES / 3);
        near(key.pulse.posts, 0);
        assert_true(key.full.posts < 0.5);
}

static void what_a_profile_allows_is_not_asked_for(void **state)
{
        const struct conf *conf = *state;
        const struct profile *selgeo;
        struct profile profile;
        struct plan_key report, writes, allow;
        size_t index;

        selgeo = profile_of(conf, "selgeo", &index);
        profile = *selgeo;
        profile.excess = EXCESS_REPORT;
        plan_key(&conf->settings, conf->catalogue, &profile, true, &report);
        profile.excess = EXCESS_WRITES;
        plan_key(&conf->settings, conf->catalogue, &profile, true, &writes);
        profile.excess = EXCESS_ALLOW;
        plan_key(&conf->settings, conf->catalogue, &profile, true, &allow);
        near(writes.excess.posts, report.excess.posts);
        near(writes.excess.gets, 0);
        near(allow.excess.gets + allow.excess.posts, 0);
}

static void looking_for_coupons_has_a_bound(void **state)
{
        const struct conf *conf = *state;
        size_t index;
        const struct profile *selgeo = profile_of(conf, "selgeo", &index);

        near(plan_scan(&conf->settings, selgeo, 0), 720);
        near(plan_scan(&conf->settings, selgeo, 1), 720 + 30 / 7.0);
        near(plan_scan(&conf->settings, selgeo, 1000), 720 + 10 * 30 / 7.0);
        near(plan_scan(&conf->settings, selgeo, 100000000), 720 + 1000);
        near(plan_scan(&conf->settings, profile_of(conf, "combidesk", &index), 1000), 0);
}

static void a_merchant_with_a_thousand_coupons_is_read_less_than_1500_times(void **state)
{
        const struct conf *conf = *state;
        _cleanup_(fleet_clear) struct fleet fleet = { 0 };
        struct plan_sum sum;
        size_t index;

        profile_of(conf, "selgeo", &index);
        fleet_begin(&fleet, conf, conf->profiles, 1000);
        assert_int_equal(plan_list_add(fleet.list, index, 1, 101, true), 0);
        fleet_sum(&fleet, &sum);
        assert_int_equal(sum.accounts, 1);
        if (sum.most_reads >= 1500)
                fail_msg("%f reads", sum.most_reads);
        assert_true(sum.needed_rate > MONTH_PULSES / PLAN_MONTH_SECONDS);
}

static void keys_of_one_account_and_mode_add_up(void **state)
{
        const struct conf *conf = *state;
        _cleanup_(fleet_clear) struct fleet fleet = { 0 };
        struct plan_sum one, sum;
        size_t index;

        profile_of(conf, "combidesk", &index);
        fleet_begin(&fleet, conf, conf->profiles, 0);
        assert_int_equal(plan_list_add(fleet.list, index, 7, 102, true), 0);
        fleet_sum(&fleet, &one);
        assert_int_equal(plan_list_add(fleet.list, index, 7, 103, false), 0); /* another mode */
        assert_int_equal(plan_list_add(fleet.list, index, 0, 104, true), 0);  /* nobody knows whose */
        assert_int_equal(plan_list_add(fleet.list, index, 0, 105, true), 0);
        fleet_sum(&fleet, &sum);
        assert_int_equal(sum.accounts, 4);
        near(sum.most_reads, one.most_reads);
        assert_int_equal(plan_list_add(fleet.list, index, 7, 106, true), 0);
        fleet_sum(&fleet, &sum);
        assert_int_equal(sum.accounts, 4);
        near(sum.most_reads, 2 * one.most_reads);
}

static void coupons_of_an_account_are_looked_for_once(void **state)
{
        const struct conf *conf = *state;
        _cleanup_(fleet_clear) struct fleet fleet = { 0 };
        struct plan_sum one, two;
        struct plan_key key;
        size_t index;
        const struct profile *selgeo = profile_of(conf, "selgeo", &index);

        plan_key(&conf->settings, conf->catalogue, selgeo, true, &key);
        fleet_begin(&fleet, conf, conf->profiles, 500);
        assert_int_equal(plan_list_add(fleet.list, index, 7, 107, true), 0);
        fleet_sum(&fleet, &one);
        assert_int_equal(plan_list_add(fleet.list, index, 7, 108, true), 0);
        fleet_sum(&fleet, &two);
        near(two.most_reads - one.most_reads, key.full.gets + key.excess.gets);
}

static double most_reads(const struct fleet *fleet)
{
        struct plan_sum sum;

        fleet_sum(fleet, &sum);
        return sum.most_reads;
}

/* Accounts by their number and mode, keys of unknown accounts by their own. */
static void what_was_counted_counts(void **state)
{
        const struct conf *conf = *state;
        _cleanup_(fleet_clear) struct fleet fleet = { 0 };
        struct plan_key key;
        size_t index;
        const struct profile *selgeo = profile_of(conf, "selgeo", &index);

        plan_key(&conf->settings, conf->catalogue, selgeo, true, &key);
        const double rest = key.full.gets + key.excess.gets + 720;
        fleet_begin(&fleet, conf, conf->profiles, 100);
        assert_int_equal(plan_list_add(fleet.list, index, 7, 1, true), 0);
        near(most_reads(&fleet), rest + 30 / 7.0); /* as taken: one page */
        assert_int_equal(plan_list_count(fleet.list, 7, 0, false, 5000), 0);
        assert_int_equal(plan_list_count(fleet.list, 8, 0, true, 5000), 0);
        assert_int_equal(plan_list_count(fleet.list, 0, 1, true, 5000), 0);
        near(most_reads(&fleet), rest + 30 / 7.0); /* of others */
        assert_int_equal(plan_list_count(fleet.list, 7, 1, true, 2000), 0);
        near(most_reads(&fleet), rest + 20 * 30 / 7.0);
        assert_int_equal(plan_list_add(fleet.list, index, 0, 1, true), 0);
        near(most_reads(&fleet), rest + 50 * 30 / 7.0);
        assert_int_equal(plan_list_add(fleet.list, index, 8, 3, true), 0);
        assert_int_equal(plan_list_count(fleet.list, 9, 3, true, 0), 0);
        assert_int_equal(plan_list_add(fleet.list, index, 9, 4, true), 0);
        near(most_reads(&fleet), rest + 50 * 30 / 7.0);
}

static void too_much_is_warned_of(void **state)
{
        const struct conf *conf = *state;
        char warnings[PLAN_WARNINGS_MAX][PLAN_WARNING_SIZE];
        const double rate = conf->settings.stripe.rate;

        assert_int_equal(plan_warnings(&(struct plan_sum){ .needed_rate = 0.8 * rate, .most_reads = 5000 },
                                       &conf->settings, warnings),
                         0);
        assert_int_equal(
                plan_warnings(&(struct plan_sum){ .needed_rate = 0.81 * rate }, &conf->settings, warnings),
                1);
        assert_non_null(strstr(warnings[0], "requests a second"));
        assert_int_equal(plan_warnings(&(struct plan_sum){ .most_reads = 5001 }, &conf->settings, warnings),
                         1);
        assert_non_null(strstr(warnings[0], "at most 5001"));
        assert_non_null(strstr(warnings[0], "coupons.scan"));
        assert_int_equal(plan_warnings(&(struct plan_sum){ .needed_rate = rate, .most_reads = 9000 },
                                       &conf->settings, warnings),
                         2);
}

/* The profile is named, and the pulse that would do; with that pulse there is no warning any more. */
static void who_reads_most_is_named(void **state)
{
        const struct conf *conf = *state;
        char warnings[PLAN_WARNINGS_MAX][PLAN_WARNING_SIZE];
        size_t index, selgeo;
        const struct profile *built_in = profile_of(conf, "keybrake-reconciliation", &index);
        struct profile own = *built_in;
        struct profile *list[] = { &own,
                                   conf->profiles->list[(profile_of(conf, "selgeo", &selgeo), selgeo)] };
        const struct profiles profiles = { .list = list, .n = 2 };
        _cleanup_(fleet_clear) struct fleet fleet = { 0 }, mended = { 0 };
        struct plan_sum sum;

        assert_false(plan_key_warning(&conf->settings, conf->catalogue, built_in, true, warnings[0]));
        own.pulse = 30 * USEC_PER_SEC;
        assert_true(plan_key_warning(&conf->settings, conf->catalogue, &own, true, warnings[0]));
        assert_non_null(strstr(warnings[0], "An account of this profile is read more than 5000 times"));
        assert_non_null(strstr(warnings[0], "pulse of 30s that the profile 'keybrake-reconciliation' has"));

        fleet_begin(&fleet, conf, &profiles, 1000);
        assert_int_equal(plan_list_add(fleet.list, 0, 7, 1, true), 0);
        assert_int_equal(plan_list_add(fleet.list, 1, 7, 2, true), 0);
        assert_int_equal(plan_list_add(fleet.list, 0, 8, 3, true), 0);
        assert_int_equal(plan_list_add(fleet.list, 1, 9, 4, true), 0);
        fleet_sum(&fleet, &sum);
        assert_int_equal(sum.accounts_over, 2);
        assert_ptr_equal(sum.reader, &own);
        assert_int_equal(plan_warnings(&sum, &conf->settings, warnings), 1);
        assert_non_null(strstr(warnings[0], "2 of 3 accounts are read"));
        const char *advice = strstr(warnings[0], "has: ");
        unsigned minutes = 0;
        assert_int_equal(sscanf(advice, "has: %um or longer", &minutes), 1);
        own.pulse = minutes * USEC_PER_MINUTE;
        fleet_begin(&mended, conf, &profiles, 1000);
        assert_int_equal(plan_list_add(mended.list, 0, 7, 1, true), 0);
        assert_int_equal(plan_list_add(mended.list, 1, 7, 2, true), 0);
        fleet_sum(&mended, &sum);
        assert_int_equal(plan_warnings(&sum, &conf->settings, warnings), 0);
        assert_true(sum.most_reads > 0.8 * PLAN_READS_WARNING); /* and no longer than needed */
}

static void no_built_in_profile_is_worth_a_warning(void **state)
{
        const struct conf *conf = *state;
        char warning[PLAN_WARNING_SIZE];

        for (size_t i = 0; i < conf->profiles->n; i++)
                for (int live = 0; live < 2; live++)
                        assert_false(plan_key_warning(&conf->settings, conf->catalogue,
                                                      conf->profiles->list[i], live, warning));
}

static void programs_get_profiles_in_use(void **state)
{
        const struct conf *conf = *state;
        _cleanup_(fleet_clear) struct fleet fleet = { 0 };
        size_t index;
        json_t *all, *used;

        profile_of(conf, "selgeo", &index);
        fleet_begin(&fleet, conf, conf->profiles, 10);
        all = fleet_json(&fleet);
        assert_true(json_array_size(json_object_get(all, "profiles")) >= conf->profiles->n);
        json_decref(all);
        assert_int_equal(plan_list_add(fleet.list, index, 1, 109, true), 0);
        assert_int_equal(plan_list_add(fleet.list, index, 2, 110, true), 0);
        used = fleet_json(&fleet);
        const json_t *row = json_array_get(json_object_get(used, "profiles"), 0);
        assert_int_equal(json_array_size(json_object_get(used, "profiles")), 1);
        assert_string_equal(json_string_value(json_object_get(row, "profile")), "selgeo");
        assert_int_equal(json_integer_value(json_object_get(row, "keys")), 2);
        assert_int_equal(json_integer_value(json_object_get(json_object_get(row, "pulse"), "posts")), 8640);
        json_decref(used);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_profile_that_writes_pulses_without_reading),
                cmocka_unit_test(a_profile_that_only_reads_pulses_every_quarter_of_an_hour),
                cmocka_unit_test(what_a_profile_allows_is_not_asked_for),
                cmocka_unit_test(looking_for_coupons_has_a_bound),
                cmocka_unit_test(a_merchant_with_a_thousand_coupons_is_read_less_than_1500_times),
                cmocka_unit_test(keys_of_one_account_and_mode_add_up),
                cmocka_unit_test(coupons_of_an_account_are_looked_for_once),
                cmocka_unit_test(what_was_counted_counts),
                cmocka_unit_test(too_much_is_warned_of),
                cmocka_unit_test(who_reads_most_is_named),
                cmocka_unit_test(no_built_in_profile_is_worth_a_warning),
                cmocka_unit_test(programs_get_profiles_in_use),
        };

        return cmocka_run_group_tests(tests, load, unload);
}
