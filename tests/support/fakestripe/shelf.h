#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Things in the order of their creation, so that a page of a list, also one bounded by time, costs the page
 * and not the list. Each thing begins with a stamp; the shelf owns nothing. All zero is a valid empty shelf.
 */
struct stamp {
        int64_t created; /* wall clock; set before shelf_add() */
        uint64_t serial; /* set by shelf_add(): orders what is equally old */
};

struct shelf {
        struct stamp **items; /* oldest first, unless `unsorted` */
        size_t count, room;
        uint64_t serial;
        bool unsorted;
};

struct page_query {
        int64_t created_from, created_to;   /* both included */
        const struct stamp *after, *before; /* starting_after, ending_before; NULL: not asked */
        size_t limit;
};

struct page {
        size_t from, to; /* items[to - 1] down to items[from] are the page */
        bool has_more;
};

void shelf_add(struct shelf *s, struct stamp *item);
/* As shelf_add(), but the item keeps its serial: for a shelf of things that stand on another one as well. */
void shelf_put(struct shelf *s, struct stamp *item);
void shelf_remove(struct shelf *s, const struct stamp *item);
struct page shelf_page(struct shelf *s, const struct page_query *q);
void shelf_clear(struct shelf *s);
