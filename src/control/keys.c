#include <errno.h>
#include <time.h>

#include "control/days.h"
#include "control/listing.h"
#include "control/routes.h"
#include "control/rows.h"
#include "control/selected.h"
#include "control/visit.h"
#include "view/key.h"

void reply_key(struct visit *visit, const struct key *key, unsigned status)
{
        json_t *object;

        (void) engine_flush_key(visit->parts->engine, key); /* what cannot be written is shown nevertheless */
        int r = key_json(visit->parts->store, key->name, key, &object);
        if (r < 0)
                reply_failure(visit, r, NULL);
        else
                reply_json(visit, status, object);
}

static void free_listing(void *state)
{
        listing_free(state);
}

/* Behind which key the list begins: 0 without `after`. -ENOENT: answered already. */
static int after_of(struct visit *visit, int64_t *ret)
{
        const char *after = parameter(visit, "after");
        const struct key *key = after ? engine_key_named(visit->parts->engine, after) : NULL;

        if (after && !key) {
                reply_error(visit, MHD_HTTP_NOT_FOUND, "not-found",
                            "There is no key of the name given in 'after'; begin anew, without it");
                return -ENOENT;
        }
        *ret = key ? key->id : 0;
        return 0;
}

void serve_keys(struct visit *visit)
{
        struct selected selected;
        struct listing *listing;
        int64_t limit, after;

        if (parameter_number(visit, "limit", 1, INT64_MAX, INT64_MAX, &limit) < 0 ||
            after_of(visit, &after) < 0 || selected_collect(visit, &selected) < 0)
                return;
        (void) engine_flush(visit->parts->engine); /* what cannot be written is shown without */
        int r = listing_new(visit->parts->engine, visit->parts->store, &selected.selector,
                            parameter(visit, "columns"), (uint64_t) limit, after, &listing);

        selected_clear(&selected);
        if (r == -EINVAL)
                reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter",
                            "'columns' must be columns of v_key, with commas between");
        else if (r < 0)
                reply_failure(visit, r, NULL);
        else
                reply_stream(visit, listing_read, listing, free_listing);
}

void serve_key(struct visit *visit)
{
        const struct key *key = visit_key(visit);

        if (key)
                reply_key(visit, key, MHD_HTTP_OK);
}

static ssize_t read_days(void *state, uint64_t position, char *to, size_t size)
{
        ssize_t n = days_read(state, to, size);

        (void) position;
        if (n < 0)
                return MHD_CONTENT_READER_END_WITH_ERROR;
        return n == 0 ? MHD_CONTENT_READER_END_OF_STREAM : n;
}

static void free_days(void *state)
{
        days_free(state);
}

void serve_days(struct visit *visit)
{
        struct days *days;

        (void) engine_flush(visit->parts->engine);
        int r = days_new(visit->parts->store, (int64_t) time(NULL), &days);
        if (r < 0)
                reply_failure(visit, r, NULL);
        else
                reply_stream(visit, read_days, days, free_days);
}

void serve_history(struct visit *visit)
{
        const struct key *key = engine_key_named(visit->parts->engine, visit->argument);

        if (!key && store_key_known(visit->parts->store, visit->argument) <= 0) {
                (void) visit_key(visit); /* says so */
                return;
        }
        if (key)
                (void) engine_flush_key(visit->parts->engine, key);
        reply_rows(visit, QUERY_HISTORY, &(struct query_filter){ .key = visit->argument }, "history");
}
