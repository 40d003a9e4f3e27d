#include "view/incident.h"

#include <errno.h>

#include "view/row.h"

int incident_json(struct store *store, int64_t id, json_t **ret)
{
        const struct query_filter filter = { .id = id };
        json_t *incident;
        int r = row_query(store, QUERY_INCIDENTS, &filter, &incident);

        if (r < 0)
                return r;
        r = rows_add(incident, "keys", store, QUERY_INCIDENT_KEYS, &filter);
        if (r < 0) {
                json_decref(incident);
                return r;
        }
        *ret = incident;
        return 0;
}
