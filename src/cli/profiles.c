#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/datetime.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/failure.h"
#include "cli/options.h"
#include "cli/table.h"
#include "stripe/link.h"

static const char *const excess_rules[] = {
        [EXCESS_REPORT] = "report",
        [EXCESS_WRITES] = "writes",
        [EXCESS_ALLOW] = "allow",
};

static json_t *required_json(const struct conf *conf, const struct profile *profile)
{
        json_t *required = json_array();

        for (size_t i = 0; i < profile->n_required; i++) {
                const struct requirement *one = &profile->required[i];

                json_array_append_new(required, json_pack("{s:s,s:s,s:s}", "label", one->label, "permission",
                                                          conf->catalogue->rows[one->row].name, "level",
                                                          level_name(one->level)));
        }
        return required;
}

static json_t *profile_json(const struct conf *conf, const struct profile *profile)
{
        char pulse[DATETIME_MAX], due[DATETIME_MAX];

        duration_format(profile->pulse ? profile->pulse : conf->settings.checks.pulse, pulse);
        duration_format(profile->rotation_due ? profile->rotation_due : conf->settings.rotation.due, due);
        return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:o}", "profile", profile->name, "title",
                         profile->title, "kind", profile->any_kind ? "any" : "restricted", "modes",
                         profile->live && profile->test ? "live, test"
                         : profile->live                ? "live"
                                                        : "test",
                         "excess", excess_rules[profile->excess], "pulse", pulse, "rotation_due", due,
                         "coupons", profile->sweep ? "sweep" : "off", "permissions",
                         (json_int_t) profile->n_required, "require", required_json(conf, profile));
}

static int show_all(const struct cli *cli, const struct conf *conf)
{
        static const struct cell cells[] = {
                { "profile", "PROFILE", CELL_TEXT }, { "permissions", "REQUIRES", CELL_TEXT },
                { "kind", "KIND", CELL_TEXT },       { "modes", "MODES", CELL_TEXT },
                { "excess", "EXCESS", CELL_TEXT },   { "pulse", "PULSE", CELL_TEXT },
                { "coupons", "COUPONS", CELL_TEXT }, { "title", "TITLE", CELL_TEXT },
        };
        json_t *array = json_array(), *object;

        for (size_t i = 0; i < conf->profiles->n; i++)
                json_array_append_new(array, profile_json(conf, conf->profiles->list[i]));
        object = json_pack("{s:o}", "profiles", array);
        if (cli->json)
                json_print(object);
        else
                table_print(cli, array, cells, ELEMENTSOF(cells), "There are no profiles.");
        json_decref(object);
        return CLI_OK;
}

static int show_one(const struct cli *cli, const struct conf *conf, const struct profile *profile)
{
        static const struct cell facts[] = {
                { "profile", "Profile", CELL_TEXT },
                { "title", "Title", CELL_TEXT },
                { "kind", "Kind of key", CELL_TEXT },
                { "modes", "Modes", CELL_TEXT },
                { "excess", "What is too much", CELL_TEXT },
                { "pulse", "Asked every", CELL_TEXT },
                { "rotation_due", "Rotation due after", CELL_TEXT },
                { "coupons", "Probe coupons", CELL_TEXT },
        };
        static const struct cell required[] = { { "label", "PERMISSION", CELL_TEXT },
                                                { "level", "LEVEL", CELL_TEXT },
                                                { "permission", "NAME", CELL_TEXT } };
        json_t *object = profile_json(conf, profile);

        if (cli->json) {
                json_print(object);
        } else {
                list_print(cli, object, facts, ELEMENTSOF(facts));
                putchar('\n');
                table_print(cli, json_object_get(object, "require"), required, ELEMENTSOF(required),
                            "It requires no permission.");
        }
        json_decref(object);
        return CLI_OK;
}

/* NULL after a complaint. */
static const struct profile *find(const struct conf *conf, const char *name)
{
        size_t index;

        if (profiles_find(conf->profiles, name, &index) >= 0)
                return conf->profiles->list[index];
        complain_as(FAILURE_NOT_FOUND, "there is no profile '%s'; 'keyvigil profiles' lists them", name);
        return NULL;
}

/* What the API version that we speak does not have. */
static int check_catalogue(const struct cli *cli, const struct conf *conf)
{
        static const struct cell cells[] = { { "permission", "PERMISSION", CELL_TEXT },
                                             { "since", "SINCE VERSION", CELL_TEXT } };
        const struct catalogue *catalogue = conf->catalogue;
        json_t *array = json_array();

        for (size_t i = 0; i < catalogue->n; i++)
                if (catalogue->rows[i].read.too_new || catalogue->rows[i].write.too_new)
                        json_array_append_new(array,
                                              json_pack("{s:s,s:s}", "permission", catalogue->rows[i].name,
                                                        "since", catalogue->rows[i].since));
        size_t n = json_array_size(array);
        json_t *object = json_pack("{s:s,s:s,s:o}", "catalogue", catalogue->version, "api_version",
                                   conf->settings.stripe.api_version, "not_there", array);
        if (cli->json) {
                json_print(object);
        } else {
                printf("Catalogue %s, version %s of the API\n", catalogue->version,
                       conf->settings.stripe.api_version);
                table_print(cli, array, cells, ELEMENTSOF(cells), "That version has every request of it.");
                if (n > 0)
                        puts("What came later is not asked, and no profile can require it; a later\n"
                             "stripe.api_version in keyvigil.yaml has it.");
        }
        json_decref(object);
        return n == 0 ? CLI_OK : CLI_FAILED;
}

int command_profiles(struct cli *cli, const struct command *command, int argc, char **argv)
{
        _cleanup_(conf_freep) struct conf *conf = NULL;
        const struct profile *profile;
        struct texts names;
        bool check = false;
        const struct option options[] = { { "check", OPTION_FLAG, &check } };
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, 1, &names);

        if (r != 0)
                return options_status(r);
        if (configuration_load(cli, &conf) < 0)
                return CLI_FAILED;
        if (check)
                return check_catalogue(cli, conf);
        if (names.n == 0)
                return show_all(cli, conf);
        profile = find(conf, names.list[0]);
        return profile ? show_one(cli, conf, profile) : CLI_FAILED;
}

int command_link(struct cli *cli, const struct command *command, int argc, char **argv)
{
        _cleanup_(conf_freep) struct conf *conf = NULL;
        _cleanup_free_ char *link = NULL;
        const struct profile *profile;
        bool test = false;
        const struct option options[] = { { "test", OPTION_FLAG, &test } };
        struct texts names;
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 1, 1, &names);

        if (r != 0)
                return options_status(r);
        if (configuration_load(cli, &conf) < 0)
                return CLI_FAILED;
        profile = find(conf, names.list[0]);
        if (!profile)
                return CLI_FAILED;
        r = link_create(conf->catalogue, profile, !test, &link);
        if (r < 0) {
                complain("the link cannot be made: %s", strerror(-r));
                return CLI_FAILED;
        }
        if (cli->json) {
                json_t *object = json_pack("{s:s}", "link", link);

                json_print(object);
                json_decref(object);
        } else {
                puts(link);
        }
        return CLI_OK;
}
