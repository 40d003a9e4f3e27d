/* Enums that have names: the way back from the name. */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <stddef.h>

/* The place of the text among the first `n` names; -EINVAL: it is none of them. */
int name_find(const char *const *names, size_t n, const char *text);

#endif
