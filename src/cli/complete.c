/* What a shell asks while somebody types. It says nothing but words that fit, never waits long, and where it
 * cannot know it is silent: the shell is in the middle of a line. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/line.h"
#include "cli/table.h"
#include "conf/conf.h"
#include "conf/settings.h"
#include "model/incident.h"
#include "model/key.h"

#define WORDS_MAX   "200"
#define PATIENCE    (300 * USEC_PER_MSEC)
#define PATTERN_MAX 80

struct completion {
        struct cli *cli;
        const char *before; /* what each word begins with: "--state=", "healthy," … */
        size_t before_size;
        const char *prefix; /* what is typed of it */
};

/* `brief` NULL: none. */
static void offer(const struct completion *c, const char *word, const char *brief)
{
        if (strncmp(word, c->prefix, strlen(c->prefix)) != 0)
                return;
        printf("%.*s%s%s%s\n", (int) c->before_size, c->before, word, brief ? "\t" : "", brief ?: "");
}

/* The list `member` of the daemon's answer; the caller clears the answer. */
static const json_t *ask(const struct completion *c, struct url url, const char *member, struct answer *ret)
{
        *ret = (struct answer){ 0 };
        if (client_ask(c->cli, "GET", url, NULL, ret) < 0 || ret->status != 200)
                return NULL;
        return json_object_get(ret->json, member);
}

static void offer_keys(const struct completion *c)
{
        struct url url = url_new("/v1/keys");
        char pattern[PATTERN_MAX];
        struct answer answer;
        const json_t *keys, *key;
        size_t i;

        if (strpbrk(c->prefix, "*?[,") || strlen(c->prefix) + 2 > sizeof(pattern)) {
                url_clear(&url);
                return;
        }
        snprintf(pattern, sizeof(pattern), "%s*", c->prefix);
        url_text(&url, "name", pattern);
        url_text(&url, "columns", "name");
        url_text(&url, "limit", WORDS_MAX);
        keys = ask(c, url, "keys", &answer);
        json_array_foreach(keys, i, key) offer(c, text_of(key, "name"), NULL);
        answer_clear(&answer);
}

static void offer_columns(const struct completion *c)
{
        struct url url = url_new("/v1/keys");
        struct answer answer;
        const char *name;
        json_t *first, *value;

        url_text(&url, "limit", "1");
        first = json_array_get(ask(c, url, "keys", &answer), 0);
        json_object_foreach(first, name, value) offer(c, name, NULL);
        answer_clear(&answer);
}

static void offer_incidents(const struct completion *c)
{
        struct url url = url_new("/v1/incidents");
        struct answer answer;
        const json_t *incidents, *incident;
        size_t i;

        url_text(&url, "open", "1");
        url_text(&url, "limit", WORDS_MAX);
        incidents = ask(c, url, "incidents", &answer);
        json_array_foreach(incidents, i, incident)
        {
                char id[24], brief[128];

                snprintf(id, sizeof(id), "%lld",
                         (long long) json_integer_value(json_object_get(incident, "id")));
                snprintf(brief, sizeof(brief), "%s %s", text_of(incident, "kind"), text_of(incident, "key"));
                offer(c, id, brief);
        }
        answer_clear(&answer);
}

/* What the files say, which everybody may read. */
static void offer_configured(const struct completion *c, enum line_what what)
{
        _cleanup_(conf_freep) struct conf *conf = NULL;
        struct problems problems = { 0 };

        if (conf_load(c->cli->conf_path, &conf, &problems) >= 0) {
                for (size_t i = 0; what == LINE_PROFILES && i < conf->profiles->n; i++)
                        offer(c, conf->profiles->list[i]->name, conf->profiles->list[i]->title);
                for (size_t i = 0; what == LINE_PERMISSIONS && i < conf->catalogue->n; i++) {
                        const struct permission *row = &conf->catalogue->rows[i];
                        char name[128];

                        snprintf(name, sizeof(name), "%s_read", row->name);
                        offer(c, name, row->labels[0]);
                        snprintf(name, sizeof(name), "%s_write", row->name);
                        offer(c, name, row->labels[0]);
                }
        }
        problems_clear(&problems);
}

