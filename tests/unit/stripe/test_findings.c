/* What is granted against what is wanted: what is missing, what is too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "stripe/findings.h"

static struct conf *conf;

static int setup(void **state)
{
        struct problems problems = { 0 };

        (void) state;
        int r = conf_load(NULL, &conf, &problems);
        problems_clear(&problems);
        for (size_t i = 0; r == 0 && i < conf->catalogue->n; i++)
                conf->catalogue->rows[i].slot = (unsigned) i;
        return r;
}

static int teardown(void **state)
{
        (void) state;
        conf_free(conf);
        return 0;
}

static const struct profile *profile_named(const char *name)
{
        size_t i;

        assert_int_equal(profiles_find(conf->profiles, name, &i), 0);
        return conf->profiles->list[i];
}

static unsigned row_of(const char *name)
{
        unsigned row;

        assert_int_equal(catalogue_find(conf->catalogue, name, &row), 0);
        return row;
}

static void grant(struct grants *grants, const char *name, enum grant what)
{
        grants_put(grants, conf->catalogue->rows[row_of(name)].slot, what);
}

/* All that the profile requires, and nothing else. */
static struct grants exactly(const struct profile *profile)
{
        struct grants grants = { 0 };

        for (unsigned i = 0; i < conf->catalogue->n; i++) {
                enum level level = profile_requires(profile, i);

                grants_put(&grants, conf->catalogue->rows[i].slot,
                           level == LEVEL_WRITE  ? GRANT_WRITE
                           : level == LEVEL_READ ? GRANT_READ
                                                 : GRANT_NONE);
        }
        return grants;
}

static void nothing_known_is_nothing_found(void **state)
{
        struct grants grants = { 0 };
        struct findings f;

        (void) state;
        for (size_t i = 0; i < conf->profiles->n; i++) {
                findings_make(conf->catalogue, conf->profiles->list[i], &grants, true, &f);
                assert_int_equal(f.n_missing, 0);
                assert_int_equal(f.n_excess, 0);
                assert_string_equal(f.missing, "");
                assert_string_equal(f.excess_labels, "");
                assert_int_equal(f.unprobed[0] != '\0', conf->profiles->list[i]->n_required > 0);
                findings_done(&f);
        }
}

static void exactly_what_is_wanted_is_well(void **state)
{
        struct findings f;

        (void) state;
        for (size_t i = 0; i < conf->profiles->n; i++) {
                struct grants grants = exactly(conf->profiles->list[i]);

                findings_make(conf->catalogue, conf->profiles->list[i], &grants, true, &f);
                assert_string_equal(f.missing, "");
                assert_string_equal(f.excess, "");
                findings_done(&f);
        }
}

static void what_is_refused_is_missing(void **state)
{
        const struct profile *profile = profile_named("selgeo");
        struct grants grants = exactly(profile);
        struct findings f;

        (void) state;
        grant(&grants, "coupon", GRANT_NONE);
        findings_make(conf->catalogue, profile, &grants, true, &f);
        assert_int_equal(f.n_missing, 1);
        assert_string_equal(f.missing, "coupon_write");
        assert_non_null(strstr(f.missing_labels, "Coupons: Write"));
        findings_done(&f);
}

static void read_is_not_write(void **state)
{
        const struct profile *profile = profile_named("selgeo");
        struct grants grants = exactly(profile);
        struct findings f;

        (void) state;
        grant(&grants, "coupon", GRANT_READ);
        findings_make(conf->catalogue, profile, &grants, true, &f);
        assert_string_equal(f.missing, "coupon_write");
        assert_string_equal(f.excess, "");
        findings_done(&f);
}

static void several_are_all_named(void **state)
{
        const struct profile *profile = profile_named("selgeo");
        struct grants grants = { 0 };
        struct findings f;
        size_t spaces = 0;

        (void) state;
        for (unsigned i = 0; i < conf->catalogue->n; i++)
                grants_put(&grants, i, GRANT_NONE);
        findings_make(conf->catalogue, profile, &grants, true, &f);
        for (const char *c = f.missing; *c; c++)
                spaces += *c == ' ';
        assert_int_equal(f.n_missing, spaces + 1);
        assert_in_range(f.n_missing, 2, profile->n_required);
        findings_done(&f);
}

static void what_nobody_wanted_is_too_much(void **state)
{
        const struct profile *profile = profile_named("cleverops-readonly");
        struct grants grants = exactly(profile);
        struct findings f;

        (void) state;
        grant(&grants, "coupon", GRANT_WRITE);
        findings_make(conf->catalogue, profile, &grants, true, &f);
        assert_non_null(strstr(f.excess, "coupon_write"));
        assert_true(f.excess_writes);
        assert_string_equal(f.missing, "");
        findings_done(&f);
}

/* A copy of the profile that looks at excess in this way. */
static struct profile *with_excess(const char *name, enum excess_rule excess)
{
        const struct profile *profile = profile_named(name);
        struct profile *copy = malloc(sizeof(*copy));

        assert_non_null(copy);
        memcpy(copy, profile, sizeof(*copy));
        copy->excess = excess;
        return copy;
}

