/* A permissions.yaml that says what was learned. */
#ifndef PROVE_MEND_H
#define PROVE_MEND_H

#include <stdio.h>

#include "prove/prove.h"

/* Change the rows of the catalogue that were found to be otherwise, as far as that is possible, and say so in
 * their `mended`. `today` is YYYY-MM-DD. -ENOMEM. */
int proof_mend(struct proof *proof, const char *today);

/* Write the catalogue as a file that takes the place of the built-in one; its version is newer than that.
 * -errno. */
int catalogue_write(const struct proof *proof, const char *today, FILE *to);

#endif
