#include "timers.h"

#include <stdlib.h>

#include "buf.h"

void timers_add(struct timers *t, usec_t due, void *owner)
{
        if (t->count == t->room) {
                t->room = t->room ? t->room * 2 : 16;
                t->heap = xrealloc(t->heap, t->room * sizeof(*t->heap));
        }

        size_t at = t->count++;

        for (; at > 0 && t->heap[(at - 1) / 2].due > due; at = (at - 1) / 2)
                t->heap[at] = t->heap[(at - 1) / 2];
        t->heap[at] = (struct timer){ .due = due, .owner = owner };
}

usec_t timers_next(const struct timers *t)
{
        return t->count ? t->heap[0].due : UINT64_MAX;
}

void *timers_take(struct timers *t, usec_t now)
{
        if (t->count == 0 || t->heap[0].due > now)
                return NULL;

        void *owner = t->heap[0].owner;
        struct timer last = t->heap[--t->count];
        size_t at = 0, child;

        while ((child = 2 * at + 1) < t->count) {
                if (child + 1 < t->count && t->heap[child + 1].due < t->heap[child].due)
                        child++;
                if (t->heap[child].due >= last.due)
                        break;
                t->heap[at] = t->heap[child];
                at = child;
        }
        t->heap[at] = last;
        return owner;
}

void timers_clear(struct timers *t)
{
        free(t->heap);
        *t = (struct timers){ 0 };
}
