#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/fetch.h"
#include "cli/offline.h"
#include "cli/options.h"
#include "cli/table.h"

static int keys_offline(struct store *store, const void *what, json_t **ret)
{
        return offline_rows(store, "keys", QUERY_KEYS, what, ret);
}

static int history_offline(struct store *store, const void *what, json_t **ret)
{
        const struct query_filter *filter = what;
        int64_t id;

        if (store_key_id(store, filter->key, &id) < 0)
                return -ENOENT;
        return offline_rows(store, "history", QUERY_HISTORY, filter, ret);
}

/* Fetch, and print the body or a table of its member `name`. */
static int show_rows(const struct cli *cli, struct url url, offline_fn offline,
                     const struct query_filter *filter, const char *name, const struct cell *cells, size_t n)
{
        json_t *object;

        if (fetch(cli, url, offline, filter, &object) < 0)
                return CLI_FAILED;
        if (cli->json)
                json_print(object);
        else
                table_print(cli, json_object_get(object, name), cells, n, "There is nothing to show.");
        json_decref(object);
        return CLI_OK;
}

static int split_label(const char *label, char **ret_name, struct query_filter *filter)
{
        const char *equals = strchr(label, '=');

        if (!equals || equals == label) {
                complain("list: a label is NAME=VALUE");
                return -EINVAL;
        }
        filter->label_name = *ret_name = strndup(label, (size_t) (equals - label));
        filter->label_value = equals + 1;
        return *ret_name ? 0 : -ENOMEM;
}

int command_list(struct cli *cli, const struct command *command, int argc, char **argv)
{
        static const struct cell cells[] = {
                { "name", "NAME", CELL_TEXT },           { "state", "STATE", CELL_STATE },
                { "since", "SINCE", CELL_AGO },          { "last_checked", "CHECKED", CELL_AGO },
                { "last_healthy", "HEALTHY", CELL_AGO }, { "mode", "MODE", CELL_TEXT },
                { "profile", "PROFILE", CELL_TEXT },     { "account", "ACCOUNT", CELL_TEXT },
                { "missing", "MISSING", CELL_TEXT },
        };
        struct query_filter filter = { 0 };
        const char *label = NULL;
        const struct option options[] = { { "state", OPTION_TEXT, &filter.state },
                                          { "label", OPTION_TEXT, &label } };
        _cleanup_free_ char *name = NULL;
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, 0, NULL);

        if (r != 0)
                return options_status(r);
        if (label && split_label(label, &name, &filter) < 0)
                return CLI_USAGE;
        struct url url = url_new("/v1/keys");
        url_text(&url, "state", filter.state);
        url_text(&url, "label", label);
        return show_rows(cli, url, keys_offline, &filter, "keys", cells, ELEMENTSOF(cells));
}

int command_history(struct cli *cli, const struct command *command, int argc, char **argv)
{
        static const struct cell cells[] = {
                { "from_time", "FROM", CELL_TEXT }, { "until_time", "UNTIL", CELL_TEXT },
                { "state", "STATE", CELL_STATE },   { "checks", "CHECKS", CELL_TEXT },
                { "change", "CHANGE", CELL_TEXT },  { "label", "PERMISSION", CELL_TEXT },
                { "before", "BEFORE", CELL_TEXT },  { "after", "AFTER", CELL_TEXT },
        };
        const char *limit_text = "1000";
        const struct option options[] = { { "limit", OPTION_TEXT, &limit_text } };
        struct texts names;
        int64_t limit;
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 1, 1, &names);

        if (r != 0)
                return options_status(r);
        if (number_parse(limit_text, 1, 1000000, &limit) < 0) {
                complain("history: --limit is a number from 1 to 1000000");
                return CLI_USAGE;
        }
        const struct query_filter filter = { .key = names.list[0], .limit = (unsigned) limit };
        struct url url = url_of("/v1/keys", filter.key, "/history");
        url_text(&url, "limit", limit_text);
        return show_rows(cli, url, history_offline, &filter, "history", cells, ELEMENTSOF(cells));
}
