/* What counts together: which incidents are about the same thing, and whose keys they are about. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/secret.h"
#include "engine/incidents/group_internal.h"

#define WINDOW_MIN (10 * USEC_PER_MINUTE)
#define WINDOW_PAD (2 * USEC_PER_MINUTE)
/* How long the longest pulse of the fleet is thought to be what it was. */
#define PULSES_KNOWN_FOR (10 * USEC_PER_MINUTE)
/* Of a key's body, what tells its account: "51" and the account's own characters. */
#define BODY_ACCOUNT 18

int groups_new(struct engine *e, struct groups **ret)
{
        struct groups *groups = calloc(1, sizeof(*groups));

        (void) e;
        if (!groups)
                return -ENOMEM;
        LIST_INIT(&groups->list);
        *ret = groups;
        return 0;
}

static void group_free(struct group *g)
{
        LIST_REMOVE(g, next);
        tally_free(g->tally);
        free(g);
}

struct groups *groups_free(struct groups *groups)
{
        while (groups && !LIST_EMPTY(&groups->list))
                group_free(LIST_FIRST(&groups->list));
        return mfree(groups);
}

usec_t group_window(struct engine *e)
{
        struct groups *groups = e->groups;
        usec_t now = engine_now(e);

        if (groups->pulses_known == 0 || now - groups->pulses_known > PULSES_KNOWN_FOR) {
                groups->pulses_known = now;
                groups->longest_pulse = counts_longest_pulse(e, true);
        }
        return MAX(WINDOW_MIN, groups->longest_pulse + WINDOW_PAD);
}

static int64_t body_account(struct engine *e, const struct key *key)
{
        _cleanup_(secret_freep) struct secret *secret = NULL;
        char begin[BODY_ACCOUNT + 1];

        if (engine_secret(e, key, SLOT_CURRENT, &secret) < 0)
                return -key->id;
        const char *body = strrchr(secret->bytes, '_');
        snprintf(begin, sizeof(begin), "%s", body ? body + 1 : secret->bytes);
        int64_t account = -(int64_t) (hash_text(begin) >> 2) - 1;
        explicit_bzero(begin, sizeof(begin));
        return account;
}

int64_t group_account(struct engine *e, const struct key *key)
{
        return key->account_id ? key->account_id : body_account(e, key);
}

enum incident_kind group_subject(const struct key *key, enum incident_kind kind, unsigned reasons,
                                 const char *permission, char name[GROUP_NAME_MAX])
{
        const char *mode = key_mode_name((enum key_mode) key->mode);
        enum incident_kind group = INCIDENT_MANY_ALIKE;
        const char *reason = incident_kind_name(kind), *by = NULL;

        switch (kind) {
        case INCIDENT_KEY_REVOKED:
        case INCIDENT_KEY_EXPIRED:
        case INCIDENT_KEY_INVALID:
                group = key->last_healthy ? INCIDENT_MASS_REVOCATION : INCIDENT_KEYS_DEAD_ON_ARRIVAL;
                reason = "revoked";
                break;
        case INCIDENT_KEY_BLOCKED:
                if (key->last_healthy) {
                        group = INCIDENT_MASS_REVOCATION;
                        reason = "blocked";
                }
                break;
        case INCIDENT_KEY_PERMISSIONS_MISSING:
                group = INCIDENT_PERMISSION_CHANGED;
                reason = reason_name(REASON_LOST);
                break;
        case INCIDENT_KEY_PERMISSIONS_EXCESS:
                group = INCIDENT_PERMISSION_CHANGED;
                reason = reason_name(REASON_GAINED);
                break;
        default:
                break;
        }
        if (group == INCIDENT_PERMISSION_CHANGED && reasons_have(reasons, REASON_PROFILE))
                by = reason_name(REASON_PROFILE);
        snprintf(name, GROUP_NAME_MAX, "%s %s%s%s%s%s", mode, reason, by ? " " : "", by ? by : "",
                 permission ? " " : "", permission ? permission : "");
        return group;
}

/* Those that count nothing any more make room for the new one. */
static void free_idle(struct engine *e)
{
        struct group *g = LIST_FIRST(&e->groups->list);

        while (g) {
                struct group *next = LIST_NEXT(g, next);

                if (!g->incident && tally_is_idle(g->tally, engine_now(e)))
                        group_free(g);
                g = next;
        }
}

static struct group *group_find(const struct engine *e, enum incident_kind kind, const char *name)
{
        struct group *g = LIST_FIRST(&e->groups->list);

        while (g && (g->kind != kind || strcmp(g->name, name) != 0))
                g = LIST_NEXT(g, next);
        return g;
}

struct group *group_made(struct engine *e, enum incident_kind kind, const char *name)
{
        struct group *g = group_find(e, kind, name);

        if (g)
                return g;
        free_idle(e);
        g = memory_sure(calloc(1, sizeof(*g)));
        if (tally_new(&g->tally) < 0)
                memory_end();
        g->kind = kind;
        snprintf(g->name, sizeof(g->name), "%s", name);
        g->mode = strncmp(name, "live", 4) == 0 ? MODE_LIVE : MODE_TEST;
        g->closing.ring = group_ring;
        LIST_INSERT_HEAD(&e->groups->list, g, next);
        return g;
}

const char *group_permission(const struct group *g)
{
        return g->kind == INCIDENT_PERMISSION_CHANGED ? strrchr(g->name, ' ') + 1 : NULL;
}
