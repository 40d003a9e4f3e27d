/* What ships: the seven profiles against the guides they come from, every probe, the commented default. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/settings.h"

static const struct expected {
        const char *name;
        bool any_kind;
        bool sweep;
        enum excess_rule excess;
        usec_t pulse;
        const char *key_name; /* as the guide suggests it; NULL: as it likes */
        struct {
                const char *label, *permission;
                enum level level;
        } require[12];
} expected[] = {
        { "cleverops-readonly",
          false,
          false,
          EXCESS_WRITES,
          15 * USEC_PER_MINUTE,
          "reporting-tool-readonly",
          { { NULL, NULL, LEVEL_NONE } } },
        { "combidesk",
          true,
          false,
          EXCESS_REPORT,
          15 * USEC_PER_MINUTE,
          NULL,
          { { "Balance", "balance", LEVEL_READ },
            { "Balance transactions", "balance_transaction_source", LEVEL_READ },
            { "Charges", "charge", LEVEL_READ },
            { "Customers", "customer", LEVEL_READ },
            { "Invoices", "invoice", LEVEL_READ },
            { "Payment Intents", "payment_intent", LEVEL_READ },
            { "Payouts", "payout", LEVEL_READ },
            { "Products", "product", LEVEL_READ },
            { "Prices", "plan", LEVEL_READ },
            { "Refunds", "charge", LEVEL_READ },
            { "Credit notes", "credit_note", LEVEL_READ } } },
        { "keybrake-catalog",
          false,
          false,
          EXCESS_REPORT,
          5 * USEC_PER_MINUTE,
          NULL,
          { { "Products", "product", LEVEL_WRITE },
            { "Plans", "plan", LEVEL_WRITE },
            { "Prices", "plan", LEVEL_WRITE } } },
        { "keybrake-reconciliation",
          false,
          false,
          EXCESS_REPORT,
          15 * USEC_PER_MINUTE,
          NULL,
          { { "Charges", "charge", LEVEL_READ },
            { "PaymentIntents", "payment_intent", LEVEL_READ },
            { "Customers", "customer", LEVEL_READ },
            { "Invoices", "invoice", LEVEL_READ },
            { "Balance Transactions", "balance_transaction_source", LEVEL_READ },
            { "Events", "event", LEVEL_READ },
            { "Payouts", "payout", LEVEL_READ } } },
        { "keybrake-refunds",
          false,
          false,
          EXCESS_REPORT,
          5 * USEC_PER_MINUTE,
          NULL,
          { { "Charges", "charge", LEVEL_READ },
            { "PaymentIntents", "payment_intent", LEVEL_READ },
            { "Customers", "customer", LEVEL_READ },
            { "Refunds", "charge", LEVEL_WRITE } } },
        { "selgeo",
          false,
          true,
          EXCESS_REPORT,
          5 * USEC_PER_MINUTE,
          "Selgeo Affiliates",
          { { "Checkout Sessions", "checkout_session", LEVEL_READ },
            { "Charges", "charge", LEVEL_READ },
            { "Balance transactions", "balance_transaction_source", LEVEL_READ },
            { "Customers", "customer", LEVEL_READ },
            { "Invoices", "invoice", LEVEL_READ },
            { "Promotion codes", "promotion_code", LEVEL_WRITE },
            { "Coupons", "coupon", LEVEL_WRITE },
            { "Webhook endpoints", "webhook", LEVEL_WRITE } } },
        { "stackone",
          true,
          false,
          EXCESS_ALLOW,
          15 * USEC_PER_MINUTE,
          NULL,
          { { "Customers", "customer", LEVEL_READ } } },
};

/* In a directory of our own: what is installed on this machine does not matter. */
struct fixture {
        char directory[64];
        char path[128];
        struct conf *conf;
};

static void complain(const struct problems *problems)
{
        for (size_t i = 0; i < problems->n; i++)
                print_error("%s\n", problems->list[i].text);
        assert_int_equal(problems->n, 0); /* warnings neither */
}

