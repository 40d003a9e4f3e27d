#include "control/rows.h"

#include <errno.h>

#include "control/stream.h"

/* Rows that are read before something is sent. */
#define STEP 200

struct rows {
        struct stream stream;
        struct store *store;
        enum query query;
        struct query_filter filter; /* of the visit, which lasts longer */
        bool incidents;             /* not of a query, but of: */
        struct incident_filter incident_filter;
        struct selected selected;
        struct row_place place;
        uint64_t left;
        bool any;
};

bool key_is_known(struct visit *visit, const char **ret)
{
        *ret = parameter(visit, "key");
        if (!*ret || store_key_known(visit->parts->store, *ret) > 0)
                return true;
        reply_error(visit, MHD_HTTP_NOT_FOUND, "not-found", "There is no key of that name");
        return false;
}

static int take_row(const struct column *columns, size_t n, void *userdata)
{
        struct rows *rows = userdata;

        rows->left--;
        if (rows->any)
                stream_add(&rows->stream, ",\n");
        rows->any = true;
        text_add_row(&rows->stream.text, columns, n);
        return rows->stream.text.failed ? -ENOMEM : 0;
}

/* 1: there may be more. */
static int read_some(struct rows *rows)
{
        unsigned step = (unsigned) MIN(rows->left, (uint64_t) STEP);

        if (step == 0)
                return 0;
        if (rows->incidents)
                return incident_list_next(rows->store, &rows->incident_filter, step, &rows->place, take_row,
                                          rows);
        rows->filter.limit = step;
        return store_query_next(rows->store, rows->query, &rows->filter, &rows->place, take_row, rows);
}

static int advance(struct stream *stream)
{
        struct rows *rows = CONTAINER_OF(stream, struct rows, stream);
        int r = read_some(rows);

        stream->ended = r == 0;
        if (stream->ended)
                stream_add(stream, "\n]}\n");
        else if (stream->text.size == 0)
                stream_add(stream, "\n");
        return r;
}

static void rows_free(void *userdata)
{
        struct rows *rows = userdata;

        selected_clear(&rows->selected);
        free(rows->stream.text.bytes);
        free(rows);
}

/* What cannot be read at all is said as an error; later the connection can only break off. */
static void reply(struct visit *visit, struct rows *rows, const char *name)
{
        stream_add(&rows->stream, "{\"");
        stream_add(&rows->stream, name);
        stream_add(&rows->stream, "\":[\n");
        int r = rows->stream.text.failed ? -ENOMEM : advance(&rows->stream);
        if (r >= 0 && rows->stream.text.failed)
                r = -ENOMEM;
        if (r >= 0) {
                reply_stream(visit, stream_read, rows, rows_free);
                return;
        }
        rows_free(rows);
        reply_failure(visit, r, NULL);
}

static struct rows *rows_new(struct visit *visit)
{
        struct rows *rows;
        int64_t limit;

        if (parameter_number(visit, "limit", 1, 1000000, 1000, &limit) < 0)
                return NULL;
        rows = calloc(1, sizeof(*rows));
        if (!rows) {
                reply_failure(visit, -ENOMEM, NULL);
                return NULL;
        }
        rows->stream.advance = advance;
        rows->store = visit->parts->store;
        rows->left = (uint64_t) limit;
        return rows;
}

void reply_rows(struct visit *visit, enum query query, const struct query_filter *filter, const char *name)
{
        struct rows *rows = rows_new(visit);

        if (!rows)
                return;
        rows->query = query;
        rows->filter = *filter;
        reply(visit, rows, name);
}

void reply_incidents(struct visit *visit, const struct incident_filter *filter, struct selected *selected)
{
        struct rows *rows = rows_new(visit);

        if (!rows) {
                selected_clear(selected);
                return;
        }
        rows->selected = *selected;
        rows->incidents = true;
        rows->incident_filter = *filter;
        rows->incident_filter.keys = selected->selector;
        (void) engine_flush(visit->parts->engine); /* what cannot be written is shown without */
        reply(visit, rows, "incidents");
}
