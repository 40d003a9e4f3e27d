/* The answers so far, a line each, so that a run that was interrupted goes on where it stopped. */
#ifndef PROVE_PART_H
#define PROVE_PART_H

#include "prove/prove.h"

/* Open `path`, take over what is there of a run with the same keys, version, catalogue and address, and give
 * the stream to which further answers are appended. The caller closes it. Gives how many answers there were;
 * what another run left is replaced. -EEXIST: it is another file, and untouched; or the errno of fopen(). */
int part_open(const char *path, const struct prove_run *run, FILE **ret);

void part_add(FILE *part, const struct proof *proof, const struct prove_row *row, enum prove_key key);

#endif
