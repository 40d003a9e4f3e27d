/* What all commands share. A command prints what people asked for on standard output, and on failure one line
 * on standard error: what was wrong, what to do. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>

#include "base/macros.h"
#include "model/settings.h"

/* Exit statuses. `check` and `plugin` have meanings of their own beside these. */
enum {
        CLI_OK = 0,
        CLI_FAILED = 1,
        CLI_USAGE = 2,
        CLI_UNKNOWN = 3, /* check, plugin: could not tell */
};

struct cli {
        const char *conf_path; /* NULL: the usual place */
        bool json;             /* print the body of the route */
        bool utc;              /* times as they are stored, on a terminal, too */
        bool colour;           /* standard output is a terminal, and nobody asked for plainness */
        usec_t patience;       /* until when the daemon must have answered; 0: as long as it takes */
        struct settings settings;
};

struct command;

/* `argv[0]` is the command. Gives the exit status. */
typedef int (*command_fn)(struct cli *cli, const struct command *command, int argc, char **argv);

struct command {
        const char *name;
        const char *usage; /* what follows the name */
        const char *brief; /* one line, for the list of commands; NULL: it is not listed */
        const char *help;  /* the rest of `COMMAND --help`; NULL: nothing */
        command_fn run;
};

/* The whole program. Gives the exit status. */
int cli_run(int argc, char **argv);

/* Is it an option that every command takes, --json or --utc? Then it is taken. */
bool cli_take(struct cli *cli, const char *argument);

/* "keyvigil: …" and a newline on standard error: why the command fails. See failure.h for what is no failure,
 * and for what programs are told. */
void complain(const char *format, ...) _printf_(1, 2);

#endif
