#include "cli/verdict.h"

#include <stdio.h>
#include <string.h>

#include "base/datetime.h"
#include "base/macros.h"

/* A round must be complete within so many of the longest pulse, and some slack. */
#define ROUNDS_MAX  3
#define ROUND_SLACK (2 * SEC_PER_MINUTE)

static int64_t number_of(const json_t *object, const char *name)
{
        return json_integer_value(json_object_get(object, name));
}

static bool is_true(const json_t *object, const char *name)
{
        return json_is_true(json_object_get(object, name));
}

static bool is_silent(const json_t *status, char text[static VERDICT_TEXT_MAX])
{
        const json_t *age = json_object_get(status, "round_age_seconds"); /* null: no key is watched */
        int64_t limit = ROUNDS_MAX * number_of(status, "longest_pulse_seconds") + ROUND_SLACK;
        char words[DATETIME_MAX];

        if (!is_true(status, "running")) {
                snprintf(text, VERDICT_TEXT_MAX, "keyvigild is not running");
                return true;
        }
        if (!json_is_integer(age) || json_integer_value(age) <= limit)
                return false;
        duration_format((usec_t) json_integer_value(age) * USEC_PER_SEC, words);
        snprintf(text, VERDICT_TEXT_MAX, "no round over all keys was completed for %s", words);
        return true;
}

/* What is open and nobody said that it is known. */
static enum verdict of_incidents(const json_t *status, const struct thresholds *thresholds,
                                 char text[static VERDICT_TEXT_MAX])
{
        const json_t *open = json_object_get(status, "incidents");
        int64_t critical = number_of(open, "critical"), warning = number_of(open, "warning"),
                known = number_of(open, "acknowledged"), untold = number_of(status, "untold");
        char acknowledged[64] = "";

        if (known > 0)
                snprintf(acknowledged, sizeof(acknowledged), " (%lld acknowledged)", (long long) known);
        if (critical + warning == 0 && untold > 0)
                snprintf(text, VERDICT_TEXT_MAX,
                         "no incident is open, but of %lld keys a required permission cannot be told, since "
                         "the account lacks the product%s",
                         (long long) untold, acknowledged);
        else if (critical + warning == 0)
                snprintf(text, VERDICT_TEXT_MAX, "%lld keys, nothing is wrong%s",
                         (long long) number_of(status, "keys"), acknowledged);
        else
                snprintf(text, VERDICT_TEXT_MAX, "%lld critical incidents are open, and %lld lesser ones%s",
                         (long long) critical, (long long) warning, acknowledged);
        if (critical > 0 && critical >= thresholds->critical)
                return VERDICT_CRITICAL;
        return untold > 0 || (critical + warning > 0 && critical + warning >= thresholds->warning)
                       ? VERDICT_WARNING
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

enum verdict verdict_of(const json_t *status, const struct thresholds *thresholds,
                        char text[static VERDICT_TEXT_MAX])
{
        char service[VERDICT_TEXT_MAX];
        enum verdict of, incidents;

        if (is_silent(status, text))
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
