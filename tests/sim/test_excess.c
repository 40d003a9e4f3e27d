/* What a key may do beyond its profile: looked for the riskiest first, little by little, for as long as it is
 * watched.
 */
#include "check.h"
#include "engine/people/people.h"

/* When each question was asked of key 0, for the first and the last time, and the longest time between. */
struct diary {
        usec_t first, last, gap;
        unsigned n, place; /* in the order of first times, from 1 */
};
static struct diary diary[SLOTS_MAX][2];
static unsigned places;
static bool outage;

static enum sim_fault keep_diary(struct sim *sim, struct sim_key *key)
{
        if (outage)
                return SIM_TIMEOUT;
        if (key != sim->keys || !sim->asked)
                return SIM_NONE;
        struct diary *d = &diary[sim->asked->row][sim->asked->level == LEVEL_WRITE];
        if (d->n++ == 0) {
                d->first = sim->now;
                d->place = ++places;
        } else {
                d->gap = MAX(d->gap, sim->now - d->last);
        }
        d->last = sim->now;
        return SIM_NONE;
}

static struct sim *begin(uint64_t seed, const char *profile)
{
        struct sim_options options = { .seed = seed, .keys = 3, .profile = profile };
        struct sim *sim = sim_new(&options);

        memset(diary, 0, sizeof(diary));
        places = 0;
        outage = false;
        sim->fault = keep_diary;
        return sim;
}

static const struct excess_plan *plan_of(const struct sim *sim)
{
        return excess_plan(sim->engine, sim->engine->keys[0]);
}

static struct diary *of(struct item item)
{
        return &diary[item.row][item.level == LEVEL_WRITE];
}

/* Who is refused to read needs not be asked whether it may write. */
static bool was_asked(struct item item)
{
        return of(item)->n > 0 || (item.level == LEVEL_WRITE && diary[item.row][0].n > 0);
}

/* A key that has nothing more than it needs is asked each question, in pulses: every other time the
 * riskiest that was not yet asked. Restarts change nothing. */
static void riskiest_first(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(4); i++) {
                struct sim *sim = begin(first_seed() + i, "combidesk");
                /* A kill forgets what was seen for the first time in the quarter of an hour before it. */
                unsigned most = i > 0 && i % 2 == 0 ? 3 + 10 : 3;
                unsigned by_risk[_RISK_MAX] = { 0 }, latest[_RISK_MAX] = { 0 };

                for (unsigned k = 0; k < 10; k++) {
                        sim_run(sim, 3 * HOUR);
                        if (i > 0)
                                sim_restart(sim, i % 2 == 0, sim_random(sim, 10) * MINUTE);
                }
                const struct excess_plan *plan = plan_of(sim);
                for (size_t k = 0; k < plan->n; k++) {
                        enum risk risk = sim->conf->catalogue->rows[plan->items[k].row].risk;

                        check(sim, was_asked(plan->items[k]) && of(plan->items[k])->n <= most);
                        by_risk[risk]++;
                        latest[risk] = MAX(latest[risk], of(plan->items[k])->place);
                }
                /* Those that the full check and the learning of the account ask come before. */
                unsigned before = (unsigned) key_profile(sim->engine, sim->engine->keys[0])->n_required + 5;
                check(sim, latest[RISK_MONEY] <= before + 2 * by_risk[RISK_MONEY]);
                check(sim,
                      latest[RISK_PERSONAL] <= before + 2 * (by_risk[RISK_MONEY] + by_risk[RISK_PERSONAL]));
                check(sim, told_of_keys(sim) == 0);
                sim_free(sim);
        }
}

/* Later each has its turn weekly, or every four weeks, and what a pause or an outage swallowed is made up
 * for. */
