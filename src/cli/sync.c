#include "cli/sync.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/number.h"
#include "cli/client.h"
#include "cli/failure.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "cli/wholelist.h"

/* Waits of 20 s each in which nothing was decided. */
#define IDLE_MAX 3
/* Keys that are removed with one request: what the route takes. */
#define SLICE 200

struct sync {
        const struct cli *cli;
        const struct sync_options *options;
        struct wholelist list;
        json_t *plan; /* what the daemon would do */
        json_t *gone; /* names that the list lacks, within its scope */
        uint64_t scope_size;

        char *cursor;    /* of the last event that was looked at */
        json_t *waiting; /* names whose new secrets are not decided about */
        size_t to_prove, replaced, failed;
        size_t removed, kept;
};

static void sync_clear(struct sync *s)
{
        wholelist_clear(&s->list);
        json_decref(s->plan);
        json_decref(s->gone);
        json_decref(s->waiting);
        free(s->cursor);
}

/* --- the plan */

static int send(const struct sync *s, bool dry_run, struct answer *ret)
{
        FILE *file = s->list.size > 0 ? fmemopen(s->list.text, s->list.size, "r") : fopen("/dev/null", "re");
        struct progress progress;
        struct upload upload = { .file = file, .progress = progress_bytes, .userdata = &progress };
        struct url url = url_new("/v1/import");

        if (!file)
                return -errno;
        (void) setvbuf(file, NULL, _IONBF, 0); /* no copy of what is secret */
        url_flag(&url, "sync", true);
        url_flag(&url, "dry_run", dry_run);
        progress_begin(&progress, "MiB", s->list.size);
        int r = client_call(s->cli, "POST", url, &upload, ret);
        progress_hide(&progress);
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
        if (number_of(s, "waiting") > 0)
                printf(", %" PRId64 " waiting for proof", number_of(s, "waiting"));
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
                complain_as(FAILURE_REFUSED,
                            "refused: %zu secrets would be replaced, and the limit is %" PRIu64 " of %" PRIu64
                            " keys; is it the right list? --max-replace allows more; nothing was done",
                            n_replaced(s), replace, s->scope_size);
                return -EPERM;
        }
        if (!s->options->prune || json_object_size(s->gone) == 0)
                return 0;
        if (number_of(s, "refused") > 0 || !s->list.has_end) {
                complain_as(
                        FAILURE_REFUSED, "refused: nothing is removed after %s; nothing was done",
                        s->list.has_end
                                ? "a list with bad lines"
                                : "a list whose last line is not {\"end\":COUNT} with the number of lines "
                                  "before it: it may have been cut off");
                return -EPERM;
        }
        if (json_object_size(s->gone) > remove) {
                complain_as(FAILURE_REFUSED,
                            "refused: %zu keys would be removed, and the limit is %" PRIu64 " of %" PRIu64
                            " keys; is it the whole list? --max-remove allows more; nothing was done",
                            json_object_size(s->gone), remove, s->scope_size);
                return -EPERM;
        }
        return 0;
}

/* --- what is replaced: the daemon proves each new secret by itself, and tells in its events */

/* Where the events behind this begin. */
static int mark(struct sync *s)
{
        struct url url = url_new("/v1/events");
        struct answer answer = { 0 };

        url_text(&url, "after", "now");
        int r = client_call(s->cli, "GET", url, NULL, &answer);
        if (r >= 0)
                s->cursor = strdup(text_of(answer.json, "next"));
        answer_clear(&answer);
        return r < 0 ? r : s->cursor ? 0 : -ENOMEM;
}

static void take_event(struct sync *s, const json_t *event)
{
        const char *key = text_of(event, "key"),
                   *action = text_of(json_object_get(event, "fields"), "KEYVIGIL_ACTION");
        bool rotated = strcmp(action, "rotated") == 0, decided = strcmp(action, "decided") == 0;

        if ((!rotated && !decided) || !json_object_get(s->waiting, key))
                return;
        json_object_del(s->waiting, key);
        s->replaced += rotated;
        s->failed += decided;
        if (decided)
                complain("%s", text_of(event, "message"));
}

static int take_events(struct sync *s)
{
        struct url url = url_new("/v1/events");
        struct answer answer = { 0 };
        const json_t *event;
        size_t i;

        url_text(&url, "after", s->cursor);
        url_text(&url, "kind", "operator-action");
        url_text(&url, "limit", "1000");
        url_text(&url, "wait", "20");
        int r = client_call(s->cli, "GET", url, NULL, &answer);
        json_array_foreach(json_object_get(answer.json, "data"), i, event) take_event(s, event);
        char *cursor = r < 0 ? NULL : strdup(text_of(answer.json, "next"));
        answer_clear(&answer);
        free(s->cursor);
        s->cursor = cursor;
        return r < 0 ? r : cursor ? 0 : -ENOMEM;
}

