#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "cli/verdict.h"

/* A status that is well, with `more` laid over it. */
static json_t *status_with(const char *more)
{
        json_t *status =
                json_pack("{s:b,s:i,s:i,s:i,s:b,s:b,s:b,s:i,s:{s:i,s:i}}", "running", 1, "round_age_seconds",
                          120, "longest_pulse_seconds", 300, "keys", 10, "progresses", 1, "outage", 0,
                          "store_trouble", 0, "overdue", 0, "states", "healthy", 8, "paused", 2);
        json_t *over = json_loads(more, 0, NULL);

        assert_non_null(status);
        assert_non_null(over);
        json_object_update_recursive(status, over);
        json_decref(over);
        return status;
}

static void a_status_has_a_verdict(void **state)
{
        static const struct {
                const char *more;
                struct thresholds thresholds;
                enum verdict verdict;
                const char *text;
        } cases[] = {
                { "{}", { 1, 1, false }, VERDICT_OK, "10 keys, nothing is wrong" },
                { "{\"untold\":3}", { 1, 1, false }, VERDICT_WARNING, "no incident is open, but of 3 keys" },
                { "{\"untold\":3}", { 1, 1, true }, VERDICT_OK, "the watch goes on" },
                { "{\"untold\":3,\"incidents\":{\"warning\":1}}",
                  { 5, 5, false },
                  VERDICT_WARNING,
                  "1 lesser" },
                { "{\"incidents\":{\"critical\":1}}", { 1, 1, false }, VERDICT_CRITICAL, "1 critical" },
                { "{\"incidents\":{\"critical\":1}}", { 1, 2, false }, VERDICT_WARNING, "1 critical" },
                { "{\"incidents\":{\"critical\":2}}", { 1, 2, false }, VERDICT_CRITICAL, "2 critical" },
                { "{\"incidents\":{\"warning\":1}}", { 1, 1, false }, VERDICT_WARNING, "1 lesser" },
                { "{\"incidents\":{\"warning\":1}}", { 2, 1, false }, VERDICT_OK, "1 lesser" },
                { "{\"incidents\":{\"lesser\":9}}", { 1, 1, false }, VERDICT_OK, "nothing is wrong" },
                { "{\"incidents\":{\"acknowledged\":3}}",
                  { 1, 1, false },
                  VERDICT_OK,
                  "nothing is wrong (3 acknowledged)" },
                { "{\"states\":{\"revoked\":1}}", { 1, 1, false }, VERDICT_OK, "nothing is wrong" },
                { "{\"states\":{\"unreadable\":2}}", { 1, 1, false }, VERDICT_CRITICAL, "2 keys cannot" },
                { "{\"outage\":true}", { 1, 1, false }, VERDICT_WARNING, "cannot be reached" },
                { "{\"outage\":true,\"incidents\":{\"critical\":1}}",
                  { 1, 1, false },
                  VERDICT_CRITICAL,
                  "1 critical" },
                { "{\"overdue\":3}", { 1, 1, false }, VERDICT_WARNING, "3 keys are overdue" },
                { "{\"store_trouble\":true}", { 1, 1, false }, VERDICT_CRITICAL, "database" },
                { "{\"progresses\":false}", { 1, 1, false }, VERDICT_CRITICAL, "not being started" },
                { "{\"running\":false}", { 1, 1, false }, VERDICT_CRITICAL, "not running" },
                { "{\"round_age_seconds\":1020}", { 1, 1, false }, VERDICT_OK, "" },
                { "{\"round_age_seconds\":1021}", { 1, 1, false }, VERDICT_CRITICAL, "no round" },
                { "{\"round_age_seconds\":null}", { 1, 1, false }, VERDICT_OK, "" },
                { "{\"incidents\":{\"critical\":9}}", { 1, 1, true }, VERDICT_OK, "goes on" },
                { "{\"running\":false}", { 1, 1, true }, VERDICT_CRITICAL, "not running" },
                { "{\"round_age_seconds\":14400}", { 1, 1, true }, VERDICT_CRITICAL, "4h" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char text[VERDICT_TEXT_MAX];
                json_t *status = status_with(cases[i].more);
                enum verdict verdict = verdict_of(status, &cases[i].thresholds, text);

                if (verdict != cases[i].verdict || !strstr(text, cases[i].text))
                        fail_msg("%s: %d, %s", cases[i].more, (int) verdict, text);
                json_decref(status);
        }
}

static void nonsense_is_critical_and_no_crash(void **state)
{
        char text[VERDICT_TEXT_MAX];
        const struct thresholds thresholds = { 1, 1, false };
        json_t *nonsense[] = { json_array(), json_object(), json_pack("{s:s}", "running", "yes") };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(nonsense); i++) {
                assert_int_equal(verdict_of(nonsense[i], &thresholds, text), VERDICT_CRITICAL);
                json_decref(nonsense[i]);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_status_has_a_verdict),
                cmocka_unit_test(nonsense_is_critical_and_no_crash),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
