/* What was proved, for people: it may be published as it is. */
#ifndef PROVE_REPORT_H
#define PROVE_REPORT_H

#include <stdio.h>

#include "prove/prove.h"

void report_write(const struct proof *proof, const char *today, FILE *to);

/* Is there something that is not as the catalogue assumes? */
bool proof_has_findings(const struct proof *proof);

#endif
