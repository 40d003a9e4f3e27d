/* What goes wrong is said on standard error, a line for people, when it is found. With `--json` a command
 * that fails without an answer on standard output prints a problem there at its end, for programs: see
 * keyvigil(1). */
#ifndef CLI_FAILURE_H
#define CLI_FAILURE_H

#include "cli/cli.h"

/* Codes that programs rely on, and titles. Those of the daemon's own problems are in keyvigil-api(7). */
#define FAILURES(X)                                                                                          \
        X(FAILED, "failed", "It could not be done")                                                          \
        X(USAGE, "usage", "The command line is wrong")                                                       \
        X(UNREACHABLE, "unreachable", "The daemon could not be asked")                                       \
        X(NO_ACCESS, "no-access", "You may not do this")                                                     \
        X(NOT_FOUND, "not-found", "There is no such thing")                                                  \
        X(BAD_FILE, "bad-file", "A file cannot be used")                                                     \
        X(BAD_CONFIGURATION, "bad-configuration", "The configuration cannot be used")                        \
        X(REFUSED, "refused", "This is refused")

enum failure {
#define X(name, code, title) FAILURE_##name,
        FAILURES(X)
#undef X
};

/* As complain(), with a code. The first sentence is the problem's detail, the first code that is not `failed`
 * its code. */
void complain_as(enum failure kind, const char *format, ...) _printf_(2, 3);

/* The same, said without the name of the program before it: a line that begins with its place in a file. */
void complain_at(enum failure kind, const char *line);

/* A line on standard error that tells of no failure. */
void remark(const char *format, ...) _printf_(1, 2);

/* Standard output has the answer, so no problem is printed there. */
void failure_is_answered(void);

/* The end of the program, with its exit status. */
void failure_end(bool json, int status);

#endif
