#include <errno.h>
#include <stdio.h>

#include "base/number.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/options.h"
#include "cli/verdict.h"

/* A daemon that stands still takes a connection and never answers. */
#define PATIENCE_SECONDS 15

static const char *const words[] = {
        [VERDICT_OK] = "OK",
        [VERDICT_WARNING] = "WARNING",
        [VERDICT_CRITICAL] = "CRITICAL",
        [VERDICT_UNKNOWN] = "UNKNOWN",
};

static void print_numbers(const json_t *status)
{
        static const char *const numbers[] = { "overdue", "unsent", "open_incidents", "in_flight", "untold" };
        const json_t *states = json_object_get(status, "states");
        const char *name;
        json_t *count;

        printf(" | keys=%lld", (long long) json_integer_value(json_object_get(status, "keys")));
        json_object_foreach((json_t *) states, name, count)
                printf(" %s=%lld", name, (long long) json_integer_value(count));
        json_object_foreach(json_object_get(status, "incidents"), name, count)
                printf(" incidents_%s=%lld", name, (long long) json_integer_value(count));
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
                printf(" %s=%lld", numbers[i],
                       (long long) json_integer_value(json_object_get(status, numbers[i])));
}

static enum verdict without_status(const struct cli *cli, int error)
{
        if (error == -ECONNREFUSED) {
                puts("KEYVIGIL CRITICAL: keyvigild is not running");
                return VERDICT_CRITICAL;
        }
        if (error == -ETIMEDOUT) {
                printf("KEYVIGIL CRITICAL: keyvigild has not answered within %d s\n", PATIENCE_SECONDS);
                return VERDICT_CRITICAL;
        }
        if (error == -EACCES)
                printf("KEYVIGIL UNKNOWN: %s may not be used; run this as a member of its group\n",
                       cli->settings.control.socket);
        else
                puts("KEYVIGIL UNKNOWN: keyvigild gave no status");
        return VERDICT_UNKNOWN;
}

static enum verdict with_status(const json_t *status, const struct thresholds *thresholds)
{
        char text[VERDICT_TEXT_MAX];
        enum verdict verdict = verdict_of(status, thresholds, text);

        printf("KEYVIGIL %s: %s", words[verdict], text);
        print_numbers(status);
        puts("");
        return verdict;
}

int command_plugin(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct thresholds thresholds = { .warning = 1, .critical = 1 };
        const char *warning = "1", *critical = "1";
        const struct option options[] = { { "watch", OPTION_FLAG, &thresholds.watch_only },
                                          { "warning", OPTION_TEXT, &warning },
                                          { "critical", OPTION_TEXT, &critical } };
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, 0, NULL);
        struct answer answer;

        if (r != 0)
                return r > 0 ? VERDICT_OK : VERDICT_UNKNOWN;
        failure_is_answered(); /* in the form that monitoring systems know */
        if (number_parse(warning, 0, INT64_MAX, &thresholds.warning) < 0 ||
            number_parse(critical, 0, INT64_MAX, &thresholds.critical) < 0) {
                puts("KEYVIGIL UNKNOWN: thresholds are numbers of incidents");
                return VERDICT_UNKNOWN;
        }
        cli->patience = PATIENCE_SECONDS * USEC_PER_SEC;
        r = client_ask(cli, "GET", url_new("/v1/status"), NULL, &answer);
        if (r < 0)
                return (int) without_status(cli, r);
        enum verdict verdict = answer.status < 300 && answer.json ? with_status(answer.json, &thresholds)
                                                                  : without_status(cli, -EBADMSG);
        answer_clear(&answer);
        return (int) verdict;
}
