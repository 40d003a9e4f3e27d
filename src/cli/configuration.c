#include "cli/configuration.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/table.h"

int configuration_load(const struct cli *cli, struct conf **ret)
{
        struct problems problems = { 0 };
        int r = conf_load(cli->conf_path, ret, &problems);

        fflush(stdout);
        for (size_t i = 0; i < problems.n; i++)
                fprintf(stderr, "%s%s\n", problems.list[i].text,
                        problems.list[i].warning ? " (warning)" : "");
        if (problems.n_more > 0)
                fprintf(stderr, "… and %zu more\n", problems.n_more);
        if (r < 0 && r != -EINVAL)
                complain("the configuration cannot be read: %s", strerror(-r));
        problems_clear(&problems);
        return r;
}

int command_check_config(struct cli *cli, const struct command *command, int argc, char **argv)
{
        _cleanup_(conf_freep) struct conf *conf = NULL;
        int r = options_parse(cli, command, argc, argv, NULL, 0, 0, 0, NULL);

        if (r != 0)
                return options_status(r);
        if (configuration_load(cli, &conf) < 0)
                return CLI_FAILED;
        if (cli->json)
                puts("{\"good\": true}");
        else
                printf("%s is good: %zu permissions, %zu profiles.\n",
                       cli->conf_path ? cli->conf_path : CONF_PATH, conf->catalogue->n, conf->profiles->n);
        return CLI_OK;
}

int command_reload(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct answer answer = { 0 };
        int r = options_parse(cli, command, argc, argv, NULL, 0, 0, 0, NULL);

        if (r != 0)
                return options_status(r);
        r = client_call(cli, "POST", url_new("/v1/reload"), NULL, &answer);
        if (r >= 0 && cli->json)
                answer_print(&answer);
        else if (r >= 0 && *text_of(answer.json, "warnings") != '\0')
                complain("%s", text_of(answer.json, "warnings"));
        answer_clear(&answer);
        return r < 0 ? CLI_FAILED : CLI_OK;
}

int command_test_alert(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct answer answer = { 0 };
        int r = options_parse(cli, command, argc, argv, NULL, 0, 0, 0, NULL);

        if (r != 0)
                return options_status(r);
        r = client_call(cli, "POST", url_new("/v1/test-alert"), NULL, &answer);
        if (r >= 0 && cli->json)
                answer_print(&answer);
        else if (r >= 0)
                printf("An event of kind test-alert is on its way to the journal%s.\n",
                       cli->settings.notify.n > 0 ? " and to those receivers that want its priority (5)"
                                                  : "");
        answer_clear(&answer);
        return r < 0 ? CLI_FAILED : CLI_OK;
}
