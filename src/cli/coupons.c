#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/fetch.h"
#include "cli/offline.h"
#include "cli/options.h"
#include "cli/table.h"
#include "stripe/coupon.h"
#include "stripe/redact.h"

/* Ids that are named because they are none. */
#define BAD_SHOWN 20

struct wish {
        bool dry_run, force;
};

static int list_offline(struct store *store, const void *what, json_t **ret)
{
        return offline_rows(store, "coupons", QUERY_COUPONS, what, ret);
}

static void explain(json_t *coupons)
{
        json_t *coupon;
        size_t i;

        json_array_foreach(coupons, i, coupon)
                json_object_set_new(coupon, "text", json_string(coupon_reason(text_of(coupon, "reason"))));
}

static int list(const struct cli *cli, const char *name)
{
        static const struct cell cells[] = {
                { "coupon", "COUPON", CELL_TEXT }, { "state", "STATE", CELL_TEXT },
                { "updated", "SINCE", CELL_AGO },  { "key", "KEY", CELL_TEXT },
                { "mode", "MODE", CELL_TEXT },     { "account", "ACCOUNT", CELL_TEXT },
                { "text", "WHY", CELL_TEXT },
        };
        const struct query_filter filter = { .key = name };
        struct url url = url_new("/v1/coupons");
        json_t *object;

        url_text(&url, "key", name);
        if (fetch(cli, url, list_offline, &filter, &object) < 0)
                return CLI_FAILED;
        if (cli->json) {
                json_print(object);
        } else {
                explain(json_object_get(object, "coupons"));
                table_print(cli, json_object_get(object, "coupons"), cells, ELEMENTSOF(cells),
                            "No probe coupon was ever found.");
        }
        json_decref(object);
        return CLI_OK;
}

static size_t count(const json_t *coupons, const char *member, const char *value)
{
        const json_t *coupon;
        size_t i, n = 0;

        json_array_foreach(coupons, i, coupon) n += strcmp(text_of(coupon, member), value) == 0;
        return n;
}

/* What it comes to, below the table. */
static void summarise(const json_t *coupons, const struct wish *wish)
{
        size_t gone = count(coupons, "state", "gone"),
               deleted = wish->dry_run ? count(coupons, "reason", "would-delete")
                                       : count(coupons, "state", "deleted"),
               kept = json_array_size(coupons) - deleted - gone;

        if (json_array_size(coupons) == 0)
                return;
        printf("\n%zu %s, %zu kept", deleted, wish->dry_run ? "would be deleted" : "deleted", kept);
        if (gone > 0)
                printf(", %zu gone already", gone);
        printf("%s%s.\n", wish->dry_run ? "; nothing was done" : "",
               kept > 0 ? ". What is kept is harmless" : "");
        if (count(coupons, "reason", "unusual-number") > 0)
                printf("There are unusually many. If they all are leftovers, --force deletes the rest, "
                       "too.\n");
}

/* Some accounts were not swept, or not to the end. */
static void complain_of(json_int_t some, json_int_t all, const char *what, const char *why)
{
        if (some > 0 && all == 1)
                complain("%s", why);
        else if (some > 0)
                complain("%lld of %lld accounts %s: %s", (long long) some, (long long) all, what, why);
}

/* A sweep that could not look everywhere has failed, even if it deleted something; one that left out what a
 * key may not do has not. */
static int report(const struct cli *cli, const struct answer *answer, const struct wish *wish)
{
        static const struct cell cells[] = {
                { "coupon", "COUPON", CELL_TEXT }, { "state", "STATE", CELL_TEXT },
                { "key", "KEY", CELL_TEXT },       { "mode", "MODE", CELL_TEXT },
                { "text", "WHY", CELL_TEXT },
        };
        json_int_t swept = json_integer_value(json_object_get(answer->json, "swept"));
        json_int_t failed = json_integer_value(json_object_get(answer->json, "failed"));
        json_int_t lacking = json_integer_value(json_object_get(answer->json, "lacking"));
        json_int_t all = swept + failed + lacking;

        if (cli->json) {
                answer_print(answer);
                return failed > 0 ? CLI_FAILED : CLI_OK;
        }
        table_print(cli, json_object_get(answer->json, "coupons"), cells, ELEMENTSOF(cells),
                    failed + lacking > 0 ? "No probe coupon was seen." : "No probe coupon was left behind.");
        summarise(json_object_get(answer->json, "coupons"), wish);
        complain_of(lacking, all, "left out", text_of(answer->json, "lack"));
        complain_of(failed, all, "could not be looked at completely", text_of(answer->json, "message"));
        return failed > 0 ? CLI_FAILED : CLI_OK;
}

