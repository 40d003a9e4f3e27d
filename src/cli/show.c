#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/fetch.h"
#include "cli/offline.h"
#include "cli/options.h"
#include "cli/table.h"

static int key_offline(struct store *store, const void *what, json_t **ret)
{
        return offline_key(store, what, ret);
}

static void print_labels(const json_t *labels)
{
        const char *name;
        json_t *value;

        json_object_foreach((json_t *) labels, name, value)
                printf("Label:           %s=%s\n", name, json_string_value(value));
}

static void print_part(const struct cli *cli, const json_t *key, const char *name, const char *title,
                       const struct cell *cells, size_t n)
{
        const json_t *rows = json_object_get(key, name);

        if (json_array_size(rows) == 0)
                return;
        printf("\n%s\n", title);
        table_print(cli, rows, cells, n, "");
}

/* What no key can be asked about, and this one need not have, is not worth a line each. */
static void print_permissions(const struct cli *cli, const json_t *key, const struct cell *cells, size_t n)
{
        json_t *rows = json_array(), *part = json_object(), *row;
        size_t i, silent = 0, off = 0;

        json_array_foreach(json_object_get(key, "permissions"), i, row)
        {
                const char *granted = text_of(row, "granted");
                bool required = *text_of(row, "required") != '\0';

                if (!required && strcmp(granted, "cannot be probed") == 0)
                        silent++;
                else if (!required && strcmp(granted, "product off") == 0)
                        off++;
                else
                        json_array_append(rows, row);
        }
        json_object_set_new(part, "permissions", rows);
        print_part(cli, part, "permissions", "Permissions", cells, n);
        if (off > 0)
                printf("%zu more permissions are for products that the account does not have; --json lists "
                       "them.\n",
                       off);
        if (silent > 0)
                printf("%zu more permissions cannot be probed; --json lists them.\n", silent);
        json_decref(part);
}

static void print_key(const struct cli *cli, const json_t *key)
{
        static const struct cell facts[] = {
                { "name", "Name", CELL_TEXT },
                { "state", "State", CELL_STATE },
                { "since", "Since", CELL_TEXT },
                { "suspect_since", "In doubt since", CELL_TEXT },
                { "missing", "Missing", CELL_TEXT },
                { "excess", "Too much", CELL_TEXT },
                { "untold", "Not told", CELL_TEXT },
                { "last_checked", "Last checked", CELL_TEXT },
                { "last_healthy", "Last healthy", CELL_TEXT },
                { "last_full", "Fully checked", CELL_TEXT },
                { "profile", "Profile", CELL_TEXT },
                { "kind", "Kind", CELL_TEXT },
                { "mode", "Mode", CELL_TEXT },
                { "account", "Account", CELL_TEXT },
                { "paused_until", "Paused until", CELL_TEXT },
                { "pause_reason", "Paused because", CELL_TEXT },
                { "added", "Added", CELL_TEXT },
                { "created", "Created", CELL_TEXT },
                { "expires", "Expires", CELL_TEXT },
                { "secret_since", "Secret since", CELL_TEXT },
                { "old_secret", "Old secret", CELL_TEXT },
                { "new_secret", "New secret", CELL_TEXT },
                { "remedy_url", "Mend it", CELL_TEXT },
        };
        static const struct cell permissions[] = {
                { "label", "PERMISSION", CELL_TEXT },
                { "required", "REQUIRED", CELL_TEXT },
                { "granted", "GRANTED", CELL_TEXT },
                { "since", "SINCE", CELL_AGO },
        };
        static const struct cell incidents[] = {
                { "id", "ID", CELL_TEXT },
                { "severity", "SEVERITY", CELL_SEVERITY },
                { "opened", "OPENED", CELL_TEXT },
                { "message", "MESSAGE", CELL_TEXT },
        };
        static const struct cell answers[] = {
                { "at", "AT", CELL_TEXT },       { "answer", "ANSWER", CELL_TEXT },
                { "status", "HTTP", CELL_TEXT }, { "request_id", "REQUEST", CELL_TEXT },
                { "probe", "ASKED", CELL_TEXT }, { "text", "TEXT", CELL_TEXT },
        };

        list_print(cli, key, facts, ELEMENTSOF(facts));
        print_labels(json_object_get(key, "labels"));
        print_permissions(cli, key, permissions, ELEMENTSOF(permissions));
        print_part(cli, key, "incidents", "Open incidents", incidents, ELEMENTSOF(incidents));
        print_part(cli, key, "answers", "Answers that were not the expected ones", answers,
                   ELEMENTSOF(answers));
}

/* They are counted from the daemon's start on, and in its memory. */
static int unknown_offline(struct store *store, const void *what, json_t **ret)
{
        (void) store;
        (void) what;
        (void) ret;
        complain("which permissions refusals named is not in it");
        return -ENODATA;
}

static int show_unknown(const struct cli *cli)
{
        static const struct cell cells[] = { { "permission", "PERMISSION", CELL_TEXT },
                                             { "count", "REFUSALS", CELL_TEXT } };
        json_t *status, *part;

        if (fetch(cli, url_new("/v1/status"), unknown_offline, NULL, &status) < 0)
                return CLI_FAILED;
        part = json_pack("{s:O}", "unknown_permissions", json_object_get(status, "unknown_permissions"));
        if (cli->json)
                json_print(part);
        else
                table_print(cli, json_object_get(part, "unknown_permissions"), cells, ELEMENTSOF(cells),
                            "No refusal named a permission that the catalogue does not know.");
        json_decref(part);
        json_decref(status);
        return CLI_OK;
}

int command_show(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct texts names;
        json_t *key;
        bool unknown = false;
        const struct option options[] = { { "unknown", OPTION_FLAG, &unknown } };
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, 1, &names);

        if (r != 0)
                return options_status(r);
        if (unknown != (names.n == 0)) {
                complain(unknown ? "show --unknown takes no name" : "show wants a name, or --unknown");
                return CLI_USAGE;
        }
        if (unknown)
                return show_unknown(cli);
        if (fetch(cli, url_of("/v1/keys", names.list[0], ""), key_offline, names.list[0], &key) < 0)
                return CLI_FAILED;
        if (cli->json) {
                json_print(key);
        } else {
                if (json_is_true(json_object_get(key, "old_secret_watched")))
                        json_object_set_new(key, "old_secret", json_string("watched until it is dead"));
                if (json_is_true(json_object_get(key, "new_secret_waits")))
                        json_object_set_new(key, "new_secret",
                                            json_string("waits for its first healthy answer; until then the "
                                                        "one before it is watched"));
                print_key(cli, key);
        }
        json_decref(key);
        return CLI_OK;
}
