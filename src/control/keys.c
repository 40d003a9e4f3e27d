#include <errno.h>
#include <string.h>

#include "control/label.h"
#include "control/listing.h"
#include "control/routes.h"
#include "control/rows.h"
#include "control/view.h"
#include "control/visit.h"

static ssize_t read_listing(void *state, uint64_t position, char *to, size_t size)
{
        ssize_t n = listing_read(state, to, size);

        (void) position;
        if (n < 0)
                return MHD_CONTENT_READER_END_WITH_ERROR;
        return n == 0 ? MHD_CONTENT_READER_END_OF_STREAM : n;
}

static void free_listing(void *state)
{
        listing_free(state);
}

void serve_keys(struct visit *visit)
{
        const char *state = parameter(visit, "state");
        struct labels labels;
        struct listing *listing;
        enum state wanted;

        if (state && state_parse(state, &wanted) < 0) {
                reply_error(
                        visit, MHD_HTTP_BAD_REQUEST, "bad-parameter",
                        "'state' must be one of unverified, healthy, degraded, blocked, expired, revoked, "
                        "rolled, invalid, paused");
                return;
        }
        if (labels_collect(visit, &labels) < 0)
                return;
        const char *name = labels.n > 0 ? labels.list[0].name : NULL;
        const char *value = labels.n > 0 ? labels.list[0].value : NULL;
        int r = labels.n > 1 ? -E2BIG
                             : listing_new(visit->parts->engine, visit->parts->store,
                                           state ? (int) wanted : -1, name, value, &listing);

        labels_clear(&labels);
        if (r == -E2BIG)
                reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter", "Only one label can be asked for");
        else if (r < 0)
                reply_failure(visit, r, NULL);
        else
                reply_stream(visit, read_listing, listing, free_listing);
}

/* {"team": "a", …} out of the rows. */
static int take_label(const struct column *columns, size_t n, void *userdata)
{
        const char *name = NULL, *value = "";

        for (size_t i = 0; i < n; i++) {
                if (columns[i].type != COLUMN_TEXT)
                        continue;
                if (strcmp(columns[i].name, "name") == 0 || strcmp(columns[i].name, "label") == 0)
                        name = columns[i].text;
                else if (strcmp(columns[i].name, "value") == 0)
                        value = columns[i].text;
        }
        return !name || json_object_set_new(userdata, name, json_string(value)) >= 0 ? 0 : -ENOMEM;
}

static int add_rows(struct visit *visit, json_t *object, const char *name, enum query query, bool open)
{
        const struct query_filter filter = { .key = visit->argument, .open_only = open };
        json_t *rows;
        int r = rows_query(visit->parts->store, query, &filter, &rows);

        if (r < 0)
                return r;
        return json_object_set_new(object, name, rows) < 0 ? -ENOMEM : 0;
}

static int add_all(struct visit *visit, json_t *object)
{
        const struct query_filter filter = { .key = visit->argument };
        json_t *labels = json_object();
        int r = labels ? store_query(visit->parts->store, QUERY_LABELS, &filter, take_label, labels)
                       : -ENOMEM;

        if (json_object_set_new(object, "labels", labels) < 0)
                return -ENOMEM;
        if (r >= 0)
                r = add_rows(visit, object, "permissions", QUERY_PERMISSIONS, false);
        if (r >= 0)
                r = add_rows(visit, object, "incidents", QUERY_INCIDENTS, true);
        if (r >= 0)
                r = add_rows(visit, object, "answers", QUERY_ANSWERS, false);
        return r;
}

void serve_key(struct visit *visit)
{
        const struct query_filter filter = { .key = visit->argument };
        const struct key *key = visit_key(visit);
        json_t *object = NULL;

        if (!key)
                return;
        (void) engine_flush_key(visit->parts->engine, key); /* what cannot be written is shown nevertheless */
        int r = view_key(visit->parts->store, key, &filter, &object);
        if (r >= 0)
                r = add_all(visit, object);
        if (r >= 0) {
                reply_json(visit, MHD_HTTP_OK, object);
                return;
        }
        json_decref(object);
        reply_failure(visit, r, NULL);
}

void serve_history(struct visit *visit)
{
        const struct key *key = visit_key(visit);
        struct query_filter filter = { .key = visit->argument };
        int64_t limit;
        json_t *rows;

        if (!key || parameter_number(visit, "limit", 1, 1000000, 1000, &limit) < 0)
                return;
        filter.limit = (unsigned) limit;
        (void) engine_flush_key(visit->parts->engine, key);
        int r = rows_query(visit->parts->store, QUERY_HISTORY, &filter, &rows);
        if (r < 0)
                reply_failure(visit, r, NULL);
        else
                reply_json(visit, MHD_HTTP_OK, json_pack("{s:o}", "history", rows));
}
