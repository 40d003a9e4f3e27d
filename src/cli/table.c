#include "cli/table.h"

#include <stdio.h>
#include <string.h>

#include "cli/when.h"

#define CELL_MAX  4096 /* bytes of a text; what is longer is cut, and --json has it whole */
#define WIDTH_MAX 60   /* of a column that is not the last */

enum colour {
        COLOUR_NONE,
        COLOUR_RED = 31,
        COLOUR_GREEN = 32,
        COLOUR_YELLOW = 33,
        COLOUR_BLUE = 34,
};

static const struct {
        const char *word;
        enum colour colour;
} colours[] = {
        { "healthy", COLOUR_GREEN }, { "degraded", COLOUR_YELLOW }, { "blocked", COLOUR_RED },
        { "expired", COLOUR_RED },   { "revoked", COLOUR_RED },     { "invalid", COLOUR_RED },
        { "rolled", COLOUR_BLUE },   { "paused", COLOUR_BLUE },     { "unverified", COLOUR_YELLOW },
        { "emerg", COLOUR_RED },     { "alert", COLOUR_RED },       { "crit", COLOUR_RED },
        { "err", COLOUR_RED },       { "warning", COLOUR_YELLOW },
};

static enum colour colour_of(const char *word)
{
        for (size_t i = 0; i < ELEMENTSOF(colours); i++)
                if (strcmp(colours[i].word, word) == 0)
                        return colours[i].colour;
        return COLOUR_NONE;
}

/* Columns on a terminal: characters, not bytes. */
static size_t width(const char *text)
{
        size_t n = 0;

        for (; *text != '\0'; text++)
                n += ((unsigned char) *text & 0xc0) != 0x80;
        return n;
}

const char *text_of(const json_t *object, const char *name)
{
        const char *text = json_string_value(json_object_get(object, name));

        return text ? text : "";
}

const char *time_of(const json_t *object, const char *name, char buffer[static DATETIME_MAX])
{
        return when_text(text_of(object, name), buffer);
}

static const char *list_text(const json_t *list, char buffer[static CELL_MAX])
{
        const char *separator = "";
        const json_t *item;
        size_t i, used = 0;

        buffer[0] = '\0';
        json_array_foreach(list, i, item)
        {
                if (used >= CELL_MAX)
                        break;
                used += (size_t) snprintf(buffer + used, CELL_MAX - used, "%s%s", separator,
                                          json_string_value(item));
                separator = ", ";
        }
        return buffer;
}

/* What a cell shows; `buffer` may be used.
 */
static const char *cell_text(const json_t *object, const struct cell *cell, char buffer[static CELL_MAX])
{
        const json_t *value = json_object_get(object, cell->name);

        if (cell->kind == CELL_AGO)
                return when_ago(json_string_value(value), buffer);
        if (json_array_size(value) > 0)
                return list_text(value, buffer);
        if (json_is_integer(value)) {
                snprintf(buffer, CELL_MAX, "%lld", (long long) json_integer_value(value));
                return buffer;
        }
        if (json_is_boolean(value))
                return json_is_true(value) ? "yes" : "no";
        return json_is_string(value) && *json_string_value(value) != '\0'
                       ? when_text(json_string_value(value), buffer)
                       : "-";
}

static void print_cell(const struct cli *cli, const char *text, enum cell_kind kind, size_t pad)
{
        enum colour colour = COLOUR_NONE;

        if (cli->colour && (kind == CELL_STATE || kind == CELL_SEVERITY))
                colour = colour_of(text);
        if (colour != COLOUR_NONE)
                printf("\x1b[%dm%s\x1b[0m", (int) colour, text);
        else
                fputs(text, stdout);
        printf("%*s", (int) pad, "");
}

void print_state(const struct cli *cli, const char *state)
{
        print_cell(cli, state, CELL_STATE, 0);
}

void table_measure(const json_t *rows, const struct cell *cells, size_t n, size_t widths[static CELLS_MAX])
{
        char buffer[CELL_MAX];
        json_t *row;
        size_t r;

        for (size_t i = 0; i < n; i++) {
                widths[i] = width(cells[i].title);
                json_array_foreach(rows, r, row) widths[i] =
                        MAX(widths[i], width(cell_text(row, &cells[i], buffer)));
                widths[i] = MIN(widths[i], (size_t) WIDTH_MAX);
        }
}

static size_t padding(const char *text, size_t column, bool last)
{
        size_t used = width(text);

        return last ? 0 : (used < column ? column - used : 0) + 2;
}

void table_print_header(const struct cli *cli, const struct cell *cells, size_t n, const size_t *widths)
{
        for (size_t i = 0; i < n; i++)
                print_cell(cli, cells[i].title, CELL_TEXT, padding(cells[i].title, widths[i], i + 1 == n));
        putchar('\n');
}

void table_print_row(const struct cli *cli, const json_t *row, const struct cell *cells, size_t n,
                     const size_t *widths)
{
        char buffer[CELL_MAX];

        for (size_t i = 0; i < n; i++) {
                const char *text = cell_text(row, &cells[i], buffer);

                print_cell(cli, text, cells[i].kind, padding(text, widths[i], i + 1 == n));
        }
        putchar('\n');
}

void table_print(const struct cli *cli, const json_t *rows, const struct cell *cells, size_t n,
                 const char *empty)
{
        size_t widths[CELLS_MAX], r;
        json_t *row;

        if (json_array_size(rows) == 0) {
                puts(empty);
                return;
        }
        table_measure(rows, cells, n, widths);
        table_print_header(cli, cells, n, widths);
        json_array_foreach(rows, r, row) table_print_row(cli, row, cells, n, widths);
}

void line_print(const json_t *object, const char *title, const char *name)
{
        const struct cell cell = { name, title, CELL_TEXT };
        char buffer[CELL_MAX];
        const char *text = cell_text(object, &cell, buffer);

        if (strcmp(text, "-") != 0)
                printf("  %s %s\n", title, text);
}

void list_print(const struct cli *cli, const json_t *object, const struct cell *cells, size_t n)
{
        char buffer[CELL_MAX];
        size_t column = 0;

        for (size_t i = 0; i < n; i++)
                column = MAX(column, width(cells[i].title));
        for (size_t i = 0; i < n; i++) {
                const char *text = cell_text(object, &cells[i], buffer);

                if (strcmp(text, "-") == 0)
                        continue;
                printf("%s:%*s", cells[i].title, (int) padding(cells[i].title, column, false), "");
                print_cell(cli, text, cells[i].kind, 0);
                putchar('\n');
        }
}
