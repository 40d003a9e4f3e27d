#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "store/database.h"

#define LIMIT_NONE 1000000

static sqlite3_stmt *keys_prepare(struct store *store, const struct query_filter *filter)
{
        sqlite3_stmt *statement = db_statement(store, filter->key ? STATEMENT_Q_KEY : STATEMENT_Q_KEYS);

        if (filter->key)
                bind_text(statement, ":key", filter->key);
        bind_text(statement, ":state", filter->state);
        bind_text(statement, ":label_name", filter->label_name);
        bind_text(statement, ":label_value", filter->label_value);
        return statement;
}

static sqlite3_stmt *of_key_prepare(struct store *store, enum statement which,
                                    const struct query_filter *filter)
{
        sqlite3_stmt *statement = db_statement(store, which);

        bind_text(statement, ":key", filter->key);
        return statement;
}

static sqlite3_stmt *of_id_prepare(struct store *store, enum statement which,
                                   const struct query_filter *filter)
{
        sqlite3_stmt *statement = db_statement(store, which);

        bind_int(statement, ":id", filter->id);
        return statement;
}

static sqlite3_stmt *incidents_prepare(struct store *store, const struct query_filter *filter)
{
        sqlite3_stmt *statement;

        if (filter->id != 0) {
                statement = of_id_prepare(store, STATEMENT_Q_INCIDENT, filter);
                bind_text(statement, ":key", filter->key);
        } else if (filter->key) {
                statement = of_key_prepare(store, STATEMENT_Q_INCIDENTS_OF_KEY, filter);
        } else {
                return db_statement(store,
                                    filter->open_only ? STATEMENT_Q_INCIDENTS_OPEN : STATEMENT_Q_INCIDENTS);
        }
        bind_int(statement, ":open_only", filter->open_only);
        return statement;
}

static sqlite3_stmt *query_prepare(struct store *store, enum query query, const struct query_filter *filter)
{
        switch (query) {
        case QUERY_KEYS:
                return keys_prepare(store, filter);
        case QUERY_LABELS:
                return of_key_prepare(store, STATEMENT_Q_LABELS, filter);
        case QUERY_PERMISSIONS:
                return of_key_prepare(store, STATEMENT_Q_PERMISSIONS, filter);
        case QUERY_HISTORY:
                return of_key_prepare(store, STATEMENT_Q_HISTORY, filter);
        case QUERY_ANSWERS:
                return of_key_prepare(store, STATEMENT_Q_ANSWERS, filter);
        case QUERY_INCIDENTS:
                return incidents_prepare(store, filter);
        case QUERY_INCIDENT_KEYS:
                return of_id_prepare(store, STATEMENT_Q_INCIDENT_KEYS, filter);
        case QUERY_COUPONS:
                if (filter->key)
                        return of_key_prepare(store, STATEMENT_Q_COUPONS_OF_KEY, filter);
                return db_statement(store,
                                    filter->open_only ? STATEMENT_Q_COUPONS_OPEN : STATEMENT_Q_COUPONS);
        case QUERY_INCIDENT_COUNTS:
                return db_statement(store, STATEMENT_Q_INCIDENT_COUNTS);
        case QUERY_COUPON_COUNTS:
                return db_statement(store, STATEMENT_Q_COUPON_COUNTS);
        case QUERY_COUNTS:
                return db_statement(store, STATEMENT_Q_COUNTS);
        }
        return NULL;
}

static void column_read(sqlite3_stmt *row, int i, struct column *ret)
{
        *ret = (struct column){ .name = sqlite3_column_name(row, i) };
        switch (sqlite3_column_type(row, i)) {
        case SQLITE_NULL:
                ret->type = COLUMN_NULL;
                break;
        case SQLITE_INTEGER:
                ret->type = COLUMN_INTEGER;
                ret->integer = sqlite3_column_int64(row, i);
                break;
        default:
                ret->type = COLUMN_TEXT;
                ret->text = column_text(row, i);
                break;
        }
}

