/* When a coupon may be deleted: only if nothing at all is in the way. */
#include "stripe/coupon.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "base/macros.h"

#define NOW   INT64_C(1795230000)
#define GRACE (15 * SEC_PER_MINUTE)
#define UP    (1000 * USEC_PER_SEC)

/* A coupon that is to be deleted; each case spoils it in one way. */
static struct coupon_facts stale_probe(void)
{
        return (struct coupon_facts){
                .id = "selgeo_probe_a1",
                .coupon = { .created = NOW - SEC_PER_DAY, .times_redeemed = 0, .livemode = true },
                .promotions = PROMOTIONS_NONE,
                .coupon_usec = UP - 2 * USEC_PER_SEC,
                .promotions_usec = UP - USEC_PER_SEC,
                .now = UP,
                .date_wall = NOW,
                .now_wall = NOW,
                .grace = GRACE,
                .live = true,
                .may_write = true,
        };
}

static enum rail rails(const struct coupon_facts *facts)
{
        bool doubt;

        return coupon_rails(facts, &doubt);
}

static void nothing_in_the_way(void **state)
{
        struct coupon_facts facts = stale_probe();
        bool doubt = true;

        (void) state;
        assert_int_equal(coupon_rails(&facts, &doubt), RAIL_DELETE);
        assert_false(doubt);
        facts.live = facts.coupon.livemode = false;
        assert_int_equal(rails(&facts), RAIL_DELETE);
}

