/* From an answer to what it changes. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "engine/incidents/group.h"
#include "engine/incidents/ids.h"
#include "engine/watch/watch.h"

/* Doubts that are to be settled within this time are one cause. */
#define DOUBTS_TOGETHER (5 * USEC_PER_SEC)

enum belief_event answer_event(enum answer answer)
{
        switch (answer) {
        case ANSWER_GRANTED:
        case ANSWER_REFUSED:
        case ANSWER_ACCOUNT_REFUSED: /* the key itself was accepted */
        case ANSWER_FEATURE_OFF:
                return BELIEF_HEALTHY;
        case ANSWER_DEAD_EXPIRED:
        case ANSWER_DEAD_INVALID:
                return BELIEF_DEAD;
        case ANSWER_BLOCKED:
                return BELIEF_BLOCKED;
        case ANSWER_FEATURE_UNROUTED: /* told before anybody looked at the key */
        case ANSWER_THROTTLED:
        case ANSWER_UNCLEAR:
        case _ANSWER_MAX:
                break;
        }
        return BELIEF_UNCLEAR;
}

static bool is_required(const struct engine *e, const struct key *key, const struct ask *ask)
{
        return ask->row != ROW_NONE && ask->probe &&
               profile_requires(key_profile(e, key), ask->row) >= ask->level;
}

/* An answer is kept singly when it is not the one that was to be expected from what we believed before it. */
static bool is_unexpected(const struct engine *e, const struct key *key, const struct ask *ask,
                          const struct judgement *j)
{
        switch (j->answer) {
        case ANSWER_GRANTED:
                return false;
        case ANSWER_REFUSED:
                return is_required(e, key, ask) && !key->missing;
        case ANSWER_FEATURE_OFF:
        case ANSWER_FEATURE_UNROUTED:
                return is_required(e, key, ask);
        case ANSWER_DEAD_EXPIRED:
        case ANSWER_DEAD_INVALID:
                return key->belief.life != LIFE_DEAD;
        case ANSWER_BLOCKED:
                return key->belief.life != LIFE_BLOCKED;
        case ANSWER_ACCOUNT_REFUSED:
                return !incident_find(e, key, INCIDENT_KEY_ACCOUNT_REFUSED);
        case ANSWER_THROTTLED:
        case ANSWER_UNCLEAR:
        case _ANSWER_MAX:
                break;
        }
        /* The first one of each key is kept: after a restart it says whom the outage struck. */
        return !outage_strikes(e, key) || key->unclear == 1;
}

static void keep_answer(struct engine *e, const struct key *key, const struct ask *ask,
                        const struct judgement *j, const struct reply *reply)
{
        static const char *const methods[] = { "GET", "POST", "DELETE" };
        char probe[256];

        snprintf(probe, sizeof(probe), "%s %s", methods[ask->method],
                 ask->probe ? ask->probe->path : ask->path);
        struct answer_row row = {
                .key_id = key->id,
                .at_wall = engine_wall(e),
                .answer = answer_name(j->answer),
                .probe = probe,
                .status = j->status,
                .code = j->code,
                .request_id = j->request_id,
                .text = j->text,
                .duration_usec = reply ? (int64_t) reply->duration_usec : 0,
        };
        batch_answer(recorder_batch(e), &row);
        recorder_changed(e, false);
}

static void answer_note(struct engine *e, struct key *key, const struct judgement *j)
{
        struct work *w = key_work(key);
        int64_t wall = engine_wall(e);

        w->last_answer = j->answer;
        free(w->last_text);
        w->last_text = j->text[0] != '\0' ? memory_text(j->text) : NULL;
        remedy_learn(e, key, j->account, j->key_object);
        if (!answer_is_judged(j->answer))
                return;
        key->last_checked = wall;
        key->unsaved = true;
        if (key->checks < UINT32_MAX)
                key->checks++;
        if (answer_is_healthy(j->answer))
                key->last_healthy = wall;
}

/* Several answers that must agree are asked for one after the other, each at its time. What others wanted to
 * know meanwhile (a witness is asked by many at once) may acquit a suspect, but brings no verdict forward. */
static bool answer_counts(const struct engine *e, const struct key *key, const struct ask *ask,
                          enum belief_event event)
{
        const struct belief *b = &key->belief;

