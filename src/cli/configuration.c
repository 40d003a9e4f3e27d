#include "cli/configuration.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/options.h"
#include "cli/table.h"

static void tell_problem(const struct problem *problem)
{
        if (problem->warning)
                fprintf(stderr, "%s (warning)\n", problem->text);
        else
                complain_at(FAILURE_BAD_CONFIGURATION, problem->text);
}

int configuration_load(const struct cli *cli, struct conf **ret)
{
        struct problems problems = { 0 };
        int r = conf_load(cli->conf_path, ret, &problems);

        fflush(stdout);
        for (size_t i = 0; i < problems.n; i++)
                tell_problem(&problems.list[i]);
        if (problems.n_more > 0)
                remark("… and %zu more", problems.n_more);
        if (r < 0 && r != -EINVAL)
                complain_as(FAILURE_BAD_CONFIGURATION, "the configuration cannot be read: %s", strerror(-r));
        problems_clear(&problems);
        return r;
}

static void print_good(const struct cli *cli, const struct conf *conf)
{
        if (cli->json) {
                json_t *files = json_array(), *good;

                for (size_t i = 0; i < conf->n_files; i++)
                        json_array_append_new(files, json_string(conf->files[i]));
                good = json_pack("{s:b,s:o}", "good", 1, "files", files);
                json_print(good);
                json_decref(good);
                return;
        }
        puts("These files were read; where two say the same, the later one wins:");
        for (size_t i = 0; i < conf->n_files; i++)
                printf("  %s\n", conf->files[i]);
        printf("All of it is good: %zu permissions, %zu profiles.\n", conf->catalogue->n, conf->profiles->n);
}

int command_check_config(struct cli *cli, const struct command *command, int argc, char **argv)
{
        _cleanup_(conf_freep) struct conf *conf = NULL;
        int r = options_parse(cli, command, argc, argv, NULL, 0, 0, 0, NULL);

        if (r != 0)
                return options_status(r);
        if (configuration_load(cli, &conf) < 0)
                return CLI_FAILED;
        print_good(cli, conf);
        return CLI_OK;
}

/* As ExecReload= of the unit what we say goes where the daemon itself has said it a moment ago. */
static bool says_to_journal(void)
{
        const char *stream = getenv("JOURNAL_STREAM");
        char ours[64];
        struct stat st;

        if (!stream || fstat(STDERR_FILENO, &st) < 0)
                return false;
        snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t) st.st_dev, (uintmax_t) st.st_ino);
        return strcmp(stream, ours) == 0;
}

static int reload(const struct cli *cli, struct answer *ret)
{
        int r = client_ask(cli, "POST", url_new("/v1/reload"), NULL, ret);

        if (r < 0) {
                client_complain(cli, r);
                return r;
        }
        if (ret->status == 422 && says_to_journal())
                return -EBADMSG;
        return client_check(cli, ret);
}

int command_reload(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct answer answer = { 0 };
        int r = options_parse(cli, command, argc, argv, NULL, 0, 0, 0, NULL);

        if (r != 0)
                return options_status(r);
        r = reload(cli, &answer);
        if (r >= 0 && cli->json)
                answer_print(&answer);
        else if (r >= 0 && *text_of(answer.json, "warnings") != '\0' && !says_to_journal())
                remark("%s", text_of(answer.json, "warnings"));
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
