#include "stripe/plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/number.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/offline.h"
#include "cli/options.h"
#include "cli/table.h"

struct filling {
        struct plan *plan;
        const struct profiles *profiles;
};

static const char *text_in(const struct column *columns, size_t n, const char *name)
{
        for (size_t i = 0; i < n; i++)
                if (strcmp(columns[i].name, name) == 0 && columns[i].type == COLUMN_TEXT)
                        return columns[i].text;
        return "";
}

static int take_key(const struct column *columns, size_t n, void *userdata)
{
        struct filling *filling = userdata;
        const char *account = text_in(columns, n, "account");
        size_t profile;

        if (profiles_find(filling->profiles, text_in(columns, n, "profile"), &profile) < 0)
                return 0; /* of a profile that is gone: the daemon will not start with it */
        return plan_add(filling->plan, profile, *account != '\0' ? hash_text(account) : 0,
                        strcmp(text_in(columns, n, "mode"), "live") == 0);
}

/* From the configuration, and from what the database holds if there is one. */
static int plan_here(const struct cli *cli, uint64_t coupons, json_t **ret)
{
        _cleanup_(plan_freep) struct plan *plan = NULL;
        _cleanup_(conf_freep) struct conf *conf = NULL;
        _cleanup_(store_closep) struct store *store = NULL;
        _cleanup_free_ char *why = NULL;
        int r = configuration_load(cli, &conf);

        if (r < 0)
                return r;
        r = plan_new(&conf->settings, conf->catalogue, conf->profiles, coupons, &plan);
        if (r < 0)
                return r;
        if (store_open_readonly(conf->settings.state_dir, &store, &why) >= 0) {
                struct filling filling = { .plan = plan, .profiles = conf->profiles };

                complain("keyvigild is not running; planned from the configuration and the database");
                r = store_query(store, QUERY_KEYS, NULL, take_key, &filling);
                if (r < 0)
                        return r;
        } else {
                complain(
                        "keyvigild is not running, and there is no database; planned from the configuration");
        }
        *ret = plan_json(plan);
        return *ret ? 0 : -ENOMEM;
}

static int plan_there(const struct cli *cli, const char *coupons, json_t **ret)
{
        struct url url = url_new("/v1/plan");
        struct answer answer;

        url_text(&url, "coupons", coupons);
        int r = client_ask(cli, "GET", url, NULL, &answer);
        if (r < 0)
                return r;
        if (answer.status < 300)
                *ret = json_incref(answer.json);
        else
                complain("%s", answer_error(&answer) ? answer_error(&answer) : "the plan could not be made");
        r = answer.status < 300 && answer.json ? 0 : -EBADMSG;
        answer_clear(&answer);
        return r;
}

static long long number_of(const json_t *object, const char *part, const char *name)
{
        return (long long) json_integer_value(json_object_get(json_object_get(object, part), name));
}

static void print_plan(const json_t *plan)
{
        static const char *const parts[] = { "pulse", "full", "excess", "coupons", "all" };
        json_t *row, *line;
        size_t i;

        printf("A key and month (30 days), with %lld coupons in an account:\n\n",
               (long long) json_integer_value(json_object_get(plan, "coupons_assumed")));
        printf("%-24s %-5s %8s", "PROFILE", "MODE", "KEYS");
        for (size_t p = 0; p < ELEMENTSOF(parts); p++)
                printf("  %14s", parts[p]);
        puts("");
        json_array_foreach(json_object_get(plan, "profiles"), i, row)
        {
                printf("%-24s %-5s %8lld", text_of(row, "profile"), text_of(row, "mode"),
                       (long long) json_integer_value(json_object_get(row, "keys")));
                for (size_t p = 0; p < ELEMENTSOF(parts); p++)
                        printf("  %6lldR %6lldW", number_of(row, parts[p], "gets"),
                               number_of(row, parts[p], "posts"));
                puts("");
        }
        printf("\nR: reads, of which Stripe guarantees an account 10,000 a month; W: other requests.\n"
               "%lld keys of %lld accounts need %.2f requests a second, %lld are allowed; at most %lld reads "
               "in one "
               "account.\n",
               (long long) json_integer_value(json_object_get(plan, "keys")),
               (long long) json_integer_value(json_object_get(plan, "accounts")),
               json_number_value(json_object_get(plan, "needed_rate")),
               (long long) json_integer_value(json_object_get(plan, "rate")),
               (long long) json_integer_value(json_object_get(plan, "most_reads")));
        json_array_foreach(json_object_get(plan, "warnings"), i, line)
                printf("Warning: %s\n", json_string_value(line));
}

int command_plan(struct cli *cli, const struct command *command, int argc, char **argv)
{
        const char *coupons_text = "1000";
        const struct option options[] = { { "coupons", OPTION_TEXT, &coupons_text } };
        int64_t coupons;
        json_t *plan = NULL;
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, 0, NULL);

        if (r != 0)
                return options_status(r);
        if (number_parse(coupons_text, 0, 100000000, &coupons) < 0) {
                complain("plan: --coupons is a number");
                return CLI_USAGE;
        }
        r = plan_there(cli, coupons_text, &plan);
        if (r == -ECONNREFUSED)
                r = plan_here(cli, (uint64_t) coupons, &plan);
        else if (r < 0 && r != -EBADMSG)
                client_complain(cli, r);
        if (r < 0)
                return CLI_FAILED;
        if (cli->json)
                json_print(plan);
        else
                print_plan(plan);
        json_decref(plan);
        return CLI_OK;
}
