/* For group.c, group_subject.c and group_resume.c. */
#ifndef ENGINE_GROUP_INTERNAL_H
#define ENGINE_GROUP_INTERNAL_H

#include "engine/incidents/group.h"
#include "engine/incidents/incidents.h"
#include "engine/incidents/tally.h"

/* So many single ones before the threshold are adopted when a group opens. */
#define ADOPTED_MAX 64

#define GROUP_NAME_MAX 96

struct group {
        enum incident_kind kind;
        char name[GROUP_NAME_MAX]; /* mode, reason, permission: what its members have in common */
        enum key_mode mode;
        struct tally *tally;
        int64_t incident; /* 0: not open */
        uint32_t told;    /* the count that was told last */
        int priority;     /* of the group's entries; 0: the usual one of its kind */
        struct alarm closing;
        struct {
                int64_t key_id, incident;
                usec_t when;
        } single[ADOPTED_MAX]; /* told alone before the threshold, a ring */
        size_t next_single;
        LIST_ENTRY(group) next;
};

struct groups {
        LIST_HEAD(, group) list;
        usec_t longest_pulse; /* of all keys … */
        usec_t pulses_known;  /* … as it was at this time */
};

/* Incidents that open within this of each other count together. */
usec_t group_window(struct engine *e);

/* Which group an incident of this kind, for these reasons, about this key belongs to. Returns the kind of the
 * group; `name` is the mode, the reason and, where a permission is concerned, that permission. */
enum incident_kind group_subject(const struct key *key, enum incident_kind kind, unsigned reasons,
                                 const char *permission, char name[GROUP_NAME_MAX]);
/* The permission in the group's name; NULL: the group is about none. */
const char *group_permission(const struct group *g);

/* The group of this kind and name, made if there is none. Aborts without memory. */
struct group *group_made(struct engine *e, enum incident_kind kind, const char *name);

/* Set the alarm to the instant at which the group ends unless somebody joins. */
void group_wait(struct engine *e, struct group *g);
/* The group's alarm rang: end the group, or wait on. */
void group_ring(struct alarm *alarm, void *userdata);

/* Remember an incident that was told alone at `when`: a group that opens later adopts it. */
void group_note_single(struct group *g, const struct key *key, const struct incident *incident, usec_t when);

#endif
