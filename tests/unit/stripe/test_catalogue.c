#include "stripe/catalogue.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"

static char *copy(const char *text)
{
        char *is = strdup(text);

        assert_non_null(is);
        return is;
}

static struct permission permission(const char *name, const char *label, const char *second)
{
        struct permission row = {
                .name = copy(name),
                .group = copy("Billing"),
                .labels = calloc(2, sizeof(char *)),
                .n_labels = second ? 2 : 1,
        };

        assert_non_null(row.labels);
        row.labels[0] = copy(label);
        if (second)
                row.labels[1] = copy(second);
        return row;
}

/* coupon: both levels in both modes; plan: two labels, write in test mode only; login_link: no read. */
static struct catalogue *example(void)
{
        struct catalogue *catalogue = calloc(1, sizeof(*catalogue));

        assert_non_null(catalogue);
        catalogue->version = copy("2026-11-21.1");
        catalogue->n = 3;
        catalogue->rows = calloc(3, sizeof(*catalogue->rows));
        assert_non_null(catalogue->rows);
        catalogue->rows[0] = permission("coupon", "Coupons", NULL);
        catalogue->rows[1] = permission("plan", "Plans", "Prices");
        catalogue->rows[2] = permission("edit_link", "Login links", NULL);

        struct permission *coupon = &catalogue->rows[0], *plan = &catalogue->rows[1];
        coupon->read = (struct probe){ .method = METHOD_GET,
                                       .path = copy("/v1/coupons/{absent}"),
                                       .mode_live = true,
                                       .mode_test = true };
        coupon->write = (struct probe){ .method = METHOD_POST,
                                        .path = copy("/v1/coupons/{absent}"),
                                        .mode_live = true,
                                        .mode_test = true };
        coupon->write.granted_codes[0] = copy("a_code");
        coupon->write.n_granted_codes = 1;
        plan->read = coupon->read;
        plan->read.path = copy("/v1/prices/{absent}");
        plan->write = (struct probe){ .method = METHOD_POST,
                                      .path = copy("/v1/prices/{absent}"),
                                      .mode_test = true };
        plan->implied_by = calloc(1, sizeof(unsigned));
        plan->n_implied_by = 1;
        catalogue->rows[2].read.why_not = copy("there is nothing to read");
        return catalogue;
}

static void find(void **state)
{
        _cleanup_(catalogue_freep) struct catalogue *catalogue = example();
        unsigned row = 99;

        (void) state;
        assert_int_equal(catalogue_find(catalogue, "plan", &row), 0);
        assert_int_equal(row, 1);
        assert_int_equal(catalogue_find(catalogue, "edit_link", &row), 0);
        assert_int_equal(row, 2);
        row = 99;
        assert_int_equal(catalogue_find(catalogue, "Plan", &row), -ENOENT);
        assert_int_equal(catalogue_find(catalogue, "", &row), -ENOENT);
        assert_int_equal(catalogue_find(catalogue, "plan_read", &row), -ENOENT);
        assert_int_equal(catalogue_find_label(catalogue, "price", &row), -ENOENT);
        assert_int_equal(row, 99);
        assert_int_equal(catalogue_find_label(catalogue, "Prices", &row), 0);
        assert_int_equal(row, 1);
        assert_int_equal(catalogue_find_label(catalogue, "pLANS", &row), 0);
        assert_int_equal(row, 1);
        assert_int_equal(catalogue_find_label(catalogue, "coupons", &row), 0);
        assert_int_equal(row, 0);
}

static void probes_by_level_and_mode(void **state)
{
        _cleanup_(catalogue_freep) struct catalogue *catalogue = example();
        const struct permission *rows = catalogue->rows;

        (void) state;
        assert_ptr_equal(permission_probe(&rows[0], LEVEL_READ, true), &rows[0].read);
        assert_ptr_equal(permission_probe(&rows[0], LEVEL_WRITE, false), &rows[0].write);
        assert_null(permission_probe(&rows[0], LEVEL_NONE, true));
        assert_null(permission_probe(&rows[1], LEVEL_WRITE, true));
        assert_ptr_equal(permission_probe(&rows[1], LEVEL_WRITE, false), &rows[1].write);
        assert_null(permission_probe(&rows[2], LEVEL_READ, true));
        assert_null(permission_probe(&rows[2], LEVEL_WRITE, false));
}

