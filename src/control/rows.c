#include "control/rows.h"

#include "control/visit.h"
#include "view/row.h"

void reply_rows(struct visit *visit, enum query query, struct query_filter *filter, const char *name)
{
        int64_t limit;
        json_t *rows;

        if (parameter_number(visit, "limit", 1, 1000000, 1000, &limit) < 0)
                return;
        filter->limit = (unsigned) limit;
        filter->key = parameter(visit, "key");
        if (filter->key && store_key_known(visit->parts->store, filter->key) <= 0) {
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
