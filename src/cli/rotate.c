/* New secrets for keys: one that is typed, or many from a file. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/add.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/options.h"
#include "cli/table.h"
#include "cli/wholelist.h"

/* So many new secrets are proved at once, each for so long at most. */
#define PARALLEL 16
#define DEADLINE "2m"

/* One line of the file. */
struct successor {
        uint64_t line;
        char *name, *created, *expires;
        struct secret *secret;
        struct upload upload;
};

struct rotating {
        const struct cli *cli;
        struct successor *list;
        size_t n, room;
        size_t bad, rotated, unchanged, refused;
        json_t *results;
};

static void rotating_clear(struct rotating *r)
{
        for (size_t i = 0; i < r->n; i++) {
                free(r->list[i].name);
                free(r->list[i].created);
                free(r->list[i].expires);
                secret_free(r->list[i].secret);
        }
        free(r->list);
        json_decref(r->results);
}

/* --- the file */

/* NULL: it can be taken. */
static const char *fault_of(const json_t *line)
{
        static const char *const texts[] = { "name", "key", "created", "expires" };
        const char *name;
        json_t *value;

        if (!json_is_object(line))
                return "not a JSON object on one line";
        json_object_foreach((json_t *) line, name, value)
        {
                size_t i = 0;

                while (i < ELEMENTSOF(texts) && strcmp(texts[i], name) != 0)
                        i++;
                if (i == ELEMENTSOF(texts))
                        return "a field is none of name, key, created, expires; 'keyvigil set' changes "
                               "others";
                if (!json_is_string(value))
                        return "its fields must be texts";
        }
        if (!json_object_get(line, "name") || !json_object_get(line, "key"))
                return "\"name\" and \"key\" must be given";
        return NULL;
}

static int copy_text(const json_t *line, const char *name, char **ret)
{
        const char *text = json_string_value(json_object_get(line, name));

        *ret = text ? strdup(text) : NULL;
        return text && !*ret ? -ENOMEM : 0;
}

static int take_line(uint64_t number, const json_t *line, void *userdata)
{
        struct rotating *r = userdata;
        const char *fault = fault_of(line);
        const json_t *key = json_object_get(line, "key");

        if (fault) {
                r->bad++;
                complain("line %llu: %s", (unsigned long long) number, fault);
                return 0;
        }
        struct successor *list = array_room(r->list, r->n, 1, &r->room, sizeof(*r->list));
        if (!list)
                return -ENOMEM;
        r->list = list;
        struct successor *s = &list[r->n++];
        *s = (struct successor){ .line = number,
                                 .secret = secret_copy(json_string_value(key), json_string_length(key)) };
        if (copy_text(line, "name", &s->name) < 0 || copy_text(line, "created", &s->created) < 0 ||
            copy_text(line, "expires", &s->expires) < 0 || !s->secret)
                return -ENOMEM;
        return 0;
}

static int read_file(struct rotating *r, const char *path)
{
        struct wholelist list = { 0 };
        FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");

        if (!file) {
                complain_as(FAILURE_BAD_FILE, "%s: %s", path, strerror(errno));
                return -errno;
        }
        int error = wholelist_read(&list, file);
        if (error >= 0)
                error = wholelist_each(&list, take_line, r);
        wholelist_clear(&list);
        if (file != stdin)
                fclose(file);
        if (error < 0)
                complain_as(FAILURE_BAD_FILE, "%s: %s", path, strerror(-error));
        return error;
}

/* --- what becomes of it */

static struct url url_of_put(size_t number, void *userdata)
{
        const struct successor *s = &((struct rotating *) userdata)->list[number];
        struct url url = url_of("/v1/keys", s->name, "");

        url_text(&url, "deadline", DEADLINE);
        url_text(&url, "created", s->created);
        url_text(&url, "expires", s->expires);
        return url;
}

/* The key must be there: a rotation adds none. */
static const struct upload *upload_of(size_t number, void *userdata)
{
        struct successor *s = &((struct rotating *) userdata)->list[number];

        s->upload = (struct upload){ .secret = s->secret, .is_there = true };
        return &s->upload;
}

static void note(struct rotating *r, const struct successor *s, const struct answer *answer)
{
        json_t *result = answer->json ? json_copy(answer->json) : json_object();

        json_object_set_new(result, "name", json_string(s->name));
        json_object_set_new(result, "line", json_integer((json_int_t) s->line));
        json_array_append_new(r->results, result);
}

