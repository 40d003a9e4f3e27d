#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/database.h"
#include "store/eventrow.h"
#include "store/keyrow.h"

/* Names of profiles by id. Few, so that a key's is an index away instead of a join. */
struct names {
        char **list;
        size_t n;
};

static void names_clear(struct names *names)
{
        for (size_t i = 0; i < names->n; i++)
                free(names->list[i]);
        free(names->list);
}

#define PROFILES_MAX 100000

static int names_put(struct names *names, int64_t id, const char *name)
{
        char **list;

        if (id < 1 || id > PROFILES_MAX)
                return -EUCLEAN;
        if ((size_t) id >= names->n) {
                list = reallocarray(names->list, (size_t) id + 1, sizeof(*list));
                if (!list)
                        return -ENOMEM;
                memset(list + names->n, 0, ((size_t) id + 1 - names->n) * sizeof(*list));
                names->list = list;
                names->n = (size_t) id + 1;
        }
        names->list[id] = strdup(name);
        return names->list[id] ? 0 : -ENOMEM;
}

static int names_load(struct store *store, struct names *ret)
{
        sqlite3_stmt *all = db_statement(store, STATEMENT_PROFILE_ALL);
        int r;

        while ((r = db_step(store, all)) > 0) {
                r = names_put(ret, sqlite3_column_int64(all, 0), column_text(all, 1));
                if (r < 0) {
                        db_reset(all);
                        return r;
                }
        }
        return r;
}

static int take_key(sqlite3_stmt *row, const struct names *profiles, key_take_fn take, void *userdata)
{
        int64_t profile = sqlite3_column_int64(row, COLUMN_profile);
        struct key *key = NULL;
        int r;

        if (profile < 1 || (uint64_t) profile >= profiles->n || !profiles->list[profile])
                return -EUCLEAN;
        r = keyrow_read(row, &key);
        return r < 0 ? r : take(key, profiles->list[profile], userdata);
}

int store_load_keys(struct store *store, key_take_fn take, void *userdata)
{
        _cleanup_(names_clear) struct names profiles = { 0 };
        sqlite3_stmt *select = db_statement(store, STATEMENT_KEY_SELECT);
        int r = names_load(store, &profiles);

        if (r < 0)
                return r;
        while ((r = db_step(store, select)) > 0) {
                r = take_key(select, &profiles, take, userdata);
                if (r < 0) {
                        db_reset(select);
                        return r;
                }
        }
        return r;
}

/* Columns of STATEMENT_INCIDENT_LOAD, in order. */
static int incident_read_texts(sqlite3_stmt *row, struct incident *incident)
{
        incident->reason = column_copy(row, 15);
        incident->detail = column_copy(row, 16);
        if (!incident->reason || !incident->detail)
                return -ENOMEM;
        incident->reasons = reasons_parse(incident->reason);
        const char *mode = column_text(row, 17);
        incident->mode = strcmp(mode, "live") == 0   ? key_mode_name(MODE_LIVE)
                         : strcmp(mode, "test") == 0 ? key_mode_name(MODE_TEST)
                                                     : "";
        strncpy(incident->event_id, column_text(row, 14), sizeof(incident->event_id) - 1);
        return 0;
}

static int incident_read(sqlite3_stmt *row, struct incident **ret)
{
        _cleanup_(incident_freep) struct incident *incident = calloc(1, sizeof(*incident));
        int r;

        if (!incident)
                return -ENOMEM;
        incident->id = sqlite3_column_int64(row, 0);
        if (incident->id <= 0 || incident_kind_parse(column_text(row, 1), &incident->kind) < 0)
                return -EUCLEAN;
        incident->key_id = sqlite3_column_int64(row, 2);
        incident->account_id = sqlite3_column_int64(row, 3);
        incident->parent = sqlite3_column_int64(row, 4);
        incident->opened = column_wall(row, 5);
        incident->cleared = column_wall(row, 6);
        incident->reminded = column_wall(row, 7);
        incident->reminders = (uint32_t) column_within(row, 8, UINT32_MAX);
        incident->acknowledged = column_wall(row, 9);
        incident->acknowledged_until = column_until(row, 10);
        incident->acknowledged_uid = (uint32_t) column_within(row, 11, UINT32_MAX);
        incident->priority = sqlite3_column_int(row, 12) & 7;
        incident->count = (uint32_t) column_within(row, 13, UINT32_MAX);
        incident->number = (uint32_t) column_within(row, 18, UINT32_MAX);
        incident->quiet = sqlite3_column_int(row, 19) != 0;
        incident->since = column_wall(row, 20);
        if (incident->since == 0)
                incident->since = incident->opened;
        r = incident_read_texts(row, incident);
        if (r < 0)
                return r;
        *ret = TAKE(incident);
        return 0;
}

int store_load_incidents(struct store *store, incident_take_fn take, void *userdata)
{
        sqlite3_stmt *load = db_statement(store, STATEMENT_INCIDENT_LOAD);
        struct incident *incident = NULL;
        int r;

        while ((r = db_step(store, load)) > 0) {
                r = incident_read(load, &incident);
                if (r >= 0)
                        r = take(incident, userdata);
                if (r < 0) {
                        db_reset(load);
                        return r;
                }
        }
        return r;
}