static void offer_options(const struct completion *c, const struct command *command)
{
        static const char *const every[] = { "--json", "--utc", "--help" };
        const char *at = NULL, *option;
        size_t size;

        while ((option = line_option(command, &at, &size))) {
                char word[64];

                snprintf(word, sizeof(word), "%.*s", (int) size, option);
                if (line_option_first(command, option, size) == option)
                        offer(c, word, NULL);
        }
        for (size_t i = 0; i < ELEMENTSOF(every); i++)
                if (!line_option_first(command, every[i], strlen(every[i])))
                        offer(c, every[i], NULL);
}

static void offer_commands(const struct completion *c)
{
        size_t n;
        const struct command *commands = commands_all(&n);

        for (size_t i = 0; i < n; i++)
                if (commands[i].brief)
                        offer(c, commands[i].name, commands[i].brief);
        for (const char *const *option = line_global_options; *option; option++)
                if (*c->prefix == '-')
                        offer(c, *option, NULL);
}

static void offer_constants(const struct completion *c, enum line_what what)
{
        static const char *const modes[] = { "live", "test" }, *const verbs[] = { "list", "sweep", "add" };

        for (size_t i = 0; what == LINE_STATES && i < _STATE_MAX; i++)
                offer(c, state_name((enum state) i), NULL);
        for (size_t i = 0; what == LINE_KINDS && i < _INCIDENT_KIND_MAX; i++)
                offer(c, incident_kind_name((enum incident_kind) i), NULL);
        for (size_t i = 0; what == LINE_MODES && i < ELEMENTSOF(modes); i++)
                offer(c, modes[i], NULL);
        for (size_t i = 0; what == LINE_COUPON_VERBS && i < ELEMENTSOF(verbs); i++)
                offer(c, verbs[i], NULL);
}

static int offer_all(const struct completion *c, enum line_what what, const struct command *command)
{
        switch (what) {
        case LINE_FILES:
                return CLI_UNKNOWN;
        case LINE_COMMANDS:
                offer_commands(c);
                break;
        case LINE_OPTIONS:
                offer_options(c, command);
                break;
        case LINE_KEYS:
                offer_keys(c);
                break;
        case LINE_INCIDENTS:
                offer_incidents(c);
                break;
        case LINE_COLUMNS:
                offer_columns(c);
                break;
        case LINE_PROFILES:
        case LINE_PERMISSIONS:
                offer_configured(c, what);
                break;
        default:
                offer_constants(c, what);
                break;
        }
        return CLI_OK;
}

static int complete_line(struct completion *c, int argc, char **argv)
{
        struct line line;

        line_read(argc, argv, &line);
        if (line.conf_path) {
                settings_clear(&c->cli->settings);
                c->cli->conf_path = line.conf_path;
                if (conf_load_settings(line.conf_path, &c->cli->settings) < 0)
                        return CLI_OK;
        }
        c->before = line.before;
        c->before_size = line.before_size;
        c->prefix = line.prefix;
        return offer_all(c, line.what, line.command);
}

int command_complete(struct cli *cli, const struct command *command, int argc, char **argv)
{
        struct completion completion = { .cli = cli, .before = "", .prefix = argc == 3 ? argv[2] : "" };
        enum line_what what;

        cli->patience = PATIENCE;
        if (argc >= 3 && strcmp(argv[1], "line") == 0)
                return complete_line(&completion, argc - 2, argv + 2);
        if (argc > 3 || argc < 2 || line_what_parse(argv[1], &what) < 0) {
                complain("usage: keyvigil %s %s", command->name, command->usage);
                return CLI_USAGE;
        }
        return offer_all(&completion, what, command);
}
