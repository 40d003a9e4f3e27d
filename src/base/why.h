/* The one line for people that explains why something was not done. */
#ifndef BASE_WHY_H
#define BASE_WHY_H

#include "base/macros.h"

/* Leaves the line in `ret_why` (the caller of the caller frees it; NULL without memory) and gives back
 * `error`: return why(ret_why, -EINVAL, ...); */
int why(char **ret_why, int error, const char *format, ...) _printf_(3, 4);

#endif
