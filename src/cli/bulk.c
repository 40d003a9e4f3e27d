#include "cli/bulk.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/failure.h"
#include "cli/progress.h"
#include "cli/table.h"

#define PARALLEL 16
#define SHOWN    5 /* names in the question */

int bulk_names(const struct cli *cli, const struct chosen *chosen, json_t **ret)
{
        struct answer answer = { 0 };
        json_t *names = json_array(), *key;
        size_t i;
        int r = 0;

        if (chosen_is_names(chosen)) {
                for (i = 0; i < chosen->names.n; i++)
                        json_array_append_new(names, json_string(chosen->names.list[i]));
        } else {
                struct url url = url_new("/v1/keys");

                chosen_url(&url, chosen);
                url_text(&url, "columns", "name");
                r = client_call(cli, "GET", url, NULL, &answer);
                json_array_foreach(json_object_get(answer.json, "keys"), i, key)
                        json_array_append(names, json_object_get(key, "name"));
        }
        answer_clear(&answer);
        if (r < 0) {
                json_decref(names);
                return r;
        }
        *ret = names;
        return 0;
}

static void print_names(FILE *to, const json_t *names, size_t most)
{
        const json_t *name;
        size_t i;

        json_array_foreach(names, i, name)
        {
                if (i == most) {
                        fputs(", …", to);
                        return;
                }
                fprintf(to, "%s%s", i > 0 ? ", " : "", json_string_value(name));
        }
}

/* "pause 3 keys: a, b, c" */
static void print_what(FILE *to, const struct bulk *bulk, const json_t *names, size_t most)
{
        size_t n = json_array_size(names);

        fprintf(to, "%s %zu %s%s: ", bulk->verb, n, bulk->noun ? bulk->noun : "key", n == 1 ? "" : "s");
        print_names(to, names, most);
}

static bool agrees(const struct bulk *bulk, const json_t *names)
{
        char line[16];

        print_what(stderr, bulk, names, SHOWN);
        fputs("? [y/N] ", stderr);
        return fgets(line, sizeof(line), stdin) && (line[0] == 'y' || line[0] == 'Y');
}

/* May they be changed? If not, it is said why, or it is a dry run. */
static bool may_change(const struct cli *cli, const struct bulk *bulk, const struct asked *asked,
                       const json_t *names)
{
        size_t n = json_array_size(names);
        bool terminal = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);

        if (n == 0) {
                complain_as(FAILURE_NOT_FOUND, "nothing is chosen by that");
                return false;
        }
        if (asked->dry_run && cli->json) {
                json_print(names);
                return false;
        }
        if (asked->dry_run) {
                print_what(stdout, bulk, names, n);
                puts("; nothing was done.");
                return false;
        }
        if (asked->yes || (n == 1 && !(bulk->ask_for_one && terminal)))
                return true;
        if (terminal)
                return agrees(bulk, names);
        complain_as(FAILURE_REFUSED, "%s: that would be %zu %ss; --yes does it, --dry-run shows them",
                    bulk->verb, n, bulk->noun ? bulk->noun : "key");
        return false;
}

/* What goes on. */
struct doing {
        const struct cli *cli;
        const struct bulk *bulk;
        const json_t *names;
        size_t done, failed;
        struct progress progress;
};

static struct url url_of_one(size_t number, void *userdata)
{
        const struct doing *doing = userdata;

        return doing->bulk->url(json_string_value(json_array_get(doing->names, number)),
                                doing->bulk->userdata);
}

static void take(size_t number, const struct answer *answer, void *userdata)
{
        struct doing *doing = userdata;
        const char *name = json_string_value(json_array_get(doing->names, number)),
                   *why = answer_error(answer);
        bool many = json_array_size(doing->names) > 1;

        progress_show(&doing->progress, doing->done + doing->failed + 1);
        if (answer->status >= 300) {
                progress_hide(&doing->progress);
                doing->failed++;
                if (doing->cli->json)
                        answer_print(answer);
                if (many)
                        complain("%s: %s", name, why ? why : "refused without a reason");
                else
                        complain("%s", why ? why : "refused without a reason");
                return;
        }
        doing->done++;
        if (doing->cli->json)
                answer_print(answer);
        else if (!many)
                printf("%s%s%s %s.\n", doing->bulk->noun ? doing->bulk->noun : "",
                       doing->bulk->noun ? " " : "", name, doing->bulk->done);
}

int bulk_run(const struct cli *cli, const struct chosen *chosen, const struct asked *asked,
             const struct bulk *bulk)
{
        json_t *names;
        int r = bulk_names(cli, chosen, &names);

        if (r < 0)
                return CLI_FAILED;
        struct doing doing = { .cli = cli, .bulk = bulk, .names = names };
        const struct client_many what = { .n = json_array_size(names),
                                          .parallel = PARALLEL,
                                          .method = bulk->method,
                                          .url = url_of_one,
                                          .take = take,
                                          .userdata = &doing };
        bool may = may_change(cli, bulk, asked, names);

        progress_begin(&doing.progress, bulk->noun ? "incidents" : "keys", what.n);
        r = may ? client_ask_many(cli, &what) : 0;
        progress_hide(&doing.progress);
        if (r < 0)
                client_complain(cli, r);
        else if (may && what.n > 1 && !cli->json)
                printf("%s: %zu of %zu %ss.\n", bulk->verb, doing.done, what.n,
                       bulk->noun ? bulk->noun : "key");
        json_decref(names);
        return r >= 0 && doing.failed == 0 && (may || asked->dry_run) ? CLI_OK : CLI_FAILED;
}