static void absent_ids_are_put_in(void **state)
{
        static const struct {
                const char *path, *absent, *is;
        } cases[] = {
                { "/v1/coupons/{absent}", "keyvigil_absent_x", "/v1/coupons/keyvigil_absent_x" },
                { "/v1/a/{absent}/b/{absent}", "x", "/v1/a/x/b/x" },
                { "/v1/a?b={absent}&limit=1", "x", "/v1/a?b=x&limit=1" },
                { "/v1/coupons?limit=1", "x", "/v1/coupons?limit=1" },
                { "{absent}", "", "" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *path = copy(cases[i].path), *is = NULL;
                struct probe probe = { .path = path };

                assert_int_equal(probe_path(&probe, cases[i].absent, &is), 0);
                assert_string_equal(is, cases[i].is);
        }
}

static void free_takes_null(void **state)
{
        (void) state;
        assert_null(catalogue_free(NULL));
}

static void risks_have_names(void **state)
{
        (void) state;
        assert_string_equal(risk_name(RISK_MONEY), "money");
        for (int i = 0; i < _RISK_MAX; i++)
                assert_non_null(risk_name((enum risk) i));
}

static const struct {
        enum method method;
        const char *path;
        bool allowed;
} rules[] = {
        { METHOD_GET, "/v1/coupons/{absent}", true },
        { METHOD_GET, "/v2/core/accounts/{absent}", true },
        { METHOD_GET, "/v1/tax/calculations/{absent}/line_items", true },
        { METHOD_GET, "/v1/events?limit=1", true },
        { METHOD_GET, "/v1/apps/secrets?scope%5Btype%5D=account&limit=1", true },
        { METHOD_GET, "/v1/subscription_items?subscription={absent}&limit=1", true },
        { METHOD_POST, "/v1/customers/{absent}", true },
        { METHOD_POST, "/v1/reviews/{absent}/approve", true },
        { METHOD_POST, "/v1/coupons", true },
        { METHOD_POST, "/v1/promotion_codes", true },
        { METHOD_POST, "/v1/webhook_endpoints", true },
        { METHOD_POST, "/v1/customer_sessions", true },
        /* methods */
        { METHOD_DELETE, "/v1/coupons/{absent}", false },
        { (enum method) 99, "/v1/coupons/{absent}", false },
        { (enum method) - 1, "/v1/coupons/{absent}", false },
        /* reading what exists */
        { METHOD_GET, "/v1/balance", false },
        { METHOD_GET, "/v1/customers", false },
        { METHOD_GET, "/v1/customers?limit=1&starting_after={absent}", true },
        { METHOD_GET, "/v1/customers?starting_after={absent}&limit=1", true },
        { METHOD_GET, "/v1/customers?starting_after={absent}", false },
        { METHOD_GET, "/v1/customers?limit=1&starting_after=cus_1", false },
        { METHOD_GET, "/v1/customers?limit=1&starting_after={absent}&ending_before={absent}", false },
        { METHOD_GET, "/v1/customers?limit=1&ending_before={absent}", false },
        { METHOD_GET, "/v1/customers?limit=100", false },
        { METHOD_GET, "/v1/customers?limit=1&limit=100", false },
        { METHOD_GET, "/v1/customers?limit=100&limit=1", false },
        { METHOD_GET, "/v1/customers?limit=10", false },
        { METHOD_GET, "/v1/customers?xlimit=1", false },
        { METHOD_GET, "/v1/customers?limit=1&expand%5B%5D=data.sources", false },
        { METHOD_GET, "/v1/customers/{absent}?expand%5B%5D=sources", false },
        { METHOD_GET, "/v1/customers?limit=1&%65xpand%5B%5D=data.sources", false },
        { METHOD_GET, "/v1/customers?limit=1&%6Cimit=100", false },
        { METHOD_GET, "/v1/customers?limit=1&a%5=b", false },
        { METHOD_GET, "/v1/customers?limit=1&a%=b", false },
        { METHOD_GET, "/v1/customers/cus_123", false },
        { METHOD_GET, "/v1/customers/x{absent}", false },
        { METHOD_GET, "/v1/customers/{absent}x", false },
        { METHOD_GET, "/v1/customers/{ABSENT}", false },
        { METHOD_GET, "/v1/customers?id={absent}", false },
        /* empty creates that would create */
        { METHOD_POST, "/v1/customers", false },
        { METHOD_POST, "/v1/setup_intents", false },
        { METHOD_POST, "/v1/quotes", false },
        { METHOD_POST, "/v1/payment_method_configurations", false },
        { METHOD_POST, "/v1/terminal/configurations", false },
        { METHOD_POST, "/v1/terminal/connection_tokens", false },
        { METHOD_POST, "/v1/accounts", false },
        { METHOD_POST, "/v1/issuing/disputes", false },
        { METHOD_POST, "/v1/subscription_schedules", false },
        { METHOD_POST, "/v1/tax/settings", false },
        { METHOD_POST, "/v1/balance_settings", false },
        /* merely thought to be refused, or nobody knows */
        { METHOD_POST, "/v1/radar/value_lists", false },
        { METHOD_POST, "/v1/reporting/report_runs", false },
        { METHOD_POST, "/v1/apps/secrets", false },
        { METHOD_POST, "/v1/anything", false },
        /* near a listed create */
        { METHOD_POST, "/v1/coupons/", false },
        { METHOD_POST, "/v1/coupons/x", false },
        { METHOD_POST, "/v1/Coupons", false },
        { METHOD_POST, "/v2/coupons", false },
        { METHOD_POST, "/v1/coupons?percent_off=1", false },
        { METHOD_POST, "/v1/coupons?", false },
        { METHOD_POST, "/v1/coupons/{absent}?name=x", false },
        /* paths */
        { METHOD_GET, "", false },
        { METHOD_GET, "/", false },
        { METHOD_GET, "/v1", false },
        { METHOD_GET, "/v1/", false },
        { METHOD_GET, "v1/coupons/{absent}", false },
        { METHOD_GET, "/v3/coupons/{absent}", false },
        { METHOD_GET, "//v1/coupons/{absent}", false },
        { METHOD_GET, "/v1//{absent}", false },
        { METHOD_GET, "/v1/coupons/{absent}/", false },
        { METHOD_GET, "/v1/./{absent}", false },
        { METHOD_GET, "/v1/../{absent}", false },
        { METHOD_GET, "/v1/{absent}/../customers", false },
        { METHOD_POST, "/v1/{absent}/../customers", false },
        { METHOD_POST, "/v1/{absent}/%2e%2e/customers", false },
        { METHOD_POST, "/v1/{absent}/%2E%2E/customers", false },
        { METHOD_GET, "https://files.stripe.com/v1/files/{absent}", false },
        { METHOD_GET, "@files.stripe.com/v1/{absent}", false },
        { METHOD_GET, "/v1/\\..\\{absent}", false },
        { METHOD_GET, "/v1/coupons/{absent}#x", false },
        { METHOD_GET, "/v1/coup ons/{absent}", false },
        { METHOD_GET, "/v1/coupons/{absent}\r\nX: y", false },
        { METHOD_GET, "/v1/coupons/{absent}\n", false },
        { METHOD_GET, "/v1/coup\tons/{absent}", false },
        { METHOD_GET, "/v1/coup\x7fons/{absent}", false },
        { METHOD_GET, "/v1/c\xc3\xb6/{absent}", false },
        { METHOD_GET, "/v1/coupons/{absent}/{other}", false },
        /* queries */
        { METHOD_GET, "/v1/coupons/{absent}?", false },
        { METHOD_GET, "/v1/coupons?limit", false },
        { METHOD_GET, "/v1/coupons?limit=", false },
        { METHOD_GET, "/v1/coupons?=1&limit=1", false },
        { METHOD_GET, "/v1/coupons?&limit=1", false },
        { METHOD_GET, "/v1/coupons?limit=1 ", false },
        { METHOD_GET, "/v1/coupons?limit=1\n", false },
        { METHOD_GET, "/v1/coupons?limit=1#x", false },
        { METHOD_GET, "/v1/coupons?a[b]=c&limit=1", false },
        { METHOD_GET, "/v1/coupons?a=b?c&limit=1", false },
        { METHOD_GET, "/v1/coupons?a=x{absent}&limit=1", false },
};

static void what_may_be_sent(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(rules); i++) {
                const char *why = NULL;
                int r = catalogue_probe_allowed(rules[i].method, rules[i].path, &why);

                if (r != (rules[i].allowed ? 0 : -EPERM))
                        fail_msg("%d '%s': %d %s", (int) rules[i].method, rules[i].path, r, why ? why : "");
                assert_int_equal(why == NULL, rules[i].allowed);
        }
}

/* A dead key must not look well, whatever somebody learned. */
static void which_codes_may_grant(void **state)
{
        static const char *const never[] = { "Odd",
                                             "[id]",
                                             "two words",
                                             "api_key_expired",
                                             "platform_api_key_expired",
                                             "more_permissions_required",
                                             "secret_key_required",
                                             "account_invalid",
                                             "rate_limit",
                                             "livemode_mismatch" };
        const char *why = NULL;

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(never); i++) {
                assert_int_equal(catalogue_code_allowed(never[i], &why), -EPERM);
                assert_non_null(why);
        }
        assert_int_equal(catalogue_code_allowed("parameter_unknown", &why), 0);
        assert_int_equal(catalogue_code_allowed("bank_account_unverified", &why), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(find),
                cmocka_unit_test(probes_by_level_and_mode),
                cmocka_unit_test(absent_ids_are_put_in),
                cmocka_unit_test(free_takes_null),
                cmocka_unit_test(risks_have_names),
                cmocka_unit_test(what_may_be_sent),
                cmocka_unit_test(which_codes_may_grant),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
