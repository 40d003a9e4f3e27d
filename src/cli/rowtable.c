#include "cli/rowtable.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Rows that say how wide the columns are. */
#define MEASURED 1000

struct rowtable {
        const struct cli *cli;
        const struct cell *cells;
        size_t n;
        const char *sort, *extra;
        uint64_t left;
        json_t *rows; /* not printed yet */
        size_t widths[CELLS_MAX];
        bool begun, any;
};

int rowtable_new(const struct cli *cli, const struct cell *cells, size_t n, const char *sort, uint64_t limit,
                 struct rowtable **ret)
{
        struct rowtable *table = calloc(1, sizeof(*table));

        if (!table)
                return -ENOMEM;
        *table = (struct rowtable){
                .cli = cli, .cells = cells, .n = n, .sort = sort, .left = limit, .rows = json_array()
        };
        *ret = table;
        return table->rows ? 0 : -ENOMEM;
}

static void begin(struct rowtable *table)
{
        if (table->begun)
                return;
        table->begun = true;
        if (!table->cells)
                return;
        table_measure(table->rows, table->cells, table->n, table->widths);
        table_print_header(table->cli, table->cells, table->n, table->widths);
}

static void print(struct rowtable *table, json_t *row)
{
        if (table->left == 0)
                return;
        table->left--;
        if (table->extra)
                (void) json_object_del(row, table->extra);
        if (!table->cells) {
                fputs(table->any ? ",\n" : "", stdout);
                (void) json_dumpf(row, stdout, JSON_COMPACT);
                table->any = true;
                return;
        }
        table_print_row(table->cli, row, table->cells, table->n, table->widths);
}

static void print_all(struct rowtable *table)
{
        json_t *row;
        size_t i;

        begin(table);
        json_array_foreach(table->rows, i, row) print(table, row);
        json_array_clear(table->rows);
}

void rowtable_hide(struct rowtable *table, const char *name)
{
        table->extra = name;
}

int rowtable_add(struct rowtable *table, json_t *row)
{
        if (!table->begun) {
                if (json_array_append_new(table->rows, row) < 0)
                        return -ENOMEM;
                if (!table->sort && json_array_size(table->rows) == MEASURED)
                        print_all(table);
                return 0;
        }
        print(table, row);
        json_decref(row);
        return 0;
}

/* Numbers by size, texts by letter, what is not there behind all. */
static int compare_values(const json_t *a, const json_t *b)
{
        if (json_is_null(a) || json_is_null(b))
                return (json_is_null(a) || !a) - (json_is_null(b) || !b);
        if (json_is_integer(a) && json_is_integer(b))
                return (json_integer_value(a) > json_integer_value(b)) -
                       (json_integer_value(a) < json_integer_value(b));
        if (json_is_array(a) && json_is_array(b))
                return (json_array_size(a) < json_array_size(b)) - (json_array_size(a) > json_array_size(b));
        if (json_is_string(a) && json_is_string(b))
                return strcmp(json_string_value(a), json_string_value(b));
        return json_is_true(b) - json_is_true(a);
}

static int compare_rows(const void *a, const void *b, void *sort)
{
        return compare_values(json_object_get(*(json_t *const *) a, sort),
                              json_object_get(*(json_t *const *) b, sort));
}

static void sort_rows(struct rowtable *table)
{
        size_t n = json_array_size(table->rows), i;
        json_t **list = calloc(n + 1, sizeof(json_t *)), *row, *sorted = json_array();

        if (list && sorted) {
                json_array_foreach(table->rows, i, row) list[i] = row;
                qsort_r((void *) list, n, sizeof(json_t *), compare_rows, (void *) table->sort);
                for (i = 0; i < n; i++)
                        json_array_append(sorted, list[i]);
                json_decref(table->rows);
                table->rows = json_incref(sorted);
        }
        json_decref(sorted);
        free((void *) list);
}

void rowtable_end(struct rowtable *table, const char *empty)
{
        if (table->sort)
                sort_rows(table);
        if (table->cells && !table->begun && json_array_size(table->rows) == 0)
                printf("%s%s", empty ? empty : "", empty ? "\n" : "");
        else
                print_all(table);
        json_decref(table->rows);
        free(table);
}
