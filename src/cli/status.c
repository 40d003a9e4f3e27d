#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/fetch.h"
#include "cli/offline.h"
#include "cli/options.h"
#include "cli/table.h"

static int status_offline(struct store *store, const void *what, json_t **ret)
{
        (void) what;
        return offline_status(store, ret);
}

static long long number_of(const json_t *object, const char *name)
{
        return (long long) json_integer_value(json_object_get(object, name));
}

static void print_states(const struct cli *cli, const json_t *states)
{
        const char *name, *before = "";
        json_t *count;

        printf("Keys:        ");
        json_object_foreach((json_t *) states, name, count)
        {
                if (json_integer_value(count) == 0)
                        continue;
                printf("%s%lld ", before, (long long) json_integer_value(count));
                print_state(cli, name);
                before = ", ";
        }
        puts(*before == '\0' ? "none" : "");
}

static void print_troubles(const json_t *status)
{
        if (json_is_true(json_object_get(status, "outage")))
                puts("Trouble:     many keys get no answer from Stripe; what is believed of these stays as "
                     "it "
                     "is");
        if (json_is_true(json_object_get(status, "store_trouble")))
                puts("Trouble:     the database cannot be written; see 'journalctl -u keyvigild'");
        if (json_is_false(json_object_get(status, "progresses")))
                puts("Trouble:     requests that nothing hinders are not being started");
        if (number_of(status, "unsent") > 0)
                printf("Trouble:     %lld events wait for the journal\n", number_of(status, "unsent"));
        if (number_of(status, "untold") > 0)
                printf("Note:        of %lld keys a required permission cannot be told, since the account "
                       "lacks "
                       "the product; 'keyvigil show NAME' names it\n",
                       number_of(status, "untold"));
        size_t unknown = json_array_size(json_object_get(status, "unknown_permissions"));
        if (unknown > 0)
                printf("Note:        %zu permission%s that the catalogue does not know; 'keyvigil show "
                       "--unknown' lists "
                       "%s\n",
                       unknown, unknown == 1 ? "" : "s", unknown == 1 ? "it" : "them");
        if (json_is_true(json_object_get(status, "master_beside_store")))
                puts("Note:        the master key lies beside the database; sealing protects backups only");
}

/* ": 12 for their account's pace, 8 backed off until …" */
static void print_waits(const json_t *waits)
{
        const char *separator = ": ";
        char time[DATETIME_MAX];

        if (number_of(waits, "pace") > 0) {
                printf("%s%lld for their account's pace", separator, number_of(waits, "pace"));
                separator = ", ";
        }
        if (number_of(waits, "backed_off") > 0) {
                printf("%s%lld backed off until %s", separator, number_of(waits, "backed_off"),
                       time_of(waits, "backed_off_until", time));
                separator = ", ";
        }
        if (number_of(waits, "rate") > 0)
                printf("%s%lld for the pace of all", separator, number_of(waits, "rate"));
        puts("");
}

static void print_incidents(const json_t *status)
{
        const json_t *incidents = json_object_get(status, "incidents");

        printf("Incidents:   %lld open", number_of(status, "open_incidents"));
        if (incidents && number_of(status, "open_incidents") > 0)
                printf(": %lld critical, %lld to look at, %lld lesser, %lld acknowledged",
                       number_of(incidents, "critical"), number_of(incidents, "warning"),
                       number_of(incidents, "lesser"), number_of(incidents, "acknowledged"));
        puts("");
}

static void print_running(const json_t *status)
{
        char time[DATETIME_MAX];

        printf("Daemon:      keyvigild %s, process %lld, since %s\n", text_of(status, "version"),
               number_of(status, "pid"), time_of(status, "started", time));
        printf("Requests:    %.2f a second needed, %lld allowed; %lld in flight, %lld waiting",
               json_real_value(json_object_get(status, "needed_rate")), number_of(status, "rate"),
               number_of(status, "in_flight"), number_of(status, "waiting"));
        print_waits(json_object_get(status, "waits"));
        if (*text_of(status, "last_round") != '\0')
                printf("Last round:  complete at %s, took %llds\n", time_of(status, "last_round", time),
                       number_of(status, "round_seconds"));
        else
                puts("Last round:  none is complete yet");
        printf("Overdue:     %lld\n", number_of(status, "overdue"));
        const json_t *loop = json_object_get(status, "loop");
        printf("Loop:        longest turn of the last minute %.1f ms (%.1f ms of processor), 99.9 %% below "
               "%.1f "
               "ms\n",
               json_number_value(json_object_get(loop, "longest_ms")),
               json_number_value(json_object_get(loop, "longest_cpu_ms")),
               json_number_value(json_object_get(loop, "most_ms")));
        printf("Database:    %s\n", text_of(status, "state_dir"));
}

/* One line, for a prompt or a mail. */
static void print_brief(const json_t *status)
{
        const json_t *states = json_object_get(status, "states");
        char time[DATETIME_MAX];

        printf("keyvigil: %s%lld keys, %lld healthy, %lld dead, %lld incidents open, last round %s%s\n",
               json_is_true(json_object_get(status, "running")) ? "" : "not running; ",
               number_of(status, "keys"), number_of(states, "healthy"),
               number_of(states, "revoked") + number_of(states, "expired") + number_of(states, "invalid"),
               number_of(status, "open_incidents"),
               *text_of(status, "last_round") != '\0' ? time_of(status, "last_round", time) : "not yet",
               json_is_true(json_object_get(status, "outage")) ? "; Stripe cannot be reached" : "");
}

int command_status(struct cli *cli, const struct command *command, int argc, char **argv)
{
        json_t *status;
        bool brief = false;
        const struct option options[] = { { "brief", OPTION_FLAG, &brief } };
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, 0, NULL);

        if (r != 0)
                return options_status(r);
        if (fetch(cli, url_new("/v1/status"), status_offline, NULL, &status) < 0)
                return CLI_FAILED;
        if (cli->json) {
                json_print(status);
        } else if (brief) {
                print_brief(status);
        } else {
                if (json_is_true(json_object_get(status, "running")))
                        print_running(status);
                print_states(cli, json_object_get(status, "states"));
                printf("In doubt:    %lld", number_of(status, "suspects"));
                if (number_of(status, "held") > 0)
                        printf(", %lld of them held", number_of(status, "held"));
                puts("");
                print_incidents(status);
                print_troubles(status);
        }
        json_decref(status);
        return CLI_OK;
}