/* Until all is decided, or nothing was for a while. The daemon goes on without us. */
static int wait_for_proofs(struct sync *s, const json_t *names)
{
        const json_t *name;
        size_t i, left;
        unsigned idle = 0;
        int r = 0;

        s->waiting = json_object();
        json_array_foreach(names, i, name)
                json_object_set_new(s->waiting, json_string_value(name), json_true());
        s->to_prove = json_object_size(s->waiting);
        while (r >= 0 && (left = json_object_size(s->waiting)) > 0 && idle < IDLE_MAX) {
                r = take_events(s);
                idle = json_object_size(s->waiting) < left ? 0 : idle + 1;
        }
        return r;
}

/* --- all of it */

/* A slice of those that go, as the route takes them. */
static int remove_slice(struct sync *s, char *names, size_t size)
{
        FILE *file = fmemopen(names, size, "r");
        struct upload upload = { .file = file };
        struct answer answer = { 0 };
        const json_t *name;
        size_t i;

        if (!file)
                return -errno;
        int r = client_call(s->cli, "POST", url_new("/v1/keys/remove"), &upload, &answer);
        fclose(file);
        if (r >= 0)
                s->removed += (size_t) json_integer_value(json_object_get(answer.json, "removed"));
        json_array_foreach(json_object_get(answer.json, "kept"), i, name)
        {
                s->kept++;
                complain("%s: not removed: a probe coupon of our own may be left in its account; see "
                         "'keyvigil "
                         "coupons'",
                         json_string_value(name));
        }
        answer_clear(&answer);
        return r;
}

static int remove_gone(struct sync *s)
{
        char names[SLICE * 80]; /* a name has at most 64 bytes */
        size_t used = 0, n = 0;
        const char *name;
        json_t *value;
        int r = 0;

        json_object_foreach(s->gone, name, value)
        {
                if (n == SLICE) {
                        r = remove_slice(s, names, used);
                        used = n = 0;
                }
                if (r < 0)
                        return r;
                used += (size_t) snprintf(names + used, sizeof(names) - used, "%.64s\n", name);
                n++;
        }
        return n > 0 ? remove_slice(s, names, used) : 0;
}

static void print_proofs(const struct sync *s)
{
        size_t left = json_object_size(s->waiting);
        json_int_t before = number_of(s, "waiting");

        if (s->to_prove > 0)
                printf("%zu of %zu new secrets are proved and stored; %zu could not be told, %zu were "
                       "refused.\n",
                       s->replaced, s->to_prove, left, s->failed);
        if (left > 0 || before > 0)
                printf("%lld new secrets wait for their first healthy answer; until then the old ones are "
                       "watched.\n",
                       (long long) left + (long long) before);
}

static int apply(struct sync *s)
{
        struct answer answer = { 0 };
        int r = n_replaced(s) > 0 ? mark(s) : 0;

        if (r >= 0)
                r = send(s, false, &answer);
        if (r >= 0 && s->options->prune)
                r = remove_gone(s);
        if (r >= 0)
                r = wait_for_proofs(s, json_object_get(answer.json, "replaced"));
        answer_clear(&answer);
        if (r < 0) {
                complain("import: it was not finished; the same command again goes on");
                return r;
        }
        if (s->cli->json && s->options->prune)
                json_object_set_new(s->plan, "removed", json_integer((json_int_t) s->removed));
        if (s->cli->json)
                json_object_set_new(s->plan, "proved",
                                    json_pack("{s:I,s:I,s:I}", "stored", (json_int_t) s->replaced, "refused",
                                              (json_int_t) s->failed, "undecided",
                                              (json_int_t) json_object_size(s->waiting)));
        else
                print_proofs(s);
        return s->failed > 0 || s->kept > 0 ? -EAGAIN : 0;
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

        if (r >= 0 && !cli->json)
                print_plan(&s);
        if (r >= 0)
                r = check_limits(&s);
        bool may = r >= 0;
        if (may && !options->dry_run)
                r = apply(&s);
        if (may && cli->json)
                json_print(s.plan);
        bool bad = r < 0 || number_of(&s, "refused") > 0,
             left = json_object_size(s.waiting) > 0 || number_of(&s, "waiting") > 0;
        sync_clear(&s);
        return bad ? CLI_FAILED : left ? CLI_UNKNOWN : CLI_OK;
}
