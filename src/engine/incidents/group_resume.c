/* Groups go on after a restart: what is open, and who has counted, is in the stored incidents of a day. */
#include <string.h>

#include "engine/incidents/group_internal.h"
#include "engine/incidents/ids.h"

/* The instant of the loop's clock that this second was. */
static usec_t instant_of(const struct engine *e, int64_t wall)
{
        usec_t age = (usec_t) MAX(engine_wall(e) - wall, INT64_C(0)) * USEC_PER_SEC;

        return engine_now(e) > age ? engine_now(e) - age : 1;
}

static void restore(struct engine *e, const struct incident *incident, const struct key *key,
                    const char *permission)
{
        char name[GROUP_NAME_MAX];
        enum incident_kind kind = group_subject(key, incident->kind, incident->reasons, permission, name);
        struct group *g = group_made(e, kind, name);
        usec_t when = instant_of(e, incident->opened);

        tally_restore(g->tally, group_account(e, key), when, g->incident && incident->parent == g->incident,
                      group_window(e));
        if (incident->parent == 0 && incident->cleared == 0)
                group_note_single(g, key, incident, when);
}

static void restore_all(struct engine *e, const struct incident *incident)
{
        const struct key *key = keys_find(e, incident->key_id);
        const char *ids = incident->detail;
        char id[IDS_MAX];

        if (!key)
                return;
        if (incident->kind != INCIDENT_KEY_PERMISSIONS_MISSING &&
            incident->kind != INCIDENT_KEY_PERMISSIONS_EXCESS)
                restore(e, incident, key, NULL);
        else
                while (ids_next(&ids, id))
                        restore(e, incident, key, id);
}

/* The newest come first: the list is in the order in which they opened. */
static int take_recent(struct incident *incident, void *userdata)
{
        struct incident **list = userdata;

        incident->next = *list;
        *list = incident;
        return 0;
}

static void reopen(struct engine *e, const struct incident *incident)
{
        struct group *g = group_made(e, incident->kind, incident->detail);

        g->incident = incident->id;
        g->told = MAX(incident->count, 1u);
        g->priority = incident->priority;
        tally_reopen(g->tally, instant_of(e, incident->opened));
        group_wait(e, g);
}

int groups_resume(struct engine *e)
{
        struct incident *list = NULL, *next;

        for (const struct incident *incident = e->incidents; incident; incident = incident->next)
                if (incident_kind_is_group(incident->kind) && strchr(incident->detail, ' '))
                        reopen(e, incident);
        int r = store_load_incidents_since(e->parts.store, engine_wall(e) - SEC_PER_DAY, take_recent, &list);
        for (; list; list = next) {
                next = list->next;
                restore_all(e, list);
                incident_free(list);
        }
        for (struct group *g = LIST_FIRST(&e->groups->list); g; g = LIST_NEXT(g, next))
                if (g->incident)
                        tally_at_least(g->tally, g->told);
        return r;
}
