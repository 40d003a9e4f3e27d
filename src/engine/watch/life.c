/* Whether a key lives: what the belief table says is done here. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "engine/watch/watch.h"
#include "model/silence.h"

#define EXPIRES_SOON SEC_PER_DAY
/* A doubt about which no judged answer can be had for so long is given up. */
#define UNANSWERED_MAX (SILENCE_CONFIRMATION_MAX * USEC_PER_SEC)
/* How long a witness speaks for the answer that comes after its own. */
#define VOUCHED_FOR USEC_PER_MINUTE

void key_changed_at(struct engine *e, struct key *key, int64_t since_wall)
{
        enum state state = key_state(key, engine_wall(e));

        if (state != (enum state) key->state) {
                batch_span(recorder_batch(e), key->id, state, since_wall, key->checks);
                key->state = (uint8_t) state;
                key->checks = 0;
        }
        witness_count(e, key);
        outage_count(e, key);
        key_count(e, key);
        batch_key(recorder_batch(e), key);
        recorder_changed(e, false);
}

void key_changed(struct engine *e, struct key *key)
{
        key_changed_at(e, key, engine_wall(e));
}

static enum incident_kind end_incident(enum end end)
{
        switch (end) {
        case END_EXPIRED:
                return INCIDENT_KEY_EXPIRED;
        case END_ROLLED:
                return INCIDENT_KEY_ROLLED;
        case END_INVALID:
                return INCIDENT_KEY_INVALID;
        case END_REVOKED:
        case END_NONE:
        case _END_MAX:
                break;
        }
        return INCIDENT_KEY_REVOKED;
}

static enum end find_end(const struct engine *e, const struct key *key)
{
        if (key->expires != 0 && key->expires - EXPIRES_SOON < engine_wall(e))
                return END_EXPIRED;
        if (key->last_healthy == 0) /* under this secret */
                return END_INVALID;
        return END_REVOKED;
}

/* Which of the dead answers it was, and `how` sure we are if it is less than a healthy witness makes us. */
static void death_reason(const struct evidence *evidence, const char *how, char *text, size_t size)
{
        snprintf(text, size, "%s%s%s",
                 evidence->answer == ANSWER_DEAD_EXPIRED ? "expired-code" : "unknown-to-stripe",
                 how ? " " : "", how ? how : "");
}

/* A dead key has no other trouble: end the incidents of its life, and tell so. */
static void end_others(struct engine *e, struct key *key)
{
        static const enum incident_kind kinds[] = {
                INCIDENT_KEY_PERMISSIONS_MISSING, INCIDENT_KEY_PERMISSIONS_EXCESS, INCIDENT_KEY_BLOCKED,
                INCIDENT_KEY_ACCOUNT_REFUSED,     INCIDENT_KEY_UNVERIFIED,         INCIDENT_KEY_ROTATION_DUE,
        };

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                incident_clear(e, key, incident_find(e, key, kinds[i]), "dead");
}

/* The key is dead: one incident. `how` is not NULL if no healthy witness
 * agreed. */
static void die(struct engine *e, struct key *key, const char *how)
{
        static const struct evidence none = { 0 }; /* a restart forgets it */
        struct work *w = key->work;
        const struct evidence *evidence = w->evidence ? w->evidence : &none;
        char reason[48];
        enum end end = find_end(e, key);

        key->end = (uint8_t) end;
        key->unwitnessed = how != NULL;
        series_abandon(e, key);
        key->unlisted = false;
        key->missing = false;

        death_reason(evidence, how, reason, sizeof(reason));
        struct notice n = {
                .kind = end_incident(end),
                .reason = reason,
                .previous_state = state_name((enum state) key->state),
                .http_status = evidence->status,
                .stripe_code = evidence->code,
                .request_id = evidence->request,
                .expires = key->expires,
        };
        incident_open(e, key, &n, key->suspect_since);
        end_others(e, key);
        wait_nothing(w);
        rounds_left(e, key);
}

static void revive(struct engine *e, struct key *key)
{
        static const enum incident_kind kinds[] = { INCIDENT_KEY_REVOKED, INCIDENT_KEY_EXPIRED,
                                                    INCIDENT_KEY_INVALID, INCIDENT_KEY_ROLLED };

        key->end = END_NONE;
        key->unwitnessed = false;
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                incident_clear(e, key, incident_find(e, key, kinds[i]), "accepted-again");
        permission_revived(e, key);
        rounds_joined(e, key);
}

static void become_blocked(struct engine *e, struct key *key, const struct judgement *j)
{
        struct notice n = {
                .kind = INCIDENT_KEY_BLOCKED,
                .reason = "address-not-allowed",
                .previous_state = state_name((enum state) key->state),
                .http_status = j ? j->status : 0,
        };
        incident_open(e, key, &n, engine_wall(e));
}

static void become_suspect(struct engine *e, struct key *key)
{
        struct work *w = key_work(key);

        w->first_dead = w->last_dead = engine_now(e);
        w->vouched = 0;
        w->first_dead_wall = key->suspect_since = engine_wall(e);
        w->repeats = 0;
        burst_suspected(e, key);
        if (key->has_next) /* its death is no trouble if the secret that waits for its proof lives */
                agenda_set(e->agenda, &e->successors_alarm, engine_now(e));
}