#define SPOIL(change, rail_name)                                                                             \
        do {                                                                                                 \
                struct coupon_facts f = stale_probe();                                                       \
                change;                                                                                      \
                assert_int_equal(rails(&f), RAIL_##rail_name);                                               \
        } while (0)

static void each_rail(void **state)
{
        (void) state;
        SPOIL(f.id = "SUMMER25", NOT_OURS);
        SPOIL(f.id = "selgeo_probe_", NOT_OURS);
        SPOIL(f.id = "Selgeo_probe_a", NOT_OURS);
        SPOIL(f.id = "selgeo_probe_a b", NOT_OURS);
        SPOIL(f.id = "", NOT_OURS);
        SPOIL(f.suspect = true, KEY_SUSPECT);
        SPOIL(f.coupon_usec = UP - COUPON_FACTS_MAX_AGE, STALE_FACTS);
        SPOIL(f.coupon_usec = UP + 1, STALE_FACTS);
        SPOIL(f.coupon_usec = 0, STALE_FACTS);
        SPOIL(f.promotions_usec = UP - COUPON_FACTS_MAX_AGE, STALE_FACTS);
        SPOIL(f.promotions_usec = UP + 1, STALE_FACTS);
        SPOIL(f.coupon_usec = UP - COUPON_FACTS_MAX_AGE + 1, DELETE);
        SPOIL(f.promotions_usec = UP - COUPON_FACTS_MAX_AGE + 1, DELETE);
        SPOIL(f.coupon = (struct coupon){ .deleted = true }, GONE);
        SPOIL(f.coupon.livemode = false, OTHER_MODE);
        SPOIL(f.live = false, OTHER_MODE);
        SPOIL(f.coupon.times_redeemed = 1, REDEEMED);
        SPOIL(f.coupon.times_redeemed = -1, REDEEMED);
        SPOIL(f.promotions = PROMOTIONS_SOME, PROMOTED);
        SPOIL(f.promotions = PROMOTIONS_UNKNOWN, PROMOTIONS_UNKNOWN);
        SPOIL(f.promotions = (enum promotions) 9, PROMOTIONS_UNKNOWN);
        SPOIL(f.may_write = false, NO_WRITE);
        SPOIL(f.too_many = true, UNUSUAL_NUMBER);
        /* nobody can use one of ours that is spent: it goes although promotion codes cannot be seen */
        SPOIL((f.ours = true, f.coupon.spent = true, f.promotions = PROMOTIONS_UNKNOWN), DELETE);
        SPOIL((f.ours = true, f.coupon.spent = true, f.promotions = PROMOTIONS_SOME), PROMOTED);
        SPOIL((f.ours = true, f.promotions = PROMOTIONS_UNKNOWN), PROMOTIONS_UNKNOWN);
        SPOIL((f.coupon.spent = true, f.promotions = PROMOTIONS_UNKNOWN), PROMOTIONS_UNKNOWN);
        SPOIL((f.ours = true, f.coupon.times_redeemed = 1), REDEEMED);
        /* what is in the way for good is said before what a --force could lift */
        SPOIL((f.too_many = true, f.coupon.times_redeemed = 1), REDEEMED);
}

static void age(void **state)
{
        static const struct {
                int64_t created, date, now;
                enum rail rail;
                bool doubt;
        } cases[] = {
                { NOW - GRACE - 1, NOW, NOW, RAIL_DELETE, false },
                { NOW - GRACE, NOW, NOW, RAIL_TOO_YOUNG, false },
                { NOW, NOW, NOW, RAIL_TOO_YOUNG, false },
                { NOW + SEC_PER_DAY, NOW, NOW, RAIL_TOO_YOUNG, false },
                /* within five minutes: the provider's clock counts, in either direction */
                { NOW - GRACE, NOW + 300, NOW, RAIL_DELETE, false },
                { NOW - GRACE - 100, NOW - 300, NOW, RAIL_TOO_YOUNG, false },
                { NOW - GRACE - 301, NOW - 300, NOW, RAIL_DELETE, false },
                /* beyond: the younger age */
                { NOW - GRACE, NOW + 301, NOW, RAIL_TOO_YOUNG, true },
                { NOW - GRACE - 1, NOW + SEC_PER_DAY, NOW, RAIL_DELETE, true },
                { NOW - GRACE - 1, NOW - SEC_PER_DAY, NOW, RAIL_TOO_YOUNG, true },
                { NOW - GRACE - 301, NOW - 301, NOW, RAIL_TOO_YOUNG, true },
                { NOW - GRACE - 302, NOW - 301, NOW, RAIL_DELETE, true },
                /* our clock has lost the year */
                { NOW - SEC_PER_DAY, NOW, 1000, RAIL_TOO_YOUNG, true },
                { NOW - SEC_PER_DAY, NOW, 0, RAIL_TOO_YOUNG, true },
                { NOW - SEC_PER_DAY, NOW, NOW + 365 * SEC_PER_DAY, RAIL_DELETE, true },
                { NOW - 60, NOW, NOW + 365 * SEC_PER_DAY, RAIL_TOO_YOUNG, true },
                /* no Date, or one that is none */
                { NOW - GRACE - 1, -1, NOW, RAIL_TOO_YOUNG, true },
                { NOW - GRACE - SEC_PER_HOUR - 1, -1, NOW, RAIL_DELETE, true },
                { NOW - GRACE - SEC_PER_HOUR, -1, NOW, RAIL_TOO_YOUNG, true },
                { NOW - GRACE - SEC_PER_HOUR - 1, 0, NOW, RAIL_DELETE, true },
                { NOW - GRACE - SEC_PER_HOUR - 1, INT64_MAX, NOW, RAIL_DELETE, true },
                { NOW - GRACE - SEC_PER_HOUR, INT64_MAX, NOW, RAIL_TOO_YOUNG, true },
                { NOW - SEC_PER_DAY, -1, -1, RAIL_TOO_YOUNG, true },
                { NOW - SEC_PER_DAY, INT64_MAX, INT64_MAX, RAIL_TOO_YOUNG, true },
                { INT64_MAX, NOW, NOW, RAIL_TOO_YOUNG, false },
                { INT64_MIN, NOW, NOW, RAIL_TOO_YOUNG, false },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct coupon_facts facts = stale_probe();
                bool doubt = !cases[i].doubt;

                facts.coupon.created = cases[i].created;
                facts.date_wall = cases[i].date;
                facts.now_wall = cases[i].now;
                enum rail rail = coupon_rails(&facts, &doubt);
                if (rail != cases[i].rail || doubt != cases[i].doubt)
                        fail_msg("row %zu: %s, %d", i, rail_name(rail), doubt);
        }
}

static void no_grace_is_no_negative_age(void **state)
{
        struct coupon_facts facts = stale_probe();

        (void) state;
        facts.grace = 0;
        facts.coupon.created = NOW - 1;
        assert_int_equal(rails(&facts), RAIL_DELETE);
        facts.coupon.created = NOW;
        assert_int_equal(rails(&facts), RAIL_TOO_YOUNG);
        facts.grace = -1000;
        facts.coupon.created = NOW + 10;
        assert_int_equal(rails(&facts), RAIL_TOO_YOUNG);
}

/* Whatever the facts: a delete means that every condition holds, each looked at here on its own. */
static void delete_means_all_of_them(void **state)
{
        static const char *const ids[] = { "selgeo_probe_a1", "selgeo_probe_", "SUMMER25" };
        struct random random = random_new("delete_means_all_of_them");
        unsigned deleted = 0;

        (void) state;
        for (unsigned i = 0; i < 300000; i++) {
                struct coupon_facts f = stale_probe();

#define PERHAPS random_below(&random, 8) == 0
                if (PERHAPS)
                        f.id = ids[random_below(&random, 3)];
                if (PERHAPS)
                        f.coupon.times_redeemed = (int64_t) random_below(&random, 3);
                if (PERHAPS)
                        f.coupon.livemode = false;
                if (PERHAPS)
                        f.coupon.deleted = true;
                if (PERHAPS)
                        f.promotions = (enum promotions) random_below(&random, 3);
                if (PERHAPS)
                        f.coupon_usec = UP - random_below(&random, 20 * USEC_PER_SEC);
                if (PERHAPS)
                        f.promotions_usec = UP - random_below(&random, 20 * USEC_PER_SEC);
                if (PERHAPS)
                        f.suspect = true;
                if (PERHAPS)
                        f.may_write = false;
                if (PERHAPS)
                        f.too_many = true;
                if (PERHAPS)
                        f.coupon.created = NOW - (int64_t) random_below(&random, 2000);
                if (PERHAPS)
                        f.date_wall = NOW - 1000 + (int64_t) random_below(&random, 2000);
                if (rails(&f) != RAIL_DELETE)
                        continue;

                deleted++;
                assert_string_equal(f.id, "selgeo_probe_a1");
                assert_true(f.may_write && !f.suspect && !f.too_many && !f.coupon.deleted &&
                            f.coupon.livemode);
                assert_int_equal(f.coupon.times_redeemed, 0);
                assert_int_equal(f.promotions, PROMOTIONS_NONE);
                assert_true(UP - f.coupon_usec < 10 * USEC_PER_SEC);
                assert_true(UP - f.promotions_usec < 10 * USEC_PER_SEC);
                assert_true(f.date_wall - f.coupon.created > GRACE);
        }
        assert_true(deleted > 1000);
}

static void names_and_reasons(void **state)
{
        (void) state;
        for (int i = 0; i < _RAIL_MAX; i++) {
                assert_true(strlen(rail_reason((enum rail) i)) > 10);
                assert_string_equal(coupon_reason(rail_name((enum rail) i)), rail_reason((enum rail) i));
        }
        assert_string_equal(coupon_reason("redeemed"), rail_reason(RAIL_REDEEMED));
        assert_true(strlen(rail_reason(RAIL_REPORT_ONLY)) > 10);
        assert_string_equal(coupon_reason(""), "");
        assert_string_equal(coupon_reason("?"), "");
        assert_non_null(strstr(rail_reason(RAIL_UNUSUAL_NUMBER), "unusual number"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nothing_in_the_way),
                cmocka_unit_test(each_rail),
                cmocka_unit_test(age),
                cmocka_unit_test(no_grace_is_no_negative_age),
                cmocka_unit_test(delete_means_all_of_them),
                cmocka_unit_test(names_and_reasons),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
