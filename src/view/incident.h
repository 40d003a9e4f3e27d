/* An incident as JSON. */
#ifndef VIEW_INCIDENT_H
#define VIEW_INCIDENT_H

#include <jansson.h>

#include "store/store.h"

/* With what is listed under it as "keys". -ENOENT: there is none of that number; -errno of the store;
 * -ENOMEM. */
int incident_json(struct store *store, int64_t id, json_t **ret);

#endif