        /* Nobody would ask on about it: who asked now is told, and the doubt begins when it is watched again.
         */
        if (event == BELIEF_DEAD && key->paused_until > engine_wall(e) && b->life != LIFE_DEAD)
                return false;
        if (key_is_suspect(key))
                return event == BELIEF_HEALTHY || event == BELIEF_BLOCKED ||
                       (ask->done == watch_answered && ask->opened_after != 0 &&
                        ask->opened_after >= key->work->first_dead);
        return b->streak == 0 || event != b->streak_of || !key->work || key->work->again <= engine_now(e);
}

static void answer_learn_permission(struct engine *e, struct key *key, const struct ask *ask,
                                    enum answer answer)
{
        if (answer_is_about_permission(answer))
                permission_answer(e, key, ask->row, ask->level, answer == ANSWER_GRANTED);
        if (!answer_is_feature_off(answer))
                return;
        permission_feature_off(e, key, ask->row);
        if (key->work->series && is_required(e, key, ask))
                key->work->series->incomplete = true; /* whether it is granted cannot be told */
}

/* Groups are measured by how many were asked. */
static void count_asked(struct engine *e, const struct key *key, const struct ask *ask)
{
        char permission[IDS_MAX];

        if (!group_counts(e))
                return;
        if (ask->probe && ask->row != ROW_NONE)
                snprintf(permission, sizeof(permission), "%s_%s", e->parts.catalogue->rows[ask->row].name,
                         level_name(ask->level));
        group_asked(e, key, ask->probe && ask->row != ROW_NONE ? permission : NULL);
}

/* Nobody watches a key whose secret cannot be opened; it is tried again with each turn. */
static void learn_readable(struct engine *e, struct key *key, const struct ask *ask,
                           const struct judgement *j, bool was_sent)
{
        bool unreadable = !was_sent && ask_is_unreadable(ask);
        struct notice n = { .kind = INCIDENT_KEY_UNREADABLE,
                            .previous_state = state_name((enum state) key->state),
                            .detail = j->text };

        if (ask->slot != SLOT_CURRENT || ask->secret || key->unreadable == unreadable ||
            (!was_sent && !unreadable))
                return;
        key->unreadable = unreadable;
        if (unreadable)
                incident_open(e, key, &n, engine_wall(e));
        else
                incident_clear(e, key, incident_find(e, key, INCIDENT_KEY_UNREADABLE), "readable");
        key_changed(e, key);
}

void answer_learn(struct engine *e, struct key *key, const struct ask *ask, const struct judgement *j,
                  const struct reply *reply)
{
        learn_readable(e, key, ask, j, reply != NULL);
        outage_sample(e, key, j);
        answer_note(e, key, j);
        if (is_unexpected(e, key, ask, j))
                keep_answer(e, key, ask, j, reply);
        if (j->permission[0])
                unknown_seen(e, j->permission);
        if (ask->probe)
                stale_seen(e, key, ask->row, ask->level, j->stale_probe, j->answer);
        if (j->account[0]) {
                if (key->work->series)
                        key->work->series->account_told = true;
                account_learn(e, key, j->account);
        }
        if (answer_is_judged(j->answer)) {
                count_asked(e, key, ask);
                account_refused_answer(e, key, ask, j);
        }
        if (ask->probe && ask->row != ROW_NONE)
                answer_learn_permission(e, key, ask, j->answer);
        unlisted_answer(e, key, ask, j);
        if (answer_is_healthy(j->answer))
                witness_offer(e, key);
        if (answer_counts(e, key, ask, answer_event(j->answer)))
                life_event(e, key, answer_event(j->answer), j);
}

void watch_answered(struct engine *e, struct ask *ask, const struct judgement *j, const struct reply *reply)
{
        struct key *key = ask->key;
        struct work *w = key->work;

        w->ask = NULL;
        if (reply && answer_is_dead(j->answer))
                w->dead_connection = reply->connection;
        answer_learn(e, key, ask, j, reply);
        w = key_work(key);
        if (w->series) {
                series_answered(e, key, j);
        } else {
                if (!answer_is_about_permission(j->answer))
                        doubt_put_off(e, key, ask->row, ask->level);
                else if (!key_is_suspect(key))
                        w->repeats = 0;
                if (!doubts_are_due(w, engine_now(e) + DOUBTS_TOGETHER)) /* and told together */
                        permission_review(e, key);
        }
        if (!w->series) {
                e->figures.checks[CHECKS_PULSES]++;
                rounds_asked(e, key);
        }
        turn_plan(e, key);
}
