/* What the watch costs a merchant, counted: it must be what the plan says, and within Stripe's allocation. */
#include <math.h>

#include "check.h"
#include "sim_coupons.h"
#include "stripe/plan.h"

static struct plan_load counted;

static enum sim_fault count(struct sim *sim, struct sim_key *key)
{
        (void) key;
        if (sim->asked_method == METHOD_GET)
                counted.gets++;
        else
                counted.posts++;
        return SIM_NONE;
}

/* A single key of this profile that grants just what it should, after its first days. */
static struct sim *watched(const char *profile, unsigned coupons, usec_t first)
{
        struct sim_options options = { .seed = first_seed(), .keys = 1, .profile = profile };
        struct sim *sim = sim_new(&options);
        char id[32];

        for (unsigned i = 0; i < coupons; i++) {
                snprintf(id, sizeof(id), "SPRING%u", i);
                (void) sim_coupon_add(sim, 0, id, 100 * SEC_PER_DAY + i);
        }
        sim_run(sim, first);
        check(sim, in_state(sim, STATE_HEALTHY) == 1);
        sim->fault = count;
        counted = (struct plan_load){ 0 };
        return sim;
}

static void near(struct sim *sim, const char *what, double got, double planned)
{
        fprintf(stderr, "  %s: %.0f planned, %.0f counted\n", what, planned, got);
        check(sim, fabs(got - planned) <= 0.1 * planned + 8);
}

/* In a month, with the defaults: fewer than 1,500 reads of an account with a thousand coupons. */
static void a_merchant_is_read_less_than_1500_times_a_month(void **state)
{
        struct sim *sim = watched("selgeo", 1000, 8 * DAY);

        (void) state;
        for (int month = 0; month < (long_form() ? 6 : 1); month++) {
                counted = (struct plan_load){ 0 };
                sim_run(sim, 30 * DAY);
                fprintf(stderr, "  selgeo, 1000 coupons: %.0f reads in month %d\n", counted.gets, month + 1);
                check(sim, counted.gets > 720 && counted.gets < 1500);
        }
        check(sim, told_of_keys(sim) == 0 && sim->deletes == 0);
        sim_free(sim);
}

static void the_plan_is_kept(void **state)
{
        static const struct {
                const char *profile;
                bool fast; /* its pulse is 30 s */
        } all[] = {
                { "cleverops-readonly", false }, { "combidesk", false },
                { "keybrake-catalog", true },    { "keybrake-reconciliation", false },
                { "keybrake-refunds", true },    { "selgeo", false },
                { "stackone", false },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(all); i++) {
                /* The first sweep for excess permissions goes on for so many pulses. */
                usec_t first = (all[i].fast ? 1 : 6) * DAY, span = (all[i].fast ? 3 : 15) * DAY;
                struct sim *sim = watched(all[i].profile, 200, first);
                const double share = (double) span / (double) (30 * DAY);
                struct plan_key plan;
                size_t index;

                check(sim, sim->conf->profiles->n == ELEMENTSOF(all));
                check(sim, profiles_find(sim->conf->profiles, all[i].profile, &index) == 0);
                const struct profile *profile = sim->conf->profiles->list[index];
                sim_run(sim, span);
                plan_key(&sim->conf->settings, sim->conf->catalogue, profile, true, &plan);
                fprintf(stderr, "%s, %.0f days:\n", all[i].profile, share * 30);
                near(sim, "reads", counted.gets,
                     share * (plan.pulse.gets + plan.full.gets + plan.excess.gets +
                              plan_scan(&sim->conf->settings, profile, 200)));
                near(sim, "other requests", counted.posts,
                     share * (plan.pulse.posts + plan.full.posts + plan.excess.posts));
                check(sim, told_of_keys(sim) == 0);
                sim_free(sim);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_merchant_is_read_less_than_1500_times_a_month),
                cmocka_unit_test(the_plan_is_kept),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
