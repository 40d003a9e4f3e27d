#include <stdio.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/table.h"

/* Ask for the change; say `done`, or print the body. */
static int change(const struct cli *cli, const char *method, struct url url, const char *format,
                  const char *name)
{
        struct answer answer = { 0 };
        int r = client_call(cli, method, url, NULL, &answer);

        if (r >= 0 && cli->json)
                answer_print(&answer);
        else if (r >= 0)
                printf("%s %s.\n", name, format);
        answer_clear(&answer);
        return r < 0 ? CLI_FAILED : CLI_OK;
}

int command_set(struct cli *cli, const struct command *command, int argc, char **argv)
{
        const char *profile = NULL, *expires = NULL, *account = NULL;
        struct texts labels = { 0 }, names;
        const struct option options[] = { { "profile", OPTION_TEXT, &profile },
                                          { "label", OPTION_LIST, &labels },
                                          { "expires", OPTION_DATE, &expires },
                                          { "account", OPTION_TEXT, &account } };
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 1, 1, &names);

        if (r != 0)
                return options_status(r);
        if (!profile && !expires && !account && labels.n == 0) {
                complain("set: say what to change; see 'keyvigil set --help'");
                return CLI_USAGE;
        }
        struct url url = url_of("/v1/keys", names.list[0], "");
        url_text(&url, "profile", profile);
        url_date(&url, "expires", expires);
        url_text(&url, "account", account);
        for (size_t i = 0; i < labels.n; i++)
                url_text(&url, "label", labels.list[i]);
        return change(cli, "PATCH", url, "was changed", names.list[0]);
}

int command_pause(struct cli *cli, const struct command *command, int argc, char **argv)
{
        const char *until = NULL, *reason = NULL;
        const struct option options[] = { { "until", OPTION_DATE, &until },
                                          { "reason", OPTION_TEXT, &reason } };
        struct texts names;
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 1, 1, &names);

        if (r != 0)
                return options_status(r);
        struct url url = url_of("/v1/keys", names.list[0], "/pause");
        url_date(&url, "until", until);
        url_text(&url, "reason", reason);
        return change(cli, "POST", url, until ? "is paused until then" : "is paused until it is resumed",
                      names.list[0]);
}

int command_resume(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct texts names;
        int r = options_parse(cli, command, argc, argv, NULL, 0, 1, 1, &names);

        if (r != 0)
                return options_status(r);
        return change(cli, "POST", url_of("/v1/keys", names.list[0], "/resume"), "is watched again",
                      names.list[0]);
}

int command_remove(struct cli *cli, const struct command *command, int argc, char **argv)
{
        bool force = false;
        const struct option options[] = { { "force", OPTION_FLAG, &force } };
        struct texts names;
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 1, 1, &names);

        if (r != 0)
                return options_status(r);
        struct url url = url_of("/v1/keys", names.list[0], "");
        url_flag(&url, "force", force);
        return change(cli, "DELETE", url, "is forgotten", names.list[0]);
}
