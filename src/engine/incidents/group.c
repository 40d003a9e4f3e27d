/* Groups as incidents: how they open, grow and end, and what joins them. */
#include <stdio.h>
#include <string.h>

#include "engine/incidents/group_internal.h"
#include "engine/incidents/ids.h"

/* The deaths of keys like this one. */
static struct group *deaths(struct engine *e, const struct key *key)
{
        char name[GROUP_NAME_MAX];
        enum incident_kind kind = group_subject(key, INCIDENT_KEY_REVOKED, 0, NULL, name);

        return group_made(e, kind, name);
}

/* --- the group's own incident --- */

/* The words of a name behind the mode: "lost coupon_write", "lost profile coupon_write". */
static const char *group_reason(const struct group *g)
{
        return strchr(g->name, ' ') + 1;
}

/* "Coupons: Write" for coupon_write; "" if the catalogue has it no more. */
static void permission_label(const struct engine *e, const char *id, char *text, size_t size)
{
        const char *level = strrchr(id, '_');

        *text = '\0';
        for (size_t i = 0; level && i < e->parts.catalogue->n; i++) {
                const struct permission *p = &e->parts.catalogue->rows[i];

                if (strlen(p->name) == (size_t) (level - id) && strncmp(p->name, id, strlen(p->name)) == 0)
                        snprintf(text, size, "%s: %s", p->labels[0],
                                 strcmp(level, "_write") == 0 ? "Write" : "Read");
        }
}

struct group_words {
        char reason[GROUP_NAME_MAX], label[128];
};

static struct notice group_notice(const struct engine *e, const struct group *g, struct group_words *words)
{
        struct notice n = {
                .kind = g->kind,
                .mode = key_mode_name(g->mode),
                .reason = words->reason,
                .priority = g->priority ? g->priority : incident_kind_priority(g->kind, g->mode == MODE_LIVE),
                .count = tally_count(g->tally),
                .has_count = true,
        };
        const char *permission = group_permission(g);
        unsigned reasons = reasons_parse(group_reason(g));
        bool lost = reasons_have(reasons, REASON_LOST);

        if (permission && reasons_have(reasons, REASON_PROFILE))
                snprintf(words->reason, sizeof(words->reason), "%s", reason_name(REASON_PROFILE));
        else
                snprintf(words->reason, sizeof(words->reason), "%.*s", (int) strcspn(group_reason(g), " "),
                         group_reason(g));
        if (permission) {
                permission_label(e, permission, words->label, sizeof(words->label));
                *(lost ? &n.missing : &n.excess) = permission;
                *(lost ? &n.missing_labels : &n.excess_labels) = words->label;
        }
        return n;
}

static struct incident *group_incident(const struct engine *e, const struct group *g)
{
        struct incident *incident = g->incident ? e->incidents : NULL;

        while (incident && incident->id != g->incident)
                incident = incident->next;
        return incident;
}

void group_wait(struct engine *e, struct group *g)
{
        agenda_set(e->agenda, &g->closing, MAX(tally_ends(g->tally), engine_now(e) + 1));
}

static void group_end(struct engine *e, struct group *g, uint32_t members)
{
        struct incident *incident = group_incident(e, g);

        if (incident) {
                incident->count = members;
                incident_clear(e, NULL, incident, incident->reason);
        }
        g->incident = 0;
        agenda_clear(e->agenda, &g->closing);
}

void group_ring(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        struct group *g = CONTAINER_OF(alarm, struct group, closing);

        if (engine_now(e) < tally_ends(g->tally)) {
                group_wait(e, g);
                return;
        }
        group_end(e, g, tally_count(g->tally));
        tally_end(g->tally);
}

/* Members that were told alone before the threshold are adopted. */
static void adopt(struct engine *e, struct group *g, usec_t since)
{
        for (size_t i = 0; i < ADOPTED_MAX; i++) {
                struct key *key = g->single[i].when >= since && g->single[i].when
                                          ? keys_find(e, g->single[i].key_id)
                                          : NULL;
                struct incident *incident = key ? key->incidents : NULL;

                g->single[i].when = 0;
                while (incident && incident->id != g->single[i].incident)
                        incident = incident->next;
                if (!incident || incident->parent)
                        continue;
                incident->parent = g->incident;
                batch_incident(recorder_batch(e), incident);
        }
}

static void group_open(struct engine *e, struct group *g, usec_t span)
{
        struct group_words words;
        usec_t now = engine_now(e);

        struct notice n = group_notice(e, g, &words);
        struct incident *incident = incident_open(e, NULL, &n, engine_wall(e));
        incident_describe(e, incident, g->name);
        g->incident = incident->id;
        g->told = incident->count;
        adopt(e, g, now > span ? now - span : 1);
        group_wait(e, g);
}

