#include "cli/line.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "cli/commands.h"

const char *const line_global_options[] = { "--config", "--json", "--help", "--version", NULL };

static const char *const whats[] = {
#define X(name, text) [LINE_##name] = (text),
        LINE_WHATS(X)
#undef X
};

/* What an option wants behind it; of others it is not known. `command` NULL: of all commands. */
static const struct {
        const char *command, *option;
        enum line_what what;
} option_values[] = {
        { NULL, "--config", LINE_FILES },
        { NULL, "--profile", LINE_PROFILES },
        { NULL, "--of-profile", LINE_PROFILES },
        { "notify", "--state", LINE_FILES },
        { NULL, "--state", LINE_STATES },
        { NULL, "--mode", LINE_MODES },
        { NULL, "--missing", LINE_PERMISSIONS },
        { NULL, "--excess", LINE_PERMISSIONS },
        { NULL, "--columns", LINE_COLUMNS },
        { NULL, "--sort", LINE_COLUMNS },
        { NULL, "--key", LINE_KEYS },
        { NULL, "--kind", LINE_KINDS },
        { NULL, "--all-key", LINE_FILES },
        { NULL, "--none-key", LINE_FILES },
        { NULL, "--profile-key", LINE_PROFILES },
        { NULL, "--write", LINE_FILES },
        { NULL, "--report", LINE_FILES },
};

/* What the words of a command are that are no options: the first one, and those behind it. */
static const struct {
        const char *command;
        enum line_what first, rest;
} arguments[] = {
        { "import", LINE_FILES, LINE_NOTHING },    { "backup", LINE_FILES, LINE_NOTHING },
        { "list", LINE_KEYS, LINE_KEYS },          { "show", LINE_KEYS, LINE_NOTHING },
        { "check", LINE_KEYS, LINE_KEYS },         { "history", LINE_KEYS, LINE_NOTHING },
        { "rotate", LINE_KEYS, LINE_NOTHING },     { "set", LINE_KEYS, LINE_KEYS },
        { "pause", LINE_KEYS, LINE_KEYS },         { "resume", LINE_KEYS, LINE_KEYS },
        { "remove", LINE_KEYS, LINE_KEYS },        { "profiles", LINE_PROFILES, LINE_NOTHING },
        { "link", LINE_PROFILES, LINE_NOTHING },   { "incidents", LINE_INCIDENTS, LINE_NOTHING },
        { "ack", LINE_INCIDENTS, LINE_INCIDENTS }, { "coupons", LINE_COUPON_VERBS, LINE_KEYS },
};

int line_what_parse(const char *name, enum line_what *ret)
{
        for (size_t i = 0; i < ELEMENTSOF(whats); i++)
                if (strcmp(whats[i], name) == 0) {
                        *ret = (enum line_what) i;
                        return 0;
                }
        return -EINVAL;
}

/* --- options --- */

static const char *end_of(const char *option)
{
        return option + 2 + strspn(option + 2, "abcdefghijklmnopqrstuvwxyz-");
}

static const char *next_in(const char *text, size_t *ret_size)
{
        for (const char *at = text; (at = strstr(at, "--")); at = end_of(at))
                if (end_of(at) - at > 2) {
                        *ret_size = (size_t) (end_of(at) - at);
                        return at;
                }
        return NULL;
}

const char *line_option(const struct command *command, const char **at, size_t *ret_size)
{
        const char *found = next_in(*at ? *at : command->usage, ret_size);
        const char *usage_end = command->usage + strlen(command->usage);

        /* Behind the last one of the usage comes the help. */
        if (!found && command->help && (!*at || (*at >= command->usage && *at <= usage_end)))
                found = next_in(command->help, ret_size);
        if (found)
                *at = found + *ret_size;
        return found;
}

const char *line_option_first(const struct command *command, const char *option, size_t size)
{
        const char *at = NULL, *found;
        size_t other;

        while ((found = line_option(command, &at, &other)))
                if (other == size && memcmp(found, option, size) == 0)
                        break;
        return found;
}

