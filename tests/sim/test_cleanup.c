/* What is deleted and what is not: exactly what was announced, within the limits, by the right key, and what
 * a connection check of ours made in any case. */
#include "sweep_world.h"

/* --- a dry run, and one that only reports, say what would be deleted --- */

#define TOLD_MAX 2048

struct listed {
        int times;
        size_t n, n_gone;
        char gone[TOLD_MAX][96]; /* "mode key coupon" of what is, or would be, deleted */
        char all[TOLD_MAX][96];
};

static bool would_go(const struct sweep_finding *f)
{
        return f->state == COUPON_DELETED || strcmp(f->reason, "would-delete") == 0 ||
               strcmp(f->reason, "report-only") == 0;
}

static int compare_texts(const void *a, const void *b)
{
        return strcmp(a, b);
}

static void on_listed(const struct sweep_result *result, void *userdata)
{
        struct listed *listed = userdata;

        listed->times++;
        assert_true(result->n <= TOLD_MAX && result->failed == 0);
        for (size_t i = 0; i < result->n; i++) {
                const struct sweep_finding *f = &result->findings[i];

                if (would_go(f))
                        snprintf(listed->gone[listed->n_gone++], 96, "%s %s %s", f->mode, f->key, f->coupon);
                else
                        snprintf(listed->all[listed->n++], 96, "%s %s %s %s", f->mode, f->key, f->coupon,
                                 f->reason);
        }
        qsort(listed->gone, listed->n_gone, 96, compare_texts);
        qsort(listed->all, listed->n, 96, compare_texts);
}

static struct listed *list_all(struct sim *sim, enum cleanup cleanup, bool dry_run, bool force)
{
        struct sweep_request request = { .dry_run = dry_run, .force = force };
        struct listed *listed = calloc(1, sizeof(*listed));

        sim->conf->settings.coupons.cleanup = cleanup;
        assert_true(engine_sweep(sim->engine, &request, on_listed, listed, NULL) >= 0);
        for (int i = 0; i < 60 && listed->times == 0; i++)
                sim_run(sim, 10 * USEC_PER_SEC);
        check(sim, listed->times == 1);
        return listed;
}

static void same(struct sim *sim, struct listed *said, struct listed *done)
{
        check(sim, said->n_gone == done->n_gone && said->n == done->n);
        for (size_t i = 0; i < said->n_gone; i++)
                check(sim, strcmp(said->gone[i], done->gone[i]) == 0);
        for (size_t i = 0; i < said->n; i++)
                check(sim, strcmp(said->all[i], done->all[i]) == 0);
        free(said);
        free(done);
}

/* In two worlds that are the same: one is told, in the other it is done. */
static void what_is_told_is_what_is_done(void **state)
{
        (void) state;
        for (unsigned s = 0; s < sweep_seeds(); s++)
                for (int how = 0; how < 8; how++) {
                        bool force = how & 1, dry_run = how & 2, off = how & 4;
                        struct sim *sims[2];

                        if (off && !dry_run)
                                continue;
                        for (int w = 0; w < 2; w++) {
                                struct sim *sim = sims[w] = world(s, 4);
                                char id[40];

                                sim_run(sim, 10 * MINUTE);
                                for (unsigned a = 0; a < 4; a++) {
                                        furnish(sim, a, 20);
                                        leave(sim, (int) a); /* too young */
                                        for (int i = 0; i < (a == 0 ? 150 : 5); i++)
                                                sim_coupon_add(sim, a, random_id(sim, id), 3600);
                                }
                        }
                        enum cleanup told_by = off ? CLEANUP_OFF : dry_run ? CLEANUP_DELETE : CLEANUP_REPORT;
                        struct listed *said = list_all(sims[0], told_by, dry_run, force);
                        check(sims[0], sims[0]->deletes == 0);
                        struct listed *done = list_all(sims[1], CLEANUP_DELETE, false, force);
                        check(sims[1], sims[1]->deletes == done->n_gone);
                        check(sims[1], done->n_gone == (force ? 150u : 100u) + 3 * 5);
                        same(sims[0], said, done);
                        for (int w = 0; w < 2; w++)
                                sim_free(sims[w]);
                }
}

