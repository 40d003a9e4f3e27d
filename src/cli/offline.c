#include "cli/offline.h"

#include <errno.h>
#include <string.h>

int offline_open(const struct cli *cli, struct store **ret)
{
        _cleanup_free_ char *why = NULL;
        int r = store_open_readonly(cli->settings.state_dir, ret, &why);

        if (r == -EACCES || r == -EPERM)
                complain("you may not read %s; become a member of its group (keyvigil), or use sudo",
                         cli->settings.state_dir);
        else if (r < 0)
                complain("%s", why ? why : strerror(-r));
        return r;
}

int offline_instead(const struct cli *cli, struct store **ret)
{
        int r = offline_open(cli, ret);

        if (r >= 0)
                complain("keyvigild is not running; this is what the database in %s holds",
                         cli->settings.state_dir);
        return r;
}

static json_t *row_json(const struct column *columns, size_t n)
{
        json_t *row = json_object();

        for (size_t i = 0; i < n; i++) {
                json_t *value = NULL;

                switch (columns[i].type) {
                case COLUMN_NULL:
                        value = json_null();
                        break;
                case COLUMN_INTEGER:
                        value = json_integer(columns[i].integer);
                        break;
                case COLUMN_TEXT:
                        value = json_string(columns[i].text);
                        break;
                }
                json_object_set_new(row, columns[i].name, value ? value : json_string("?"));
        }
        return row;
}

static int append(const struct column *columns, size_t n, void *userdata)
{
        return json_array_append_new(userdata, row_json(columns, n)) < 0 ? -ENOMEM : 0;
}

static int rows(struct store *store, enum query query, const struct query_filter *filter, json_t **ret)
{
        json_t *array = json_array();
        int r = array ? store_query(store, query, filter, append, array) : -ENOMEM;

        if (r < 0) {
                complain("the database could not be read: %s", strerror(-r));
                json_decref(array);
                return r;
        }
        *ret = array;
        return 0;
}

int offline_rows(struct store *store, const char *name, enum query query, const struct query_filter *filter,
                 json_t **ret)
{
        json_t *array;
        int r = rows(store, query, filter, &array);

        if (r < 0)
                return r;
        *ret = json_pack("{s:o}", name, array);
        return *ret ? 0 : -ENOMEM;
}

/* The first row alone. */
static int one(struct store *store, enum query query, const struct query_filter *filter, json_t **ret)
{
        json_t *array;
        int r = rows(store, query, filter, &array);

        if (r < 0)
                return r;
        json_t *first = json_incref(json_array_get(array, 0));
        json_decref(array);
        if (!first)
                return -ENOENT;
        *ret = first;
        return 0;
}

static int add(struct store *store, json_t *object, const char *name, enum query query,
               const struct query_filter *filter)
{
        json_t *array;
        int r = rows(store, query, filter, &array);

        return r < 0 ? r : json_object_set_new(object, name, array) < 0 ? -ENOMEM : 0;
}

static int add_labels(struct store *store, json_t *object, const struct query_filter *filter)
{
        json_t *array, *row, *labels = json_object();
        size_t i;
        int r = rows(store, QUERY_LABELS, filter, &array);

        if (r < 0) {
                json_decref(labels);
                return r;
        }
        json_array_foreach(array, i, row) json_object_set(
                labels, json_string_value(json_object_get(row, "name")), json_object_get(row, "value"));
        json_decref(array);
        return json_object_set_new(object, "labels", labels) < 0 ? -ENOMEM : 0;
}

int offline_key(struct store *store, const char *name, json_t **ret)
{
        const struct query_filter filter = { .key = name }, open = { .key = name, .open_only = true };
        json_t *key;
        int r = one(store, QUERY_KEYS, &filter, &key);

        if (r < 0)
                return r;
        r = add_labels(store, key, &filter);
        if (r >= 0)
                r = add(store, key, "permissions", QUERY_PERMISSIONS, &filter);
        if (r >= 0)
                r = add(store, key, "incidents", QUERY_INCIDENTS, &open);
        if (r >= 0)
                r = add(store, key, "answers", QUERY_ANSWERS, &filter);
        if (r < 0) {
                json_decref(key);
                return r;
        }
        *ret = key;
        return 0;
}

int offline_incident(struct store *store, int64_t id, json_t **ret)
{
        const struct query_filter filter = { .id = id };
        json_t *incident;
        int r = one(store, QUERY_INCIDENTS, &filter, &incident);

        if (r < 0)
                return r;
        r = add(store, incident, "keys", QUERY_INCIDENT_KEYS, &filter);
        if (r < 0) {
                json_decref(incident);
                return r;
        }
        *ret = incident;
        return 0;
}

int offline_status(struct store *store, json_t **ret)
{
        static const char *const states[] = {
#define X(name, text) (text),
                STATES(X)
#undef X
        };
        json_t *counts, *by_state = json_object();
        int r = one(store, QUERY_COUNTS, NULL, &counts);

        if (r < 0) {
                json_decref(by_state);
                return r;
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
