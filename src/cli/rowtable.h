/* A table that is printed while its rows come: of a million of them none is kept but the first, which say how
 * wide the columns are; or all, to be sorted. */
#ifndef CLI_ROWTABLE_H
#define CLI_ROWTABLE_H

#include <jansson.h>

#include "cli/table.h"

struct rowtable;

/* `sort`: the member by which to sort; NULL: as they come. `limit`: rows at most. Cells are borrowed; NULL:
 * the rows are printed as JSON objects with commas between. */
int rowtable_new(const struct cli *cli, const struct cell *cells, size_t n, const char *sort, uint64_t limit,
                 struct rowtable **ret);

/* A member that is there to sort by, and is not printed. Borrowed. */
void rowtable_hide(struct rowtable *table, const char *name);

/* `row` is taken over. */
int rowtable_add(struct rowtable *table, json_t *row);

/* What is left; `empty` (may be NULL) if there was no row at all. Frees. */
void rowtable_end(struct rowtable *table, const char *empty);

#endif
