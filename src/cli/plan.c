#include "stripe/plan_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/datetime.h"
#include "base/hash.h"
#include "base/number.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/failure.h"
#include "cli/offline.h"
#include "cli/options.h"
#include "cli/table.h"
#include "store/ledger.h"

/* Numbers of accounts are the database's own, of which the views say nothing: their names serve as well. */
static uint64_t number_of_account(const char *account)
{
        return *account != '\0' ? hash_text(account) : 0;
}

static int add_keys(struct plan_list *list, const struct profiles *profiles, struct store *store)
{
        json_t *object = NULL, *key;
        size_t i, profile;
        int r = offline_rows(store, "keys", QUERY_KEYS, NULL, &object);

        json_array_foreach(json_object_get(object, "keys"), i, key)
        {
                const char *name = text_of(key, "name");
                int64_t id;

                if (r < 0 || profiles_find(profiles, text_of(key, "profile"), &profile) < 0 ||
                    store_key_id(store, name, &id) < 0)
                        continue; /* of a profile that is gone: the daemon will not start with it */
                r = plan_list_add(list, profile, number_of_account(text_of(key, "account")), (uint64_t) id,
                                  strcmp(text_of(key, "mode"), "live") == 0);
        }
        json_decref(object);
        return r;
}

struct scans {
        struct ledger_owner *owners;
        uint64_t *coupons;
        size_t n;
};

static int take_scan(const struct ledger_owner *owner, const struct ledger_scan *scan, void *userdata)
{
        struct scans *scans = userdata;

        if (scan->last_complete == 0)
                return 0;
        if ((scans->n & (scans->n - 1)) == 0) { /* full at each power of two */
                size_t room = MAX(2 * scans->n, (size_t) 1);
                void *owners = reallocarray(scans->owners, room, sizeof(*scans->owners));

                scans->owners = owners ? owners : scans->owners;
                void *coupons = reallocarray(scans->coupons, room, sizeof(*scans->coupons));
                scans->coupons = coupons ? coupons : scans->coupons;
                if (!owners || !coupons)
                        return -ENOMEM;
        }
        scans->owners[scans->n] = *owner;
        scans->coupons[scans->n++] = (uint64_t) MAX(scan->coupons_seen, INT64_C(0));
        return 0;
}

static int add_scans(struct plan_list *list, struct store *store)
{
        struct scans scans = { 0 };
        int r = ledger_load_scans(store, take_scan, &scans);

        for (size_t i = 0; i < scans.n && r >= 0; i++) {
                _cleanup_free_ char *name = NULL;
                const struct ledger_owner *owner = &scans.owners[i];

                if (owner->account_id)
                        r = store_account_name(store, owner->account_id, &name);
                if (r >= 0)
                        r = plan_list_count(list, number_of_account(name ? name : ""),
                                            (uint64_t) owner->key_id, owner->mode == MODE_LIVE,
                                            scans.coupons[i]);
        }
        free(scans.owners);
        free(scans.coupons);
        return r;
}

/* What the database holds. */
static int add_stored(struct plan *plan, const struct profiles *profiles, struct store *store)
{
        _cleanup_(plan_list_freep) struct plan_list *list = NULL;
        int r = plan_list_new(&list);

        if (r >= 0)
                r = add_keys(list, profiles, store);
        if (r >= 0)
                r = add_scans(list, store);
        if (r >= 0)
                plan_list_give(list, plan);
        return r;
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
                remark("keyvigild is not running; planned from the configuration and the database");
                r = add_stored(plan, conf->profiles, store);
                if (r < 0)
                        return r;
        } else {
                remark("keyvigild is not running, and there is no database; planned from the configuration");
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
        r = client_check(cli, &answer);
        if (r >= 0)
                *ret = json_incref(answer.json);
        if (r >= 0 && !*ret)
                r = -EBADMSG;
        answer_clear(&answer);
        return r;
}

static long long number_of(const json_t *object, const char *part, const char *name)
{
        return (long long) json_integer_value(json_object_get(json_object_get(object, part), name));
}

/* "all", or a part of it: reads and writes of a key and month. */
static void print_row(const json_t *row)
{
        static const char *const parts[] = { "pulse", "full", "excess", "coupons", "all" };
        char pulse[DATETIME_MAX];

        duration_format((usec_t) json_integer_value(json_object_get(row, "pulse_seconds")) * USEC_PER_SEC,
                        pulse);
        printf("%-24s %-5s %7lld %6s", text_of(row, "profile"), text_of(row, "mode"),
               (long long) json_integer_value(json_object_get(row, "keys")), pulse);
        for (size_t p = 0; p < ELEMENTSOF(parts); p++)
                printf("  %6lld %6lld", number_of(row, parts[p], "gets"), number_of(row, parts[p], "posts"));
        puts("");
}

static void print_plan(const json_t *plan)
{
        json_t *row, *line;
        size_t i;

        printf("What a key costs in a month (30 days): reads (R), of which Stripe guarantees an account "
               "10,000, "
               "and other\nrequests (W). Coupons: as last counted; where they never were, %lld.\n\n",
               (long long) json_integer_value(json_object_get(plan, "coupons_assumed")));
        printf("%-24s %-5s %7s %6s  %13s  %13s  %13s  %13s  %13s\n", "PROFILE", "MODE", "KEYS", "EVERY",
               "PULSE R/W", "FULL R/W", "EXCESS R/W", "COUPONS R/W", "ALL R/W");
        json_array_foreach(json_object_get(plan, "profiles"), i, row) print_row(row);
        printf("\n%lld keys of %lld accounts need %.2f requests a second, %lld are allowed; at most %lld "
               "reads in "
               "one account.\n",
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