/* Does the help say that something follows the option? "--label K=V", but "--force]" and "--all  every". */
static bool wants_value(const struct command *command, const char *option)
{
        size_t size = strlen(option);
        const char *first = line_option_first(command, option, size), *after = first ? first + size : "";

        return *after == ' ' && (isupper((unsigned char) after[1]) || isdigit((unsigned char) after[1]) ||
                                 strncmp(after + 1, "acct_", 5) == 0);
}

static enum line_what value_of(const struct command *command, const char *option, size_t size)
{
        for (size_t i = 0; i < ELEMENTSOF(option_values); i++)
                if (strlen(option_values[i].option) == size &&
                    memcmp(option_values[i].option, option, size) == 0 &&
                    (!option_values[i].command ||
                     (command && strcmp(command->name, option_values[i].command) == 0)))
                        return option_values[i].what;
        return LINE_NOTHING;
}

/* --- the line --- */

/* Behind the last comma. */
static void split_list(struct line *line)
{
        const char *comma = strrchr(line->prefix, ',');

        if (!comma || (line->what != LINE_STATES && line->what != LINE_KINDS && line->what != LINE_COLUMNS))
                return;
        line->before_size += (size_t) (comma + 1 - line->prefix);
        line->prefix = comma + 1;
}

static void split_option(struct line *line, const char *word)
{
        const char *equals = strchr(word, '=');

        if (!equals) {
                line->what = line->command ? LINE_OPTIONS : LINE_COMMANDS;
                return;
        }
        line->what = value_of(line->command, word, (size_t) (equals - word));
        line->before_size = (size_t) (equals + 1 - word);
        line->prefix = equals + 1;
}

/* Words in front of the command. Gives the place of the command, or `last`. */
static int read_global(int last, char **argv, struct line *line)
{
        for (int i = 0; i < last; i++) {
                if (strcmp(argv[i], "--config") == 0 && i + 1 < last)
                        line->conf_path = argv[++i];
                else if (strncmp(argv[i], "--config=", 9) == 0)
                        line->conf_path = argv[i] + 9;
                else if (argv[i][0] != '-')
                        return i;
        }
        return last;
}

static enum line_what argument_of(const struct command *command, size_t number)
{
        for (size_t i = 0; i < ELEMENTSOF(arguments); i++)
                if (strcmp(arguments[i].command, command->name) == 0)
                        return number == 0 ? arguments[i].first : arguments[i].rest;
        return LINE_NOTHING;
}

/* What was typed of the command so far. */
struct words {
        size_t n;   /* that are no options, nor belong to one */
        bool waits; /* the last one was an option that wants a value */
        bool ended; /* by "--" */
};

static void words_take(struct words *words, const struct command *command, const char *word)
{
        bool is_option = !words->ended && !words->waits && word[0] == '-' && word[1] != '\0';

        words->n += !is_option && !words->waits;
        words->ended = words->ended || (is_option && strcmp(word, "--") == 0);
        words->waits = is_option && !strchr(word, '=') && wants_value(command, word);
}

void line_read(int argc, char **argv, struct line *ret)
{
        int last = argc - 1, at;
        struct line line = { .before = argv[last], .prefix = argv[last] };
        struct words words = { 0 };

        at = read_global(last, argv, &line);
        line.command = at < last ? command_find(argv[at]) : NULL;
        words.waits = at == last && last > 0 && strcmp(argv[last - 1], "--config") == 0;
        for (int i = at + 1; line.command && i < last; i++)
                words_take(&words, line.command, argv[i]);
        if (words.waits)
                line.what = value_of(line.command, argv[last - 1], strlen(argv[last - 1]));
        else if (argv[last][0] == '-' && !words.ended)
                split_option(&line, argv[last]);
        else if (line.command)
                line.what = argument_of(line.command, words.n);
        else
                line.what = at == last ? LINE_COMMANDS : LINE_NOTHING;
        split_list(&line);
        *ret = line;
}