static void nothing_is_left_out(void **state)
{
        (void) state;
        for (unsigned i = 0; i < seeds(2); i++) {
                struct sim *sim = begin(first_seed() + i, "combidesk");

                sim_run(sim, 2 * DAY);
                for (unsigned week = 0; week < 9; week++) {
                        sim_run(sim, 4 * DAY);
                        if (week == 3)
                                sim_restart(sim, true, 2 * DAY);
                        outage = week == 5;
                        sim_run(sim, DAY);
                        outage = false;
                        sim_restart(sim, week % 2, MINUTE);
                        sim_run(sim, 2 * DAY);
                }
                const struct excess_plan *plan = plan_of(sim);
                for (size_t k = 0; k < plan->n; k++) {
                        const struct diary *d = of(plan->items[k]);
                        bool risky = k < plan->n_risky;

                        check(sim, d->gap <= (risky ? 10 : 31) * DAY);
                        check(sim, d->n >= (risky ? 8 : 2) && d->n <= (risky ? 12 : 5));
                }
                check(sim, told_of_keys(sim) == 0);
                sim_free(sim);
        }
}

static size_t told(const struct sim *sim, long key)
{
        return sim_count(sim, INCIDENT_KEY_PERMISSIONS_EXCESS, key);
}

/* One incident, with the whole list as it is, and as severe as the worst of it. */
static void the_list_follows(void **state)
{
        struct sim *sim = begin(first_seed(), "selgeo");

        (void) state;
        sim_run(sim, 12 * HOUR);
        check(sim, told(sim, -1) == 0);
        sim_grant(sim, 0, "Tax rates", LEVEL_WRITE, true);
        sim_run(sim, 29 * DAY);
        check(sim, told(sim, 0) == 1);
        const struct sim_entry *entry = sim_first(sim, INCIDENT_KEY_PERMISSIONS_EXCESS, 0);
        check(sim, entry->priority == 5 && strstr(entry->fields, "\nKEYVIGIL_EXCESS=tax_rate_write\n"));

        sim_grant(sim, 0, "Payouts", LEVEL_WRITE, true);
        sim_run(sim, 8 * DAY);
        check(sim, told(sim, 0) == 2);
        entry = sim_last(sim, INCIDENT_KEY_PERMISSIONS_EXCESS, 0);
        check(sim, entry->priority == 4);
        check(sim, strstr(entry->fields, "\nKEYVIGIL_EXCESS=payout_write tax_rate_write\n"));
        check(sim, strstr(entry->fields, "“Payouts: Write, Tax rates: Write”"));
        check(sim,
              strcmp(entry->incident, sim_first(sim, INCIDENT_KEY_PERMISSIONS_EXCESS, 0)->incident) == 0);
        sim_restart(sim, true, MINUTE);
        sim_run(sim, 28 * DAY);
        check(sim, told(sim, -1) == 2);

        sim_grant(sim, 0, "Payouts", LEVEL_WRITE, false);
        sim_grant(sim, 0, "Tax rates", LEVEL_WRITE, false);
        sim_run(sim, 30 * DAY);
        check(sim, sim_cleared(sim, INCIDENT_KEY_PERMISSIONS_EXCESS, 0) == 1);
        check(sim, sim_count(sim, INCIDENT_KEY_PERMISSIONS_MISSING, -1) == 0);
        sim_free(sim);
}

/* A full secret key may do everything: that is told once, and nothing beyond the profile is asked. */
static void a_full_key_is_not_searched(void **state)
{
        struct sim_options options = {
                .seed = first_seed(), .keys = 3, .profile = "combidesk", .full_secrets = true
        };
        struct sim *sim = sim_new(&options);
        size_t asked = 0;

        (void) state;
        memset(diary, 0, sizeof(diary));
        sim->fault = keep_diary;
        sim_run(sim, 10 * DAY);
        for (unsigned row = 0; row < SLOTS_MAX; row++)
                asked += (diary[row][0].n > 0) + (diary[row][1].n > 0);
        check(sim, asked == 9); /* charges and refunds are one, and so is what is asked about the balance */
        for (long key = 0; key < 3; key++)
                check(sim, sim_count(sim, INCIDENT_KEY_UNRESTRICTED, key) == 1);
        check(sim, told_of_keys(sim) == 3);
        sim_free(sim);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(riskiest_first),
                cmocka_unit_test(nothing_is_left_out),
                cmocka_unit_test(the_list_follows),
                cmocka_unit_test(a_full_key_is_not_searched),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