static int send(const struct cli *cli, struct url url, const char *name, const struct wish *wish,
                const struct upload *upload)
{
        struct answer answer = { 0 };

        url_text(&url, "key", name);
        url_flag(&url, "dry_run", wish->dry_run);
        url_flag(&url, "force", wish->force);
        int r = client_call(cli, "POST", url, upload, &answer);
        int status = r < 0 ? CLI_FAILED : report(cli, &answer, wish);
        answer_clear(&answer);
        return status;
}

/* What came of the ids that were given. */
struct ids {
        FILE *good; /* those of probe coupons, one a line */
        size_t n_good, n_bad, number;
};

static void take_id(struct ids *ids, const char *id)
{
        ids->number++;
        if (coupon_is_probe(id)) {
                fprintf(ids->good, "%s\n", id);
                ids->n_good++;
                return;
        }
        ids->n_bad++;
        if (ids->n_bad <= BAD_SHOWN) /* what looks like a key is not repeated */
                complain("id %zu%s%.64s: its id is not that of a probe coupon (" COUPON_PREFIX
                         " and something); left out",
                         ids->number, looks_like_key(id) ? "" : ", ", looks_like_key(id) ? "" : id);
}

static void read_ids(struct ids *ids, const struct texts *words)
{
        _cleanup_free_ char *line = NULL;
        size_t room = 0;

        for (size_t i = 2; i < words->n && strcmp(words->list[2], "-") != 0; i++)
                take_id(ids, words->list[i]);
        if (strcmp(words->list[2], "-") != 0)
                return;
        while (getline(&line, &room, stdin) > 0) {
                char *rest = line, *id;

                while ((id = strsep(&rest, " \t\r\n")))
                        if (*id != '\0')
                                take_id(ids, id);
        }
}

/* Good ids are not left lying because of bad ones. */
static int add(const struct cli *cli, const char *name, const struct texts *words, const struct wish *wish)
{
        _cleanup_free_ char *text = NULL;
        struct ids ids = { 0 };
        size_t size;
        int status = CLI_FAILED;

        ids.good = memory_stream(&text, &size);
        if (!ids.good) {
                complain("out of memory");
                return CLI_FAILED;
        }
        read_ids(&ids, words);
        if (fclose(ids.good) != 0) {
                complain("out of memory");
                return CLI_FAILED;
        }
        if (ids.n_bad > BAD_SHOWN)
                complain("… and %zu more that are not", ids.n_bad - BAD_SHOWN);
        if (ids.n_good == 0) {
                complain("there is no id of a probe coupon among them; nothing was done");
                return CLI_FAILED;
        }
        FILE *in = fmemopen(text, size, "r");
        if (in) {
                status = send(cli, url_new("/v1/coupons"), name, wish, &(struct upload){ .file = in });
                fclose(in);
        }
        return ids.n_bad > 0 ? CLI_FAILED : status;
}

int command_coupons(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct wish wish = { 0 };
        const struct option options[] = { { "dry-run", OPTION_FLAG, &wish.dry_run },
                                          { "force", OPTION_FLAG, &wish.force } };
        struct texts words;
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, TEXTS_MAX, &words);

        if (r != 0)
                return options_status(r);
        const char *verb = words.n > 0 ? words.list[0] : "list", *name = words.n > 1 ? words.list[1] : NULL;
        if (strcmp(verb, "list") == 0 && words.n <= 2 && !wish.dry_run && !wish.force)
                return list(cli, name);
        if (strcmp(verb, "sweep") == 0 && words.n <= 2)
                return send(cli, url_new("/v1/coupons/sweep"), name, &wish, NULL);
        if (strcmp(verb, "add") == 0 && words.n >= 3)
                return add(cli, name, &words, &wish);
        complain("usage: keyvigil %s %s", command->name, command->usage);
        return CLI_USAGE;
}