static int setup(void **state)
{
        static struct fixture fixture = { .directory = "/tmp/keyvigil-test-XXXXXX" };
        struct problems problems = { 0 };
        char datadir[4096];

        snprintf(datadir, sizeof(datadir), "%s/conf", getenv("srcdir") ? getenv("srcdir") : ".");
        setenv(CONF_DATADIR_VARIABLE, datadir, 1);
        assert_non_null(mkdtemp(fixture.directory));
        snprintf(fixture.path, sizeof(fixture.path), "%s/keyvigil.yaml", fixture.directory);
        FILE *file = fopen(fixture.path, "w");
        assert_non_null(file);
        fclose(file);

        int r = conf_load(fixture.path, &fixture.conf, &problems);
        complain(&problems);
        assert_int_equal(r, 0);
        *state = &fixture;
        return 0;
}

static int teardown(void **state)
{
        struct fixture *fixture = *state;

        conf_free(fixture->conf);
        unlink(fixture->path);
        return rmdir(fixture->directory);
}

static void profile_compare(const struct catalogue *catalogue, const struct profile *profile,
                            const struct expected *e)
{
        size_t n = 0;

        assert_string_equal(profile->name, e->name);
        assert_int_equal(profile->any_kind, e->any_kind);
        assert_true(profile->live && profile->test);
        assert_int_equal(profile->sweep, e->sweep);
        assert_int_equal(profile->excess, e->excess);
        assert_int_equal(profile->pulse, e->pulse);
        assert_int_equal(profile->rotation_due, 90 * USEC_PER_DAY);
        if (e->key_name)
                assert_string_equal(profile->key_name, e->key_name);
        for (; n < ELEMENTSOF(e->require) && e->require[n].label; n++) {
                assert_in_range(n, 0, profile->n_required - 1);
                assert_string_equal(profile->required[n].label, e->require[n].label);
                assert_string_equal(catalogue->rows[profile->required[n].row].name, e->require[n].permission);
                assert_int_equal(profile->required[n].level, e->require[n].level);
        }
        assert_int_equal(profile->n_required, n);
}

static void test_profiles(void **state)
{
        const struct conf *conf = ((struct fixture *) *state)->conf;

        assert_int_equal(conf->profiles->n, ELEMENTSOF(expected));
        for (size_t i = 0; i < ELEMENTSOF(expected); i++)
                profile_compare(conf->catalogue, conf->profiles->list[i], &expected[i]);
}

/* The suggested name must be one that the profile itself would take. */
static void test_key_names_match(void **state)
{
        const struct conf *conf = ((struct fixture *) *state)->conf;
        size_t patterns = 0;

        for (size_t i = 0; i < conf->profiles->n; i++) {
                const struct profile *profile = conf->profiles->list[i];
                regex_t regex;

                if (*profile->name_pattern == '\0')
                        continue;
                patterns++;
                assert_int_equal(regcomp(&regex, profile->name_pattern, REG_EXTENDED | REG_NOSUB), 0);
                assert_int_equal(regexec(&regex, profile->key_name, 0, NULL, 0), 0);
                assert_int_not_equal(regexec(&regex, "Agent key #3", 0, NULL, 0), 0);
                regfree(&regex);
        }
        assert_int_equal(patterns, 3);
}

static void probe_check(const struct permission *row, const struct probe *probe, enum method method)
{
        const char *why = NULL;

        if (probe->path) {
                assert_null(probe->why_not);
                assert_int_equal(probe->method, method);
                assert_true(probe->mode_live || probe->mode_test);
                if (catalogue_probe_allowed(method, probe->path, &why) < 0)
                        fail_msg("%s: %s: %s", row->name, probe->path, why);
        } else {
                assert_non_null(probe->why_not);
        }
}

static void test_probes_are_allowed(void **state)
{
        const struct conf *conf = ((struct fixture *) *state)->conf;

        assert_in_range(conf->catalogue->n, 90, SLOTS_MAX);
        for (size_t i = 0; i < conf->catalogue->n; i++) {
                const struct permission *row = &conf->catalogue->rows[i];

                probe_check(row, &row->read, METHOD_GET);
                probe_check(row, &row->write, METHOD_POST);
        }
}

