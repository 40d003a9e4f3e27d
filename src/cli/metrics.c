#include "web/metrics.h"

#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/options.h"

int command_metrics(struct cli *cli, const struct command *command, int argc, char **argv)
{
        _cleanup_free_ char *text = NULL;
        struct answer answer = { 0 };
        bool open = false;
        const struct option options[] = { { "openmetrics", OPTION_FLAG, &open } };
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, 0, NULL);

        if (r != 0)
                return options_status(r);
        if (client_call(cli, "GET", url_new("/v1/metrics"), NULL, &answer) < 0) {
                answer_clear(&answer);
                return CLI_FAILED;
        }
        if (cli->json) {
                answer_print(&answer);
        } else {
                r = metrics_render(answer.json, open ? METRICS_OPEN : METRICS_TEXTFILE, &text);
                if (r < 0)
                        complain("keyvigild gave an answer that cannot be understood");
                else
                        fputs(text, stdout);
        }
        answer_clear(&answer);
        return r < 0 ? CLI_FAILED : CLI_OK;
}
