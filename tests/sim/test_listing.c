/* How coupons are listed: what it costs, and that nothing is concluded from half a list. */
#include "stripe/plan.h"
#include "sweep_world.h"

#define PAGE 100

static void merchants(struct sim *sim, unsigned account, size_t n)
{
        char id[64];

        for (size_t i = 0; i < n; i++) {
                snprintf(id, sizeof(id), "sale_%u_%zu", account, i);
                sim_coupon_add(sim, account, id, 100 * SEC_PER_DAY + (int64_t) (60 * i));
        }
}

/* Between two scans. */
static struct sim *quiet_world(unsigned seed)
{
        struct sim *sim = world(seed, 1);

        sim_run(sim, 10 * MINUTE);
        return sim;
}

/* As if no listing had ever been completed. */
static void forget_scans(struct sim *sim)
{
        struct ledger_scan none = { 0 };
        char name[32];

        for (size_t i = 0; i < sim->options.keys; i++) {
                const struct key *key = engine_key_named(sim->engine, sim_name(i, name));
                struct ledger_owner owner = { .account_id = key->account_id,
                                              .key_id = key->id,
                                              .mode = MODE_LIVE };

                assert_true(ledger_scan_put(sim->store, &owner, &none) >= 0);
        }
}

static struct ledger_scan scan_of(struct sim *sim)
{
        const struct key *key = engine_key_named(sim->engine, "merchant-0");
        struct ledger_owner owner = { .account_id = key->account_id, .key_id = key->id, .mode = MODE_LIVE };
        struct ledger_scan scan;

        assert_true(ledger_scan_get(sim->store, &owner, &scan) >= 0);
        return scan;
}

/* Run until the next scan has begun, and on until it is over. Gives how many lists were asked for. */
static unsigned next_scan(struct sim *sim)
{
        unsigned before = sim->lists;
        int64_t last = scan_of(sim).last_scan;

        while (scan_of(sim).last_scan == last)
                sim_run(sim, 10 * USEC_PER_SEC);
        sim_run(sim, MINUTE);
        return sim->lists - before;
}

/* --- what it costs --- */

struct cost {
        unsigned hourly[3]; /* requests of a scan with so many new coupons */
        unsigned month;     /* reads in thirty days without any */
        double planned;
};

static const size_t fresh[] = { 0, 50, 250 };

static struct cost cost_with(size_t old)
{
        struct sim *sim = quiet_world(0);
        struct cost cost = { .planned = plan_scan(&sim->conf->settings, sim->conf->profiles->list[0], old) };
        size_t profile;

        assert_true(profiles_find(sim->conf->profiles, "selgeo", &profile) >= 0);
        cost.planned = plan_scan(&sim->conf->settings, sim->conf->profiles->list[profile], old);
        merchants(sim, 0, old);
        forget_scans(sim);
        check(sim, next_scan(sim) >= (unsigned) (old / PAGE)); /* the first one reads all */
        check(sim, scan_of(sim).coupons_seen == (int64_t) old);
        for (size_t f = 0; f < ELEMENTSOF(fresh); f++) {
                char id[64];

                next_scan(sim); /* what was new before is an hour old, and so is looked at once more */
                next_scan(sim);
                for (size_t i = 0; i < fresh[f]; i++) {
                        snprintf(id, sizeof(id), "new_%zu_%zu", f, i);
                        sim_coupon_add(sim, 0, id, 0);
                }
                cost.hourly[f] = next_scan(sim);
        }
        unsigned before = sim->reads;
        sim_run(sim, 30 * DAY);
        cost.month = sim->reads - before;
        sim_free(sim);
        return cost;
}

static void a_scan_costs_what_is_new(void **state)
{
        const size_t olds[] = { 0, 1000, long_form() ? 100000 : 10000 };
        struct cost first = { 0 };

        (void) state;
        for (size_t o = 0; o < ELEMENTSOF(olds); o++) {
                struct cost cost = cost_with(olds[o]);

                printf("# %6zu old coupons: %u, %u, %u requests for a scan with %zu, %zu, %zu new ones; %u "
                       "reads in "
                       "30 days, %.0f planned\n",
                       olds[o], cost.hourly[0], cost.hourly[1], cost.hourly[2], fresh[0], fresh[1], fresh[2],
                       cost.month, cost.planned);
                for (size_t f = 0; f < ELEMENTSOF(fresh); f++) {
                        assert_int_equal(cost.hourly[f], MAX((fresh[f] + PAGE - 1) / PAGE, 1u));
                        first.hourly[f] = o == 0 ? cost.hourly[f] : first.hourly[f];
                        assert_int_equal(cost.hourly[f], first.hourly[f]);
                }
                assert_true(cost.month <= cost.planned * 1.02 + 10 && cost.month >= cost.planned * 0.9 - 10);
                assert_true(cost.month <= 720 + 1000 + 20);
        }
}