/* The running count is told whenever it has doubled. */
static void group_grown(struct engine *e, struct group *g)
{
        struct incident *incident = group_incident(e, g);
        struct group_words words;

        if (!incident)
                return;
        incident->count = tally_count(g->tally);
        group_wait(e, g);
        if (incident->count < 2 * g->told)
                return;
        struct notice n = group_notice(e, g, &words);
        incident_update(e, NULL, incident, &n);
        incident_describe(e, incident, g->name);
        g->told = incident->count;
}

/* --- joining --- */

static enum tally_verdict group_count(struct engine *e, struct group *g, int64_t account)
{
        usec_t span = group_window(e);
        uint32_t before = tally_count(g->tally);
        enum tally_verdict verdict = tally_add(g->tally, account, engine_now(e), span);

        if (verdict == TALLY_OPENED) {
                group_end(e, g, before); /* the one before, which nobody joins any more */
                group_open(e, g, span);
        } else if (verdict == TALLY_JOINED) {
                group_grown(e, g);
        }
        return verdict;
}

void group_note_single(struct group *g, const struct key *key, const struct incident *incident, usec_t when)
{
        g->single[g->next_single].key_id = key->id;
        g->single[g->next_single].incident = incident->id;
        g->single[g->next_single].when = when;
        g->next_single = (g->next_single + 1) % ADOPTED_MAX;
}

static int64_t group_take(struct engine *e, struct key *key, const struct notice *n, const char *permission,
                          const struct incident *incident)
{
        char name[GROUP_NAME_MAX];
        enum incident_kind kind = group_subject(key, n->kind, reasons_parse(n->reason), permission, name);
        struct group *g = group_made(e, kind, name);

        if (kind == INCIDENT_MANY_ALIKE || n->kind == INCIDENT_KEY_PERMISSIONS_EXCESS)
                g->priority =
                        n->priority ? n->priority : incident_kind_priority(n->kind, key_is_live_mode(key));
        if (group_count(e, g, group_account(e, key)) == TALLY_ALONE || !g->incident) {
                group_note_single(g, key, incident, engine_now(e));
                return 0;
        }
        return g->incident;
}

int64_t group_join(struct engine *e, struct key *key, const struct notice *n, const char *before,
                   const struct incident *incident)
{
        const char *ids = n->missing ? n->missing : n->excess;
        int64_t parent = 0;
        bool alone = false;

        if (!ids)
                return group_take(e, key, n, NULL, incident);
        /* Each permission is a matter of its own; told with others is only what is wholly a matter of many.
         */
        for (char id[IDS_MAX]; ids_next(&ids, id);) {
                if (ids_has(before, id))
                        continue;
                int64_t group = group_take(e, key, n, id, incident);
                alone = alone || group == 0;
                parent = parent ? parent : group;
        }
        return alone ? 0 : parent;
}

bool group_counts(const struct engine *e)
{
        return !LIST_EMPTY(&e->groups->list);
}

void group_asked(struct engine *e, const struct key *key, const char *permission)
{
        int64_t account = 0;

        for (struct group *g = LIST_FIRST(&e->groups->list); g; g = LIST_NEXT(g, next)) {
                const char *wanted = group_permission(g);

                if (g->mode != (enum key_mode) key->mode ||
                    (wanted && (!permission || strcmp(wanted, permission) != 0)))
                        continue;
                if (account == 0)
                        account = key_account_number(key);
                tally_asked(g->tally, account, engine_now(e));
        }
}

/* --- deaths, before they are believed --- */

void group_suspected(struct engine *e, const struct key *key)
{
        tally_begin(deaths(e, key)->tally, engine_now(e), group_window(e));
}

bool group_is_beyond(struct engine *e, struct key *key)
{
        struct group *g = deaths(e, key);
        enum tally_verdict verdict =
                g->incident ? tally_would(g->tally, group_account(e, key), engine_now(e), group_window(e))
                            : TALLY_ALONE;

        return verdict == TALLY_JOINED || verdict == TALLY_AGAIN;
}

bool group_would_open(struct engine *e, const struct key *key, size_t accounts)
{
        struct group *g = deaths(e, key);

        return g->incident || tally_would_open(g->tally, accounts, engine_now(e), group_window(e));
}

void group_expect(struct engine *e, struct key *key)
{
        (void) group_count(e, deaths(e, key), group_account(e, key));
}
