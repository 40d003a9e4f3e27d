#include <stdio.h>

#include "cli/bulk.h"
#include "cli/commands.h"

/* What is to become of each key. */
struct change {
        const char *profile, *expires, *account, *until, *reason;
        struct texts labels;
        bool force;
};

static int run(struct cli *cli, const struct command *command, struct chosen *chosen,
               const struct asked *asked, const struct bulk *bulk)
{
        if (!chosen_is_empty(chosen))
                return bulk_run(cli, chosen, asked, bulk);
        complain("usage: keyvigil %s %s", command->name, command->usage);
        return CLI_USAGE;
}

static struct url url_of_set(const char *name, void *userdata)
{
        const struct change *change = userdata;
        struct url url = url_of("/v1/keys", name, "");

        url_text(&url, "profile", change->profile);
        url_date(&url, "expires", change->expires);
        url_text(&url, "account", change->account);
        for (size_t i = 0; i < change->labels.n; i++)
                url_text(&url, "label", change->labels.list[i]);
        return url;
}

int command_set(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct change change = { 0 };
        struct chosen chosen = { 0 };
        struct asked asked = { 0 };
        /* --profile, --account and --label say what is set; those that choose begin with "of". */
        const struct option options[] = { { "profile", OPTION_TEXT, &change.profile },
                                          { "label", OPTION_LIST, &change.labels },
                                          { "expires", OPTION_DATE, &change.expires },
                                          { "account", OPTION_TEXT, &change.account },
                                          { "of-profile", OPTION_TEXT, &chosen.profile },
                                          { "of-account", OPTION_TEXT, &chosen.account },
                                          { "of-label", OPTION_TEXT, &chosen.label },
                                          SELECTOR_COMMON(&chosen),
                                          BULK_OPTIONS(&asked) };
        const struct bulk bulk = { .method = "PATCH",
                                   .url = url_of_set,
                                   .userdata = &change,
                                   .verb = "set",
                                   .done = "was changed" };
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, TEXTS_MAX,
                              &chosen.names);

        if (r != 0)
                return options_status(r);
        if (!change.profile && !change.expires && !change.account && change.labels.n == 0) {
                complain("set: say what to change; see 'keyvigil set --help'");
                return CLI_USAGE;
        }
        return run(cli, command, &chosen, &asked, &bulk);
}

static struct url url_of_pause(const char *name, void *userdata)
{
        const struct change *change = userdata;
        struct url url = url_of("/v1/keys", name, "/pause");

        url_date(&url, "until", change->until);
        url_text(&url, "reason", change->reason);
        return url;
}

int command_pause(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct change change = { 0 };
        struct chosen chosen = { 0 };
        struct asked asked = { 0 };
        const struct option options[] = { { "until", OPTION_DATE, &change.until },
                                          { "reason", OPTION_TEXT, &change.reason },
                                          SELECTOR_OPTIONS(&chosen),
                                          BULK_OPTIONS(&asked) };
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, TEXTS_MAX,
                              &chosen.names);
        const struct bulk bulk = {
                .method = "POST",
                .url = url_of_pause,
                .userdata = &change,
                .verb = "pause",
                .done = change.until ? "is paused until then" : "is paused until it is resumed",
        };

        return r != 0 ? options_status(r) : run(cli, command, &chosen, &asked, &bulk);
}

static struct url url_of_resume(const char *name, void *userdata)
{
        (void) userdata;
        return url_of("/v1/keys", name, "/resume");
}

int command_resume(struct cli *cli, const struct command *command, int argc, char **argv)
{
        static const struct bulk bulk = {
                .method = "POST", .url = url_of_resume, .verb = "resume", .done = "is watched again"
        };
        struct chosen chosen = { 0 };
        struct asked asked = { 0 };
        const struct option options[] = { SELECTOR_OPTIONS(&chosen), BULK_OPTIONS(&asked) };
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, TEXTS_MAX,
                              &chosen.names);

        return r != 0 ? options_status(r) : run(cli, command, &chosen, &asked, &bulk);
}

static struct url url_of_remove(const char *name, void *userdata)
{
        const struct change *change = userdata;
        struct url url = url_of("/v1/keys", name, "");

        url_flag(&url, "force", change->force);
        return url;
}

int command_remove(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct change change = { 0 };
        struct chosen chosen = { 0 };
        struct asked asked = { 0 };
        const struct option options[] = { { "force", OPTION_FLAG, &change.force },
                                          SELECTOR_OPTIONS(&chosen),
                                          BULK_OPTIONS(&asked) };
        const struct bulk bulk = { .method = "DELETE",
                                   .url = url_of_remove,
                                   .userdata = &change,
                                   .verb = "remove",
                                   .done = "is forgotten",
                                   .ask_for_one = true };
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, TEXTS_MAX,
                              &chosen.names);

        return r != 0 ? options_status(r) : run(cli, command, &chosen, &asked, &bulk);
}
