#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/fetch.h"
#include "cli/offline.h"
#include "cli/options.h"
#include "cli/pager.h"
#include "cli/selector.h"
#include "cli/table.h"
#include "cli/when.h"
#include "model/incident.h"

#define ID_MAX    24
#define LIMIT_MAX 1000000

struct listing {
        struct chosen chosen;
        const char *kind, *since, *limit;
        struct incident_filter filter;
        int64_t most;
};

static int list_offline(struct store *store, const void *what, json_t **ret)
{
        const struct listing *listing = what;

        return offline_incidents(store, &listing->filter, (unsigned) listing->most, ret);
}

static int one_offline(struct store *store, const void *what, json_t **ret)
{
        return offline_incident(store, ((const struct query_filter *) what)->id, ret);
}

static const char *id_text(const json_t *incident, const char *name, char buffer[static ID_MAX])
{
        snprintf(buffer, ID_MAX, "%lld", (long long) json_integer_value(json_object_get(incident, name)));
        return buffer;
}

/* How many of `incidents` each group among them has told of: its id as a text, and the number. */
static json_t *members_of_groups(const json_t *incidents)
{
        json_t *groups = json_object(), *incident, *count;
        char id[ID_MAX];
        size_t i;

        json_array_foreach(incidents, i, incident)
                json_object_set_new(groups, id_text(incident, "id", id), json_integer(0));
        json_array_foreach(incidents, i, incident)
        {
                count = json_object_get(groups, id_text(incident, "parent", id));
                if (count)
                        json_integer_set(count, json_integer_value(count) + 1);
        }
        return groups;
}

/* What one cause has opened stands under it as one line. */
static void print_groups(const struct cli *cli, const json_t *incidents)
{
        static const struct cell cells[] = {
                { "id", "ID", CELL_TEXT },           { "severity", "SEVERITY", CELL_SEVERITY },
                { "opened", "OPENED", CELL_TEXT },   { "cleared", "CLEARED", CELL_TEXT },
                { "kind", "KIND", CELL_TEXT },       { "key", "KEY", CELL_TEXT },
                { "message", "MESSAGE", CELL_TEXT },
        };
        json_t *groups = members_of_groups(incidents), *incident;
        size_t widths[CELLS_MAX], i;
        char id[ID_MAX];

        table_measure(incidents, cells, ELEMENTSOF(cells), widths);
        table_print_header(cli, cells, ELEMENTSOF(cells), widths);
        json_array_foreach(incidents, i, incident)
        {
                if (json_object_get(groups, id_text(incident, "parent", id)))
                        continue;
                table_print_row(cli, incident, cells, ELEMENTSOF(cells), widths);
                json_int_t n = json_integer_value(json_object_get(groups, id_text(incident, "id", id)));
                if (n > 0)
                        printf("%*s  and %lld of single keys: 'keyvigil incidents %s' lists them\n",
                               (int) widths[0], "", (long long) n, id);
        }
        json_decref(groups);
}

static void print_list(const struct cli *cli, const struct listing *listing, const json_t *incidents)
{
        bool all = !listing->filter.key && !listing->kind && !listing->since &&
                   chosen_is_empty(&listing->chosen);

        if (json_array_size(incidents) == 0) {
                puts(!all                        ? "There is nothing to show."
                     : listing->filter.open_only ? "Nothing is wrong."
                                                 : "Nothing was ever wrong.");
                return;
        }
        pager_begin(cli);
        print_groups(cli, incidents);
        pager_end();
}

static struct url list_url(const struct listing *listing)
{
        struct url url = url_new("/v1/incidents");

        url_flag(&url, "open", listing->filter.open_only);
        url_text(&url, "key", listing->filter.key);
        url_text(&url, "kind", listing->kind);
        if (listing->since)
                url_wall(&url, "since", listing->filter.since);
        url_text(&url, "limit", listing->limit);
        chosen_url(&url, &listing->chosen);
        return url;
}

static int show_list(const struct cli *cli, const struct listing *listing)
{
        json_t *object;

        if (fetch(cli, list_url(listing), list_offline, listing, &object) < 0)
                return CLI_FAILED;
        const json_t *incidents = json_object_get(object, "incidents");
        if (cli->json)
                json_print(object);
        else
                print_list(cli, listing, incidents);
        if ((int64_t) json_array_size(incidents) == listing->most)
                remark("note: these are the newest %" PRId64 "; --limit N gives more", listing->most);
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

/* What was asked for, checked. CLI_USAGE after a complaint. */
static int listing_check(struct listing *listing)
{
        if (incident_kinds_parse(listing->kind, &listing->filter.kinds) < 0) {
                complain("incidents: --kind takes kinds as in keyvigil.journal(7), with commas between");
                return CLI_USAGE;
        }
        if (listing->since && when_parse_past(listing->since, &listing->filter.since) < 0) {
                complain("incidents: --since takes a date, or how long ago, like 2h");
                return CLI_USAGE;
        }
        if (number_parse(listing->limit, 1, LIMIT_MAX, &listing->most) < 0) {
                complain("incidents: --limit is a number from 1 to %d", LIMIT_MAX);
                return CLI_USAGE;
        }
        return chosen_offline(&listing->chosen, &listing->filter.keys) < 0 ? CLI_USAGE : CLI_OK;
}

int command_incidents(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct listing listing = { .limit = "1000" };
        const char *replay_since = NULL;
        const struct option options[] = { { "open", OPTION_FLAG, &listing.filter.open_only },
                                          { "key", OPTION_TEXT, &listing.filter.key },
                                          { "kind", OPTION_TEXT, &listing.kind },
                                          { "since", OPTION_TEXT, &listing.since },
                                          { "limit", OPTION_TEXT, &listing.limit },
                                          { "replay", OPTION_TEXT, &replay_since },
                                          SELECTOR_OPTIONS(&listing.chosen) };
        struct texts ids;
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, 1, &ids);

        if (r != 0)
                return options_status(r);
        if (replay_since)
                return replay(cli, replay_since);
        if (ids.n == 1)
                return show_one(cli, ids.list[0]);
        r = listing_check(&listing);
        if (r == CLI_OK)
                r = show_list(cli, &listing);
        chosen_clear(&listing.chosen);
        return r;
}
