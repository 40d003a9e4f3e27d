#include "cli/offline.h"

#include <errno.h>
#include <string.h>

#include "cli/failure.h"
#include "view/incident.h"
#include "view/key.h"
#include "view/row.h"

int offline_open(const struct cli *cli, struct store **ret)
{
        _cleanup_free_ char *why = NULL;
        int r = store_open_readonly(cli->settings.state_dir, ret, &why);

        if (r == -EACCES || r == -EPERM)
                complain_as(FAILURE_NO_ACCESS,
                            "you may not read %s; become a member of its group (keyvigil), or use sudo",
                            cli->settings.state_dir);
        else if (r < 0)
                complain("%s", why ? why : strerror(-r));
        return r;
}

int offline_instead(const struct cli *cli, struct store **ret)
{
        int r = offline_open(cli, ret);

        if (r >= 0)
                remark("keyvigild is not running; this is what the database in %s holds",
                       cli->settings.state_dir);
        return r;
}

static int read_error(int error)
{
        if (error != -ENOENT)
                complain("the database could not be read: %s", strerror(-error));
        return error;
}

int offline_rows(struct store *store, const char *name, enum query query, const struct query_filter *filter,
                 json_t **ret)
{
        json_t *object = json_object();
        int r = rows_add(object, name, store, query, filter);

        if (r < 0) {
                json_decref(object);
                return read_error(r);
        }
        *ret = object;
        return 0;
}

int offline_key(struct store *store, const char *name, json_t **ret)
{
        int r = key_json(store, name, NULL, ret);

        return r < 0 ? read_error(r) : 0;
}

int offline_incidents(struct store *store, const struct incident_filter *filter, unsigned limit, json_t **ret)
{
        struct row_place place = { 0 };
        json_t *rows = json_array();
        size_t n = 0;
        int r = 1;

        while (r > 0 && n < limit) {
                r = incident_list_next(store, filter, (unsigned) (limit - n), &place, row_append, rows);
                n = json_array_size(rows);
        }
        *ret = json_pack("{s:o}", "incidents", rows);
        return r < 0 ? read_error(r) : 0;
}

int offline_incident(struct store *store, int64_t id, json_t **ret)
{
        int r = incident_json(store, id, ret);

        return r < 0 ? read_error(r) : 0;
}

int offline_status(struct store *store, json_t **ret)
{
        static const char *const states[] = {
#define X(name, text) (text),
                STATES(X)
#undef X
        };
        json_t *counts, *by_state = json_object();
        int r = row_query(store, QUERY_COUNTS, NULL, &counts);

        if (r < 0) {
                json_decref(by_state);
                return read_error(r);
        }
        for (size_t i = 0; i < ELEMENTSOF(states); i++)
                json_object_set(by_state, states[i], json_object_get(counts, states[i]));
        *ret = json_pack("{s:b,s:O,s:O,s:O,s:O,s:o}", "running", 0, "keys", json_object_get(counts, "keys"),
                         "suspects", json_object_get(counts, "suspect"), "open_incidents",
                         json_object_get(counts, "incidents"), "unsent", json_object_get(counts, "unsent"),
                         "states", by_state);
        json_decref(counts);
        return *ret ? 0 : -ENOMEM;
}
