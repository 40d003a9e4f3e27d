/* The arguments of a command: options anywhere, "--" ends them. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/cli.h"

enum option_kind {
        OPTION_FLAG, /* bool */
        OPTION_TEXT, /* const char * */
        OPTION_LIST, /* struct texts, as often as wanted */
        OPTION_DATE, /* const char *: a date, or a time from now like "2h"; checked */
};

#define TEXTS_MAX 64

struct texts {
        const char *list[TEXTS_MAX];
        size_t n;
};

struct option {
        const char *name; /* without "--" */
        enum option_kind kind;
        void *value;
};

/* Takes the options out of `argv`, `--json` and `--utc` for every command, and leaves the others in
 * `ret_rest`, of which there must be `min` to `max`. 0: go on. Otherwise the command is over: 1 with `--help`
 * printed, -EINVAL with a complaint. Never repeats what may be a key. */
int options_parse(struct cli *cli, const struct command *command, int argc, char **argv,
                  const struct option *options, size_t n_options, size_t min, size_t max,
                  struct texts *ret_rest);

/* What to return from the command if options_parse() did not give 0. */
static inline int options_status(int result)
{
        return result > 0 ? CLI_OK : CLI_USAGE;
}

#endif
