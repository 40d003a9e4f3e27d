#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"
#include "stripe/link.h"

static struct incident **list_of(struct engine *e, struct key *key)
{
        return key ? &key->incidents : &e->incidents;
}

struct incident *incident_find(const struct engine *e, const struct key *key, enum incident_kind kind)
{
        struct incident *incident = key ? key->incidents : e->incidents;

        while (incident && incident->kind != kind)
                incident = incident->next;
        return incident;
}

static void unlink_incident(struct engine *e, struct key *key, struct incident *incident)
{
        for (struct incident **link = list_of(e, key); *link; link = &(*link)->next)
                if (*link == incident) {
                        *link = incident->next;
                        incident->next = NULL;
                        e->n_incidents--;
                        return;
                }
}

static void link_incident(struct engine *e, struct key *key, struct incident *incident)
{
        struct incident **list = list_of(e, key);

        incident->next = *list;
        *list = incident;
        e->n_incidents++;
}

static char *copy(const char *text)
{
        char *copied = strdup(text ? text : "");

        if (!copied)
                abort();
        return copied;
}

/* What the notice does not say itself, the key does. `owned` keeps what was made for it. */
struct filled {
        char event_id[EVENT_ID_MAX];
        char *account, *remedy;
};

static void fill_remedy(struct engine *e, const struct key *key, struct notice *n, struct filled *filled)
{
        const struct profile *profile = key_profile(e, key);

        if (n->remedy_url || n->phase == NOTICE_CLEARED)
                return;
        switch (n->kind) {
        case INCIDENT_KEY_PERMISSIONS_MISSING:
        case INCIDENT_KEY_PERMISSIONS_EXCESS:
                if (key->work && key->work->key_object[0] && filled->account &&
                    link_edit(filled->account, key->work->key_object, &filled->remedy) >= 0)
                        break;
                /* fall through */
        case INCIDENT_KEY_REVOKED:
        case INCIDENT_KEY_EXPIRED:
        case INCIDENT_KEY_INVALID:
        case INCIDENT_KEY_ROTATION_DUE:
        case INCIDENT_KEY_UNRESTRICTED:
                (void) link_create(e->parts.catalogue, profile, key_is_live_mode(key), &filled->remedy);
                break;
        default:
                return;
        }
        n->remedy_url = filled->remedy;
}

static void fill(struct engine *e, struct key *key, struct notice *n, int64_t first_wall,
                 struct filled *filled)
{
        char what[64];

        *filled = (struct filled){ 0 };
        snprintf(what, sizeof(what), "%s/%d", incident_kind_name(n->kind), (int) n->phase);
        vault_event_id(e->parts.vault, what, key ? key->id : 0, first_wall, filled->event_id);
        n->event_id = filled->event_id;
        if (!n->since)
                n->since = first_wall;
        if (n->phase == NOTICE_LISTED)
                n->priority = 6;
        else if (n->phase == NOTICE_CLEARED)
                n->priority = incident_kind_priority(INCIDENT_INCIDENT_CLEARED, true);
        else if (n->phase == NOTICE_OPENED)
                n->priority = incident_kind_priority(n->kind, !key || key_is_live_mode(key));
        if (!key)
                return;
        filled->account = key_account(e, key);
        n->key = key->name;
        n->mode = key_mode_name((enum key_mode) key->mode);
        n->profile = key_profile(e, key)->name;
        n->account = filled->account;
        if (!n->state)
                n->state = state_name(key_state(key, engine_wall(e)));
        fill_remedy(e, key, n, filled);
}

/* Compose the event of a filled notice, put it into the batch and the outbox. */
static void emit(struct engine *e, struct key *key, const struct notice *n)
{
        struct event *event = calloc(1, sizeof(*event));

        if (!event || notice_fields(n, &event->fields) < 0)
                abort();
        event->seq = ++e->last_event;
        event->incident = n->incident;
        event->key_id = key ? key->id : 0;
        event->at_wall = engine_wall(e);
        event->kind = n->phase == NOTICE_CLEARED    ? INCIDENT_INCIDENT_CLEARED
                      : n->phase == NOTICE_REMINDER ? INCIDENT_INCIDENT_REMINDER
                                                    : n->kind;
        event->priority = n->priority;
        snprintf(event->id, sizeof(event->id), "%s", n->event_id);
        outbox_add(e, event);
        batch_event(recorder_batch(e), event);
        recorder_changed(e, true);
}

static void filled_done(struct filled *filled)
{
        free(filled->account);
        free(filled->remedy);
}

