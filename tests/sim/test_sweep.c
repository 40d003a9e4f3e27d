/* The sweep over days: every stale probe coupon goes, and never anything else. */
#include "sweep_world.h"

/* Grace, two scans, and the time that a sweep takes. */
#define BOUND (15 * MINUTE + 2 * HOUR + 5 * MINUTE)

static void leftovers_go_in_time(void **state)
{
        (void) state;
        for (unsigned s = 0; s < sweep_seeds(); s++) {
                size_t accounts = long_form() ? 1000 : 50;
                struct sim *sim = world(s, accounts);

                for (unsigned a = 0; a < accounts; a++)
                        furnish(sim, a, a % 10 == 0 ? 230 : 3);
                for (size_t i = 0; i < accounts; i++)
                        sim_at(sim, sim->now + 3 * HOUR + sim_random(sim, 21 * HOUR), leave,
                               (int) sim_random(sim, accounts));
                uint64_t requests = sim->requests;
                usec_t began = sim->now;
                sim->reads = 0;
                sim_run(sim, DAY + 4 * HOUR);
                verify(sim, BOUND);
                check(sim, sim_count(sim, INCIDENT_PROBE_COUPON_DELETED, -1) > 0);
                check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 0);
                usec_t longest = 0;
                for (size_t i = 0; i < sim->n_coupons; i++)
                        if (sim_coupon(sim, i)->deleted)
                                longest = MAX(longest,
                                              sim_coupon(sim, i)->deleted_at - sim_coupon(sim, i)->appeared);
                printf("# the longest that a leftover was there: %.0f minutes\n",
                       (double) longest / (double) MINUTE);
                printf("# %zu accounts, %.0f hours: %.1f requests of all sorts for each account, of these "
                       "%.1f reads "
                       "about coupons and %.2f deletes\n",
                       accounts, (double) (sim->now - began) / (double) HOUR,
                       (double) (sim->requests - requests) / (double) accounts,
                       (double) sim->reads / (double) accounts, (double) sim->deletes / (double) accounts);
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

static enum sim_fault now_and_then(struct sim *sim, struct sim_key *key)
{
        (void) key;
        return sim_chance(sim, 0.08) ? (enum sim_fault)(SIM_500 + sim_random(sim, SIM_CONNECT - SIM_500 + 1))
                                     : SIM_NONE;
}

static void faults_and_crashes_only_delay(void **state)
{
        (void) state;
        for (unsigned s = 0; s < sweep_seeds(); s++) {
                size_t accounts = long_form() ? 200 : 20;
                struct sim *sim = world(s, accounts);

                for (unsigned a = 0; a < accounts; a++)
                        furnish(sim, a, a % 5 == 0 ? 350 : 3);
                for (size_t i = 0; i < 3 * accounts; i++)
                        sim_at(sim, sim->now + sim_random(sim, 20 * HOUR), leave,
                               (int) sim_random(sim, accounts));
                sim->fault = now_and_then;
                for (int k = 0; k < 40; k++) {
                        sim_run(sim, sim_random(sim, HOUR));
                        sim_restart(sim, sim_chance(sim, 0.7), sim_random(sim, 5 * MINUTE));
                        check(sim, sim->wrong_deletes == 0);
                }
                sim->fault = NULL;
                sim_run(sim, 5 * HOUR);
                verify(sim, 0);
                sim_assert_ids(sim);
                sim_free(sim);
        }
}

static enum sim_fault later_pages_fail(struct sim *sim, struct sim_key *key)
{
        (void) key;
        return strstr(sim->asked_path, "starting_after=") || strstr(sim->asked_path, "created%5Blte")
                       ? (enum sim_fault) sim->created
                       : SIM_NONE;
}

static void nothing_goes_on_a_half_read_list(void **state)
{
        static const enum sim_fault faults[] = { SIM_500, SIM_502_HTML, SIM_429, SIM_TRUNCATED, SIM_TIMEOUT };

        (void) state;
        for (size_t f = 0; f < ELEMENTSOF(faults); f++) {
                struct sim *sim = world((unsigned) f, 3);

                sim_run(sim, 10 * MINUTE); /* between two scans */
                sim->created = faults[f];  /* which fault */
                sim->fault = later_pages_fail;
                for (unsigned a = 0; a < 3; a++) {
                        char id[40];

                        furnish(sim, a, 250);
                        sim_coupon(sim, sim_coupon_add(sim, a, random_id(sim, id), 3600))->expected = true;
                }
                struct ledger_scan none = { 0 }; /* as if no listing had ever been completed */
                for (int a = 0; a < 3; a++) {
                        char name[32];
                        const struct key *key = engine_key_named(sim->engine, sim_name((size_t) a, name));
                        struct ledger_owner owner = { .account_id = key->account_id,
                                                      .key_id = key->id,
                                                      .mode = MODE_LIVE };

                        assert_true(ledger_scan_put(sim->store, &owner, &none) >= 0);
                }
                sim_run(sim, 6 * HOUR);
                check(sim, sim->lists > 6);
                check(sim, sim->deletes == 0);
                sim->fault = NULL;
                sim->created = 0;
                sim_run(sim, 3 * HOUR);
                verify(sim, 0);
                sim_free(sim);
        }
}

static int change;

/* When it is looked at for the first time, somebody starts using it; or only when its promotion codes are
 * asked for. */
static void use_it(struct sim *sim, enum method method, const char *path)
{
        if (change >= 3 && strncmp(path, "/v1/promotion_codes?coupon=", 27) == 0) {
                for (size_t i = 0; i < sim->n_coupons; i++) {
                        struct sim_coupon *c = sim_coupon(sim, i);

                        if (strncmp(path + 27, c->id, strlen(c->id)) == 0) {
                                c->promoted = change - 2;
                                c->expected = false;
                        }
                }
                return;
        }
        if (change >= 3 || method != METHOD_GET || strncmp(path, "/v1/coupons/", 12) != 0)
                return;
        for (size_t i = 0; i < sim->n_coupons; i++) {
                struct sim_coupon *c = sim_coupon(sim, i);

                if (strcmp(c->id, path + 12) != 0)
                        continue;
                c->redeemed = change == 0;
                c->promoted = change;
                c->expected = false;
        }
}

static void what_is_used_meanwhile_stays(void **state)
{
        (void) state;
        for (change = 0; change < 5; change++) {
                struct sim *sim = world((unsigned) change, 10);

                sim->before_coupon = use_it;
                for (int a = 0; a < 10; a++)
                        leave(sim, a);
                sim_run(sim, 4 * HOUR);
                check(sim, sim->deletes == 0);
                check(sim, sim_count(sim, INCIDENT_PROBE_COUPON_KEPT, -1) == 10);
                sim_free(sim);
        }
}

/* A clock that is off by up to an hour in either direction, or jumps by as much, with and without a Date to
 * hold it against; one that is off by more, with. */
static void clocks_that_are_wrong_delete_nothing_young(void **state)
{
        static const struct {
                int64_t offset;
                bool jumping, no_date;
        } clocks[] = {
                { 3600, false, false },   { -3600, false, false }, { 86400, false, false },
                { -86400, false, false }, { 0, true, false },      { 3600, false, true },
                { -3600, false, true },   { 0, true, true },
        };

        (void) state;
        for (unsigned s = 0; s < sweep_seeds(); s++)
                for (size_t c = 0; c < ELEMENTSOF(clocks); c++) {
                        struct sim *sim = world(s, 10);

                        sim->no_date = clocks[c].no_date;
                        sim->wall_offset = clocks[c].offset;
                        for (int i = 0; i < 60; i++) {
                                leave(sim, (int) sim_random(sim, 10));
                                sim_run(sim, 7 * MINUTE);
                                if (clocks[c].jumping)
                                        sim->wall_offset = (int64_t) sim_random(sim, 7200) - 3600;
                        }
                        check(sim, sim->wrong_deletes == 0);
                        check(sim, sim->deletes > 0 || clocks[c].offset < -7200); /* then all look young */
                        sim->no_date = false;
                        sim->wall_offset = 0;
                        sim_run(sim, 5 * HOUR);
                        verify(sim, 0);
                        sim_free(sim);
                }
}

static void dry_run_and_report_delete_nothing(void **state)
{
        (void) state;
        struct sim *sim = world(0, 5);
        enum cleanup *cleanup = &sim->conf->settings.coupons.cleanup;

        *cleanup = CLEANUP_REPORT;
        for (unsigned a = 0; a < 5; a++) {
                furnish(sim, a, 10);
                leave(sim, (int) a);
        }
        sim_run(sim, 5 * HOUR);
        check(sim, sim->deletes == 0);
        check(sim, sim_count(sim, INCIDENT_PROBE_COUPON_KEPT, -1) >= 5);
        *cleanup = CLEANUP_OFF;
        sim_run(sim, MINUTE);
        unsigned lists = sim->lists;
        sim_run(sim, 5 * HOUR);
        check(sim, sim->lists == lists);
        *cleanup = CLEANUP_DELETE;
        struct told told = sweep(sim, true, false);
        check(sim, told.would == 5);
        check(sim, sim->deletes == 0);
        told = sweep(sim, false, false);
        check(sim, told.deleted == 5);
        verify(sim, 0);
        sim_free(sim);
}

static void unusually_many_wait_for_a_word(void **state)
{
        (void) state;
        struct sim *sim = world(0, 16);
        char id[40];

        for (int i = 0; i < 150; i++)
                sim_coupon(sim, sim_coupon_add(sim, 0, random_id(sim, id), 3600))->expected = true;
        struct told told = sweep(sim, false, false);
        check(sim, sim->deletes == 100);
        check(sim, told.deleted == 100 && told.kept == 50);
        check(sim, sim_count(sim, INCIDENT_PROBE_COUPON_FOUND, -1) == 1);
        check(sim, strstr(sim_first(sim, INCIDENT_PROBE_COUPON_FOUND, 0)->fields, "\nKEYVIGIL_COUNT=150\n"));
        check(sim, strstr(sim_first(sim, INCIDENT_PROBE_COUPON_FOUND, 0)->fields, "harmless"));
        check(sim, strstr(sim_first(sim, INCIDENT_PROBE_COUPON_DELETED, 0)->fields, "harmless"));
        check(sim, strstr(sim_first(sim, INCIDENT_PROBE_COUPON_KEPT, 0)->fields, "harmless"));
        check(sim, strstr(sim_first(sim, INCIDENT_PROBE_COUPON_KEPT, 0)->fields, "\nKEYVIGIL_COUNT=50\n"));
        sim_run(sim, 3 * DAY);
        check(sim, sim->deletes == 100);
        told = sweep(sim, false, false);
        check(sim, sim->deletes == 100);
        check(sim, sim_count(sim, INCIDENT_PROBE_COUPON_KEPT, -1) == 1);
        told = sweep(sim, false, true);
        check(sim, told.deleted == 50);
        verify(sim, 0);
        check(sim, sim_cleared(sim, INCIDENT_PROBE_COUPON_KEPT, -1) == 1);
        sim_run(sim, 2 * DAY);

        unsigned before = sim->deletes;
        for (int i = 0; i < 15 * 90; i++)
                sim_coupon(sim, sim_coupon_add(sim, (unsigned) i % 15 + 1, random_id(sim, id), 3600))
                        ->expected = true;
        sim_run(sim, 6 * HOUR);
        check(sim, sim->deletes - before == 1000);
        sweep(sim, false, true);
        verify(sim, 0);
        sim_free(sim);
}

static void refused_six_times_is_stuck(void **state)
{
        (void) state;
        struct sim *sim = world(0, 2);

        sim->refuse_deletes = true;
        leave(sim, 0);
        sim_run(sim, 2 * DAY);
        check(sim, sim_count(sim, INCIDENT_PROBE_COUPON_STUCK, 0) == 1);
        check(sim, sim->deletes >= 6 && sim->deletes <= 8);
        sim_run(sim, 3 * DAY);
        check(sim, sim->deletes >= 8 && sim->deletes <= 12);
        check(sim, sim_count(sim, INCIDENT_PROBE_COUPON_STUCK, 0) == 1);
        check(sim, strstr(sim_first(sim, INCIDENT_PROBE_COUPON_STUCK, 0)->fields, "harmless"));
        check(sim,
              strstr(sim_first(sim, INCIDENT_PROBE_COUPON_STUCK, 0)->fields, "\nKEYVIGIL_HTTP_STATUS=400\n"));
        sim->refuse_deletes = false;
        sim_run(sim, DAY + 3 * HOUR);
        verify(sim, 0);
        check(sim, sim_cleared(sim, INCIDENT_PROBE_COUPON_STUCK, 0) == 1);
        sim_free(sim);
}

static void what_a_key_lacks_is_said_once(void **state)
{
        (void) state;
        struct sim *sim = world(0, 3);

        sim_grant(sim, 0, "Coupons", LEVEL_WRITE, false);
        sim_grant(sim, 1, "Promotion Codes", LEVEL_WRITE, false);
        sim_grant(sim, 1, "Promotion Codes", LEVEL_READ, false);
        sim_run(sim, HOUR);
        for (int a = 0; a < 3; a++)
                leave(sim, a);
        sim_run(sim, DAY);
        check(sim, left(sim) == 2);
        check(sim, sim_count(sim, INCIDENT_PROBE_COUPON_KEPT, 0) == 1);
        check(sim, strcmp(sim_first(sim, INCIDENT_PROBE_COUPON_KEPT, 0)->reason, "no-coupons-write") == 0);
        check(sim, sim_count(sim, INCIDENT_PROBE_COUPON_KEPT, 1) == 1);
        check(sim, strcmp(sim_first(sim, INCIDENT_PROBE_COUPON_KEPT, 1)->reason,
                          "promotion-codes-unreadable") == 0);
        sim_grant(sim, 0, "Coupons", LEVEL_WRITE, true);
        sim_grant(sim, 1, "Promotion Codes", LEVEL_WRITE, true);
        sim_run(sim, DAY + 4 * HOUR);
        verify(sim, 0);
        check(sim, sim_cleared(sim, INCIDENT_PROBE_COUPON_KEPT, -1) == 2);
        sim_free(sim);
}

static void another_key_takes_over(void **state)
{
        (void) state;
        struct sim_options options = {
                .seed = first_seed(), .keys = 8, .keys_per_account = 2, .adopt = true
        };
        struct sim *sim = sim_new(&options);

        for (int k = 0; k < 4; k++) {
                sim_run(sim, 12 * MINUTE);
                sim_kill(sim, (size_t) k * 2 + sim_random(sim, 2), SIM_KEY_EXPIRED);
                leave(sim, k);
        }
        sim_run(sim, 4 * HOUR);
        verify(sim, 0);
        unsigned lists = sim->lists;
        sim_run(sim, 10 * HOUR); /* one scan of each account and hour, however many keys */
        check(sim, sim->lists - lists <= 4 * 11);
        sim_free(sim);
}

static enum sim_fault deletes_time_out(struct sim *sim, struct sim_key *key)
{
        (void) key;
        return strncmp(sim->asked_path, "/v1/coupons/selgeo", 18) == 0 ? SIM_CONNECT : SIM_NONE;
}

static void a_real_coupon_is_removed_again(void **state)
{
        (void) state;
        struct sim *sim = world(0, 3);
        char *why = NULL;

        struct checked checked = connect(sim, CHECK_CONNECT);
        check(sim, checked.outcome == OUTCOME_WELL && strstr(checked.message, "deleted again"));
        check(sim, sim->created == 1 && sim->deletes == 1 && sim_coupon(sim, 0)->deleted);
        check(sim, sim_count(sim, INCIDENT_PROBE_COUPON_FOUND, -1) == 0);

        /* Success, although the clean-up failed; the sweep is as good as its word. */
        sim->fault = deletes_time_out;
        checked = connect(sim, CHECK_CONNECT);
        check(sim, checked.outcome == OUTCOME_WELL && !sim_coupon(sim, 1)->deleted);
        check(sim, engine_remove(sim->engine, "merchant-0", false, &why) < 0 && why);
        free(why);
        sim->fault = NULL;
        sim_restart(sim, true, 0);
        sim_run(sim, 3 * HOUR);
        check(sim, sim_coupon(sim, 1)->deleted && sim->wrong_deletes == 0);
        leave(sim, 0);
        sim_run(sim, 20 * MINUTE);
        checked = connect(sim, CHECK_COUPONS);
        check(sim, checked.outcome == OUTCOME_WELL && left(sim) == 0);
        check(sim, engine_remove(sim->engine, "merchant-0", false, &why) >= 0);
        sim_free(sim);
}

static void ids_of_others_pass_the_same_rails(void **state)
{
        static const char *const wrong[] = { "selgeo_probe_", "WELCOME" }, *const ids[] = {
                "selgeo_probe_a", "selgeo_probe_b", "selgeo_probe_a", "selgeo_probe_redeemed"
        };
        struct sweep_request request = { .name = "merchant-0", .dry_run = true };
        struct told told = { 0 };
        char *why = NULL;

        (void) state;
        struct sim *sim = world(0, 2);
        furnish(sim, 0, 3);
        sim_coupon(sim, sim_coupon_add(sim, 0, "selgeo_probe_a", 3600))->expected = true;
        unsigned lists = sim->lists;
        for (size_t i = 0; i < ELEMENTSOF(wrong); i++) {
                check(sim,
                      engine_coupons_add(sim->engine, &request, &wrong[i], 1, on_swept, &told, &why) < 0);
                free(TAKE(why));
        }
        check(sim, engine_coupons_add(sim->engine, &request, ids, 4, on_swept, &told, &why) >= 0);
        sim_run(sim, MINUTE);
        check(sim, told.times == 1 && told.n == 3 && told.would == 1 && told.kept == 1);
        check(sim, sim->deletes == 0);
        request.dry_run = false;
        check(sim, engine_coupons_add(sim->engine, &request, ids, 4, on_swept, &told, &why) >= 0);
        sim_run(sim, MINUTE);
        check(sim, told.times == 2 && told.n == 3 && told.deleted == 1 && told.kept == 1);
        check(sim, sim->lists - lists <= 1);
        verify(sim, 0);
        sim_free(sim);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_real_coupon_is_removed_again),
                cmocka_unit_test(ids_of_others_pass_the_same_rails),
                cmocka_unit_test(leftovers_go_in_time),
                cmocka_unit_test(faults_and_crashes_only_delay),
                cmocka_unit_test(nothing_goes_on_a_half_read_list),
                cmocka_unit_test(what_is_used_meanwhile_stays),
                cmocka_unit_test(clocks_that_are_wrong_delete_nothing_young),
                cmocka_unit_test(dry_run_and_report_delete_nothing),
                cmocka_unit_test(unusually_many_wait_for_a_word),
                cmocka_unit_test(refused_six_times_is_stuck),
                cmocka_unit_test(what_a_key_lacks_is_said_once),
                cmocka_unit_test(another_key_takes_over),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
