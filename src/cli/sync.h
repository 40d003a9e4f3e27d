/* `import --sync`: make the store equal to a list. */
#ifndef CLI_SYNC_H
#define CLI_SYNC_H

#include <stdio.h>

#include "cli/cli.h"

struct sync_options {
        const char *scope;                    /* K=V: only keys with this label are removed; NULL: any */
        const char *max_remove, *max_replace; /* "5%" or a number of keys; NULL: the usual */
        bool prune, dry_run;
};

/* Gives the exit status. */
int sync_run(const struct cli *cli, FILE *list, const struct sync_options *options);

#endif
