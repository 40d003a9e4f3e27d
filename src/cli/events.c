#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/table.h"

#define WAIT_SECONDS  "30"
#define RETRY_SECONDS 2
#define AT_ONCE       "1000" /* events in an answer */

struct following {
        const struct cli *cli;
        const char *kind, *key;
        bool follow;
        char *cursor;
        bool lost; /* the daemon was not there at the last try */
};

static void print_event(const struct cli *cli, const json_t *event)
{
        const char *key = text_of(event, "key");
        char time[DATETIME_MAX];

        if (cli->json) {
                (void) json_dumpf(event, stdout, JSON_COMPACT);
                putchar('\n');
                return;
        }
        printf("%s  %lld  %s%s%s  %s\n", time_of(event, "at", time),
               (long long) json_integer_value(json_object_get(event, "priority")), text_of(event, "kind"),
               *key != '\0' ? "  " : "", key, text_of(event, "message"));
}

/* 1: there is more at once. */
static int take(struct following *f, const json_t *page)
{
        const json_t *event;
        size_t i;
        char *cursor = strdup(text_of(page, "next"));

        if (!cursor)
                return -ENOMEM;
        json_array_foreach(json_object_get(page, "data"), i, event) print_event(f->cli, event);
        free(f->cursor);
        f->cursor = cursor;
        if (fflush(stdout) != 0)
                return -EPIPE;
        return json_is_true(json_object_get(page, "has_more"));
}

static struct url url_of_page(const struct following *f)
{
        struct url url = url_new("/v1/events");

        url_text(&url, "after", f->cursor);
        url_text(&url, "kind", f->kind);
        url_text(&url, "key", f->key);
        url_text(&url, "limit", AT_ONCE);
        url_text(&url, "wait", f->follow ? WAIT_SECONDS : NULL);
        return url;
}

/* Who follows stays through a restart of the daemon: nothing is lost by it. */
static int wait_for_daemon(struct following *f, int error)
{
        if (!f->lost)
                client_complain(f->cli, error);
        f->lost = true;
        (void) nanosleep(&(struct timespec){ .tv_sec = RETRY_SECONDS }, NULL);
        return 1;
}

static bool comes_back(int error)
{
        return error == -ECONNREFUSED || error == -EPROTO;
}

/* 1: go on. */
static int turn(struct following *f)
{
        struct answer answer = { 0 };
        int r = client_ask(f->cli, "GET", url_of_page(f), NULL, &answer);
        bool stopping = r >= 0 && answer.status == 503;

        if (f->follow && (comes_back(r) || stopping))
                r = wait_for_daemon(f, r < 0 ? r : -ECONNREFUSED);
        else if (r < 0)
                client_complain(f->cli, r);
        else if ((r = client_check(f->cli, &answer)) >= 0)
                r = take(f, answer.json);
        if (r >= 0 && f->follow)
                r = 1;
        answer_clear(&answer);
        return r;
}

int command_events(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct following f = { .cli = cli };
        const char *after = NULL;
        const struct option options[] = { { "follow", OPTION_FLAG, &f.follow },
                                          { "after", OPTION_TEXT, &after },
                                          { "kind", OPTION_TEXT, &f.kind },
                                          { "key", OPTION_TEXT, &f.key } };
        int r = options_parse(cli, command, argc, argv, options, ELEMENTSOF(options), 0, 0, NULL);

        if (r != 0)
                return options_status(r);
        f.cursor = strdup(after ? after : f.follow ? "now" : "0");
        while (f.cursor && (r = turn(&f)) > 0)
                continue;
        bool failed = !f.cursor || r < 0;
        free(f.cursor);
        return failed ? CLI_FAILED : CLI_OK;
}
