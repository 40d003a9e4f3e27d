#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/findings.h"
#include "cli/options.h"
#include "cli/table.h"

static const char *const kinds[] = { "full", "excess", "coupons", "connect" };

/* The worse of two exit statuses: findings are certain, unclear ones are not. */
static int worse(int a, int b)
{
        if (a == CLI_FAILED || b == CLI_FAILED)
                return CLI_FAILED;
        return MAX(a, b);
}

static int status_of(const json_t *result)
{
        const char *outcome = text_of(result, "outcome");

        if (strcmp(outcome, "well") == 0)
                return CLI_OK;
        return strcmp(outcome, "findings") == 0 ? CLI_FAILED : CLI_UNKNOWN;
}

/* Its result goes to `results` for programs, or is printed. */
static int check_one(const struct cli *cli, const char *name, const char *kind, json_t *results)
{
        struct url url = url_of("/v1/keys", name, "/check");
        struct answer answer = { 0 };

        url_text(&url, "kind", kind);
        if (client_call(cli, "POST", url, NULL, &answer) < 0) {
                answer_clear(&answer);
                return CLI_UNKNOWN;
        }
        int status = status_of(answer.json);
        if (cli->json)
                json_array_append(results, answer.json);
        else
                findings_print(answer.json);
        answer_clear(&answer);
        return status;
}

/* The names of all keys. */
static int all_names(const struct cli *cli, json_t **ret)
{
        struct answer answer = { 0 };
        int r = client_call(cli, "GET", url_new("/v1/keys"), NULL, &answer);

        if (r >= 0)
                *ret = json_incref(json_object_get(answer.json, "keys"));
        answer_clear(&answer);
        return r;
}

static int check_all(const struct cli *cli, const char *kind, json_t *results)
{
        int status = CLI_OK;
        json_t *keys, *key;
        size_t i;

        if (all_names(cli, &keys) < 0)
                return CLI_UNKNOWN;
        json_array_foreach(keys, i, key) status =
                worse(status, check_one(cli, text_of(key, "name"), kind, results));
        json_decref(keys);
        return status;
}

int command_check(struct cli *cli, const struct command *command, int argc, char **argv)
{
        bool wanted[ELEMENTSOF(kinds)] = { 0 }, all = false;
        const struct option options[] = {
                { "full", OPTION_FLAG, &wanted[0] },    { "excess", OPTION_FLAG, &wanted[1] },
                { "coupons", OPTION_FLAG, &wanted[2] }, { "connect", OPTION_FLAG, &wanted[3] },
                { "all", OPTION_FLAG, &all },
        };
        struct texts names;
        const char *kind = NULL;
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, TEXTS_MAX, &names);
        int status = CLI_OK;

        if (r != 0)
                return options_status(r);
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (wanted[i]) {
                        r = kind ? -1 : r; /* one kind at a time */
                        kind = kinds[i];
                }
        if (r < 0 || (names.n == 0) != all) {
                complain("usage: keyvigil %s %s", command->name, command->usage);
                return CLI_USAGE;
        }
        json_t *results = json_array();
        if (all)
                status = check_all(cli, kind, results);
        for (size_t i = 0; i < names.n; i++)
                status = worse(status, check_one(cli, names.list[i], kind, results));
        if (cli->json)
                json_print(json_array_size(results) == 1 && !all ? json_array_get(results, 0) : results);
        json_decref(results);
        return status;
}
