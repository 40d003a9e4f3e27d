/* A secret from whoever types, to the daemon. */
#ifndef CLI_ADD_H
#define CLI_ADD_H

#include "cli/cli.h"
#include "cli/url.h"

/* Read the secret, send it, say what came of it: `done` if it went well. `url` is used up. Gives the exit
 * status. */
int secret_give(const struct cli *cli, const char *method, struct url url, const char *prompt,
                const char *done);

#endif
