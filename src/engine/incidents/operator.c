/* What people and programs did is an event, too: whoever is called at night sees what changed, and who did
 * it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/incidents/incidents.h"
#include "engine/operations.h"

void engine_acting(struct engine *e, uint32_t uid)
{
        e->actor = uid;
        e->has_actor = true;
}

/* Since when a key that is added, or gets a new secret, is what it is: programs that keep a table of keys
 * begin its line with this. */
static int64_t since_of(const struct key *key, const char *action)
{
        bool comes = strcmp(action, "added") == 0 || strcmp(action, "rotated") == 0;

        return key && comes ? key->life_since : 0;
}

void operator_did(struct engine *e, struct key *key, const char *action, uint64_t count, const char *detail)
{
        char uid[16];
        struct notice n = {
                .kind = INCIDENT_OPERATOR_ACTION,
                .action = action,
                .by_uid = uid,
                .count = count,
                .has_count = true,
                .detail = detail,
                .since = since_of(key, action),
        };

        if (!e->has_actor || e->importing)
                return;
        snprintf(uid, sizeof(uid), "%" PRIu32, e->actor);
        event_emit(e, key, &n, engine_wall(e));
}

void engine_did(struct engine *e, const char *action, uint64_t count, const char *detail)
{
        operator_did(e, NULL, action, count, detail);
}
