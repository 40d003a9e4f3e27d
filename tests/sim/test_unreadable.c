/* A stored secret that cannot be opened: nobody watches that key, and that is said at once. */
#include <sqlite3.h>

#include "base/secret.h"
#include "check.h"

static void sql(struct sim *sim, const char *text)
{
        char path[128];
        sqlite3 *db = NULL;

        snprintf(path, sizeof(path), "%s/keyvigil.db", sim->dir);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void it_is_told_at_once(void **state)
{
        struct sim *sim = sim_new_settled(first_seed(), 10);

        (void) state;
        sql(sim,
            "UPDATE place SET sealed = randomblob(length(sealed)) WHERE id = (SELECT s.place FROM secret s"
            " JOIN key k ON k.id = s.id / 2 WHERE k.name = 'merchant-3');");
        sim_run(sim, 5 * MINUTE + USEC_PER_SEC);
        check(sim, sim_count(sim, INCIDENT_KEY_UNREADABLE, 3) == 1);
        check(sim, sim_count(sim, INCIDENT_KEY_UNREADABLE, -1) == 1);
        check(sim, sim_first(sim, INCIDENT_KEY_UNREADABLE, 3)->priority == 2);
        check(sim, in_state(sim, STATE_UNREADABLE) == 1);
        check(sim, in_state(sim, STATE_HEALTHY) == 9);
        sim_restart(sim, true, USEC_PER_SEC);
        sim_run(sim, HOUR);
        check(sim, sim_count(sim, INCIDENT_KEY_UNREADABLE, -1) == 1);
        check(sim, in_state(sim, STATE_UNREADABLE) == 1);
        check(sim, sim_count(sim, INCIDENT_STRIPE_OUTAGE, -1) == 0);
        sim_assert_ids(sim);
        sim_free(sim);
}

static void two_that_were_swapped_are_two(void **state)
{
        struct sim *sim = sim_new_settled(first_seed(), 10);

        (void) state;
        sql(sim, "CREATE TEMP TABLE t AS SELECT id, place FROM secret WHERE id IN (4, 6);"
                 "UPDATE secret SET place = -id WHERE id IN (4, 6);"
                 "UPDATE secret SET place = (SELECT t.place FROM t WHERE t.id = 10 - secret.id)"
                 " WHERE id IN (4, 6);");
        sim_run(sim, 5 * MINUTE + USEC_PER_SEC);
        check(sim, sim_count(sim, INCIDENT_KEY_UNREADABLE, -1) == 2);
        sql(sim, "CREATE TEMP TABLE t AS SELECT id, place FROM secret WHERE id IN (4, 6);"
                 "UPDATE secret SET place = -id WHERE id IN (4, 6);"
                 "UPDATE secret SET place = (SELECT t.place FROM t WHERE t.id = 10 - secret.id)"
                 " WHERE id IN (4, 6);");
        sim_run(sim, 11 * MINUTE);
        check(sim, sim_cleared(sim, INCIDENT_KEY_UNREADABLE, -1) == 2);
        check(sim, in_state(sim, STATE_HEALTHY) == 10);
        sim_free(sim);
}

static void on_told(const struct check_result *result, void *userdata)
{
        *(enum check_outcome *) userdata = result->outcome;
}

/* Asking again opens it no more. */
static void who_asks_is_told_at_once(void **state)
{
        struct sim *sim = sim_new_settled(first_seed(), 10);
        enum check_outcome outcome = OUTCOME_WELL;
        char *why = NULL;

        (void) state;
        sql(sim,
            "UPDATE place SET sealed = randomblob(length(sealed)) WHERE id = (SELECT s.place FROM secret s"
            " JOIN key k ON k.id = s.id / 2 WHERE k.name = 'merchant-3');");
        for (int i = 0; i < 2; i++) {
                check(sim, engine_check(sim->engine, "merchant-3", CHECK_FULL, on_told, &outcome, &why) == 0);
                sim_run(sim, USEC_PER_SEC);
                check(sim, outcome == OUTCOME_UNCLEAR);
                outcome = OUTCOME_WELL;
        }
        sim_free(sim);
}

static void no_report(const struct check_result *result, void *userdata)
{
        *(bool *) userdata = result->stored;
}

static void a_new_secret_mends_it(void **state)
{
        struct sim *sim = sim_new_settled(first_seed(), 10);
        _cleanup_(secret_freep) struct secret *secret = sim_secret(sim, 10);
        struct key_request q = { .name = "merchant-3" };
        bool stored = false;
        char *why = NULL;

        (void) state;
        sim->keys[10] = sim->keys[3];
        sql(sim,
            "UPDATE place SET sealed = randomblob(length(sealed)) WHERE id = (SELECT s.place FROM secret s"
            " JOIN key k ON k.id = s.id / 2 WHERE k.name = 'merchant-3');");
        sim_run(sim, 6 * MINUTE);
        check(sim, in_state(sim, STATE_UNREADABLE) == 1);
        check(sim, engine_rotate(sim->engine, &q, secret, no_report, &stored, &why) == 0);
        sim_run(sim, 10 * MINUTE);
        check(sim, stored);
        check(sim, sim_cleared(sim, INCIDENT_KEY_UNREADABLE, 3) == 1);
        check(sim, in_state(sim, STATE_HEALTHY) == 10);
        free(why);
        sim_free(sim);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(it_is_told_at_once),
                cmocka_unit_test(who_asks_is_told_at_once),
                cmocka_unit_test(two_that_were_swapped_are_two),
                cmocka_unit_test(a_new_secret_mends_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