/* --- limits --- */

/* What was under way when the daemon was killed counts. */
static void a_crash_lifts_no_limit(void **state)
{
        (void) state;
        for (unsigned s = 0; s < sweep_seeds(); s++) {
                struct sim *sim = world(s, 1);
                char id[40];
                unsigned gone = 0;

                for (int k = 0; k < 30; k++) {
                        unsigned deletes = sim->deletes;

                        for (int i = 0; i < 10; i++) /* in the midst of those that are known */
                                sim_coupon_add(sim, 0, random_id(sim, id), 3600);
                        for (int i = 0; i < 60 && sim->deletes < deletes + 1 + k % 9; i++)
                                sim_run(sim, MINUTE / 4);
                        sim_restart(sim, true, USEC_PER_SEC);
                }
                sim_run(sim, 5 * HOUR);
                for (size_t i = 0; i < sim->n_coupons; i++)
                        gone += sim_coupon(sim, i)->deleted;
                check(sim, gone == 100);
                check(sim, sim->wrong_deletes == 0);
                sim_free(sim);
        }
}

/* --- ours --- */

static bool deletes_fail;

static enum sim_fault deletes_are_cut(struct sim *sim, struct sim_key *key)
{
        (void) key;
        return deletes_fail && strncmp(sim->asked_path, "/v1/coupons/selgeo", 18) == 0 ? SIM_CONNECT
                                                                                       : SIM_NONE;
}

/* One of ours is left, whose deletion failed. That is no finding, but what is open may be one. */
static struct sim_coupon *leave_ours(struct sim *sim)
{
        size_t n = sim->n_coupons;

        deletes_fail = true;
        sim->fault = deletes_are_cut;
        check(sim, connect(sim, CHECK_CONNECT).outcome != OUTCOME_UNCLEAR);
        deletes_fail = false;
        check(sim, sim->n_coupons == n + 1 && !sim_coupon(sim, n)->deleted);
        return sim_coupon(sim, n);
}

/* Nobody else would: so it goes whatever the settings say about those of others, which stay. */
static void ours_go_whatever_the_settings_say(void **state)
{
        static const enum cleanup cleanups[] = { CLEANUP_OFF, CLEANUP_REPORT, CLEANUP_DELETE };

        (void) state;
        for (size_t c = 0; c < ELEMENTSOF(cleanups); c++)
                for (int crash = 0; crash < 2; crash++) {
                        struct sim *sim = world((unsigned) c, 1);
                        char *why = NULL, id[40];

                        sim->conf->settings.coupons.cleanup = cleanups[c];
                        sim_run(sim, 10 * MINUTE);
                        sim_coupon_add(sim, 0, random_id(sim, id), 3600);
                        leave_ours(sim);
                        check(sim, engine_remove(sim->engine, "merchant-0", false, &why) < 0);
                        free(why);
                        if (crash)
                                sim_restart(sim, true, MINUTE);
                        unsigned lists = sim->lists;
                        sim_run(sim, 3 * HOUR);
                        check(sim, sim_coupon(sim, 1)->deleted && sim->wrong_deletes == 0);
                        check(sim, sim_coupon(sim, 0)->deleted == (cleanups[c] == CLEANUP_DELETE));
                        check(sim, cleanups[c] != CLEANUP_OFF || sim->lists == lists);
                        check(sim, engine_remove(sim->engine, "merchant-0", false, &why) >= 0);
                        sim_free(sim);
                }
}

static void ours_go_although_there_are_too_many(void **state)
{
        (void) state;
        struct sim *sim = world(0, 1);
        char id[40];

        for (int i = 0; i < 150; i++)
                sim_coupon_add(sim, 0, random_id(sim, id), 3600);
        sim_run(sim, 2 * HOUR);
        check(sim, sim->deletes == 100);
        leave_ours(sim);
        sim_run(sim, 3 * HOUR);
        check(sim, sim_coupon(sim, 150)->deleted);
        check(sim, sim->wrong_deletes == 0);
        sim_free(sim);
}

