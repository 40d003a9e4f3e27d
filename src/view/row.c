#include "view/row.h"

#include <errno.h>
#include <string.h>

#include "base/datetime.h"
#include "base/text.h"

/* Numbers that are booleans, and texts that are lists of ids. */
static const char *const typed[] = {
        "unwitnessed", "account_declared", "old_secret_watched", "open",   "ours",
        "missing",     "excess",           "unprobed",           "untold",
};

json_t *time_json(int64_t wall)
{
        char text[DATETIME_MAX];

        return wall > 0 && wall <= WALL_LAST ? json_string(datetime_format(wall, text)) : json_null();
}

/* Where the first word of `text` ends. */
typedef const char *(*end_fn)(const char *text);

static json_t *list_json(const char *text, const char *separators, end_fn end)
{
        json_t *list = json_array();

        for (text += strspn(text, separators); list && *text != '\0'; text += strspn(text, separators)) {
                const char *next = end(text);

                if (json_array_append_new(list, json_stringn(text, (size_t) (next - text))) < 0) {
                        json_decref(list);
                        return NULL;
                }
                text = next;
        }
        return list;
}

static const char *word_end(const char *text)
{
        return text + strcspn(text, ", ");
}

static const char *label_end(const char *text)
{
        const char *level = strstr(text, ": ");

        return level ? level + strcspn(level, ",") : text + strlen(text);
}

json_t *ids_json(const char *text)
{
        return list_json(text, ", ", word_end);
}

json_t *labels_json(const char *text)
{
        return list_json(text, ", ", label_end);
}

json_t *text_json(const char *text)
{
        return json_string(text_is_clean(text) ? text : "?");
}

bool column_is_typed(const struct column *column)
{
        for (size_t i = 0; i < ELEMENTSOF(typed); i++)
                if (strcmp(typed[i], column->name) == 0)
                        return true;
        return false;
}

json_t *column_json(const struct column *column)
{
        if (column->type == COLUMN_NULL)
                return json_null();
        if (column_is_typed(column))
                return column->type == COLUMN_INTEGER ? json_boolean(column->integer != 0)
                                                      : ids_json(column->text);
        return column->type == COLUMN_INTEGER ? json_integer(column->integer) : text_json(column->text);
}

json_t *row_json(const struct column *columns, size_t n)
{
        json_t *row = json_object();

        for (size_t i = 0; i < n; i++)
                if (json_object_set_new(row, columns[i].name, column_json(&columns[i])) < 0) {
                        json_decref(row);
                        return NULL;
                }
        return row;
}

int row_append(const struct column *columns, size_t n, void *userdata)
{
        return json_array_append_new(userdata, row_json(columns, n)) < 0 ? -ENOMEM : 0;
}

/* All rows of a query, as a list. */
static int rows_query(struct store *store, enum query query, const struct query_filter *filter, json_t **ret)
{
        json_t *rows = json_array();
        int r = rows ? store_query(store, query, filter, row_append, rows) : -ENOMEM;

        if (r < 0) {
                json_decref(rows);
                return r;
        }
        *ret = rows;
        return 0;
}

int row_query(struct store *store, enum query query, const struct query_filter *filter, json_t **ret)
{
        json_t *rows, *first;
        int r = rows_query(store, query, filter, &rows);

        if (r < 0)
                return r;
        first = json_incref(json_array_get(rows, 0));
        json_decref(rows);
        if (!first)
                return -ENOENT;
        *ret = first;
        return 0;
}

int rows_add(json_t *object, const char *name, struct store *store, enum query query,
             const struct query_filter *filter)
{
        json_t *rows;
        int r = rows_query(store, query, filter, &rows);

        if (r < 0)
                return r;
        return json_object_set_new(object, name, rows) < 0 ? -ENOMEM : 0;
}
