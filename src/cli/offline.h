/* The answers of some routes out of the database, for when no daemon is there. The same JSON; what the daemon
 * only had in memory (the last quarter of an hour's steady checks) is not in it. */
#ifndef CLI_OFFLINE_H
#define CLI_OFFLINE_H

#include <jansson.h>

#include "cli/cli.h"
#include "store/incident_list.h"

/* Opens the database for reading; complains if it cannot. The caller closes it. */
int offline_open(const struct cli *cli, struct store **ret);

/* The same, and says on standard error that what follows is not from the daemon. */
int offline_instead(const struct cli *cli, struct store **ret);

/* {"keys": […]}, {"history": […]} … : `name` and the rows. -errno, complained. */
int offline_rows(struct store *store, const char *name, enum query query, const struct query_filter *filter,
                 json_t **ret);

/* A key with its labels, permissions, open incidents and odd answers; -ENOENT if there is none of that name.
 */
int offline_key(struct store *store, const char *name, json_t **ret);

/* {"incidents": […]}: at most `limit`, the newest first. */
int offline_incidents(struct store *store, const struct incident_filter *filter, unsigned limit,
                      json_t **ret);

/* An incident with what is listed under it; -ENOENT. */
int offline_incident(struct store *store, int64_t id, json_t **ret);

/* Like GET /v1/status, with "running": false. */
int offline_status(struct store *store, json_t **ret);

#endif
