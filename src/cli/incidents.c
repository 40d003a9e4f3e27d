#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "cli/bulk.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/fetch.h"
#include "cli/offline.h"
#include "cli/options.h"
#include "cli/table.h"
#include "cli/when.h"

static int list_offline(struct store *store, const void *what, json_t **ret)
{
        return offline_rows(store, "incidents", QUERY_INCIDENTS, what, ret);
}

static int one_offline(struct store *store, const void *what, json_t **ret)
{
        return offline_incident(store, ((const struct query_filter *) what)->id, ret);
}

static int show_list(const struct cli *cli, const struct query_filter *filter, const struct chosen *chosen)
{
        static const struct cell cells[] = {
                { "id", "ID", CELL_TEXT },           { "severity", "SEVERITY", CELL_SEVERITY },
                { "opened", "OPENED", CELL_TEXT },   { "cleared", "CLEARED", CELL_TEXT },
                { "kind", "KIND", CELL_TEXT },       { "key", "KEY", CELL_TEXT },
                { "message", "MESSAGE", CELL_TEXT },
        };
        struct url url = url_new("/v1/incidents");
        json_t *object;

        url_flag(&url, "open", filter->open_only);
        url_text(&url, "key", filter->key);
        chosen_url(&url, chosen);
        if (fetch(cli, url, list_offline, filter, &object) < 0)
                return CLI_FAILED;
        if (cli->json)
                json_print(object);
        else
                table_print(cli, json_object_get(object, "incidents"), cells, ELEMENTSOF(cells),
                            filter->open_only ? "Nothing is wrong." : "Nothing was ever wrong.");
        json_decref(object);
        return CLI_OK;
}

static void print_one(const struct cli *cli, const json_t *incident)
{
        static const struct cell facts[] = {
                { "message", "What", CELL_TEXT },
                { "kind", "Kind", CELL_TEXT },
                { "severity", "Severity", CELL_SEVERITY },
                { "key", "Key", CELL_TEXT },
                { "account", "Account", CELL_TEXT },
                { "reason", "Reason", CELL_TEXT },
                { "since", "Since", CELL_TEXT },
                { "opened", "Opened", CELL_TEXT },
                { "cleared", "Cleared", CELL_TEXT },
                { "acknowledged", "Acknowledged", CELL_TEXT },
                { "acknowledged_until", "Until", CELL_TEXT },
                { "acknowledgement", "With the words", CELL_TEXT },
                { "reminders", "Reminders", CELL_TEXT },
                { "event_id", "Event", CELL_TEXT },
                { "remedy_url", "Mend it", CELL_TEXT },
        };
        static const struct cell keys[] = {
                { "id", "ID", CELL_TEXT },
                { "key", "KEY", CELL_TEXT },
                { "opened", "OPENED", CELL_TEXT },
                { "cleared", "CLEARED", CELL_TEXT },
        };
        const json_t *listed = json_object_get(incident, "keys");

        list_print(cli, incident, facts, ELEMENTSOF(facts));
        if (json_array_size(listed) > 0) {
                putchar('\n');
                table_print(cli, listed, keys, ELEMENTSOF(keys), "");
        }
}

static int show_one(const struct cli *cli, const char *id)
{
        struct query_filter filter = { 0 };
        json_t *incident;

        if (number_parse(id, 1, INT64_MAX, &filter.id) < 0) {
                complain("incidents: an incident is a number; 'keyvigil incidents' lists them");
                return CLI_USAGE;
        }
        if (fetch(cli, url_of("/v1/incidents", id, ""), one_offline, &filter, &incident) < 0)
                return CLI_FAILED;
        if (cli->json)
                json_print(incident);
        else
                print_one(cli, incident);
        json_decref(incident);
        return CLI_OK;
}