/* Five hundred that are kept for good, each for two reads a look. */
static void what_is_kept_costs_little(void **state)
{
        static const char *const why[] = { "redeemed", "promotion code", "unreadable", "no write" };
        char id[40];

        (void) state;
        for (int kind = 0; kind < 4; kind++) {
                struct sim *sim = quiet_world((unsigned) kind);

                for (int i = 0; i < 500; i++) {
                        struct sim_coupon *c =
                                sim_coupon(sim, sim_coupon_add(sim, 0, random_id(sim, id), 7200));

                        c->redeemed = kind == 0;
                        c->promoted = kind == 1;
                }
                if (kind == 2) {
                        sim_grant(sim, 0, "Promotion Codes", LEVEL_WRITE, false);
                        sim_grant(sim, 0, "Promotion Codes", LEVEL_READ, false);
                }
                if (kind == 3)
                        sim_grant(sim, 0, "Coupons", LEVEL_WRITE, false);
                sim_run(sim, DAY);
                unsigned before = sim->reads;
                sim_run(sim, 30 * DAY);
                printf("# 500 kept, %s: %u reads in 30 days\n", why[kind], sim->reads - before);
                check(sim, sim->reads - before <= 720 + 1000 + 50);
                check(sim, sim->deletes <= (kind == 3 ? 1u : 0)); /* one is refused, and no other is tried */
                check(sim, sim_count(sim, INCIDENT_PROBE_COUPON_KEPT, 0) == 1);
                sim_free(sim);
        }
}

/* --- pages --- */

static unsigned small_pages, large_pages;

static void count_limits(struct sim *sim, enum method method, const char *path)
{
        (void) sim;
        (void) method;
        small_pages += strncmp(path, "/v1/coupons?limit=10", 20) == 0 && path[20] != '0';
        large_pages += strstr(path, "limit=100") != NULL;
}

static void a_page_that_is_too_large_is_read_in_parts(void **state)
{
        (void) state;
        struct sim *sim = quiet_world(0);
        char id[40];

        merchants(sim, 0, 450);
        sim_coupon(sim, sim_coupon_add(sim, 0, random_id(sim, id), 101 * SEC_PER_DAY))->expected = true;
        forget_scans(sim);
        sim->body_max = 8000; /* a hundred coupons are about 15,000 bytes, ten 1,500 */
        sim->before_coupon = count_limits;
        small_pages = large_pages = 0;
        sim_run(sim, 3 * HOUR);
        verify(sim, 0);
        check(sim, small_pages == 40 && large_pages >= 5 && large_pages <= 8);
        sim_free(sim);
}

static int to_go;

/* The coupon that the page is to follow is deleted by its owner. */
static void take_the_cursor_away(struct sim *sim, enum method method, const char *path)
{
        const char *after = strstr(path, "starting_after=");

        if (method != METHOD_GET || !after || to_go == 0 || !sim_chance(sim, 0.5))
                return;
        for (size_t i = 0; i < sim->n_coupons; i++)
                if (strcmp(sim_coupon(sim, i)->id, after + 15) == 0) {
                        sim_coupon(sim, i)->deleted = sim_coupon(sim, i)->expected = true;
                        to_go--;
                }
}

static void a_cursor_that_is_gone_costs_a_request(void **state)
{
        (void) state;
        for (unsigned s = 0; s < sweep_seeds(); s++) {
                struct sim *sim = quiet_world(s);
                char id[40];

                merchants(sim, 0, 2000);
                sim_coupon(sim, sim_coupon_add(sim, 0, random_id(sim, id), 110 * SEC_PER_DAY))->expected =
                        true;
                forget_scans(sim);
                to_go = 5;
                sim->before_coupon = take_the_cursor_away;
                unsigned lists = next_scan(sim);
                check(sim, to_go == 0 && left(sim) == 0);
                check(sim, lists <= 20 + 1 + 2 * 5);
                sim_free(sim);
        }
}

static unsigned struck_at;
static enum sim_fault struck_with;

static enum sim_fault strike_once(struct sim *sim, struct sim_key *key)
{
        (void) key;
        if (strncmp(sim->asked_path, "/v1/coupons?", 12) != 0 || struck_at == 0 || --struck_at > 0)
                return SIM_NONE;
        return struck_with;
}

/* Any trouble at any page: the page is asked again, and nothing before it. */
static void trouble_at_a_page_costs_a_request(void **state)
{
        static const enum sim_fault faults[] = { SIM_500,      SIM_502_HTML,    SIM_429,       SIM_401_HTML,
                                                 SIM_403_HTML, SIM_EMPTY,       SIM_TRUNCATED, SIM_TIMEOUT,
                                                 SIM_CONNECT,  SIM_UNRECOGNIZED };

        (void) state;
        for (size_t f = 0; f < ELEMENTSOF(faults); f++)
                for (unsigned page = 1; page <= 6; page += long_form() ? 1 : 5) {
                        struct sim *sim = quiet_world(page);
                        char id[40];

                        merchants(sim, 0, 520);
                        sim_coupon(sim, sim_coupon_add(sim, 0, random_id(sim, id), 3600))->expected = true;
                        forget_scans(sim);
                        struck_at = page;
                        struck_with = faults[f];
                        sim->fault = strike_once;
                        unsigned lists = next_scan(sim);
                        check(sim, struck_at == 0 && lists == 6 + 1);
                        verify(sim, 0);
                        sim_free(sim);
                }
}