int store_load_incidents_since(struct store *store, int64_t since_wall, incident_take_fn take, void *userdata)
{
        sqlite3_stmt *load = db_statement(store, STATEMENT_INCIDENT_NEWEST);
        int r;

        while ((r = db_step(store, load)) > 0) {
                struct incident *incident = NULL;
                bool is_older = sqlite3_column_int64(load, 5) < since_wall;

                r = is_older ? 0 : incident_read(load, &incident);
                if (r >= 0 && !is_older)
                        r = take(incident, userdata);
                if (r < 0 || is_older) {
                        db_reset(load);
                        return r;
                }
        }
        return r;
}

static int number_of(struct store *store, enum statement which, int64_t key_id, enum incident_kind kind,
                     uint32_t *ret)
{
        sqlite3_stmt *find = db_statement(store, which);
        int64_t number;

        bind_int(find, ":key", key_id);
        bind_text(find, ":kind", incident_kind_name(kind));
        int r = db_int(store, find, &number);
        if (r >= 0)
                *ret = (uint32_t) number;
        return r;
}

int store_incident_number(struct store *store, int64_t key_id, enum incident_kind kind, uint32_t *ret)
{
        return number_of(store, STATEMENT_INCIDENT_NUMBER, key_id, kind, ret);
}

int store_event_number(struct store *store, int64_t key_id, enum incident_kind kind, uint32_t *ret)
{
        return number_of(store, STATEMENT_EVENT_NUMBER, key_id, kind, ret);
}

/* Columns of the STATEMENT_EVENT_… that select. */
int event_read(sqlite3_stmt *row, struct event **ret)
{
        _cleanup_(event_freep) struct event *event = calloc(1, sizeof(*event));

        if (!event)
                return -ENOMEM;
        event->seq = sqlite3_column_int64(row, 0);
        event->incident = sqlite3_column_int64(row, 1);
        event->key_id = sqlite3_column_int64(row, 2);
        event->at_wall = column_wall(row, 3);
        if (event->seq <= 0 || incident_kind_parse(column_text(row, 4), &event->kind) < 0)
                return -EUCLEAN;
        event->priority = sqlite3_column_int(row, 5) & 7;
        event->send_state = (enum send_state)(sqlite3_column_int(row, 6) & 3);
        strncpy(event->id, column_text(row, 7), sizeof(event->id) - 1);
        event->fields = column_copy(row, 8);
        if (!event->fields)
                return -ENOMEM;
        *ret = TAKE(event);
        return 0;
}

static int load_events(struct store *store, sqlite3_stmt *load, event_take_fn take, void *userdata)
{
        struct event *event = NULL;
        int r;

        while ((r = db_step(store, load)) > 0) {
                r = event_read(load, &event);
                if (r >= 0)
                        r = take(event, userdata);
                if (r < 0) {
                        db_reset(load);
                        return r;
                }
        }
        return r;
}

int store_count_unsent(struct store *store, size_t *ret)
{
        int64_t n;
        int r = db_int(store, db_statement(store, STATEMENT_EVENT_COUNT_UNSENT), &n);

        if (r >= 0)
                *ret = (size_t) n;
        return r;
}

int store_load_unsent(struct store *store, unsigned limit, event_take_fn take, void *userdata)
{
        sqlite3_stmt *load = db_statement(store, STATEMENT_EVENT_UNSENT);

        bind_int(load, ":limit", limit);
        return load_events(store, load, take, userdata);
}

int store_load_events(struct store *store, int64_t since_wall, int64_t after_seq, unsigned limit,
                      event_take_fn take, void *userdata)
{
        sqlite3_stmt *load = db_statement(store, STATEMENT_EVENT_SINCE);

        bind_int(load, ":since", since_wall);
        bind_int(load, ":after", after_seq);
        bind_int(load, ":limit", limit);
        return load_events(store, load, take, userdata);
}

int store_load_unclear(struct store *store, int64_t since_wall, unclear_take_fn take, void *userdata)
{
        sqlite3_stmt *load = db_statement(store, STATEMENT_ANSWER_UNCLEAR);
        int r;

        bind_int(load, ":since", since_wall);
        while ((r = db_step(store, load)) > 0) {
                r = take(sqlite3_column_int64(load, 0), sqlite3_column_int64(load, 1), userdata);
                if (r < 0) {
                        db_reset(load);
                        return r;
                }
        }
        return r;
}

static int last_id(struct store *store, const char *table, int64_t *ret)
{
        sqlite3_stmt *last = db_statement(store, STATEMENT_LAST_ID);

        bind_text(last, ":name", table);
        return db_int(store, last, ret);
}

int store_last_ids(struct store *store, int64_t *ret_incident, int64_t *ret_event)
{
        int64_t incident, event;
        int r = last_id(store, "incident", &incident);

        if (r >= 0)
                r = last_id(store, "event", &event);
        if (r < 0)
                return r;
        *ret_incident = incident;
        *ret_event = event;
        return 0;
}
