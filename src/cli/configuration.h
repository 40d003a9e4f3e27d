/* The whole configuration, for commands that work on it and not on a daemon. */
#ifndef CLI_CONFIGURATION_H
#define CLI_CONFIGURATION_H

#include "cli/cli.h"
#include "conf/conf.h"

/* Every problem is a line on standard error. -EINVAL: it cannot be used. The caller frees. */
int configuration_load(const struct cli *cli, struct conf **ret);

#endif