static unsigned fails_from;

static enum sim_fault fail_from(struct sim *sim, struct sim_key *key)
{
        (void) key;
        return strncmp(sim->asked_path, "/v1/coupons?", 12) == 0 && sim->lists >= fails_from ? SIM_500
                                                                                             : SIM_NONE;
}

/* Nothing goes until the last page was read, and no page is read twice, whatever comes in between: Stripe
 * fails for hours, or the daemon is killed or restarted. */
static void an_interrupted_list_is_gone_on_with(void **state)
{
        (void) state;
        for (unsigned s = 0; s < sweep_seeds(); s++)
                for (int how = 0; how < 3; how++) {
                        struct sim *sim = quiet_world(s);
                        char id[40];

                        merchants(sim, 0, 5000);
                        sim_coupon(sim, sim_coupon_add(sim, 0, random_id(sim, id), 7200))->expected = true;
                        sim_coupon(sim, sim_coupon_add(sim, 0, random_id(sim, id), 101 * SEC_PER_DAY))
                                ->expected = true;
                        forget_scans(sim);
                        unsigned before = sim->lists, interrupted = 0, failed = 0;
                        while (scan_of(sim).last_complete == 0 && interrupted < 20) {
                                unsigned until = sim->lists + 12 + (unsigned) sim_random(sim, 10);

                                fails_from = until;
                                sim->fault = how == 0 ? fail_from : NULL;
                                for (int i = 0;
                                     i < 4000 && sim->lists < until && scan_of(sim).last_complete == 0; i++)
                                        sim_run(sim, USEC_PER_SEC);
                                if (scan_of(sim).last_complete > 0)
                                        break;
                                check(sim, sim->deletes == 0);
                                interrupted++;
                                if (how > 0)
                                        sim_restart(sim, how == 1, 10 * USEC_PER_SEC);
                                else
                                        sim_run(sim, 30 * MINUTE);
                                failed += how == 0 ? sim->lists - until : 0;
                                sim->fault = NULL;
                        }
                        unsigned read = sim->lists - before - failed;
                        if (s == 0)
                                printf("# 51 pages, interrupted %u times by %s: %u were read\n", interrupted,
                                       how == 0   ? "answers that were none"
                                       : how == 1 ? "a kill"
                                                  : "a restart",
                                       read);
                        check(sim, interrupted > 1);
                        /* With a kill up to ten pages, and those of the second until they are committed,
                         * are lost; one in flight with anything. */
                        check(sim, read <= 51 + 1 + interrupted * (how == 1 ? 18 : 2));
                        sim_run(sim, 3 * HOUR);
                        verify(sim, 0);
                        check(sim, sim_count(sim, INCIDENT_PROBE_COUPON_FOUND, 0) <= 2);
                        sim_free(sim);
                }
}

/* --- a list that changes while it is read --- */

static void somebody_works_there(struct sim *sim, enum method method, const char *path)
{
        char id[64];

        if (method != METHOD_GET || strncmp(path, "/v1/coupons?", 12) != 0)
                return;
        for (int i = 0; i < 3; i++) {
                size_t n = sim_random(sim, sim->n_coupons);
                struct sim_coupon *c = sim_coupon(sim, n);

                if (!c->expected && strncmp(c->id, "sale_", 5) == 0)
                        c->deleted = c->expected = true;
                snprintf(id, sizeof(id), "sale_new_%llu", (unsigned long long) sim_random(sim, 1ull << 40));
                sim_coupon_add(sim, 0, id, (int64_t) sim_random(sim, 2 * 86400));
        }
        if (sim_chance(sim, 0.1))
                leave(sim, 0);
}

static void a_list_that_changes_is_no_trouble(void **state)
{
        (void) state;
        for (unsigned s = 0; s < sweep_seeds(); s++) {
                struct sim *sim = quiet_world(s);

                merchants(sim, 0, 1500);
                furnish(sim, 0, 200);
                forget_scans(sim);
                sim->before_coupon = somebody_works_there;
                sim_run(sim, 12 * HOUR);
                sim->before_coupon = NULL;
                sim_run(sim, 3 * HOUR);
                verify(sim, 0);
                sim_free(sim);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_scan_costs_what_is_new),
                cmocka_unit_test(what_is_kept_costs_little),
                cmocka_unit_test(a_page_that_is_too_large_is_read_in_parts),
                cmocka_unit_test(a_cursor_that_is_gone_costs_a_request),
                cmocka_unit_test(trouble_at_a_page_costs_a_request),
                cmocka_unit_test(an_interrupted_list_is_gone_on_with),
                cmocka_unit_test(a_list_that_changes_is_no_trouble),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
