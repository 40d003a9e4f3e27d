#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/fetch.h"
#include "cli/offline.h"
#include "cli/options.h"
#include "cli/table.h"

struct wish {
        bool dry_run, force;
};

static int list_offline(struct store *store, const void *what, json_t **ret)
{
        return offline_rows(store, "coupons", QUERY_COUPONS, what, ret);
}

static int list(const struct cli *cli, const char *name)
{
        static const struct cell cells[] = {
                { "coupon", "COUPON", CELL_TEXT }, { "state", "STATE", CELL_TEXT },
                { "reason", "REASON", CELL_TEXT }, { "key", "KEY", CELL_TEXT },
                { "mode", "MODE", CELL_TEXT },     { "account", "ACCOUNT", CELL_TEXT },
                { "updated", "SINCE", CELL_AGO },
        };
        const struct query_filter filter = { .key = name };
        struct url url = url_new("/v1/coupons");
        json_t *object;

        url_text(&url, "key", name);
        if (fetch(cli, url, list_offline, &filter, &object) < 0)
                return CLI_FAILED;
        if (cli->json)
                json_print(object);
        else
                table_print(cli, json_object_get(object, "coupons"), cells, ELEMENTSOF(cells),
                            "No probe coupon was ever found.");
        json_decref(object);
        return CLI_OK;
}

/* A sweep that could not look everywhere has failed, even if it deleted something. */
static int report(const struct cli *cli, const struct answer *answer)
{
        static const struct cell cells[] = {
                { "coupon", "COUPON", CELL_TEXT }, { "state", "STATE", CELL_TEXT },
                { "key", "KEY", CELL_TEXT },       { "mode", "MODE", CELL_TEXT },
                { "text", "WHY", CELL_TEXT },
        };
        json_int_t swept = json_integer_value(json_object_get(answer->json, "swept"));
        json_int_t failed = json_integer_value(json_object_get(answer->json, "failed"));

        if (cli->json) {
                answer_print(answer);
                return failed > 0 ? CLI_FAILED : CLI_OK;
        }
        table_print(cli, json_object_get(answer->json, "coupons"), cells, ELEMENTSOF(cells),
                    failed > 0 ? "No probe coupon was seen." : "No probe coupon was left behind.");
        if (failed > 0)
                complain("%lld of %lld accounts could not be looked at completely: %s", (long long) failed,
                         (long long) (swept + failed), text_of(answer->json, "message"));
        return failed > 0 ? CLI_FAILED : CLI_OK;
}

static int send(const struct cli *cli, struct url url, const char *name, const struct wish *wish,
                const struct upload *upload)
{
        struct answer answer = { 0 };

        url_text(&url, "key", name);
        url_flag(&url, "dry_run", wish->dry_run);
        url_flag(&url, "force", wish->force);
        int r = client_call(cli, "POST", url, upload, &answer);
        int status = r < 0 ? CLI_FAILED : report(cli, &answer);
        answer_clear(&answer);
        return status;
}

static int add(const struct cli *cli, const char *name, const struct texts *words, const struct wish *wish)
{
        _cleanup_free_ char *text = NULL;
        size_t size;

        if (strcmp(words->list[2], "-") == 0)
                return send(cli, url_new("/v1/coupons"), name, wish, &(struct upload){ .file = stdin });
        FILE *out = open_memstream(&text, &size);
        if (!out) {
                complain("out of memory");
                return CLI_FAILED;
        }
        for (size_t i = 2; i < words->n; i++)
                fprintf(out, "%s\n", words->list[i]);
        fclose(out);
        FILE *in = fmemopen(text, size, "r");
        if (!in) {
                complain("out of memory");
                return CLI_FAILED;
        }
        int status = send(cli, url_new("/v1/coupons"), name, wish, &(struct upload){ .file = in });
        fclose(in);
        return status;
}

int command_coupons(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct wish wish = { 0 };
        const struct option options[] = { { "dry-run", OPTION_FLAG, &wish.dry_run },
                                          { "force", OPTION_FLAG, &wish.force } };
        struct texts words;
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, TEXTS_MAX, &words);

        if (r != 0)
                return options_status(r);
        const char *verb = words.n > 0 ? words.list[0] : "list", *name = words.n > 1 ? words.list[1] : NULL;
        if (strcmp(verb, "list") == 0 && words.n <= 2 && !wish.dry_run && !wish.force)
                return list(cli, name);
        if (strcmp(verb, "sweep") == 0 && words.n <= 2)
                return send(cli, url_new("/v1/coupons/sweep"), name, &wish, NULL);
        if (strcmp(verb, "add") == 0 && words.n >= 3)
                return add(cli, name, &words, &wish);
        complain("usage: keyvigil %s %s", command->name, command->usage);
        return CLI_USAGE;
}