struct incident *incident_open(struct engine *e, struct key *key, struct notice *n, int64_t first_wall)
{
        struct filled filled;
        struct incident *incident;

        if (incident_find(e, key, n->kind))
                return NULL;
        incident = calloc(1, sizeof(*incident));
        if (!incident)
                abort();
        incident->id = n->incident = ++e->last_incident;
        fill(e, key, n, first_wall, &filled);
        incident->kind = n->kind;
        incident->key_id = key ? key->id : 0;
        incident->account_id = key ? key->account_id : 0;
        incident->opened = incident->reminded = engine_wall(e);
        incident->priority = n->priority;
        incident->count = (uint32_t) MIN(n->count, (uint64_t) UINT32_MAX);
        memcpy(incident->event_id, filled.event_id, sizeof(incident->event_id));
        incident->reason = copy(n->reason);
        incident->detail = copy(n->missing ? n->missing : n->excess ? n->excess : n->detail);
        if (notice_message(n, &incident->message) < 0)
                abort();
        incident->acknowledgement = copy("");
        link_incident(e, key, incident);
        batch_incident(recorder_batch(e), incident);
        emit(e, key, n);
        filled_done(&filled);
        return incident;
}

void incident_update(struct engine *e, struct key *key, struct incident *incident, struct notice *n)
{
        struct filled filled;

        n->incident = incident->id;
        n->since = incident->opened;
        fill(e, key, n, engine_wall(e), &filled);
        free(incident->detail);
        incident->detail = copy(n->missing ? n->missing : n->excess ? n->excess : n->detail);
        free(incident->message);
        incident->message = NULL;
        if (notice_message(n, &incident->message) < 0)
                abort();
        incident->priority = n->priority;
        incident->count = (uint32_t) MIN(n->count, (uint64_t) UINT32_MAX);
        batch_incident(recorder_batch(e), incident);
        emit(e, key, n);
        filled_done(&filled);
}

static void close_incident(struct engine *e, struct key *key, struct incident *incident)
{
        incident->cleared = engine_wall(e);
        unlink_incident(e, key, incident);
        batch_incident(recorder_batch(e), incident);
        incident_free(incident);
}

void incident_clear(struct engine *e, struct key *key, struct incident *incident, const char *reason)
{
        struct filled filled;

        if (!incident)
                return;
        struct notice n = {
                .kind = incident->kind,
                .phase = NOTICE_CLEARED,
                .incident = incident->id,
                .reason = reason,
                .since = incident->opened,
                .count = incident->count,
                .has_count = incident->count > 0,
        };
        fill(e, key, &n, incident->opened, &filled);
        emit(e, key, &n);
        filled_done(&filled);
        close_incident(e, key, incident);
        recorder_changed(e, true);
}

void incident_drop(struct engine *e, struct key *key, enum incident_kind kind)
{
        struct incident *incident = incident_find(e, key, kind);

        if (!incident)
                return;
        close_incident(e, key, incident);
        recorder_changed(e, false);
}

void event_emit(struct engine *e, struct key *key, struct notice *n, int64_t first_wall)
{
        struct filled filled;

        fill(e, key, n, first_wall, &filled);
        emit(e, key, n);
        filled_done(&filled);
}

static int take_loaded(struct incident *incident, void *userdata)
{
        struct engine *e = userdata;
        struct key *key = incident->key_id ? roster_find(e, incident->key_id) : NULL;

        if (incident->key_id && !key) { /* its key was removed under our feet */
                incident_free(incident);
                return 0;
        }
        link_incident(e, key, incident);
        return 0;
}

int incident_load(struct engine *e)
{
        int r = store_last_ids(e->parts.store, &e->last_incident, &e->last_event);

        return r < 0 ? r : store_load_incidents(e->parts.store, take_loaded, e);
}

static void free_list(struct incident **list)
{
        while (*list) {
                struct incident *next = (*list)->next;

                incident_free(*list);
                *list = next;
        }
}

void incident_free_all(struct engine *e)
{
        free_list(&e->incidents);
        for (size_t i = 0; i < e->n_keys; i++)
                free_list(&e->keys[i]->incidents);
}

static struct incident *find_id(struct incident *list, int64_t id)
{
        while (list && list->id != id)
                list = list->next;
        return list;
}

struct incident *incident_by_id(const struct engine *e, int64_t id, struct key **ret_key)
{
        struct incident *incident = find_id(e->incidents, id);

        *ret_key = NULL;
        for (size_t i = 0; i < e->n_keys && !incident; i++) {
                incident = find_id(e->keys[i]->incidents, id);
                if (incident)
                        *ret_key = e->keys[i];
        }
        return incident;
}