/* A file may hold anything: what cannot be shown is replaced in a copy, the caller's. */
static int column_scrub(struct column *column, char **ret)
{
        *ret = NULL;
        if (column->type != COLUMN_TEXT || text_is_clean(column->text))
                return 0;
        *ret = text_scrub(strdup(column->text));
        column->text = *ret;
        return *ret ? 0 : -ENOMEM;
}

int row_give(sqlite3_stmt *row, int hidden, row_fn give, void *userdata)
{
        int n = MIN(sqlite3_column_count(row) - hidden, COLUMNS_MAX), r = 0;
        struct column columns[COLUMNS_MAX];
        char *copies[COLUMNS_MAX] = { NULL };

        for (int i = 0; i < n && r >= 0; i++) {
                column_read(row, i, &columns[i]);
                r = column_scrub(&columns[i], &copies[i]);
        }
        if (r >= 0)
                r = give(columns, (size_t) n, userdata);
        for (int i = 0; i < n; i++)
                free(copies[i]);
        return r;
}

void row_place_take(sqlite3_stmt *row, struct row_place *ret)
{
        int last = sqlite3_column_count(row) - 1;

        *ret = (struct row_place){ sqlite3_column_int64(row, last - 1), sqlite3_column_int64(row, last),
                                   true };
}

/* A statement may do with less than both. */
void row_place_bind(sqlite3_stmt *statement, const struct row_place *place)
{
        int at = sqlite3_bind_parameter_index(statement, ":place_at");
        int id = sqlite3_bind_parameter_index(statement, ":place_id");

        if (at > 0)
                sqlite3_bind_int64(statement, at, place->begun ? place->at : INT64_MAX);
        if (id > 0)
                sqlite3_bind_int64(statement, id, place->begun ? place->id : INT64_MAX);
}

/* Is it a list that is read in pieces? */
static bool has_places(enum query query, const struct query_filter *filter)
{
        return query == QUERY_HISTORY || query == QUERY_COUPONS ||
               (query == QUERY_INCIDENTS && filter->id == 0);
}

static int read_rows(struct store *store, enum query query, const struct query_filter *filter, int64_t limit,
                     struct row_place *place, row_fn row, void *userdata)
{
        sqlite3_stmt *statement = query_prepare(store, query, filter);
        bool placed = has_places(query, filter);
        int r;

        if (!statement)
                return -EINVAL;
        if (placed)
                row_place_bind(statement, place);
        bind_int(statement, ":limit", limit);
        while ((r = db_step(store, statement)) > 0) {
                if (placed)
                        row_place_take(statement, place);
                r = row_give(statement, placed ? PLACE_COLUMNS : 0, row, userdata);
                if (r < 0) {
                        db_reset(statement);
                        return r;
                }
        }
        return r;
}

int store_query(struct store *store, enum query query, const struct query_filter *filter, row_fn row,
                void *userdata)
{
        static const struct query_filter any = { 0 };
        struct row_place place = { 0 };

        return read_rows(store, query, filter ?: &any, filter && filter->limit ? filter->limit : LIMIT_NONE,
                         &place, row, userdata);
}

struct counted {
        row_fn row;
        void *userdata;
        unsigned n;
};

static int count(const struct column *columns, size_t n, void *userdata)
{
        struct counted *counted = userdata;

        counted->n++;
        return counted->row(columns, n, counted->userdata);
}

int store_query_next(struct store *store, enum query query, const struct query_filter *filter,
                     struct row_place *place, row_fn row, void *userdata)
{
        struct counted counted = { row, userdata, 0 };

        if (!has_places(query, filter) || filter->limit == 0)
                return -EINVAL;
        int r = read_rows(store, query, filter, filter->limit, place, count, &counted);
        return r < 0 ? r : counted.n == filter->limit;
}
