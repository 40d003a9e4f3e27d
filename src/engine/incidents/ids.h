/* Lists of permissions as incidents have them: "coupon_write invoice_read". */
#ifndef ENGINE_IDS_H
#define ENGINE_IDS_H

#include <stdbool.h>

#define IDS_MAX 64

/* The next one of a list, which is moved on; false at its end. */
bool ids_next(const char **list, char id[IDS_MAX]);

/* Is it in the list? */
bool ids_has(const char *list, const char *id);

/* Has `now` one that `before` has not? */
bool ids_grew(const char *before, const char *now);

#endif
