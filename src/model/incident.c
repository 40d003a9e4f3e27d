#include "model/incident.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
        const char *name, *message_id;
        int priority_live, priority_test;
} kinds[] = {
#define X(name, text, id, live, test) [INCIDENT_##name] = { (text), (id), (live), (test) },
        INCIDENT_KINDS(X)
#undef X
};

const char *incident_kind_name(enum incident_kind kind)
{
        return kinds[kind].name;
}

const char *incident_kind_message_id(enum incident_kind kind)
{
        return kinds[kind].message_id;
}

int incident_kind_priority(enum incident_kind kind, bool live)
{
        return live ? kinds[kind].priority_live : kinds[kind].priority_test;
}

bool incident_kind_is_group(enum incident_kind kind)
{
        return kind == INCIDENT_MASS_REVOCATION || kind == INCIDENT_KEYS_DEAD_ON_ARRIVAL ||
               kind == INCIDENT_PERMISSION_CHANGED || kind == INCIDENT_MANY_ALIKE;
}

int incident_kind_parse(const char *name, enum incident_kind *ret)
{
        for (int i = 0; i < _INCIDENT_KIND_MAX; i++)
                if (strcmp(name, kinds[i].name) == 0) {
                        *ret = (enum incident_kind) i;
                        return 0;
                }
        return -EINVAL;
}

int incident_kinds_parse(const char *names, uint64_t *ret)
{
        enum incident_kind kind;
        char name[64];

        *ret = names ? 0 : UINT64_MAX;
        for (const char *word = names; word; word = strchr(word, ',')) {
                word += *word == ',' && word > names;
                snprintf(name, sizeof(name), "%.*s", (int) strcspn(word, ","), word);
                if (incident_kind_parse(name, &kind) < 0)
                        return -EINVAL;
                *ret |= UINT64_C(1) << kind;
        }
        return 0;
}

struct incident *incident_free(struct incident *incident)
{
        if (!incident)
                return NULL;
        free(incident->reason);
        free(incident->detail);
        free(incident->message);
        free(incident->acknowledgement);
        return mfree(incident);
}

struct event *event_free(struct event *event)
{
        if (event)
                free(event->fields);
        return mfree(event);
}