static void take_put(size_t number, const struct answer *answer, void *userdata)
{
        struct rotating *r = userdata;
        const struct successor *s = &r->list[number];
        const char *why = answer_error(answer);
        bool unchanged = strcmp(text_of(answer->json, "result"), "unchanged") == 0;

        note(r, s, answer);
        if (answer->status >= 300) {
                r->refused++;
                complain("line %llu: %s: %s", (unsigned long long) s->line, s->name,
                         why ? why : "keyvigild refused it without a reason");
                return;
        }
        r->unchanged += unchanged;
        r->rotated += !unchanged;
        if (r->cli->json)
                return;
        printf("%s %s.\n", s->name, unchanged ? "has this secret already" : "has its new secret");
        fflush(stdout); /* said when it is so, should we be killed */
}

static int rotate_all(struct rotating *r)
{
        const struct client_many what = { .n = r->n,
                                          .parallel = PARALLEL,
                                          .method = "PUT",
                                          .url = url_of_put,
                                          .upload = upload_of,
                                          .take = take_put,
                                          .userdata = r };
        int error = client_ask_many(r->cli, &what);

        if (r->cli->json)
                json_print(r->results);
        else
                printf("%zu rotated, %zu unchanged, %zu refused, %zu bad lines.\n", r->rotated, r->unchanged,
                       r->refused, r->bad);
        if (error < 0) {
                client_complain(r->cli, error);
                complain("rotate: it was not finished; the same command again goes on");
        }
        return error < 0 || r->refused > 0 || r->bad > 0 ? CLI_FAILED : CLI_OK;
}

/* On a terminal; whoever gives a file to a program means it. */
static bool agrees(const struct rotating *r, const char *path, bool yes)
{
        char line[16];

        if (yes || r->n == 0 || strcmp(path, "-") == 0 || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
                return true;
        fprintf(stderr, "rotate %zu key%s? [y/N] ", r->n, r->n == 1 ? "" : "s");
        return fgets(line, sizeof(line), stdin) && (line[0] == 'y' || line[0] == 'Y');
}

static int rotate_file(const struct cli *cli, const char *path, bool yes, bool dry_run)
{
        struct rotating r = { .cli = cli, .results = json_array() };
        int status = CLI_FAILED;

        if (!r.results || read_file(&r, path) < 0) {
                rotating_clear(&r);
                return CLI_FAILED;
        }
        if (dry_run && cli->json) {
                json_t *plan = json_pack("{s:I,s:I}", "lines", (json_int_t) r.n, "bad", (json_int_t) r.bad);

                json_print(plan);
                json_decref(plan);
                status = r.bad > 0 ? CLI_FAILED : CLI_OK;
        } else if (dry_run) {
                printf("rotate %zu key%s, %zu bad lines; nothing was done.\n", r.n, r.n == 1 ? "" : "s",
                       r.bad);
                status = r.bad > 0 ? CLI_FAILED : CLI_OK;
        } else if (agrees(&r, path, yes)) {
                status = rotate_all(&r);
        }
        rotating_clear(&r);
        return status;
}

/* --- one, and the command */

static int rotate_one(const struct cli *cli, const char *name, const char *created, const char *expires,
                      bool force)
{
        char prompt[128], done[240];
        struct url url = url_of("/v1/keys", name, "/rotate");

        url_date(&url, "created", created);
        url_date(&url, "expires", expires);
        url_flag(&url, "force", force);
        snprintf(prompt, sizeof(prompt), "New secret of %s: ", name);
        snprintf(done, sizeof(done),
                 "%s has its new secret. Now let the old one end in Stripe's Dashboard; it is watched until "
                 "it "
                 "is dead, and then erased.",
                 name);
        return secret_give(cli, "POST", url, prompt, done);
}

int command_rotate(struct cli *cli, const struct command *command, int argc, char **argv)
{
        const char *created = NULL, *expires = NULL, *file = NULL;
        bool force = false, yes = false, dry_run = false;
        const struct option options[] = {
                { "created", OPTION_DATE, &created }, { "expires", OPTION_DATE, &expires },
                { "force", OPTION_FLAG, &force },     { "file", OPTION_TEXT, &file },
                { "yes", OPTION_FLAG, &yes },         { "dry-run", OPTION_FLAG, &dry_run },
        };
        struct texts names;
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, 1, &names);

        if (r != 0)
                return options_status(r);
        if (file ? names.n > 0 || created || expires || force : names.n == 0 || yes || dry_run) {
                complain("usage: keyvigil %s %s", command->name, command->usage);
                return CLI_USAGE;
        }
        return file ? rotate_file(cli, file, yes, dry_run)
                    : rotate_one(cli, names.list[0], created, expires, force);
}
