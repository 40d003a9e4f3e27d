/* The pieces of `keyvigil doctor`. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include <jansson.h>

#include "cli/cli.h"

struct doctor {
        const struct cli *cli;
        json_t *status; /* the daemon's; NULL: it did not give one */
        json_t *said;   /* for --json: what was looked at, in order */
        size_t n_ill;
};

/* Exit status of a program that is given as words with single blanks between; -errno. Its output goes
 * nowhere. */
int doctor_run_quietly(const char *words);

/* Does the provider answer, with whatever? Asked without a key. `ret_off`: how far our clock is ahead of its,
 * in seconds. -errno with the reason in `why`. */
int doctor_ask_provider(const struct settings *settings, long *ret_off, char *why, size_t size);

/* Keys in a copy of the database, which is opened as one of ours; -errno. */
long long doctor_count_keys(const char *path);

#endif
