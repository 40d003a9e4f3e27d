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

/* What is open and nobody said that it is known. */
static enum verdict of_incidents(const json_t *status, const struct thresholds *thresholds,
                                 char text[static VERDICT_TEXT_MAX])
{
        const json_t *open = json_object_get(status, "incidents");
        int64_t critical = number_of(open, "critical"), warning = number_of(open, "warning"),
                known = number_of(open, "acknowledged");
        char acknowledged[64] = "";

        if (known > 0)
                snprintf(acknowledged, sizeof(acknowledged), " (%lld acknowledged)", (long long) known);
        if (critical + warning == 0)
                snprintf(text, VERDICT_TEXT_MAX, "%lld keys, nothing is wrong%s",
                         (long long) number_of(status, "keys"), acknowledged);
        else
                snprintf(text, VERDICT_TEXT_MAX, "%lld critical incidents are open, and %lld lesser ones%s",
                         (long long) critical, (long long) warning, acknowledged);
        if (critical > 0 && critical >= thresholds->critical)
                return VERDICT_CRITICAL;
        return critical + warning > 0 && critical + warning >= thresholds->warning ? VERDICT_WARNING
                                                                                   : VERDICT_OK;
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
        int64_t unreadable = number_of(json_object_get(status, "states"), "unreadable");
        if (unreadable > 0) {
                snprintf(text, VERDICT_TEXT_MAX,
                         "%lld keys cannot be watched: their secrets cannot be opened",
                         (long long) unreadable);
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
        enum verdict of, incidents;

        if (is_silent(status, now_wall, text))
                return VERDICT_CRITICAL;
        if (thresholds->watch_only) {
                snprintf(text, VERDICT_TEXT_MAX, "the watch goes on");
                return VERDICT_OK;
        }
        of = of_service(status, service);
        incidents = of_incidents(status, thresholds, text);
        if (of >= incidents && of != VERDICT_OK) {
                snprintf(text, VERDICT_TEXT_MAX, "%s", service);
                return of;
        }
        return incidents;
}
