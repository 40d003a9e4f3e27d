#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/options.h"
#include "cli/when.h"
#include "conf/conf.h"
#include "conf/instance.h"
#include "conf/settings.h"
#include "stripe/redact.h"

#define CONF_VARIABLE "KEYVIGIL_CONFIG"

static void help(void)
{
        size_t n;
        const struct command *commands = commands_all(&n);

        puts("keyvigil [--config FILE | --instance NAME] COMMAND ...\n\nKeeps watch over stored Stripe "
             "restricted keys.\n");
        for (size_t i = 0; i < n; i++)
                if (commands[i].brief)
                        printf("  %-13s %s\n", commands[i].name, commands[i].brief);
        puts("\n'keyvigil COMMAND --help' says more. Every command takes --json and --utc. See keyvigil(1).");
}

static int run(struct cli *cli, const struct command *command, int argc, char **argv)
{
        const char *plain = getenv("NO_COLOR");
        int r = conf_load_settings(cli->conf_path, &cli->settings);

        if (r < 0) {
                complain_as(FAILURE_BAD_CONFIGURATION, "the configuration cannot be read: %s", strerror(-r));
                return CLI_FAILED;
        }
        cli->colour = isatty(STDOUT_FILENO) && !(plain && *plain != '\0');
        when_use_local(isatty(STDOUT_FILENO) && !cli->utc);
        if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
                r = command->run(cli, command, argc, argv);
        } else {
                complain("out of memory");
                r = CLI_FAILED;
        }
        curl_global_cleanup();
        settings_clear(&cli->settings);
        bool cut = ferror(stdout) != 0; /* what could not be written before */
        if (fflush(stdout) != 0 || cut) {
                complain("the output could not be written");
                r = r == CLI_OK ? CLI_FAILED : r;
        }
        return r;
}

bool cli_take(struct cli *cli, const char *argument)
{
        if (strcmp(argument, "--json") == 0)
                cli->json = true;
        else if (strcmp(argument, "--utc") == 0)
                cli->utc = true;
        else
                return false;
        if (cli->utc)
                when_use_local(false);
        return true;
}

static int take_instance(struct cli *cli, const char *name)
{
        static char *path; /* as long as the arguments */
        int r = instance_path(name, &path);

        if (r == -EINVAL)
                complain("an instance has a name of at most 32 letters a to z, digits, - and _");
        cli->conf_path = path;
        return r;
}

/* The options before the command. Gives the index of the command, 0 if all is done, -1 after a complaint. */
static int global_options(struct cli *cli, int argc, char **argv)
{
        for (int i = 1; i < argc; i++) {
                if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
                        cli->conf_path = argv[++i];
                else if (strncmp(argv[i], "--config=", 9) == 0)
                        cli->conf_path = argv[i] + 9;
                else if (strcmp(argv[i], "--instance") == 0 && i + 1 < argc) {
                        if (take_instance(cli, argv[++i]) < 0)
                                return -1;
                } else if (strncmp(argv[i], "--instance=", 11) == 0) {
                        if (take_instance(cli, argv[i] + 11) < 0)
                                return -1;
                } else if (cli_take(cli, argv[i]))
                        continue;
                else if (strcmp(argv[i], "--version") == 0)
                        return puts("keyvigil " PACKAGE_VERSION), 0;
                else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
                        return help(), 0;
                else if (argv[i][0] != '-')
                        return i;
                else
                        break;
        }
        complain("usage: keyvigil [--config FILE | --instance NAME] COMMAND ...; see 'keyvigil --help'");
        return -1;
}

static int command_run(int argc, char **argv)
{
        const char *variable = getenv(CONF_VARIABLE);
        struct cli cli = { .conf_path = variable && *variable != '\0' ? variable : NULL };
        int at = global_options(&cli, argc, argv);
        const struct command *command;

        if (at <= 0)
                return at == 0 ? CLI_OK : CLI_USAGE;
        if (strcmp(argv[at], "help") == 0) {
                help();
                return CLI_OK;
        }
        command = command_find(argv[at]);
        if (command)
                return run(&cli, command, argc - at, argv + at);
        if (looks_like_key(argv[at]))
                complain("a key must never stand on the command line, where everybody can read it: treat it "
                         "as leaked");
        else
                complain("there is no command '%s'; see 'keyvigil --help'", argv[at]);
        return CLI_USAGE;
}

/* Wherever it stands, and whatever is wrong before or behind it. */
static bool wants_json(int argc, char **argv)
{
        for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
                if (strcmp(argv[i], "--json") == 0)
                        return true;
        return false;
}

int cli_run(int argc, char **argv)
{
        int status = command_run(argc, argv);

        failure_end(wants_json(argc, argv), status);
        return status;
}
