#include "view/key.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "view/row.h"

static int put(json_t *row, const char *name, json_t *value)
{
        return json_object_set_new(row, name, value) < 0 ? -ENOMEM : 0;
}

/* Lay over a row of v_key what is newer in memory: rows of steady keys are written now and then only. */
static int key_overlay(json_t *row, const struct key *key)
{
        const char *state = state_name(key_state(key, (int64_t) time(NULL)));
        const char *written = json_string_value(json_object_get(row, "state"));
        int r = 0;

        if (!written || strcmp(written, state) != 0)
                r |= put(row, "since", time_json(key->life_since));
        r |= put(row, "state", json_string(state));
        r |= put(row, "life", json_string(life_name(key->belief.life)));
        r |= put(row, "suspect_since", time_json(key_is_suspect(key) ? key->suspect_since : 0));
        r |= put(row, "last_checked", time_json(key->last_checked));
        r |= put(row, "last_healthy", time_json(key->last_healthy));
        r |= put(row, "last_full", time_json(key->last_full));
        return r < 0 ? -ENOMEM : 0;
}

/* {"team": "a", …} out of the rows. */
static int take_label(const struct column *columns, size_t n, void *userdata)
{
        const char *name = NULL, *value = "";

        for (size_t i = 0; i < n; i++) {
                if (columns[i].type != COLUMN_TEXT)
                        continue;
                if (strcmp(columns[i].name, "name") == 0)
                        name = columns[i].text;
                else if (strcmp(columns[i].name, "value") == 0)
                        value = columns[i].text;
        }
        return !name || json_object_set_new(userdata, name, json_string(value)) >= 0 ? 0 : -ENOMEM;
}

static int labels_add(json_t *object, struct store *store, const struct query_filter *filter)
{
        json_t *labels = json_object();
        int r = labels ? store_query(store, QUERY_LABELS, filter, take_label, labels) : -ENOMEM;

        if (json_object_set_new(object, "labels", labels) < 0)
                return -ENOMEM;
        return r;
}

/* For If-Match: it changes with the secret. */
static int version_add(json_t *object, struct store *store, const char *name)
{
        char version[24];
        int64_t id;
        int r = store_key_id(store, name, &id);

        if (r >= 0)
                r = store_secret_version(store, id, version, sizeof(version));
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        return put(object, "version", json_string(version));
}

/* A list brought another secret, which did not prove itself yet. */
static int successor_add(json_t *object, struct store *store, const char *name)
{
        _cleanup_free_ char *said = NULL;
        char meta[48];
        int64_t id;
        int r = store_key_id(store, name, &id);

        if (r >= 0) {
                snprintf(meta, sizeof(meta), META_SUCCESSOR "%" PRId64, id);
                r = store_meta_get(store, meta, &said);
        }
        if (r < 0 && r != -ENOENT)
                return r;
        return put(object, "new_secret_waits", json_boolean(said));
}

static int key_fill(json_t *object, struct store *store, const char *name, const struct key *key)
{
        const struct query_filter of_key = { .key = name }, open = { .key = name, .open_only = true };
        int r = key ? key_overlay(object, key) : 0;

        if (r >= 0)
                r = version_add(object, store, name);
        if (r >= 0)
                r = successor_add(object, store, name);
        if (r >= 0)
                r = labels_add(object, store, &of_key);
        if (r >= 0)
                r = rows_add(object, "permissions", store, QUERY_PERMISSIONS, &of_key);
        if (r >= 0)
                r = rows_add(object, "incidents", store, QUERY_INCIDENTS, &open);
        if (r >= 0)
                r = rows_add(object, "answers", store, QUERY_ANSWERS, &of_key);
        return r;
}

int key_json(struct store *store, const char *name, const struct key *key, json_t **ret)
{
        const struct query_filter filter = { .key = name };
        json_t *object;
        int r = row_query(store, QUERY_KEYS, &filter, &object);

        if (r < 0)
                return r;
        r = key_fill(object, store, name, key);
        if (r < 0) {
                json_decref(object);
                return r;
        }
        *ret = object;
        return 0;
}