/* Nothing that exists is asked for, in either mode. */
static void test_selgeo_asks_for_nothing(void **state)
{
        const struct conf *conf = ((struct fixture *) *state)->conf;
        size_t index;

        assert_int_equal(profiles_find(conf->profiles, "selgeo", &index), 0);
        const struct profile *selgeo = conf->profiles->list[index];
        assert_int_equal(selgeo->n_required, 8);
        for (size_t i = 0; i < selgeo->n_required; i++) {
                const struct permission *row = &conf->catalogue->rows[selgeo->required[i].row];

                for (int live = 0; live < 2; live++) {
                        const struct probe *probe = permission_probe(row, selgeo->required[i].level, live);
                        assert_non_null(probe);
                        assert_non_null(strstr(probe->path, "{absent}"));
                        if (strchr(probe->path, '?')) /* a list, from where nothing is */
                                assert_non_null(strstr(probe->path, "?limit=1&starting_after={absent}"));
                }
        }
}

static bool implies(const struct catalogue *catalogue, const char *by, const char *what)
{
        unsigned from, to;

        assert_int_equal(catalogue_find(catalogue, by, &from), 0);
        assert_int_equal(catalogue_find(catalogue, what, &to), 0);
        for (size_t i = 0; i < catalogue->rows[to].n_implied_by; i++)
                if (catalogue->rows[to].implied_by[i] == from)
                        return true;
        return false;
}

static void test_implied(void **state)
{
        static const char *const pairs[][2] = {
                { "plan", "product" },
                { "checkout_session", "mandate" },
                { "checkout_session", "payment_intent" },
                { "checkout_session", "payment_links" },
                { "checkout_session", "product" },
                { "checkout_session", "setup_intent" },
                { "checkout_session", "sku" },
                { "payment_links", "mandate" },
                { "payment_links", "product" },
                { "payment_links", "sku" },
                { "payment_intent", "product" },
                { "payment_intent", "sku" },
                { "payment_method", "source" },
                { "setup_intent", "mandate" },
                { "quote", "sku" },
                { "quote", "product" },
                { "customer", "billing_clock" },
                { "invoice", "credit_note" },
                { "balance_transaction_source", "application_fee" },
                { "balance_transaction_source", "balance" },
                { "balance_transaction_source", "transfer" },
                { "balance_transaction_source", "payout" },
                { "transfer", "payout" },
        };
        const struct catalogue *catalogue = ((struct fixture *) *state)->conf->catalogue;
        size_t n = 0, n_write = 0;

        for (size_t i = 0; i < ELEMENTSOF(pairs); i++)
                if (!implies(catalogue, pairs[i][0], pairs[i][1]))
                        fail_msg("%s does not give %s", pairs[i][0], pairs[i][1]);
        for (size_t i = 0; i < catalogue->n; i++) {
                n += catalogue->rows[i].n_implied_by;
                n_write += catalogue->rows[i].implied_write;
        }
        assert_int_equal(n, ELEMENTSOF(pairs) + 1); /* and financing transactions */
        assert_int_equal(n_write, 1);
}

static void texts_equal(const struct settings *a, const struct settings *b)
{
        assert_string_equal(a->state_dir, b->state_dir);
        assert_string_equal(a->stripe.api_base, b->stripe.api_base);
        assert_string_equal(a->stripe.ca_file, b->stripe.ca_file);
        assert_string_equal(a->stripe.proxy, b->stripe.proxy);
        assert_string_equal(a->stripe.api_version, b->stripe.api_version);
        assert_string_equal(a->control.socket, b->control.socket);
        assert_string_equal(a->control.read_socket, b->control.read_socket);
        assert_string_equal(a->web.metrics, b->web.metrics);
        assert_string_equal(a->web.pages, b->web.pages);
        assert_int_equal(a->web.n_hosts, b->web.n_hosts);
        for (size_t i = 0; i < a->web.n_hosts; i++)
                assert_string_equal(a->web.hosts[i], b->web.hosts[i]);
}

static void strings_forget(struct settings *s)
{
        s->state_dir = s->stripe.api_base = s->stripe.ca_file = s->stripe.proxy = s->stripe.api_version =
                NULL;
        s->control.socket = s->control.read_socket = s->profiles_dir = NULL;
        memset(&s->web, 0, sizeof(s->web));
        memset(&s->notify, 0, sizeof(s->notify));
}

