#include "base/heap.h"

#include <malloc.h>
#include <stddef.h>

/* So much, and so large a part of what is in use, may lie idle. */
#define IDLE_MIN  ((size_t) 16 << 20)
#define IDLE_PART 8

bool heap_tidy(void)
{
        struct mallinfo2 info = mallinfo2();

        return info.fordblks > IDLE_MIN && info.fordblks > info.uordblks / IDLE_PART && malloc_trim(0) == 1;
}
