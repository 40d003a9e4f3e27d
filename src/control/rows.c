#include "control/rows.h"

#include <errno.h>

#include "base/datetime.h"
#include "control/visit.h"

json_t *time_json(int64_t wall)
{
        char text[DATETIME_MAX];

        return wall > 0 && wall < INT64_MAX ? json_string(datetime_format(wall, text)) : json_null();
}

static json_t *column_json(const struct column *column)
{
        switch (column->type) {
        case COLUMN_NULL:
                return json_null();
        case COLUMN_INTEGER:
                return json_integer(column->integer);
        case COLUMN_TEXT: {
                json_t *text = json_string(column->text);

                return text ? text : json_string("?"); /* not UTF-8: somebody else wrote into the file */
        }
        }
        return NULL;
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

static int append(const struct column *columns, size_t n, void *userdata)
{
        return json_array_append_new(userdata, row_json(columns, n)) < 0 ? -ENOMEM : 0;
}

int rows_query(struct store *store, enum query query, const struct query_filter *filter, json_t **ret)
{
        json_t *rows = json_array();
        int r = rows ? store_query(store, query, filter, append, rows) : -ENOMEM;

        if (r < 0) {
                json_decref(rows);
                return r;
        }
        *ret = rows;
        return 0;
}

void reply_rows(struct visit *visit, enum query query, struct query_filter *filter, const char *name)
{
        int64_t limit;
        json_t *rows;

        if (parameter_number(visit, "limit", 1, 1000000, 1000, &limit) < 0)
                return;
        filter->limit = (unsigned) limit;
        filter->key = parameter(visit, "key");
        if (filter->key && !engine_key_named(visit->parts->engine, filter->key)) {
                reply_error(visit, MHD_HTTP_NOT_FOUND, "not-found", "There is no key of that name");
                return;
        }
        (void) engine_flush(visit->parts->engine); /* what cannot be written is shown without */
        int r = rows_query(visit->parts->store, query, filter, &rows);
        if (r < 0)
                reply_failure(visit, r, NULL);
        else
                reply_json(visit, MHD_HTTP_OK, json_pack("{s:o}", name, rows));
}
