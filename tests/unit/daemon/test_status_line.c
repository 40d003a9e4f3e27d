#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/manager.h"

static void check(const struct engine_status *status, const char *expected)
{
        char *line;

        assert_int_equal(status_line(status, &line), 0);
        assert_string_equal(line, expected);
        free(line);
}

static void the_line_says_what_is(void **state)
{
        (void) state;
        check(&(struct engine_status){ 0 }, "Watching 0 keys; 0 overdue, 0 in flight");
        check(&(struct engine_status){ .keys = 1, .by_state = { [STATE_HEALTHY] = 1 } },
              "Watching 1 key: 1 healthy; 0 overdue, 0 in flight");
        check(
                &(struct engine_status){
                        .keys = 12,
                        .by_state = { [STATE_HEALTHY] = 10, [STATE_REVOKED] = 1, [STATE_PAUSED] = 1 },
                        .suspects = 2,
                        .overdue = 3,
                        .in_flight = 4,
                        .unsent = 5,
                        .outage = true,
                        .store_trouble = true,
                        .master_beside_store = true },
                "Watching 12 keys: 10 healthy, 1 revoked, 1 paused; 3 overdue, 4 in flight; 2 in doubt; "
                "Stripe cannot "
                "be reached; the database cannot be written; 5 events wait for the journal; master key "
                "beside the "
                "database");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(the_line_says_what_is) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
