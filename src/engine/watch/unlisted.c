/* A provider-shaped answer that no rule lists, again and again, while others are answered as ever: it is the
 * key's own matter, and nobody is to wait a day to hear of it. */
#include <stdio.h>

#include "engine/watch/watch.h"

/* So many in a row, over so long a time. */
#define TIMES_MIN 5
#define SPAN_MIN  (15 * USEC_PER_MINUTE)

static void unlisted_tell(struct engine *e, struct key *key, const struct judgement *j)
{
        struct notice n = { .kind = INCIDENT_KEY_UNVERIFIED,
                            .reason = reason_name(REASON_UNLISTED_ANSWER),
                            .previous_state = state_name((enum state) key->state),
                            .http_status = j->status,
                            .stripe_code = j->code,
                            .request_id = j->request_id,
                            .since = key->work->unlisted.since_wall };

        key->unlisted = true;
        n.state = state_name(key_state(key, engine_wall(e)));
        incident_open(e, key, &n, key->work->unlisted.since_wall);
        key_changed(e, key);
}

static void unlisted_count(struct engine *e, struct key *key, const struct judgement *j)
{
        struct unlisted *u = &key_work(key)->unlisted;

        if (u->n == 0) {
                u->since = engine_now(e);
                u->since_wall = engine_wall(e);
        }
        u->n = (uint8_t) MIN(u->n + 1, TIMES_MIN);
        if (u->n == TIMES_MIN && engine_now(e) - u->since >= SPAN_MIN && key->belief.life != LIFE_DEAD &&
            !key_is_suspect(key) && !incident_find(e, key, INCIDENT_KEY_UNVERIFIED) &&
            witness_is_healthy(e, key))
                unlisted_tell(e, key, j);
}

/* Something that is listed came in between. */
static void unlisted_forget(struct engine *e, struct key *key, bool judged)
{
        if (key->work)
                key->work->unlisted.n = 0;
        if (!judged || !key->unlisted)
                return;
        key->unlisted = false;
        incident_clear(e, key, incident_find(e, key, INCIDENT_KEY_UNVERIFIED), "verified");
        key_changed(e, key);
}

void unlisted_answer(struct engine *e, struct key *key, const struct ask *ask, const struct judgement *j)
{
        bool in_vain = ask->probe && ask->row != ROW_NONE && j->stale_probe &&
                       stale_is_told(e, ask->row, ask->level);

        if (answer_is_judged(j->answer))
                unlisted_forget(e, key, true);
        else if (j->answer == ANSWER_UNCLEAR && j->cause == CAUSE_UNLISTED && !in_vain)
                unlisted_count(e, key, j);
        else if (j->answer == ANSWER_UNCLEAR && j->cause != CAUSE_UNLISTED && j->cause != CAUSE_LOCAL)
                unlisted_forget(e, key, false);
}

void unlisted_resume(struct engine *e, struct key *key)
{
        const struct incident *open = incident_find(e, key, INCIDENT_KEY_UNVERIFIED);

        key->unlisted = open && reasons_have(open->reasons, REASON_UNLISTED_ANSWER);
}
