/* A round is complete when every key that is watched at its own pulse had its turn. Dead and paused keys take
 * no part. Each complete round is one heartbeat in the journal: its absence is what a watcher of the watch
 * looks for. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/status.h"
#include "engine/watch/watch.h"

struct rounds {
        size_t left; /* keys that have not had their turn */
        size_t members;
        bool done_mark;     /* key->round_done of those that had it; flips with each round */
        int64_t begun_wall; /* of the running round */
        usec_t begun;
        int64_t completed_wall, seconds;
};

int rounds_new(struct engine *e)
{
        e->rounds = calloc(1, sizeof(*e->rounds));
        if (!e->rounds)
                return -ENOMEM;
        e->rounds->done_mark = true;
        e->rounds->begun = engine_now(e);
        e->rounds->begun_wall = engine_wall(e);
        return 0;
}

void rounds_free(struct engine *e)
{
        free(e->rounds);
        e->rounds = NULL;
}

static void complete(struct engine *e)
{
        struct rounds *r = e->rounds;
        int64_t wall = engine_wall(e);
        char detail[64];

        r->seconds = (int64_t) ((engine_now(e) - r->begun) / USEC_PER_SEC);
        snprintf(detail, sizeof(detail), "%lld s, %zu incidents open", (long long) r->seconds,
                 e->n_incidents);
        struct notice n = {
                .kind = INCIDENT_ROUND_COMPLETED,
                .count = r->members,
                .has_count = true,
                .reason = outage_is_open(e) ? "outage" : NULL,
                .detail = detail,
                .since = r->begun_wall,
        };
        if (wall != r->completed_wall) /* its id is made of this second */
                event_emit(e, NULL, &n, wall);

        r->done_mark = !r->done_mark;
        r->left = r->members;
        r->begun = engine_now(e);
        r->begun_wall = r->completed_wall = wall;
}

void rounds_asked(struct engine *e, struct key *key)
{
        struct rounds *r = e->rounds;

        if (!key->in_round || key->round_done == r->done_mark)
                return;
        key->round_done = r->done_mark;
        if (--r->left == 0)
                complete(e);
}

void rounds_joined(struct engine *e, struct key *key)
{
        struct rounds *r = e->rounds;

        if (key->in_round || key->belief.life == LIFE_DEAD || key->paused_until > engine_wall(e))
                return;
        if (r->members == 0) { /* nobody was watched until now */
                r->begun = engine_now(e);
                r->begun_wall = engine_wall(e);
        }
        key->in_round = true;
        key->round_done = !r->done_mark;
        r->members++;
        r->left++;
}

void rounds_left(struct engine *e, struct key *key)
{
        struct rounds *r = e->rounds;

        if (!key->in_round)
                return;
        key->in_round = false;
        r->members--;
        if (key->round_done != r->done_mark && --r->left == 0 && r->members > 0)
                complete(e);
}

void rounds_status(const struct engine *e, struct engine_status *ret)
{
        const struct rounds *r = e->rounds;

        ret->last_round_wall = r->completed_wall;
        ret->round_seconds = r->seconds;
        ret->round_age_seconds = r->members > 0 ? (int64_t) ((engine_now(e) - r->begun) / USEC_PER_SEC) : -1;
}