/* Until it is spent a promotion code might give it to somebody; then it does not matter. */
static void ours_go_although_promotion_codes_cannot_be_seen(void **state)
{
        (void) state;
        struct sim *sim = world(0, 1);

        leave_ours(sim);
        sim_grant(sim, 0, "Promotion Codes", LEVEL_WRITE, false);
        sim_grant(sim, 0, "Promotion Codes", LEVEL_READ, false);
        sim_run(sim, 45 * MINUTE);
        check(sim, !sim_coupon(sim, 0)->deleted);
        sim_run(sim, 4 * HOUR);
        check(sim, sim_coupon(sim, 0)->deleted && sim->wrong_deletes == 0);
        check(sim, sim_cleared(sim, INCIDENT_PROBE_COUPON_KEPT, 0) ==
                           sim_count(sim, INCIDENT_PROBE_COUPON_KEPT, 0));
        sim_free(sim);
}

static char repeated[512];

/* The request arrives twice: what is answered is that the coupon is there already. */
static void arrives_twice(struct sim *sim, enum method method, const char *path)
{
        (void) path;
        if (method == METHOD_POST && !repeated[0]) {
                snprintf(repeated, sizeof(repeated), "%s", sim->asked_form);
                sim_coupon_add(sim, 0, "?", 0);
                snprintf(sim_coupon(sim, sim->n_coupons - 1)->id, 80, "%.29s", strstr(repeated, "id=") + 3);
        }
}

static void a_request_that_was_sent_twice_is_ours(void **state)
{
        (void) state;
        struct sim *sim = world(0, 1);

        repeated[0] = '\0';
        sim->before_coupon = arrives_twice;
        sim->created = 1; /* the simulation takes it for one of ours, too */
        struct checked checked = connect(sim, CHECK_CONNECT);
        check(sim, checked.outcome == OUTCOME_WELL && strstr(checked.message, "deleted again"));
        check(sim, sim->n_coupons == 1 && sim_coupon(sim, 0)->deleted);
        sim_free(sim);
}

static char late[96];

static void carried_out_late(struct sim *sim, int argument)
{
        (void) argument;
        sim_coupon_add(sim, 0, late, 0);
        sim->created++;
}

static enum sim_fault creates_time_out(struct sim *sim, struct sim_key *key)
{
        (void) key;
        if (sim->asked_method != METHOD_POST || strcmp(sim->asked_path, "/v1/coupons") != 0)
                return SIM_NONE;
        snprintf(late, sizeof(late), "%.29s", strstr(sim->asked_form, "id=") + 3);
        return SIM_CONNECT;
}

/* No answer, no coupon when it is looked for, and a minute later it is there. */
static void a_coupon_that_comes_late_is_removed(void **state)
{
        (void) state;
        struct sim *sim = world(0, 1);
        struct told told;

        sim->fault = creates_time_out;
        check(sim, connect(sim, CHECK_CONNECT).outcome == OUTCOME_UNCLEAR);
        sim->fault = NULL;
        told = sweep(sim, false, false); /* looks, and finds nothing */
        check(sim, told.n == 1 && told.deleted == 0);
        sim->conf->settings.coupons.cleanup = CLEANUP_OFF; /* no listing will find it */
        sim_at(sim, sim->now + USEC_PER_SEC, carried_out_late, 0);
        sim_run(sim, 3 * HOUR);
        check(sim, sim->n_coupons == 1 && sim_coupon(sim, 0)->deleted);
        sim_free(sim);
}

static int gone_while_listing;

static void deleted_after_the_page(struct sim *sim, enum method method, const char *path)
{
        static char id[96];

        if (method == METHOD_POST)
                snprintf(id, sizeof(id), "%.29s", strstr(sim->asked_form, "id=") + 3);
        if (method == METHOD_DELETE && strcmp(path + 12, id) == 0)
                gone_while_listing++;
}