/* The commented file says the defaults, so reading it changes nothing. */
static void test_default_file_is_the_default(void **state)
{
        const struct settings *none = &((struct fixture *) *state)->conf->settings;
        char path[4096];
        struct problems problems = { 0 };
        struct node *root = NULL;

        snprintf(path, sizeof(path), "%s/keyvigil.yaml", getenv(CONF_DATADIR_VARIABLE));
        const struct place place = { .file = path };
        assert_int_equal(tree_read(&place, &problems, &root), 0);
        _cleanup_(settings_clearp) struct settings read = { .state_dir = NULL };
        const struct settings *file = &read;
        memset(&read, 0xA5, sizeof(read)); /* so that a setting which is not in the file is seen */
        strings_forget(&read);
        assert_int_equal(settings_read(root, &read, &problems), 0);
        complain(&problems);
        node_free(root);

        texts_equal(none, file);
        assert_string_equal(file->profiles_dir, "/etc/keyvigil/profiles.d");
        assert_int_equal(file->stripe.timeout, none->stripe.timeout);
        assert_int_equal(file->stripe.concurrency, none->stripe.concurrency);
        assert_int_equal(file->stripe.rate, none->stripe.rate);
        assert_int_equal(file->stripe.account_concurrency, none->stripe.account_concurrency);
        assert_int_equal(file->stripe.account_rate, none->stripe.account_rate);
        assert_memory_equal(&file->checks, &none->checks, sizeof(none->checks));
        assert_int_equal(file->coupons.cleanup, none->coupons.cleanup);
        assert_int_equal(file->coupons.scan, none->coupons.scan);
        assert_int_equal(file->coupons.scan_all, none->coupons.scan_all);
        assert_int_equal(file->coupons.grace, none->coupons.grace);
        assert_memory_equal(&file->rotation, &none->rotation, sizeof(none->rotation));
        assert_memory_equal(&file->history, &none->history, sizeof(none->history));
}

/* The numbers that the documentation promises. */
static void test_defaults(void **state)
{
        const struct settings *s = &((struct fixture *) *state)->conf->settings;

        assert_string_equal(s->state_dir, "/var/lib/keyvigil");
        assert_string_equal(s->stripe.api_base, "https://api.stripe.com");
        assert_string_equal(s->stripe.api_version, "2026-10-28.endive");
        assert_int_equal(s->stripe.timeout, 20 * USEC_PER_SEC);
        assert_int_equal(s->stripe.concurrency, 256);
        assert_int_equal(s->stripe.rate, 1000);
        assert_int_equal(s->stripe.account_concurrency, 2);
        assert_int_equal(s->stripe.account_rate, 5);
        assert_int_equal(s->checks.pulse, 5 * USEC_PER_MINUTE);
        assert_int_equal(s->checks.full, 24 * USEC_PER_HOUR);
        assert_int_equal(s->checks.excess, 7 * USEC_PER_DAY);
        assert_int_equal(s->checks.n_confirm, 2);
        assert_int_equal(s->checks.confirm[0], 5 * USEC_PER_SEC);
        assert_int_equal(s->checks.confirm[1], 30 * USEC_PER_SEC);
        assert_int_equal(s->checks.unverified_after, 24 * USEC_PER_HOUR);
        assert_int_equal(s->coupons.cleanup, CLEANUP_DELETE);
        assert_int_equal(s->coupons.scan, USEC_PER_HOUR);
        assert_int_equal(s->coupons.scan_all, 7 * USEC_PER_DAY);
        assert_int_equal(s->coupons.grace, 15 * USEC_PER_MINUTE);
        assert_int_equal(s->rotation.due, 90 * USEC_PER_DAY);
        assert_int_equal(s->rotation.overlap, 7 * USEC_PER_DAY);
        assert_int_equal(s->history.keep, 400 * USEC_PER_DAY);
        assert_string_equal(s->control.socket, "/run/keyvigil/control.sock");
        assert_string_equal(s->control.read_socket, "/run/keyvigil-read/read.sock");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_profiles),
                cmocka_unit_test(test_key_names_match),
                cmocka_unit_test(test_probes_are_allowed),
                cmocka_unit_test(test_selgeo_asks_for_nothing),
                cmocka_unit_test(test_implied),
                cmocka_unit_test(test_default_file_is_the_default),
                cmocka_unit_test(test_defaults),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
