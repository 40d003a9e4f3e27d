#include <stdio.h>
#include <string.h>

#include "cli/add.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/findings.h"
#include "cli/input.h"
#include "cli/options.h"

int secret_give(const struct cli *cli, const char *method, struct url url, const char *prompt,
                const char *done)
{
        _cleanup_(secret_freep) struct secret *secret = NULL;
        struct answer answer = { 0 };
        struct upload upload = { 0 };

        if (input_secret(prompt, &secret) < 0) {
                url_clear(&url);
                return CLI_FAILED;
        }
        upload.secret = secret;
        int r = client_call(cli, method, url, &upload, &answer);
        if (r >= 0 && cli->json)
                answer_print(&answer);
        if (!cli->json)
                findings_print(answer.json);
        if (r >= 0 && !cli->json)
                puts(done);
        answer_clear(&answer);
        return r < 0 ? CLI_FAILED : CLI_OK;
}

int command_add(struct cli *cli, const struct command *command, int argc, char **argv)
{
        const char *profile = NULL, *created = NULL, *expires = NULL, *account = NULL, *mode = NULL;
        struct texts labels = { 0 }, names;
        bool connect = false, force = false, upsert = false, no_excess = false;
        const struct option options[] = {
                { "mode", OPTION_TEXT, &mode },       { "upsert", OPTION_FLAG, &upsert },
                { "profile", OPTION_TEXT, &profile }, { "label", OPTION_LIST, &labels },
                { "created", OPTION_DATE, &created }, { "expires", OPTION_DATE, &expires },
                { "account", OPTION_TEXT, &account }, { "connect", OPTION_FLAG, &connect },
                { "force", OPTION_FLAG, &force },     { "no-excess", OPTION_FLAG, &no_excess },
        };
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 1, 1, &names);
        char prompt[128], done[128];

        if (r != 0)
                return options_status(r);
        if (upsert && (connect || force)) {
                complain("add: --upsert goes neither with --connect nor with --force");
                return CLI_USAGE;
        }
        struct url url = upsert ? url_of("/v1/keys", names.list[0], "") : url_new("/v1/keys");
        url_text(&url, "name", upsert ? NULL : names.list[0]);
        url_text(&url, "mode", mode);
        url_text(&url, "profile", profile);
        url_text(&url, "account", account);
        url_date(&url, "created", created);
        url_date(&url, "expires", expires);
        for (size_t i = 0; i < labels.n; i++)
                url_text(&url, "label", labels.list[i]);
        url_flag(&url, "connect", connect);
        url_flag(&url, "no_excess", no_excess);
        url_flag(&url, "force", force);
        snprintf(prompt, sizeof(prompt), "Secret of %s: ", names.list[0]);
        snprintf(done, sizeof(done), "%s is stored and watched.", names.list[0]);
        return secret_give(cli, upsert ? "PUT" : "POST", url, prompt, done);
}
