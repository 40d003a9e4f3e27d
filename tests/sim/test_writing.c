/* What is written when: changes at once, what is only counted or seen for the first time with the walk over
 * all rows or at the stop; and what a reader who does not go away means. */
#include <sqlite3.h>

#include "check.h"

/* The row of the key, as anybody finds it. */
struct row {
        char grants[SLOTS_MAX + 1];
        int64_t checked;
};

static sqlite3 *reader_open(const struct sim *sim)
{
        char path[128];
        sqlite3 *db;

        snprintf(path, sizeof(path), "%s/keyvigil.db", sim->dir);
        assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
        return db;
}

static struct row row_of(const struct sim *sim, const char *name)
{
        sqlite3 *db = reader_open(sim);
        struct row row = { 0 };
        sqlite3_stmt *get;

        assert_int_equal(
                sqlite3_prepare_v2(db, "SELECT grants, last_checked FROM key WHERE name = ?", -1, &get, NULL),
                SQLITE_OK);
        sqlite3_bind_text(get, 1, name, -1, SQLITE_STATIC);
        assert_int_equal(sqlite3_step(get), SQLITE_ROW);
        snprintf(row.grants, sizeof(row.grants), "%s", sqlite3_column_text(get, 0));
        row.checked = sqlite3_column_int64(get, 1);
        sqlite3_finalize(get);
        sqlite3_close(db);
        return row;
}

static size_t known(const struct row *row)
{
        size_t n = 0;

        for (const char *p = row->grants; *p; p++)
                n += *p != '?';
        return n;
}

static void first_sight_is_written_with_the_walk(void **state)
{
        struct sim_options options = { .seed = first_seed(), .keys = 3, .adopt = true };
        struct sim *sim = sim_new(&options);
        const char *name = "merchant-1";
        unsigned written = 0;
        struct row row, next;

        (void) state;
        sim_run(sim, 16 * MINUTE);
        row = row_of(sim, name);
        size_t before = known(&row);
        /* With nearly each pulse one more permission is seen; the walk comes by five or six
         * times.
         */
        for (unsigned minute = 0; minute < 60; minute++, row = next) {
                sim_run(sim, MINUTE);
                next = row_of(sim, name);
                written += known(&next) != known(&row);
        }
        check(sim, known(&row) >= before + 5);
        check(sim, written >= 3 && written <= 7);
        /* Cleanly stopped, nothing of it is lost. */
        sim_run(sim, 6 * MINUTE);
        sim_restart(sim, false, MINUTE);
        next = row_of(sim, name);
        check(sim, known(&next) > known(&row));
        check(sim, next.checked >= sim->clock.wall(&sim->clock) - 7 * 60);
        sim_free(sim);
}

/* A program that reads and does not end. */
static sqlite3 *reader_stay(const struct sim *sim)
{
        sqlite3 *db = reader_open(sim);

        assert_int_equal(sqlite3_exec(db, "BEGIN; SELECT count(*) FROM key", NULL, NULL, NULL), SQLITE_OK);
        return db;
}

/* So many megabytes pass through the log. */
static void fill_log(struct sim *sim, size_t megabytes)
{
        char *text = calloc(1, (1 << 20) + 1);

        assert_non_null(text);
        for (size_t i = 0; i < megabytes; i++) {
                memset(text, 'a' + (int) i % 26, 1 << 20);
                assert_int_equal(store_meta_put(sim->store, "filler", text), 0);
        }
        free(text);
}

static void a_reader_who_stays_is_told(void **state)
{
        struct sim *sim = sim_new_settled(first_seed(), 10);
        const struct sim_entry *told;
        sqlite3 *db;

        (void) state;
        sim_run(sim, 10 * MINUTE);
        fill_log(sim, 70); /* large, but nobody reads */
        sim_run(sim, 30 * MINUTE);
        check(sim, sim_count(sim, INCIDENT_STORE_TROUBLE, -1) == 0);
        check(sim, store_log_used(sim->store) < 1 << 20);

        db = reader_stay(sim);
        fill_log(sim, 70);
        sim_run(sim, 30 * MINUTE);
        told = sim_last(sim, INCIDENT_STORE_TROUBLE, -1);
        check(sim, told && strcmp(told->reason, "reader") == 0);
        check(sim, sim_count(sim, INCIDENT_STORE_TROUBLE, -1) == 1);

        /* Counts wait where the log is as large as it may be, changes do not. */
        fill_log(sim, 100);
        int64_t used = store_log_used(sim->store);
        sim_run(sim, HOUR);
        check(sim, store_log_used(sim->store) - used < 1 << 20);
        sim_kill(sim, 3, SIM_KEY_EXPIRED);
        sim_run(sim, 10 * MINUTE);
        check(sim, sim_count(sim, INCIDENT_KEY_REVOKED, 3) == 1);

        sqlite3_close(db);
        sim_run(sim, 20 * MINUTE);
        check(sim, sim_cleared(sim, INCIDENT_STORE_TROUBLE, -1) == 1);
        check(sim, store_log_used(sim->store) < 1 << 20);
        sim_free(sim);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(first_sight_is_written_with_the_walk),
                cmocka_unit_test(a_reader_who_stays_is_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
