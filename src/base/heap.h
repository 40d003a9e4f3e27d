/* Memory that is free again goes back to the system. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>

/* If the allocator keeps more for later than is worth keeping: what was needed for the first checks of a
 * million keys is not needed again. Takes milliseconds when it gives back, microseconds else. Did it? */
bool heap_tidy(void);

#endif
