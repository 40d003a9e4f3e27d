#include "cli/verdict.h"

#include <stdio.h>
#include <string.h>

#include "base/datetime.h"
#include "base/macros.h"

/* A complete round must not be older than so many of the longest pulse, and a short pulse is given some
 * slack. */
#define ROUNDS_MAX    3
#define ROUND_MIN_AGE (2 * SEC_PER_MINUTE)

static int64_t number_of(const json_t *object, const char *name)
{
        return json_integer_value(json_object_get(object, name));
}

/* 0 if it never was. */
static int64_t time_of(const json_t *object, const char *name)
{
        const char *text = json_string_value(json_object_get(object, name));
        int64_t wall;

        return text && datetime_parse(text, &wall) >= 0 ? wall : 0;
}

static bool is_true(const json_t *object, const char *name)
{
        return json_is_true(json_object_get(object, name));
}

static bool is_silent(const json_t *status, int64_t now_wall, char text[static VERDICT_TEXT_MAX])
{
        int64_t last = time_of(status, "last_round"), started = time_of(status, "started");
        int64_t limit = MAX(ROUNDS_MAX * number_of(status, "longest_pulse_seconds"), ROUND_MIN_AGE);
        char age[DATETIME_MAX];

        if (!is_true(status, "running")) {
                snprintf(text, VERDICT_TEXT_MAX, "keyvigild is not running");
                return true;
        }
        if (number_of(status, "keys") == 0 || now_wall - MAX(last, started) <= limit)
                return false;
        duration_format((usec_t) (now_wall - MAX(last, started)) * USEC_PER_SEC, age);
        snprintf(text, VERDICT_TEXT_MAX, "no round over all keys was completed for %s", age);
        return true;
}

static int64_t count(const json_t *status, const char *const *states, size_t n)
{
        const json_t *by_state = json_object_get(status, "states");
        int64_t sum = 0;

        for (size_t i = 0; i < n; i++)
                sum += number_of(by_state, states[i]);
        return sum;
}

static enum verdict of_keys(const json_t *status, const struct thresholds *thresholds,
                            char text[static VERDICT_TEXT_MAX])
{
        static const char *const dead_states[] = { "expired", "revoked", "invalid" };
        static const char *const wrong_states[] = { "expired", "revoked", "invalid", "blocked", "degraded" };
        int64_t dead = count(status, dead_states, ELEMENTSOF(dead_states));
        int64_t wrong = count(status, wrong_states, ELEMENTSOF(wrong_states));
        int64_t keys = number_of(status, "keys");

        if (wrong == 0)
                snprintf(text, VERDICT_TEXT_MAX, "%lld keys are as they should be", (long long) keys);
        else
                snprintf(text, VERDICT_TEXT_MAX,
                         "%lld of %lld keys are dead, %lld blocked or lacking permissions", (long long) dead,
                         (long long) keys, (long long) (wrong - dead));
        if (dead > 0 && dead >= thresholds->critical)
                return VERDICT_CRITICAL;
        return wrong > 0 && wrong >= thresholds->warning ? VERDICT_WARNING : VERDICT_OK;
}

static enum verdict of_service(const json_t *status, char text[static VERDICT_TEXT_MAX])
{
        if (is_true(status, "store_trouble")) {
                snprintf(text, VERDICT_TEXT_MAX, "the database cannot be written");
                return VERDICT_CRITICAL;
        }
        if (json_is_false(json_object_get(status, "progresses"))) {
                snprintf(text, VERDICT_TEXT_MAX, "requests that nothing hinders are not being started");
                return VERDICT_CRITICAL;
        }
        if (is_true(status, "outage")) {
                snprintf(text, VERDICT_TEXT_MAX, "Stripe cannot be reached");
                return VERDICT_WARNING;
        }
        if (number_of(status, "overdue") > 0) {
                snprintf(text, VERDICT_TEXT_MAX, "%lld keys are overdue",
                         (long long) number_of(status, "overdue"));
                return VERDICT_WARNING;
        }
        return VERDICT_OK;
}

enum verdict verdict_of(const json_t *status, const struct thresholds *thresholds, int64_t now_wall,
                        char text[static VERDICT_TEXT_MAX])
{
        char service[VERDICT_TEXT_MAX];
        enum verdict of, keys;

        if (is_silent(status, now_wall, text))
                return VERDICT_CRITICAL;
        if (thresholds->watch_only) {
                snprintf(text, VERDICT_TEXT_MAX, "the watch goes on");
                return VERDICT_OK;
        }
        of = of_service(status, service);
        keys = of_keys(status, thresholds, text);
        if (of >= keys && of != VERDICT_OK) {
                snprintf(text, VERDICT_TEXT_MAX, "%s", service);
                return of;
        }
        return keys;
}