/* A page shows a coupon that a connection check is about to delete: it does not come back as a leftover. */
static void a_page_does_not_bring_ours_back(void **state)
{
        (void) state;
        for (unsigned s = 0; s < 10 * sweep_seeds(); s++) {
                struct sim *sim = world(s, 1);
                struct checked checked = { 0 };
                struct told told = { 0 };
                struct sweep_request request = { 0 };

                sim->before_coupon = deleted_after_the_page;
                sim->conf->settings.stripe.account_rate = 100;
                for (int i = 0; i < 300; i++) {
                        char id[40];

                        snprintf(id, sizeof(id), "sale_%d", i);
                        sim_coupon_add(sim, 0, id, 86400 + i);
                }
                assert_true(engine_check(sim->engine, "merchant-0", CHECK_CONNECT, on_checked, &checked,
                                         NULL) >= 0);
                sim_run(sim, sim_random(sim, 120 * USEC_PER_MSEC));
                assert_true(engine_sweep(sim->engine, &request, on_swept, &told, NULL) >= 0);
                sim_run(sim, 10 * MINUTE);
                check(sim, checked.times == 1 && told.times == 1);
                check(sim, sim_count(sim, INCIDENT_PROBE_COUPON_FOUND, -1) == 0);
                sim_free(sim);
        }
        assert_true(gone_while_listing > 0);
}

/* --- the right key --- */

/* A key whose profile does not say to sweep neither lists nor deletes. */
static void only_keys_that_are_to_sweep_do(void **state)
{
        struct sim_options options = {
                .seed = first_seed(), .keys = 2, .keys_per_account = 2, .adopt = true
        };
        struct key_change change = { .profile = "combidesk" };
        char *why = NULL;

        (void) state;
        struct sim *sim = sim_new(&options);
        check(sim, engine_set(sim->engine, "merchant-1", &change, &why) >= 0);
        sim_grant(sim, 0, "Coupons", LEVEL_WRITE, false);
        sim_run(sim, 2 * HOUR);
        leave(sim, 0);
        sim_run(sim, 6 * HOUR);
        check(sim, left(sim) == 1 && sim->deletes <= 1); /* refused, which tells that it may not */
        check(sim, sim_count(sim, INCIDENT_PROBE_COUPON_KEPT, 0) == 1);
        check(sim, sim_count(sim, INCIDENT_PROBE_COUPON_FOUND, 1) == 0);
        sim_grant(sim, 0, "Coupons", LEVEL_WRITE, true);
        sim_run(sim, 6 * HOUR);
        verify(sim, 0);
        sim_free(sim);
}

static enum sim_fault coupon_probes_fail(struct sim *sim, struct sim_key *key)
{
        (void) key;
        return strncmp(sim->asked_path, "/v1/coupons/keyvigil_absent", 27) == 0 ? SIM_500 : SIM_NONE;
}

/* What a key may is found out first: it is not said to lack what could not be asked yet. */
static void a_new_key_is_not_said_to_lack_anything(void **state)
{
        (void) state;
        for (unsigned s = 0; s < sweep_seeds(); s++) {
                struct sim_options options = { .seed = first_seed() + s, .keys = 30 };
                struct sim *sim = sim_new(&options);

                sim->fault = coupon_probes_fail;
                for (unsigned a = 0; a < options.keys; a++) {
                        char id[40];

                        sim_coupon(sim, sim_coupon_add(sim, a, random_id(sim, id), 3600))->expected = true;
                }
                sim_run(sim, 3 * HOUR);
                check(sim, in_state(sim, STATE_HEALTHY) == 30 && sim->deletes == 0);
                sim->fault = NULL;
                sim_run(sim, DAY + 2 * HOUR); /* with the next full check */
                verify(sim, 0);
                check(sim, sim_count(sim, INCIDENT_PROBE_COUPON_KEPT, -1) == 0);
                sim_free(sim);
        }
}

