#include "cli/sync.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/number.h"
#include "cli/client.h"
#include "cli/table.h"
#include "cli/wholelist.h"

/* So many new secrets are proved at once, each for so long at most. */
#define PARALLEL 32
#define DEADLINE "2m"

struct sync {
        const struct cli *cli;
        const struct sync_options *options;
        struct wholelist list;
        json_t *plan; /* what the daemon would do */
        json_t *gone; /* names that the list lacks, within its scope */
        uint64_t scope_size;

        struct replacing {
                char *name, *account;
                struct secret *secret;
                struct upload upload;
        } * replacing;
        size_t n_replacing, replaced, undecided, failed;
};

static void sync_clear(struct sync *s)
{
        wholelist_clear(&s->list);
        json_decref(s->plan);
        json_decref(s->gone);
        for (size_t i = 0; i < s->n_replacing; i++) {
                free(s->replacing[i].name);
                free(s->replacing[i].account);
                secret_free(s->replacing[i].secret);
        }
        free(s->replacing);
}

/* --- the plan */

static int send(const struct sync *s, bool dry_run, struct answer *ret)
{
        FILE *file = s->list.size > 0 ? fmemopen(s->list.text, s->list.size, "r") : fopen("/dev/null", "re");
        struct upload upload = { .file = file };
        struct url url = url_new("/v1/import");

        if (!file)
                return -errno;
        (void) setvbuf(file, NULL, _IONBF, 0); /* no copy of what is secret */
        url_flag(&url, "sync", true);
        url_flag(&url, "dry_run", dry_run);
        int r = client_call(s->cli, "POST", url, &upload, ret);
        fclose(file);
        return r;
}

/* Lines that are no JSON objects are the daemon's to complain about. */
static int take_name(uint64_t number, const json_t *line, void *userdata)
{
        struct sync *s = userdata;
        const char *name = json_string_value(json_object_get(line, "name"));

        (void) number;
        if (name)
                (void) json_object_del(s->gone, name);
        return 0;
}

/* All keys of the scope, less those of the list. */
static int find_gone(struct sync *s)
{
        struct url url = url_new("/v1/keys");
        struct answer answer = { 0 };
        const json_t *key;
        size_t i;

        url_text(&url, "columns", "name");
        url_text(&url, "label", s->options->scope);
        int r = client_call(s->cli, "GET", url, NULL, &answer);
        s->gone = json_object();
        json_array_foreach(json_object_get(answer.json, "keys"), i, key)
        {
                s->scope_size++;
                json_object_set_new(s->gone, text_of(key, "name"), json_true());
        }
        answer_clear(&answer);
        return r < 0 ? r : wholelist_each(&s->list, take_name, s);
}

static int64_t number_of(const struct sync *s, const char *name)
{
        return (int64_t) json_integer_value(json_object_get(s->plan, name));
}

static size_t n_replaced(const struct sync *s)
{
        return json_array_size(json_object_get(s->plan, "replaced"));
}

static void print_plan(const struct sync *s)
{
        const json_t *line;
        size_t i;

        json_array_foreach(json_object_get(s->plan, "errors"), i, line)
                complain("line %lld: %s", (long long) json_integer_value(json_object_get(line, "line")),
                         text_of(line, "message"));
        printf("%" PRId64 " added, %zu replaced, %" PRId64 " changed, %" PRId64
               " unchanged, %zu not in the list%s",
               number_of(s, "imported"), n_replaced(s), number_of(s, "changed"), number_of(s, "unchanged"),
               json_object_size(s->gone), s->options->prune ? " (to be removed)" : "");
        if (number_of(s, "refused") > 0)
                printf(", %" PRId64 " bad lines", number_of(s, "refused"));
        puts(".");
        fflush(stdout);
}

/* "5%" of the keys in scope, or a number; at least 1. */
static int limit_of(const struct sync *s, const char *text, uint64_t *ret)
{
        size_t size = strlen(text);
        bool percent = size > 0 && text[size - 1] == '%';
        char number[24];
        int64_t value;

        snprintf(number, sizeof(number), "%.*s", (int) (size - percent), text);
        if (number_parse(number, 0, percent ? 100 : INT64_MAX, &value) < 0) {
                complain("import: a limit is a number of keys, or a share of them like 5%%");
                return -EINVAL;
        }
        *ret = percent ? MAX((uint64_t) value * s->scope_size / 100, UINT64_C(1)) : (uint64_t) value;
        return 0;
}

/* Nothing is done if too much would be. */
static int check_limits(const struct sync *s)
{
        const char *max_remove = s->options->max_remove ? s->options->max_remove : "5%";
        const char *max_replace = s->options->max_replace ? s->options->max_replace : "20%";
        uint64_t remove, replace;

        if (limit_of(s, max_remove, &remove) < 0 || limit_of(s, max_replace, &replace) < 0)
                return -EINVAL;
        if (n_replaced(s) > replace) {
                complain("refused: %zu secrets would be replaced, and the limit is %" PRIu64 " of %" PRIu64
                         " keys; is it the right list? --max-replace allows more; nothing was done",
                         n_replaced(s), replace, s->scope_size);
                return -EPERM;
        }
        if (!s->options->prune || json_object_size(s->gone) == 0)
                return 0;
        if (number_of(s, "refused") > 0 || !s->list.has_end) {
                complain("refused: nothing is removed after %s; nothing was done",
                         s->list.has_end
                                 ? "a list with bad lines"
                                 : "a list whose last line is not {\"end\":COUNT} with the number of lines "
                                   "before it: it may have been cut off");
                return -EPERM;
        }
        if (json_object_size(s->gone) > remove) {
                complain("refused: %zu keys would be removed, and the limit is %" PRIu64 " of %" PRIu64
                         " keys; is it the whole list? --max-remove allows more; nothing was done",
                         json_object_size(s->gone), remove, s->scope_size);
                return -EPERM;
        }
        return 0;
}

