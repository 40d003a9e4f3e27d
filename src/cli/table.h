/* JSON objects as lines for people. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <jansson.h>

#include "base/datetime.h"
#include "cli/cli.h"

enum cell_kind {
        CELL_TEXT,
        CELL_STATE,    /* a key's state, in colour */
        CELL_SEVERITY, /* an incident's, in colour */
        CELL_AGO,      /* a time, as how long ago it was */
};

struct cell {
        const char *name;  /* of the member */
        const char *title; /* of the column */
        enum cell_kind kind;
};

/* A header and a line for each object of `rows`; `empty` instead of all if there is none. */
void table_print(const struct cli *cli, const json_t *rows, const struct cell *cells, size_t n,
                 const char *empty);

/* The same, piece by piece: how wide the columns must be for these rows, then lines. */
#define CELLS_MAX 32
void table_measure(const json_t *rows, const struct cell *cells, size_t n, size_t widths[static CELLS_MAX]);
void table_print_header(const struct cli *cli, const struct cell *cells, size_t n, const size_t *widths);
void table_print_row(const struct cli *cli, const json_t *row, const struct cell *cells, size_t n,
                     const size_t *widths);

/* "Title:  value", one line for each member that is neither null nor "". */
void list_print(const struct cli *cli, const json_t *object, const struct cell *cells, size_t n);

/* "  title value", unless it is null, "" or []. */
void line_print(const json_t *object, const char *title, const char *name);

/* `text` in the colour of its meaning, or as it is. */
void print_state(const struct cli *cli, const char *state);

/* A member as a text; "" if it is not there. */
const char *text_of(const json_t *object, const char *name);

/* A member that is a time, for people. Gives back `buffer`, or what it borrows of `object`. */
const char *time_of(const json_t *object, const char *name, char buffer[static DATETIME_MAX]);

#endif
