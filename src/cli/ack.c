#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/bulk.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/options.h"

struct acknowledging {
        const char *reason, *until;
};

static struct url url_of_ack(const char *id, void *userdata)
{
        const struct acknowledging *how = userdata;
        struct url url = url_of("/v1/incidents", id, "/ack");

        url_text(&url, "reason", how->reason);
        url_date(&url, "until", how->until);
        return url;
}

/* The open incidents of chosen keys that nobody has acknowledged, as texts: as many as can be taken at a
 * time. */
static int open_ids(const struct cli *cli, const struct chosen *chosen, struct texts *ret, json_t **ret_owner)
{
        struct url url = url_new("/v1/incidents");
        struct answer answer = { 0 };
        json_t *incident, *owner = json_array();
        char text[24];
        size_t i, more = 0;

        url_flag(&url, "open", true);
        chosen_url(&url, chosen);
        int r = client_call(cli, "GET", url, NULL, &answer);
        json_array_foreach(json_object_get(answer.json, "incidents"), i, incident)
        {
                if (json_is_string(json_object_get(incident, "acknowledged")))
                        continue;
                if (ret->n == TEXTS_MAX) {
                        more++;
                        continue;
                }
                snprintf(text, sizeof(text), "%lld",
                         (long long) json_integer_value(json_object_get(incident, "id")));
                json_array_append_new(owner, json_string(text));
                ret->list[ret->n] = json_string_value(json_array_get(owner, ret->n));
                ret->n++;
        }
        answer_clear(&answer);
        if (more > 0)
                remark("note: %zu more are left for the same command, given again", more);
        *ret_owner = owner;
        return r;
}

int command_ack(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct acknowledging how = { 0 };
        struct chosen chosen = { 0 }, ids = { 0 };
        struct asked asked = { 0 };
        json_t *owner = NULL;
        const struct option options[] = { { "reason", OPTION_TEXT, &how.reason },
                                          { "until", OPTION_DATE, &how.until },
                                          SELECTOR_OPTIONS(&chosen),
                                          BULK_OPTIONS(&asked) };
        const struct bulk bulk = { .method = "POST",
                                   .url = url_of_ack,
                                   .userdata = &how,
                                   .verb = "acknowledge",
                                   .noun = "incident",
                                   .done = "is acknowledged; there are no more reminders" };
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, TEXTS_MAX,
                              &ids.names);

        if (r != 0)
                return options_status(r);
        if (!how.reason || chosen_is_empty(&chosen) == (ids.names.n == 0)) {
                complain(how.reason ? "usage: keyvigil %s %s" : "%s: say why, with --reason TEXT",
                         command->name, command->usage);
                return CLI_USAGE;
        }
        if (ids.names.n == 0)
                r = open_ids(cli, &chosen, &ids.names, &owner);
        int status = CLI_FAILED;
        if (r >= 0 && ids.names.n == 0)
                complain_as(FAILURE_NOT_FOUND,
                            "nothing is chosen by that: of these keys no incident is open and not known yet");
        else if (r >= 0)
                status = bulk_run(cli, &ids, &asked, &bulk);
        json_decref(owner);
        return status;
}