static int replay(const struct cli *cli, const char *since)
{
        struct url url = url_new("/v1/incidents/replay");
        struct answer answer = { 0 };
        int64_t wall;

        if (when_parse_past(since, &wall) < 0) {
                url_clear(&url);
                complain("incidents: --replay takes a date, or how long ago, like 2h");
                return CLI_USAGE;
        }
        url_wall(&url, "since", wall);
        int r = client_call(cli, "POST", url, NULL, &answer);
        if (r >= 0 && cli->json)
                answer_print(&answer);
        else if (r >= 0)
                printf("%" PRId64 " events are written to the journal once more.\n",
                       (int64_t) json_integer_value(json_object_get(answer.json, "queued")));
        answer_clear(&answer);
        return r < 0 ? CLI_FAILED : CLI_OK;
}

int command_incidents(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct query_filter filter = { 0 };
        const char *since = NULL;
        struct chosen chosen = { 0 };
        const struct option options[] = { { "open", OPTION_FLAG, &filter.open_only },
                                          { "key", OPTION_TEXT, &filter.key },
                                          { "replay", OPTION_TEXT, &since },
                                          SELECTOR_OPTIONS(&chosen) };
        struct texts ids;
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, 1, &ids);

        if (r != 0)
                return options_status(r);
        if (since)
                return replay(cli, since);
        return ids.n == 1 ? show_one(cli, ids.list[0]) : show_list(cli, &filter, &chosen);
}

struct acknowledging {
        const char *reason, *until;
};

static struct url url_of_ack(const char *id, void *userdata)
{
        const struct acknowledging *how = userdata;
        struct url url = url_of("/v1/incidents", id, "/ack");

        url_text(&url, "reason", how->reason);
        url_date(&url, "until", how->until);
        return url;
}

/* The open incidents of chosen keys that nobody has acknowledged, as texts: as many as can be taken at a
 * time. */
static int open_ids(const struct cli *cli, const struct chosen *chosen, struct texts *ret, json_t **ret_owner)
{
        struct url url = url_new("/v1/incidents");
        struct answer answer = { 0 };
        json_t *incident, *owner = json_array();
        char text[24];
        size_t i, more = 0;

        url_flag(&url, "open", true);
        chosen_url(&url, chosen);
        int r = client_call(cli, "GET", url, NULL, &answer);
        json_array_foreach(json_object_get(answer.json, "incidents"), i, incident)
        {
                if (json_is_string(json_object_get(incident, "acknowledged")))
                        continue;
                if (ret->n == TEXTS_MAX) {
                        more++;
                        continue;
                }
                snprintf(text, sizeof(text), "%lld",
                         (long long) json_integer_value(json_object_get(incident, "id")));
                json_array_append_new(owner, json_string(text));
                ret->list[ret->n] = json_string_value(json_array_get(owner, ret->n));
                ret->n++;
        }
        answer_clear(&answer);
        if (more > 0)
                remark("note: %zu more are left for the same command, given again", more);
        *ret_owner = owner;
        return r;
}

int command_ack(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct acknowledging how = { 0 };
        struct chosen chosen = { 0 }, ids = { 0 };
        struct asked asked = { 0 };
        json_t *owner = NULL;
        const struct option options[] = { { "reason", OPTION_TEXT, &how.reason },
                                          { "until", OPTION_DATE, &how.until },
                                          SELECTOR_OPTIONS(&chosen),
                                          BULK_OPTIONS(&asked) };
        const struct bulk bulk = { .method = "POST",
                                   .url = url_of_ack,
                                   .userdata = &how,
                                   .verb = "acknowledge",
                                   .noun = "incident",
                                   .done = "is acknowledged; there are no more reminders" };
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, TEXTS_MAX,
                              &ids.names);

        if (r != 0)
                return options_status(r);
        if (!how.reason || chosen_is_empty(&chosen) == (ids.names.n == 0)) {
                complain(how.reason ? "usage: keyvigil %s %s" : "%s: say why, with --reason TEXT",
                         command->name, command->usage);
                return CLI_USAGE;
        }
        if (ids.names.n == 0)
                r = open_ids(cli, &chosen, &ids.names, &owner);
        int status = CLI_FAILED;
        if (r >= 0 && ids.names.n == 0)
                complain_as(FAILURE_NOT_FOUND,
                            "nothing is chosen by that: of these keys no incident is open and not known yet");
        else if (r >= 0)
                status = bulk_run(cli, &ids, &asked, &bulk);
        json_decref(owner);
        return status;
}
