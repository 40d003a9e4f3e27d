/* Whole numbers as people write them. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdint.h>

/* Decimal digits, with "-" in front if `min` allows it; nothing else, no blanks. -EINVAL: not that; -ERANGE:
 * not from `min` to `max`. */
int number_parse(const char *text, int64_t min, int64_t max, int64_t *ret);

#endif
