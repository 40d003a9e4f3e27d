#include "stripe/link.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"

static char coupon[] = "coupon", charge[] = "charge", event[] = "event", label[] = "x";

static struct permission rows[] = { { .name = charge }, { .name = coupon }, { .name = event } };
static const struct catalogue catalogue = { .rows = rows, .n = ELEMENTSOF(rows) };

static void create(void **state)
{
        char no_name[] = "", name[] = "Selgeo Affiliates", odd[] = "50% & more/=?#\xc3\xbc";
        struct requirement two[] = {
                { .row = 1, .level = LEVEL_WRITE, .label = label },
                { .row = 2, .level = LEVEL_READ, .label = label },
        };
        /* "Charges: read" and "Refunds: write" are one permission. */
        struct requirement same[] = {
                { .row = 0, .level = LEVEL_READ, .label = label },
                { .row = 1, .level = LEVEL_READ, .label = label },
                { .row = 0, .level = LEVEL_WRITE, .label = label },
        };
        const struct {
                struct profile profile;
                bool live;
                const char *is;
        } cases[] = {
                { { .key_name = name, .required = two, .n_required = 2 },
                  true,
                  "https://dashboard.stripe.com/apikeys/"
                  "create?name=Selgeo%20Affiliates&permissions%5B%5D=rak_coupon_write&permissions%5B%5D=rak_"
                  "event_read" },
                { { .key_name = no_name, .required = same, .n_required = 3 },
                  false,
                  "https://dashboard.stripe.com/test/apikeys/"
                  "create?permissions%5B%5D=rak_charge_write&permissions%5B%5D=rak_coupon_read" },
                { { .key_name = no_name }, true, "https://dashboard.stripe.com/apikeys/create" },
                { { .key_name = odd },
                  true,
                  "https://dashboard.stripe.com/apikeys/create?name=50%25%20%26%20more%2F%3D%3F%23%C3%BC" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *link = NULL;

                assert_int_equal(link_create(&catalogue, &cases[i].profile, cases[i].live, &link), 0);
                assert_string_equal(link, cases[i].is);
        }
}

static void edit(void **state)
{
        static const struct {
                const char *account, *mk;
        } refused[] = {
                { "", "mk_1" },           { "acct_", "mk_1" },  { "acct_1/..", "mk_1" },
                { "acct_1", "" },         { "acct_1", "mk_" },  { "acct_1", "mk_1%2Fx" },
                { "acct_1", "mk_1&x" },   { "acct_1", "sk_1" }, { "acct_1", "mk_1 " },
                { "acct_1?x=y", "mk_1" },
        };
        _cleanup_free_ char *link = NULL;

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
                assert_int_equal(link_edit(refused[i].account, refused[i].mk, &link), -EINVAL);
                assert_null(link);
        }
        assert_int_equal(link_edit("acct_1AbC", "mk_1XyZ", &link), 0);
        assert_string_equal(
                link, "https://dashboard.stripe.com/b/acct_1AbC?destination=%2Fapikeys%2Fmk_1XyZ%2Fedit");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(create),
                cmocka_unit_test(edit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
