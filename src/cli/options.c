#include "cli/options.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli/failure.h"
#include "cli/when.h"
#include "stripe/redact.h"

static void command_help(const struct command *command)
{
        printf("keyvigil %s%s%s\n\n%s.\n", command->name, *command->usage ? " " : "", command->usage,
               command->brief);
        if (command->help)
                printf("\n%s", command->help);
}

static int misuse(const struct command *command, const char *what, const char *argument)
{
        if (looks_like_key(argument))
                complain_as(
                        FAILURE_USAGE,
                        "a key must never stand on the command line, where everybody can read it: treat it "
                        "as "
                        "leaked; secrets are read from standard input");
        else
                complain_as(FAILURE_USAGE, "%s: %s%s; see 'keyvigil %s --help'", command->name, what,
                            argument, command->name);
        return -EINVAL;
}

/* The option that `argument` (behind its "--") names, with or without "=VALUE". */
static const struct option *find(const struct option *options, size_t n, const char *argument, size_t size)
{
        for (size_t i = 0; i < n; i++)
                if (strlen(options[i].name) == size && memcmp(options[i].name, argument, size) == 0)
                        return &options[i];
        return NULL;
}

static int put(const struct command *command, const struct option *option, const char *value)
{
        struct texts *list = option->value;
        int64_t wall;

        switch (option->kind) {
        case OPTION_FLAG:
                *(bool *) option->value = true;
                return 0;
        case OPTION_DATE:
                if (*value != '\0' && when_parse(value, &wall) < 0)
                        return misuse(command, "neither a date nor a time from now like 2h: ", value);
                *(const char **) option->value = value;
                return 0;
        case OPTION_TEXT:
                *(const char **) option->value = value;
                return 0;
        case OPTION_LIST:
                if (list->n == TEXTS_MAX)
                        return misuse(command, "too often: --", option->name);
                list->list[list->n++] = value;
                return 0;
        }
        return 0;
}

/* One option at argv[*i]; its value may be the next argument. */
static int take_option(const struct command *command, int argc, char **argv, int *i,
                       const struct option *options, size_t n_options, uint64_t *seen)
{
        const char *argument = argv[*i] + 2, *equals = strchr(argument, '=');
        size_t size = equals ? (size_t) (equals - argument) : strlen(argument);
        const struct option *option = find(options, n_options, argument, size);

        if (!option)
                return misuse(command, "no such option: ", argv[*i]);
        if (option->kind == OPTION_FLAG && equals)
                return misuse(command, "takes no value: --", option->name);
        if (option->kind != OPTION_FLAG && !equals && *i + 1 >= argc)
                return misuse(command, "needs a value: --", option->name);
        if (option->kind == OPTION_TEXT || option->kind == OPTION_DATE) { /* of two only one would count */
                uint64_t bit = UINT64_C(1) << (option - options);

                if (*seen & bit)
                        return misuse(command, "given twice: --", option->name);
                *seen |= bit;
        }
        const char *value = option->kind == OPTION_FLAG ? "" : equals ? equals + 1 : argv[++*i];
        if (looks_like_key(value))
                return misuse(command, "", value);
        return put(command, option, value);
}

static int take_rest(const struct command *command, const char *argument, struct texts *rest)
{
        if (looks_like_key(argument))
                return misuse(command, "", argument);
        if (rest->n == TEXTS_MAX)
                return misuse(command, "too many arguments, at ", argument);
        rest->list[rest->n++] = argument;
        return 0;
}

/* 1: it was the last thing to do. */
static int take(struct cli *cli, const struct command *command, int argc, char **argv, int *i,
                const struct option *options, size_t n_options, uint64_t *seen)
{
        if (strcmp(argv[*i], "--help") == 0 || strcmp(argv[*i], "-h") == 0) {
                command_help(command);
                return 1;
        }
        if (cli_take(cli, argv[*i]))
                return 0;
        return take_option(command, argc, argv, i, options, n_options, seen);
}

int options_parse(struct cli *cli, const struct command *command, int argc, char **argv,
                  const struct option *options, size_t n_options, size_t min, size_t max,
                  struct texts *ret_rest)
{
        struct texts rest = { 0 };
        uint64_t seen = 0; /* by their places in the table */
        bool ended = false;

        for (int i = 1; i < argc; i++) {
                bool is_option = !ended && argv[i][0] == '-' && argv[i][1] != '\0';
                int r;

                if (is_option && strcmp(argv[i], "--") == 0) {
                        ended = true;
                        continue;
                }
                if (is_option)
                        r = take(cli, command, argc, argv, &i, options, n_options, &seen);
                else
                        r = take_rest(command, argv[i], &rest);
                if (r != 0)
                        return r;
        }
        if (rest.n < min || rest.n > max) {
                complain_as(FAILURE_USAGE, "usage: keyvigil %s %s", command->name, command->usage);
                return -EINVAL;
        }
        if (ret_rest)
                *ret_rest = rest;
        return 0;
}
