/* Text that may be published: without keys, ids of objects, accounts and requests. */
#ifndef PROVE_BLANK_H
#define PROVE_BLANK_H

#include <stddef.h>

/* Copy `text`, which is redacted already, with what looks like an id replaced by "[id]". */
void blank(const char *text, char *to, size_t size);

#endif
