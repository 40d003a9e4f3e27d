#include "shelf.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"

static int stamp_compare(const void *a, const void *b)
{
        const struct stamp *l = *(const struct stamp *const *) a, *r = *(const struct stamp *const *) b;

        if (l->created != r->created)
                return l->created < r->created ? -1 : 1;
        return l->serial < r->serial ? -1 : l->serial > r->serial;
}

void shelf_put(struct shelf *s, struct stamp *item)
{
        if (s->count == s->room) {
                s->room = s->room ? s->room * 2 : 8;
                s->items = xrealloc(s->items, s->room * sizeof(*s->items));
        }
        if (s->count > 0 && stamp_compare(&s->items[s->count - 1], &item) > 0)
                s->unsorted = true;
        s->items[s->count++] = item;
}

void shelf_add(struct shelf *s, struct stamp *item)
{
        item->serial = ++s->serial;
        shelf_put(s, item);
}

static void shelf_sort(struct shelf *s)
{
        if (s->unsorted)
                qsort(s->items, s->count, sizeof(*s->items), stamp_compare);
        s->unsorted = false;
}

/* Number of items that are older than the stamp. The shelf must be sorted. */
static size_t shelf_older(const struct shelf *s, const struct stamp *stamp)
{
        size_t low = 0, high = s->count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (stamp_compare(&s->items[middle], &stamp) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

void shelf_remove(struct shelf *s, const struct stamp *item)
{
        shelf_sort(s);

        size_t at = shelf_older(s, item);

        if (at == s->count || s->items[at] != item)
                return;
        s->count--;
        memmove(&s->items[at], &s->items[at + 1], (s->count - at) * sizeof(*s->items));
}

struct page shelf_page(struct shelf *s, const struct page_query *q)
{
        shelf_sort(s);

        size_t low = shelf_older(s, &(struct stamp){ .created = q->created_from });
        size_t high = shelf_older(s, &(struct stamp){ .created = q->created_to, .serial = UINT64_MAX });

        if (q->after) {
                size_t at = shelf_older(s, q->after);

                high = high < at ? high : at;
        }
        if (q->before) {
                size_t at = shelf_older(s, q->before) + 1;

                low = low > at ? low : at;
        }
        if (high <= low)
                return (struct page){ 0 };
        if (high - low <= q->limit)
                return (struct page){ .from = low, .to = high };
        if (q->before)
                return (struct page){ .from = low, .to = low + q->limit, .has_more = true };
        return (struct page){ .from = high - q->limit, .to = high, .has_more = true };
}

void shelf_clear(struct shelf *s)
{
        free(s->items);
        *s = (struct shelf){ 0 };
}
