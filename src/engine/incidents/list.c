/* The open incidents: each in the list of its key, or in the engine's when it is about no single key. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/incidents/incidents.h"

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

size_t incidents_after(const struct engine *e, int64_t id)
{
        size_t low = 0, high = e->n_incidents;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (e->open[middle]->id <= id)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static enum incident_class class_of(const struct engine *e, const struct incident *incident)
{
        if (incident->acknowledged_until > engine_wall(e))
                return INCIDENT_ACKNOWLEDGED;
        if (incident->priority <= 2)
                return INCIDENT_CRITICAL;
        return incident->priority <= 4 ? INCIDENT_WARNING : INCIDENT_LESSER;
}

static void uncount(struct engine *e, struct incident *incident)
{
        if (incident->counted > 0)
                e->n_open[incident->counted - 1]--;
        incident->counted = 0;
}

void incident_count(struct engine *e, struct incident *incident)
{
        enum incident_class class = class_of(e, incident);

        uncount(e, incident);
        e->n_open[class]++;
        incident->counted = (uint8_t) (class + 1);
}

/* Ids grow, so that it is nearly always the last one that comes. */
static void open_add(struct engine *e, struct incident *incident)
{
        if (e->n_incidents == e->open_room) {
                e->open_room = MAX((size_t) 64, e->open_room * 2);
                e->open = memory_sure(reallocarray(e->open, e->open_room, sizeof(struct incident *)));
        }
        size_t i = incidents_after(e, incident->id);
        memmove(&e->open[i + 1], &e->open[i], (e->n_incidents++ - i) * sizeof(struct incident *));
        e->open[i] = incident;
        incident_count(e, incident);
}

static void open_remove(struct engine *e, struct incident *incident)
{
        size_t i = incidents_after(e, incident->id - 1);

        uncount(e, incident);
        memmove(&e->open[i], &e->open[i + 1], (--e->n_incidents - i) * sizeof(struct incident *));
}

void incident_unlink(struct engine *e, struct key *key, struct incident *incident)
{
        for (struct incident **link = list_of(e, key); *link; link = &(*link)->next)
                if (*link == incident) {
                        *link = incident->next;
                        incident->next = NULL;
                        open_remove(e, incident);
                        return;
                }
}

void incidents_forget(struct engine *e, struct key *key)
{
        while (key->incidents) {
                struct incident *incident = key->incidents;

                incident_unlink(e, key, incident);
                incident_free(incident);
        }
}

void incident_link(struct engine *e, struct key *key, struct incident *incident)
{
        struct incident **list = list_of(e, key);

        incident->next = *list;
        *list = incident;
        open_add(e, incident);
}

static int list_take_loaded(struct incident *incident, void *userdata)
{
        struct engine *e = userdata;
        struct key *key = incident->key_id ? keys_find(e, incident->key_id) : NULL;

        if (incident->key_id && !key) { /* its key was removed under our feet */
                incident_free(incident);
                return 0;
        }
        incident_link(e, key, incident);
        return 0;
}

int incident_load(struct engine *e)
{
        int r = store_last_ids(e->parts.store, &e->last_incident, &e->last_event);

        return r < 0 ? r : store_load_incidents(e->parts.store, list_take_loaded, e);
}

void incident_free_all(struct engine *e)
{
        for (size_t i = 0; i < e->n_incidents; i++)
                incident_free(e->open[i]);
        for (size_t i = 0; i < e->n_keys; i++)
                e->keys[i]->incidents = NULL;
        e->open = mfree(e->open);
        e->incidents = NULL;
        e->n_incidents = e->open_room = 0;
}

struct incident *incident_by_id(const struct engine *e, int64_t id, struct key **ret_key)
{
        size_t i = id > 0 ? incidents_after(e, id - 1) : e->n_incidents;
        struct incident *incident = i < e->n_incidents && e->open[i]->id == id ? e->open[i] : NULL;

        *ret_key = incident && incident->key_id ? keys_find(e, incident->key_id) : NULL;
        return incident;
}
