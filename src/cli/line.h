/* What is wanted at the end of a command line that somebody types. Pure. */
#ifndef CLI_LINE_H
#define CLI_LINE_H

#include <stddef.h>

#include "cli/cli.h"

/*      name, what `keyvigil complete` calls it */
#define LINE_WHATS(X)                                                                                        \
        X(NOTHING, "nothing")                                                                                \
        X(COMMANDS, "commands")                                                                              \
        X(OPTIONS, "options")                                                                                \
        X(KEYS, "keys")                                                                                      \
        X(INCIDENTS, "incidents")                                                                            \
        X(PROFILES, "profiles")                                                                              \
        X(PERMISSIONS, "permissions")                                                                        \
        X(STATES, "states")                                                                                  \
        X(KINDS, "kinds")                                                                                    \
        X(MODES, "modes")                                                                                    \
        X(COLUMNS, "columns")                                                                                \
        X(COUPON_VERBS, "verbs")                                                                             \
        X(FILES, "files")

enum line_what {
#define X(name, text) LINE_##name,
        LINE_WHATS(X)
#undef X
                _LINE_WHAT_MAX
};

/* -EINVAL: there is no such thing. */
int line_what_parse(const char *name, enum line_what *ret);

/* All borrowed from the words. */
struct line {
        const char *conf_path;         /* --config; NULL: not given */
        const struct command *command; /* NULL: there is none yet */
        enum line_what what;
        const char *before; /* the first `before_size` bytes stay as they are: "--state=", "healthy," */
        size_t before_size;
        const char *prefix; /* the rest of the last word */
};

/* The words behind "keyvigil"; the last one, which may be "", is what is being typed. */
void line_read(int argc, char **argv, struct line *ret);

/* The options of a command are those that its help names, some of them twice. `*at` NULL begins; NULL: there
 * are no more. The bytes are no string. */
const char *line_option(const struct command *command, const char **at, size_t *ret_size);

/* Where the help names this option first; NULL: nowhere. */
const char *line_option_first(const struct command *command, const char *option, size_t size);

extern const char *const line_global_options[]; /* ends with NULL */

#endif
