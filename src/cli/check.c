#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/bulk.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/findings.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/table.h"

/* So many keys at once: the daemon's limits decide when each of them is asked. */
#define PARALLEL 64

static const char *const kinds[] = { "full", "excess", "coupons", "connect" };

/* What is checked, and what came of it so far. Told in the order of the names, however they come. */
struct checking {
        const struct cli *cli;
        const char *kind; /* NULL: is it alive */
        bool all;         /* --all, or a selector: keys that are well are counted, not listed */
        const char **names;
        json_t **results; /* NULL: not yet */
        size_t n, told;
        size_t well, findings, unclear;
        struct progress progress;
};

static struct url url_of_check(size_t number, void *userdata)
{
        struct checking *c = userdata;
        struct url url = url_of("/v1/keys", c->names[number], "/check");

        url_text(&url, "kind", c->kind);
        return url;
}

static void count(struct checking *c, const char *outcome)
{
        if (strcmp(outcome, "well") == 0)
                c->well++;
        else if (strcmp(outcome, "findings") == 0)
                c->findings++;
        else
                c->unclear++;
}

static void tell(struct checking *c, const json_t *result)
{
        const char *outcome = text_of(result, "outcome");
        bool listed = !(c->all && strcmp(outcome, "well") == 0);

        count(c, outcome);
        if (listed)
                progress_hide(&c->progress);
        if (!json_object_get(result, "answer"))
                remark("%s: %s", text_of(result, "name"), text_of(result, "message"));
        else if (!c->cli->json && listed)
                findings_print(result);
}

/* What was told is let go, but for programs: of a million keys that is much. */
static void tell_next(struct checking *c)
{
        json_t **result = &c->results[c->told++];

        tell(c, *result);
        if (c->cli->json)
                return;
        json_decref(*result);
        *result = json_true();
}

static void tell_all(struct checking *c)
{
        while (c->told < c->n && c->results[c->told])
                tell_next(c);
        progress_show(&c->progress, c->told);
}

/* An answer that is no result, in the form of one. */
static json_t *unclear(const char *name, const char *why)
{
        return json_pack("{s:s,s:s,s:s}", "name", name, "outcome", "unclear", "message", why);
}

static void take(size_t number, const struct answer *answer, void *userdata)
{
        struct checking *c = userdata;
        const char *why = answer_error(answer);

        if (answer->status < 300 && answer->json)
                c->results[number] = json_incref(answer->json);
        else
                c->results[number] = unclear(
                        c->names[number], why ? why : "keyvigild gave an answer that cannot be understood");
        tell_all(c);
}

static int check_names(struct checking *c)
{
        /* Sweeps of one account must not meet, and a coupon is tried one at a time. */
        bool alone = c->kind && (strcmp(c->kind, "coupons") == 0 || strcmp(c->kind, "connect") == 0);
        const struct client_many what = {
                .n = c->n, .parallel = alone ? 1 : PARALLEL, .url = url_of_check, .take = take, .userdata = c
        };
        int r = client_ask_many(c->cli, &what);

        if (r < 0)
                client_complain(c->cli, r);
        while (c->told < c->n) { /* behind the first that was not answered */
                if (c->results[c->told]) {
                        tell_next(c);
                        continue;
                }
                c->results[c->told] = unclear(c->names[c->told], "it was not checked");
                c->told++;
                c->unclear++;
        }
        if (c->findings > 0)
                return CLI_FAILED;
        return c->unclear > 0 || r < 0 ? CLI_UNKNOWN : CLI_OK;
}

static void print_summary(const struct checking *c)
{
        printf("%zu %s: %zu well, %zu with findings, %zu could not be told.\n", c->n,
               c->n == 1 ? "key" : "keys", c->well, c->findings, c->unclear);
}

static void print_json(const struct checking *c)
{
        json_t *array = json_array();

        for (size_t i = 0; i < c->n; i++)
                json_array_append(array, c->results[i]);
        json_print(array);
        json_decref(array);
}

static int check(struct checking *c)
{
        c->results = calloc(c->n + 1, sizeof(json_t *));
        if (!c->results) {
                complain("%s", strerror(ENOMEM));
                return CLI_UNKNOWN;
        }
        progress_begin(&c->progress, "keys checked", c->n);
        int status = check_names(c);
        progress_hide(&c->progress);
        if (c->cli->json)
                print_json(c);
        else if (c->all || c->n > 1)
                print_summary(c);
        for (size_t i = 0; i < c->n; i++)
                json_decref(c->results[i]);
        free((void *) c->results);
        return status;
}

/* Those of a selector. */
static int check_chosen(struct checking *c, const struct chosen *chosen)
{
        json_t *names, *name;
        int status = CLI_UNKNOWN;
        size_t i;

        if (bulk_names(c->cli, chosen, &names) < 0)
                return CLI_UNKNOWN;
        c->n = json_array_size(names);
        c->names = calloc(c->n + 1, sizeof(char *));
        json_array_foreach(names, i, name) if (c->names) c->names[i] = json_string_value(name);
        if (c->names)
                status = check(c);
        free((void *) c->names);
        json_decref(names);
        return status;
}

int command_check(struct cli *cli, const struct command *command, int argc, char **argv)
{
        bool wanted[ELEMENTSOF(kinds)] = { 0 };
        struct checking c = { .cli = cli };
        struct chosen chosen = { 0 };
        const struct option options[] = {
                { "full", OPTION_FLAG, &wanted[0] },    { "excess", OPTION_FLAG, &wanted[1] },
                { "coupons", OPTION_FLAG, &wanted[2] }, { "connect", OPTION_FLAG, &wanted[3] },
                { "all", OPTION_FLAG, &c.all },         SELECTOR_OPTIONS(&chosen),
        };
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, TEXTS_MAX,
                              &chosen.names);

        if (r != 0)
                return options_status(r);
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (wanted[i]) {
                        r = c.kind ? -1 : r; /* one kind at a time */
                        c.kind = kinds[i];
                }
        if (r < 0 || chosen_is_empty(&chosen) != c.all) {
                complain("usage: keyvigil %s %s", command->name, command->usage);
                return CLI_USAGE;
        }
        c.all = !chosen_is_names(&chosen);
        return check_chosen(&c, &chosen);
}
