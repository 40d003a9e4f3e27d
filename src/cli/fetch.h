/* What can be answered with or without a daemon. */
#ifndef CLI_FETCH_H
#define CLI_FETCH_H

#include <jansson.h>

#include "cli/cli.h"
#include "cli/url.h"
#include "store/store.h"

/* Make the answer out of the database. -ENOENT: what was asked for is not there. */
typedef int (*offline_fn)(struct store *store, const void *what, json_t **ret);

/* Ask the daemon; if there is none, the database, and say so on standard error. 0, or -errno after a
 * complaint. */
int fetch(const struct cli *cli, struct url url, offline_fn offline, const void *what, json_t **ret);

#endif
