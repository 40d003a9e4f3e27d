/* The open incidents: each in the list of its key, or in the engine's when it is about no single key. */
#include <stdlib.h>

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

void incident_unlink(struct engine *e, struct key *key, struct incident *incident)
{
        for (struct incident **link = list_of(e, key); *link; link = &(*link)->next)
                if (*link == incident) {
                        *link = incident->next;
                        incident->next = NULL;
                        e->n_incidents--;
                        return;
                }
}

void incident_link(struct engine *e, struct key *key, struct incident *incident)
{
        struct incident **list = list_of(e, key);

        incident->next = *list;
        *list = incident;
        e->n_incidents++;
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