/* --- what is replaced: each new secret proves itself first */

static int take_replacing(uint64_t number, const json_t *line, void *userdata)
{
        struct sync *s = userdata;
        const char *name = json_string_value(json_object_get(line, "name"));
        const char *account = json_string_value(json_object_get(line, "account"));
        const json_t *key = json_object_get(line, "key");
        struct replacing *replacing;

        (void) number;
        if (!name || !json_is_string(key) || !json_object_get(s->gone, name) ||
            s->n_replacing == n_replaced(s))
                return 0;
        json_object_del(s->gone, name); /* once, if it is there twice */
        replacing = &s->replacing[s->n_replacing++];
        replacing->name = strdup(name);
        replacing->account = account ? strdup(account) : NULL;
        replacing->secret = secret_copy(json_string_value(key), json_string_length(key));
        replacing->upload.secret = replacing->secret;
        return replacing->name && replacing->secret ? 0 : -ENOMEM;
}

static struct url url_of_put(size_t number, void *userdata)
{
        const struct replacing *replacing = &((struct sync *) userdata)->replacing[number];
        struct url url = url_of("/v1/keys", replacing->name, "");

        url_text(&url, "deadline", DEADLINE);
        url_text(&url, "account", replacing->account);
        url_flag(&url, "replace-account", replacing->account != NULL);
        return url;
}

static const struct upload *upload_of(size_t number, void *userdata)
{
        return &((struct sync *) userdata)->replacing[number].upload;
}

static void take_put(size_t number, const struct answer *answer, void *userdata)
{
        struct sync *s = userdata;
        const char *why = answer_error(answer);

        if (answer->status < 300)
                s->replaced++;
        else if (answer->status == 503)
                s->undecided++;
        else
                s->failed++;
        if (answer->status >= 300)
                complain("%s: %s", s->replacing[number].name,
                         why ? why : "keyvigild refused it without a reason");
}

static int replace_all(struct sync *s)
{
        const struct client_many what = { .method = "PUT",
                                          .parallel = PARALLEL,
                                          .url = url_of_put,
                                          .upload = upload_of,
                                          .take = take_put,
                                          .userdata = s };
        json_t *names = json_object_get(s->plan, "replaced"), *name;
        struct client_many many = what;
        size_t i;

        if (n_replaced(s) == 0)
                return 0;
        s->replacing = calloc(n_replaced(s), sizeof(*s->replacing));
        json_object_clear(s->gone);
        json_array_foreach(names, i, name) json_object_set_new(s->gone, json_string_value(name), json_true());
        int r = s->replacing ? wholelist_each(&s->list, take_replacing, s) : -ENOMEM;
        many.n = s->n_replacing;
        if (r >= 0)
                r = client_ask_many(s->cli, &many);
        if (r < 0)
                client_complain(s->cli, r);
        return r;
}

/* --- all of it */

static struct url url_of_gone(size_t number, void *userdata)
{
        return url_of("/v1/keys", json_string_value(json_array_get(userdata, number)), "");
}

static void take_removed(size_t number, const struct answer *answer, void *userdata)
{
        const char *why = answer_error(answer);

        if (answer->status >= 300 && answer->status != 404)
                complain("%s: %s", json_string_value(json_array_get(userdata, number)),
                         why ? why : "not removed");
}

static int remove_gone(struct sync *s)
{
        json_t *names = json_array(), *value;
        const char *name;

        json_object_foreach(s->gone, name, value) json_array_append_new(names, json_string(name));
        const struct client_many what = { .n = json_array_size(names),
                                          .parallel = 8,
                                          .method = "DELETE",
                                          .url = url_of_gone,
                                          .take = take_removed,
                                          .userdata = names };
        int r = client_ask_many(s->cli, &what);
        if (r < 0)
                client_complain(s->cli, r);
        json_decref(names);
        return r;
}

static int apply(struct sync *s)
{
        struct answer answer = { 0 };
        int r = send(s, false, &answer);

        answer_clear(&answer);
        if (r >= 0 && s->options->prune)
                r = remove_gone(s);
        if (r >= 0)
                r = replace_all(s);
        if (r < 0) {
                complain("import: it was not finished; the same command again goes on");
                return r;
        }
        if (n_replaced(s) > 0)
                printf("%zu of %zu new secrets are proved and stored; %zu could not be told, %zu were "
                       "refused.\n",
                       s->replaced, n_replaced(s), s->undecided, s->failed);
        return s->undecided + s->failed > 0 ? -EAGAIN : 0;
}

static int plan(struct sync *s, FILE *list)
{
        struct answer answer = { 0 };
        int r = wholelist_read(&s->list, list);

        if (r < 0) {
                complain("import: the list could not be read: %s", strerror(-r));
                return r;
        }
        r = send(s, true, &answer);
        s->plan = json_incref(answer.json);
        answer_clear(&answer);
        return r < 0 ? r : find_gone(s);
}

int sync_run(const struct cli *cli, FILE *list, const struct sync_options *options)
{
        struct sync s = { .cli = cli, .options = options };
        int r = plan(&s, list);

        if (r >= 0 && cli->json)
                json_print(s.plan);
        else if (r >= 0)
                print_plan(&s);
        if (r >= 0)
                r = check_limits(&s);
        if (r >= 0 && !options->dry_run)
                r = apply(&s);
        bool bad = r < 0 || number_of(&s, "refused") > 0;
        sync_clear(&s);
        return bad ? CLI_FAILED : CLI_OK;
}
