#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "stripe/plan.h"

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
        _cleanup_(plan_freep) struct plan *plan = NULL;
        struct plan_sum sum;
        size_t index;

        profile_of(conf, "selgeo", &index);
        assert_int_equal(plan_new(&conf->settings, conf->catalogue, conf->profiles, 1000, &plan), 0);
        assert_int_equal(plan_add(plan, index, 1, true), 0);
        plan_sum(plan, &sum);
        assert_int_equal(sum.accounts, 1);
        if (sum.most_reads >= 1500)
                fail_msg("%f reads", sum.most_reads);
        assert_true(sum.needed_rate > MONTH_PULSES / PLAN_MONTH_SECONDS);
}

static void keys_of_one_account_and_mode_add_up(void **state)
{
        const struct conf *conf = *state;
        _cleanup_(plan_freep) struct plan *plan = NULL;
        struct plan_sum one, sum;
        size_t index;

        profile_of(conf, "combidesk", &index);
        assert_int_equal(plan_new(&conf->settings, conf->catalogue, conf->profiles, 0, &plan), 0);
        assert_int_equal(plan_add(plan, index, 7, true), 0);
        plan_sum(plan, &one);
        assert_int_equal(plan_add(plan, index, 7, false), 0); /* another mode */
        assert_int_equal(plan_add(plan, index, 0, true), 0);  /* nobody knows whose */
        assert_int_equal(plan_add(plan, index, 0, true), 0);
        plan_sum(plan, &sum);
        assert_int_equal(sum.accounts, 4);
        near(sum.most_reads, one.most_reads);
        assert_int_equal(plan_add(plan, index, 7, true), 0);
        plan_sum(plan, &sum);
        assert_int_equal(sum.accounts, 4);
        near(sum.most_reads, 2 * one.most_reads);
}

static void coupons_of_an_account_are_looked_for_once(void **state)
{
        const struct conf *conf = *state;
        _cleanup_(plan_freep) struct plan *plan = NULL;
        struct plan_sum one, two;
        struct plan_key key;
        size_t index;
        const struct profile *selgeo = profile_of(conf, "selgeo", &index);

        plan_key(&conf->settings, conf->catalogue, selgeo, true, &key);
        assert_int_equal(plan_new(&conf->settings, conf->catalogue, conf->profiles, 500, &plan), 0);
        assert_int_equal(plan_add(plan, index, 7, true), 0);
        plan_sum(plan, &one);
        assert_int_equal(plan_add(plan, index, 7, true), 0);
        plan_sum(plan, &two);
        near(two.most_reads - one.most_reads, key.full.gets + key.excess.gets);
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
        assert_non_null(strstr(warnings[0], "5001 times a month"));
        assert_int_equal(plan_warnings(&(struct plan_sum){ .needed_rate = rate, .most_reads = 9000 },
                                       &conf->settings, warnings),
                         2);
}

static void programs_get_profiles_in_use(void **state)
{
        const struct conf *conf = *state;
        _cleanup_(plan_freep) struct plan *plan = NULL;
        size_t index;
        json_t *all, *used;

        profile_of(conf, "selgeo", &index);
        assert_int_equal(plan_new(&conf->settings, conf->catalogue, conf->profiles, 10, &plan), 0);
        all = plan_json(plan);
        assert_true(json_array_size(json_object_get(all, "profiles")) >= conf->profiles->n);
        json_decref(all);
        assert_int_equal(plan_add(plan, index, 1, true), 0);
        assert_int_equal(plan_add(plan, index, 2, true), 0);
        used = plan_json(plan);
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
                cmocka_unit_test(too_much_is_warned_of),
                cmocka_unit_test(programs_get_profiles_in_use),
        };

        return cmocka_run_group_tests(tests, load, unload);
}
