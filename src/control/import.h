/* POST /v1/import: lines are stored while they come in, a piece of the body as one transaction. */
#ifndef CONTROL_IMPORT_H
#define CONTROL_IMPORT_H

#include <stddef.h>

#include "control/visit.h"

/* -ENOMEM; a bad parameter is answered and 0. */
int import_new(struct visit *visit, struct import **ret);
struct import *import_free(struct import *import);

/* Take a piece of the body: store the lines that are whole now, as many as a turn of the loop is long enough
 * for. What is left is copied, and what comes until it had its turn put behind it. -ENOMEM. */
int import_feed(struct import *import, const char *bytes, size_t size);
/* Go on with what is left. False: that was all. */
bool import_more(struct import *import);
bool import_has_more(const struct import *import);

#endif