static void a_profile_says_what_is_too_much(void **state)
{
        static const struct {
                enum excess_rule excess;
                enum grant grant;
                size_t n;
        } cases[] = {
                { EXCESS_REPORT, GRANT_READ, 1 }, { EXCESS_REPORT, GRANT_WRITE, 1 },
                { EXCESS_WRITES, GRANT_READ, 0 }, { EXCESS_WRITES, GRANT_WRITE, 1 },
                { EXCESS_ALLOW, GRANT_READ, 0 },  { EXCESS_ALLOW, GRANT_WRITE, 0 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct profile *profile = with_excess("keybrake-refunds", cases[i].excess);
                struct grants grants = exactly(profile);
                struct findings f;

                grant(&grants, "webhook", cases[i].grant);
                findings_make(conf->catalogue, profile, &grants, true, &f);
                assert_int_equal(f.n_excess, cases[i].n);
                findings_done(&f);
                free(profile);
        }
}

static void the_worst_weighs(void **state)
{
        const struct profile *profile = profile_named("cleverops-readonly");
        struct grants grants = exactly(profile);
        struct findings f;
        enum risk first;

        (void) state;
        grant(&grants, "coupon", GRANT_WRITE);
        findings_make(conf->catalogue, profile, &grants, true, &f);
        first = f.worst;
        findings_done(&f);
        grant(&grants, "payout", GRANT_WRITE);
        findings_make(conf->catalogue, profile, &grants, true, &f);
        assert_true(f.worst < first);
        assert_ptr_equal(strstr(f.excess, "payout_write"), f.excess); /* the riskiest first */
        findings_done(&f);
}

/* Payouts and transfers move money out, whoever brought them: what only another excess permission gives is
 * told with it. All else that is implied never is. */
static void what_an_excess_permission_brings(void **state)
{
        static const struct {
                const char *profile, *granted[3]; /* to read, and to write where marked with a + */
                const char *excess;
        } cases[] = {
                { "keybrake-refunds",
                  { "+transfer", "+payout" },
                  "payout_write transfer_write" }, /* by the order of the catalogue */
                { "keybrake-refunds", { "transfer", "payout" }, "payout_read transfer_read" },
                { "keybrake-refunds", { "payout" }, "payout_read" },
                { "keybrake-refunds",
                  { "checkout_session", "product", "payment_intent" },
                  "checkout_session_read" },
                { "needs-transfers", { "transfer", "payout" }, "" },
                { "needs-transfers", { "transfer", "+payout" }, "payout_write" },
                { "needs-transfers", { "+transfer", "+payout" }, "payout_write transfer_write" },
                { "needs-sources", { "balance_transaction_source", "transfer", "payout" }, "" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct profile *profile = with_excess("keybrake-refunds", EXCESS_REPORT);
                struct requirement needed = { .level = LEVEL_READ, .label = (char *) "x" };
                struct grants grants;
                struct findings f;

                if (strncmp(cases[i].profile, "needs-", 6) == 0) {
                        needed.row = row_of(strcmp(cases[i].profile, "needs-transfers") == 0
                                                    ? "transfer"
                                                    : "balance_transaction_source");
                        profile->required = &needed;
                        profile->n_required = 1;
                }
                grants = exactly(profile);
                for (size_t k = 0; k < ELEMENTSOF(cases[i].granted) && cases[i].granted[k]; k++) {
                        const char *name = cases[i].granted[k];

                        grant(&grants, name + (*name == '+'), *name == '+' ? GRANT_WRITE : GRANT_READ);
                }
                findings_make(conf->catalogue, profile, &grants, true, &f);
                assert_string_equal(f.excess, cases[i].excess);
                findings_done(&f);
                free(profile);
        }
}

/* What cannot be asked in a mode cannot be missing by silence; it is named as not told. */
static void what_has_no_probe_is_not_told(void **state)
{
        (void) state;
        for (size_t i = 0; i < conf->profiles->n; i++) {
                const struct profile *profile = conf->profiles->list[i];
                struct grants grants = exactly(profile);
                size_t without = 0;
                struct findings f;

                for (size_t k = 0; k < profile->n_required; k++)
                        without += !permission_probe(&conf->catalogue->rows[profile->required[k].row],
                                                     profile->required[k].level, true);
                findings_make(conf->catalogue, profile, &grants, true, &f);
                assert_int_equal(f.unprobed[0] != '\0', without > 0);
                findings_done(&f);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nothing_known_is_nothing_found),
                cmocka_unit_test(exactly_what_is_wanted_is_well),
                cmocka_unit_test(what_is_refused_is_missing),
                cmocka_unit_test(read_is_not_write),
                cmocka_unit_test(several_are_all_named),
                cmocka_unit_test(what_nobody_wanted_is_too_much),
                cmocka_unit_test(a_profile_says_what_is_too_much),
                cmocka_unit_test(the_worst_weighs),
                cmocka_unit_test(what_an_excess_permission_brings),
                cmocka_unit_test(what_has_no_probe_is_not_told),
        };

        return cmocka_run_group_tests(tests, setup, teardown);
}
