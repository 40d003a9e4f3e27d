#include "control/view.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "control/rows.h"

static int put(json_t *row, const char *name, json_t *value)
{
        return json_object_set_new(row, name, value) < 0 ? -ENOMEM : 0;
}

/* Rows of steady keys are written now and then only; what a check found a moment ago is here already. */
static int overlay(json_t *row, const struct key *key)
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

static int take_row(const struct column *columns, size_t n, void *userdata)
{
        json_t **row = userdata;

        json_decref(*row);
        *row = row_json(columns, n);
        return *row ? 0 : -ENOMEM;
}

int view_key(struct store *store, const struct key *key, const struct query_filter *filter, json_t **ret)
{
        json_t *row = NULL;
        int r = store_query(store, QUERY_KEYS, filter, take_row, &row);

        if (r >= 0)
                r = row ? overlay(row, key) : -ENOENT;
        if (r < 0) {
                json_decref(row);
                return r;
        }
        *ret = row;
        return 0;
}