/* A key is paused or removed at any moment of a sweep or a check; the other one of its account goes on. */
static void keys_that_go_take_nothing_along(void **state)
{
        (void) state;
        for (unsigned s = 0; s < 2 * sweep_seeds(); s++) {
                struct sim_options options = {
                        .seed = first_seed() + s, .keys = 20, .keys_per_account = 2, .adopt = true
                };
                struct sim *sim = sim_new(&options);
                struct sweep_request request = { 0 };
                struct checked checked[20] = { 0 };
                struct told told = { 0 };
                char name[32];

                for (unsigned a = 0; a < 10; a++) {
                        char id[40];

                        furnish(sim, a, 150);
                        for (int i = 0; i < 8; i++)
                                sim_coupon(sim, sim_coupon_add(sim, a, random_id(sim, id), 3600))->expected =
                                        true;
                        assert_true(engine_check(sim->engine, sim_name(2 * a, name), CHECK_CONNECT,
                                                 on_checked, &checked[a], NULL) >= 0);
                }
                assert_true(engine_sweep(sim->engine, &request, on_swept, &told, NULL) >= 0);
                for (unsigned a = 0; a < 10; a++) {
                        sim_run(sim, sim_random(sim, 600 * USEC_PER_MSEC));
                        sim_name(2 * a + sim_random(sim, 2), name);
                        if (sim_chance(sim, 0.7))
                                assert_true(engine_remove(sim->engine, name, true, NULL) >= 0);
                        else
                                assert_true(engine_pause(sim->engine, name, sim_stripe_wall(sim) + 86400,
                                                         NULL, NULL) >= 0);
                }
                sim_run(sim, 10 * MINUTE);
                check(sim, told.times == 1);
                for (unsigned a = 0; a < 10; a++)
                        check(sim, checked[a].times == 1);
                sim_run(sim, 5 * HOUR);
                check(sim, sim->wrong_deletes == 0 && left(sim) == 0);
                for (size_t i = 0; i < sim->n_coupons; i++) /* ours, too */
                        check(sim, strlen(sim_coupon(sim, i)->id) != 13 + 16 || sim_coupon(sim, i)->deleted ||
                                           !sim_coupon(sim, i)->redeem_by);
                sim_free(sim);
        }
}

/* --- in time --- */

static void hold_everything(struct sim *sim, int argument)
{
        sim->conf->settings.stripe.concurrency = (unsigned) argument;
}

static unsigned held;

/* When the last answer before a delete comes, nothing may start any more for a while. */
static void hold_the_delete(struct sim *sim, enum method method, const char *path)
{
        if (method != METHOD_GET || strncmp(path, "/v1/promotion_codes", 19) != 0 || held >= 10)
                return;
        held++;
        hold_everything(sim, 0);
        sim_at(sim, sim->now + (5 + sim_random(sim, 20)) * USEC_PER_SEC, hold_everything, 256);
}

/* It is asked afresh; the simulation counts a delete on answers that are older than ten seconds as a wrong
 * one. */
static void a_delete_that_had_to_wait_is_asked_about_again(void **state)
{
        (void) state;
        for (unsigned s = 0; s < sweep_seeds(); s++) {
                struct sim *sim = world(s, 3);

                held = 0;
                sim->before_coupon = hold_the_delete;
                for (int a = 0; a < 3; a++)
                        leave(sim, a);
                unsigned reads = sim->reads, lists = sim->lists;
                sim_run(sim, 5 * HOUR);
                verify(sim, 0);
                check(sim, held == 10);
                check(sim, sim->reads - reads - (sim->lists - lists) > 3 * 4);
                sim_free(sim);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_told_is_what_is_done),
                cmocka_unit_test(a_crash_lifts_no_limit),
                cmocka_unit_test(ours_go_whatever_the_settings_say),
                cmocka_unit_test(ours_go_although_there_are_too_many),
                cmocka_unit_test(ours_go_although_promotion_codes_cannot_be_seen),
                cmocka_unit_test(a_request_that_was_sent_twice_is_ours),
                cmocka_unit_test(a_coupon_that_comes_late_is_removed),
                cmocka_unit_test(a_page_does_not_bring_ours_back),
                cmocka_unit_test(only_keys_that_are_to_sweep_do),
                cmocka_unit_test(a_new_key_is_not_said_to_lack_anything),
                cmocka_unit_test(keys_that_go_take_nothing_along),
                cmocka_unit_test(a_delete_that_had_to_wait_is_asked_about_again),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
