/* What the units beside the daemon run. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/options.h"
#include "notify/notify.h"
#include "web/web.h"

int command_web(struct cli *cli, const struct command *command, int argc, char **argv)
{
        _cleanup_(conf_freep) struct conf *conf = NULL;
        int r = options_parse(cli, command, argc, argv, NULL, 0, 0, 0, NULL);

        if (r != 0)
                return options_status(r);
        if (configuration_load(cli, &conf) < 0)
                return CLI_FAILED;
        return web_run(&conf->settings) < 0 ? CLI_FAILED : CLI_OK;
}

int command_notify(struct cli *cli, const struct command *command, int argc, char **argv)
{
        _cleanup_(conf_freep) struct conf *conf = NULL;
        const char *folder = getenv("STATE_DIRECTORY");
        const struct option options[] = { { "state", OPTION_TEXT, &folder } };
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, 0, NULL);

        if (r != 0)
                return options_status(r);
        if (!folder) {
                complain("say where to remember what was delivered: --state FOLDER, or StateDirectory= in "
                         "the unit");
                return CLI_USAGE;
        }
        if (configuration_load(cli, &conf) < 0)
                return CLI_FAILED;
        return notify_run(&conf->settings, folder) < 0 ? CLI_FAILED : CLI_OK;
}