static void acquit(struct engine *e, struct key *key)
{
        struct work *w = key->work;

        if (w) {
                wait_nothing(w);
                w->vouched = 0;
                w->witness = ask_cancel(e, w->witness); /* a later doubt is no business of this one */
        }
        key->suspect_since = 0;
        key->held_until = 0;
}

static bool life_is_doubted(enum life life)
{
        return life == LIFE_SUSPECT || life == LIFE_HELD;
}

/* It is sure again what the key is: alive, blocked or dead. */
static void settled(struct engine *e, struct key *key, enum life from, const struct judgement *j,
                    const char *how)
{
        enum life to = (enum life) key->belief.life;

        if (to == LIFE_DEAD)
                die(e, key, how);
        else if (from == LIFE_DEAD)
                revive(e, key);
        if (to == LIFE_ALIVE)
                key->review = true;
        if (to == LIFE_ALIVE && j) {
                incident_clear(e, key, incident_find(e, key, INCIDENT_KEY_UNVERIFIED), "verified");
                incident_clear(e, key, incident_find(e, key, INCIDENT_KEY_BLOCKED), "accepted");
        }
        if (to == LIFE_BLOCKED && !life_is_doubted(from))
                become_blocked(e, key, j);
        if (life_is_doubted(from)) {
                acquit(e, key);
                burst_settled(e, key);
        }
        key->life_since = engine_wall(e);
}

static void life_changed(struct engine *e, struct key *key, enum life from, const struct judgement *j,
                         const char *how)
{
        if (!life_is_doubted((enum life) key->belief.life))
                settled(e, key, from, j, how);
        else if (!life_is_doubted(from))
                become_suspect(e, key);
        witness_count(e, key);
}

static void keep_evidence(const struct engine *e, struct key *key, const struct judgement *j)
{
        struct work *w = key_work(key);

        w->last_dead = engine_now(e);
        if (!w->evidence)
                w->evidence = memory_sure(calloc(1, sizeof(*w->evidence)));
        w->evidence->answer = j->answer;
        w->evidence->status = j->status;
        snprintf(w->evidence->code, sizeof(w->evidence->code), "%s", j->code);
        snprintf(w->evidence->request, sizeof(w->evidence->request), "%s", j->request_id);
}

static void act(struct engine *e, struct key *key, enum belief_action action)
{
        struct work *w = action == ACTION_NONE ? NULL : key_work(key);

        switch (action) {
        case ACTION_NONE:
                break;
        case ACTION_RECHECK:
                wait_recheck(e, w);
                break;
        case ACTION_CONFIRM:
                wait_confirm(e, w, key->belief.streak);
                break;
        case ACTION_REPEAT:
                wait_repeat(e, w, &w->repeats);
                break;
        case ACTION_WITNESS:
                /* Asked after the witness was healthy, and still dead: that is not the provider's doing. */
                if (w->vouched && engine_now(e) - w->vouched < VOUCHED_FOR)
                        burst_witnessed(e, key);
                else
                        witness_ask(e, key);
                break;
        case ACTION_HOLD:
                wait_hold(e, w, belief_hold(key->belief.holds) * USEC_PER_SEC);
                /* SILENCE_HOLD_MAX: all three of them */
                key->held_until = (uint32_t) (engine_wall(e) + belief_hold(key->belief.holds));
                burst_hold(e, key);
                break;
        case ACTION_ASK:
                w->repeats = 0;
                wait_turn(e, w);
                break;
        }
}

usec_t life_unanswered_at(const struct key *key)
{
        return key_is_suspect(key) && key->work ? key->work->last_dead + UNANSWERED_MAX : USEC_INFINITY;
}

bool life_is_unanswered(const struct engine *e, const struct key *key)
{
        return engine_now(e) >= life_unanswered_at(key);
}

void life_event(struct engine *e, struct key *key, enum belief_event event, const struct judgement *j)
{
        struct belief before = key->belief;
        const char *how = NULL;

        if (event == BELIEF_DEAD && before.life != LIFE_DEAD)
                keep_evidence(e, key, j);
        else if (event == BELIEF_UNCLEAR && life_is_unanswered(e, key))
                event = BELIEF_DOUBT_OVER;
        if (event == BELIEF_WITNESS_DOUBTFUL && before.life == LIFE_HELD)
                how = "three-holds";
        else if (event == BELIEF_UNWITNESSED)
                how = "unwitnessed";

        enum belief_action action =
                belief_apply(&before, event, (unsigned) e->parts.settings->checks.n_confirm, &key->belief);
        if (before.life != key->belief.life)
                life_changed(e, key, (enum life) before.life, j, how);
        if (memcmp(&before, &key->belief, sizeof(before)) != 0)
                key_changed(e, key);
        act(e, key, action);
        if (event >= BELIEF_WITNESS_HEALTHY)
                turn_plan(e, key);
}
