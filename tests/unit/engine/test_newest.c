/* Of each key the newest answer only, of all keys the newest few. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/watch/newest.h"

static void each_key_counts_once(void **state)
{
        struct newest newest = { 0 };

        (void) state;
        newest_put(&newest, 1, true);
        newest_put(&newest, 2, false);
        newest_put(&newest, 1, true);
        assert_int_equal(newest.n, 2);
        assert_int_equal(newest.n_bad, 1);
        newest_put(&newest, 1, false);
        assert_int_equal(newest.n, 2);
        assert_int_equal(newest.n_bad, 0);
}

static void the_oldest_is_forgotten(void **state)
{
        struct newest newest = { 0 };

        (void) state;
        for (int64_t id = 1; id <= NEWEST_MAX; id++)
                newest_put(&newest, id, id <= 3);
        assert_int_equal(newest.n, NEWEST_MAX);
        assert_int_equal(newest.n_bad, 3);
        newest_put(&newest, 1, true); /* the newest again */
        newest_put(&newest, 100, false);
        assert_int_equal(newest.n, NEWEST_MAX);
        assert_int_equal(newest.n_bad, 2); /* the second one went */
        newest_put(&newest, 101, true);
        assert_int_equal(newest.n_bad, 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_key_counts_once),
                cmocka_unit_test(the_oldest_is_forgotten),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
