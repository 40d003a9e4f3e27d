/* A key that keeps changing its state is told once, and then left in peace until it has been quiet for a day.
 * The changes are counted in the stored history, so a restart forgets nothing. What was told before the
 * silence is taken back in it as well; what opens in the silence and outlasts it is told at its end. */
#include "engine/incidents/incidents.h"

#define CHANGES_MAX 4
#define WINDOW      SEC_PER_DAY

static bool is_state_kind(enum incident_kind kind)
{
        switch (kind) {
        case INCIDENT_KEY_REVOKED:
        case INCIDENT_KEY_EXPIRED:
        case INCIDENT_KEY_INVALID:
        case INCIDENT_KEY_BLOCKED:
        case INCIDENT_KEY_ACCOUNT_REFUSED:
        case INCIDENT_KEY_PERMISSIONS_MISSING:
                return true;
        default:
                return false;
        }
}

/* Without the database there is no history to count in: then everything is told. */
static unsigned count_changes(const struct engine *e, const struct key *key, int64_t *ret_first)
{
        unsigned n;

        if (store_key_changes(e->parts.store, key->id, engine_wall(e) - WINDOW, &n, ret_first) < 0)
                return 0;
        return n;
}

bool flapping_silences(struct engine *e, struct key *key, enum incident_kind kind)
{
        int64_t first = 0;

        if (!key || !is_state_kind(kind))
                return false;
        if (incident_find(e, key, INCIDENT_KEY_FLAPPING))
                return true;
        unsigned n = count_changes(e, key, &first) + 1; /* this one is not recorded yet */
        if (n <= CHANGES_MAX)
                return false;
        struct notice notice = {
                .kind = INCIDENT_KEY_FLAPPING, .since = first, .count = n, .has_count = true
        };
        incident_open(e, key, &notice, engine_wall(e));
        return true;
}

void flapping_review(struct engine *e, struct key *key)
{
        struct incident *open = incident_find(e, key, INCIDENT_KEY_FLAPPING), *next;
        int64_t first;

        if (!open || engine_wall(e) - open->opened < WINDOW || key_is_suspect(key) ||
            count_changes(e, key, &first) > 0)
                return;
        incident_clear(e, key, open, "steady");
        for (open = key->incidents; open; open = next) {
                next = open->next;
                if (incident_is_silent(open))
                        incident_announce(e, key, open);
        }
}
