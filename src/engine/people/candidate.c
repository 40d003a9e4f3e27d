/* A secret that proves itself before it is stored: the Connect step of `add`, and the new secret of a
 * rotation. Its questions are asked one after the other; a person waits, so the first refusal counts. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/people/people.h"
#include "engine/watch/report.h"
#include "vault/vault.h"

#define REPEATS_MAX 3

struct candidate {
        struct engine *engine;
        struct key *key; /* not in the list of keys; until it is stored */
        struct secret *secret;
        int64_t replaces; /* id of the key that is rotated; 0: a new one */
        bool force, replace_account;
        bool wrong_account; /* why it is refused */
        struct label labels[LABELS_MAX];
        size_t n_labels;
        char *warning;

        struct series *series;
        struct ask *ask;
        char account[40], key_object[64];
        enum answer answer;
        char text[256];
        bool incomplete;

        bool has_actor; /* who asked, when it began */
        uint32_t actor;

        check_done_fn done;
        void *userdata;
        LIST_ENTRY(candidate) in_engine;
};

static void candidate_free(struct candidate *c)
{
        struct engine *e = c->engine;

        ask_cancel(e, c->ask);
        agenda_clear(e->agenda, &c->key->due);
        for (size_t i = 0; i < c->n_labels; i++) {
                free((char *) c->labels[i].name);
                free((char *) c->labels[i].value);
        }
        LIST_REMOVE(c, in_engine);
        secret_free(c->secret);
        free(c->warning);
        free(c->series);
        free(c->key);
        free(c);
}

void candidates_free(struct engine *e)
{
        struct candidate *c;

        while ((c = LIST_FIRST(&e->candidates)))
                candidate_free(c);
}

static void candidate_tell(struct candidate *c, bool stored, const char *refusal)
{
        struct report report = {
                .key = c->key,
                .grants = &c->key->grants,
                .answer = c->answer,
                .text = c->text,
                .account = c->account,
                .key_object = c->key_object,
                .warning = c->warning,
                .incomplete = c->incomplete,
                .stored = stored,
                .wrong_account = c->wrong_account,
        };

        if (refusal)
                report_refusal(&report, refusal, c->done, c->userdata);
        else
                report_tell(c->engine, &report, c->done, c->userdata);
}

void candidate_drop(struct engine *e, const void *userdata)
{
        struct candidate *c;

        LIST_FOREACH(c, &e->candidates, in_engine)
                if (c->userdata == userdata) {
                        candidate_free(c);
                        return;
                }
}

void candidates_give_up(struct engine *e)
{
        struct candidate *c;

        while ((c = LIST_FIRST(&e->candidates))) {
                c->answer = ANSWER_UNCLEAR;
                snprintf(c->text, sizeof(c->text), "the configuration was reloaded meanwhile; try again");
                candidate_tell(c, false, NULL);
                candidate_free(c);
        }
}

static bool lacks_something(const struct candidate *c)
{
        const struct engine *e = c->engine;
        const struct profile *profile = key_profile(e, c->key);

        for (size_t i = 0; i < profile->n_required; i++) {
                unsigned slot = e->parts.catalogue->rows[profile->required[i].row].slot;

                if (grant_has(grants_get(&c->key->grants, slot), profile->required[i].level) == 0)
                        return true;
        }
        return false;
}

/* What was proved is believed at once: no key starts as unverified after it has been verified. */
static void settle(struct candidate *c, struct key *key)
{
        struct engine *e = c->engine;

        if (!answer_is_healthy(c->answer))
                return;
        key->last_checked = key->last_healthy = engine_wall(e);
        if (!c->incomplete)
                key->last_full = engine_steady_wall(e);
        key->belief = (struct belief){ .life = LIFE_ALIVE };
        key->review = true;
}

static void store_new(struct candidate *c)
{
        struct engine *e = c->engine;
        struct key_request q = { .labels = c->labels, .n_labels = c->n_labels };
        _cleanup_free_ char *reason = NULL;
        struct key *key = c->key;
        int64_t account = key->account_id;

        if (!c->force && (!answer_is_healthy(c->answer) || c->incomplete || lacks_something(c))) {
                candidate_tell(c, false, NULL);
                return;
        }
        if (c->account[0] && store_account(e->parts.store, c->account, &account) >= 0 &&
            key->account_declared && key->account_id != account && !c->force) {
                c->wrong_account = true;
                candidate_tell(
                        c, false,
                        "The key belongs to another account than the one that was declared; nothing was "
                        "stored.");
                return;
        }
        if (!key->account_declared)
                key->account_id = account;
        settle(c, key);
        key->id = 0;
        if (admission_store(e, key, &q, c->secret, &reason) < 0) {
                candidate_tell(c, false, reason ? reason : "The key could not be stored.");
                return;
        }
        operator_did(e, key, "added", 1, NULL);
        candidate_tell(c, true, NULL);
        if (c->account[0])
                account_learn(e, key, c->account);
        permission_review(e, key);
        housekeeping_look(e, key);
        turn_plan(e, key);
        c->key = memory_sure(calloc(1, sizeof(*c->key) + 1)); /* the engine has it now */
}

/* What is believed of the key once it has the new secret. */
static void become(struct candidate *c, struct key *key)
{
        key->kind = c->key->kind;
        key->grants = c->key->grants;
        key->created = c->key->created;
        key->expires = c->key->expires;
        key->end = END_NONE;
        key->missing = key->unwitnessed = false;
        key->has_old = key->has_old || !key->unreadable;
        key->unreadable = false;
        key->suspect_since = key->last_healthy = 0;
        key->held_until = 0;
        key->unlisted = false;
        key->last_full = key->last_excess[0] = key->last_excess[1] = 0;
        key->secret_since = key->life_since = engine_wall(c->engine);
        settle(c, key);
}

/* The new secret is on disk. */
static void replaced(struct candidate *c, struct key *key, const struct key *before)
{
        struct engine *e = c->engine;
        _cleanup_free_ char *reason = NULL;

        witness_release(e, key); /* its answer would be about the old secret */
        series_abandon(e, key);  /* whoever waits for a report gets what there is */
        burst_settled(e, key);
        work_free(e, key);
        rotation_forget(e, key);
        become(c, key);
        if (c->replace_account && replace_changes_account(e, before, c->account))
                (void) people_declare(e, key, c->account, &reason);
        operator_did(e, key, "rotated", 1,
                     before->has_old ? "an older secret that lives is watched no more" : NULL);
        replace_begin(e, key, before);
        if (c->account[0])
                account_learn(e, key, c->account);
}

static void replace(struct candidate *c)
{
        struct engine *e = c->engine;
        struct key *key = keys_find(e, c->replaces);
        _cleanup_free_ char *reason = NULL;

        if (!key || !answer_is_healthy(c->answer) || (c->incomplete && !c->force)) {
                candidate_tell(c, false, key ? NULL : "The key was removed meanwhile.");
                return;
        }
        c->wrong_account = !c->replace_account && replace_changes_account(e, key, c->account);
        const char *refusal =
                replace_refusal(e, key, &c->key->grants, c->replace_account ? NULL : c->account, c->force);
        if (refusal) {
                candidate_tell(c, false, *refusal ? refusal : NULL);
                return;
        }
        struct key before = *key, after = *key; /* without their names */
        become(c, &after);
        if (replace_store(e, &after, c->secret, !before.unreadable, &reason) < 0) {
                candidate_tell(c, false,
                               reason ? reason : "The new secret could not be stored; nothing was changed.");
                return;
        }
        replaced(c, key, &before);
        candidate_tell(c, true, NULL);
}

static void candidate_finish(struct candidate *c)
{
        struct engine *e = c->engine;

        e->actor = c->actor;
        e->has_actor = c->has_actor;
        if (c->replaces)
                replace(c);
        else
                store_new(c);
        candidate_free(c);
}

static void candidate_next(struct candidate *c);

static void candidate_learn_permission(struct candidate *c, const struct ask *ask, enum answer answer)
{
        const struct engine *e = c->engine;

        if (ask->row == ROW_NONE)
                return;
        if (answer_is_about_permission(answer)) {
                unsigned slot = e->parts.catalogue->rows[ask->row].slot;

                grants_put(
                        &c->key->grants, slot,
                        grant_seen(grants_get(&c->key->grants, slot), ask->level, answer == ANSWER_GRANTED));
        } else if (profile_requires(key_profile(e, c->key), ask->row) >= ask->level) {
                c->incomplete = true; /* a product is off: whether it is granted cannot be told */
        }
}

static void candidate_on_answer(struct engine *e, struct ask *ask, const struct judgement *j,
                                const struct reply *reply)
{
        struct candidate *c = ask->userdata;
        struct series *series = c->series;

        (void) reply;
        c->ask = NULL;
        series->account_told = series->account_told || j->account[0];
        if (j->account[0])
                snprintf(c->account, sizeof(c->account), "%s", j->account);
        if (j->key_object[0])
                snprintf(c->key_object, sizeof(c->key_object), "%s", j->key_object);
        bool judged = answer_is_judged(j->answer);
        if (!judged && !judgement_is_in_vain(j) && series->repeats < REPEATS_MAX) {
                series->next--;
                agenda_set(e->agenda, &c->key->due, engine_now(e) + (USEC_PER_SEC << series->repeats++));
                return;
        }
        series->repeats = 0;
        bool aside = j->answer == ANSWER_FEATURE_UNROUTED && series->next > 1; /* says nothing of the key */
        if (!aside && (series->next <= series->learn_from || !judged)) {
                c->answer = j->answer;
                snprintf(c->text, sizeof(c->text), "%s", j->text);
        }
        if (!answer_is_healthy(j->answer) && !aside) {
                c->incomplete = true;
                candidate_finish(c);
                return;
        }
        candidate_learn_permission(c, ask, j->answer);
        candidate_next(c);
}

static void candidate_next(struct candidate *c)
{
        struct engine *e = c->engine;
        struct item item;

        if (!series_take(e, c->key, c->series, &item)) {
                candidate_finish(c);
                return;
        }
        c->ask = ask_item(e, c->key, item);
        if (!c->ask) {
                c->incomplete = true;
                c->answer = ANSWER_UNCLEAR;
                candidate_finish(c);
                return;
        }
        c->ask->secret = c->secret;
        c->ask->urgent = true;
        c->ask->done = candidate_on_answer;
        c->ask->userdata = c;
        ask_submit(e, c->ask);
}

static void candidate_on_alarm(struct alarm *alarm, void *userdata)
{
        struct engine *e = userdata;
        struct key *key = CONTAINER_OF(alarm, struct key, due);
        struct candidate *c;

        LIST_FOREACH(c, &e->candidates, in_engine)
                if (c->key == key) {
                        candidate_next(c);
                        return;
                }
}

static int take_labels(struct candidate *c, const struct key_request *q)
{
        for (size_t i = 0; i < q->n_labels; i++) {
                c->labels[i] = (struct label){ .name = strdup(q->labels[i].name),
                                               .value = strdup(q->labels[i].value) };
                c->n_labels = i + 1;
                if (!c->labels[i].name || !c->labels[i].value)
                        return -ENOMEM;
        }
        return 0;
}

int candidate_start(struct engine *e, struct key *key, const struct key_request *q,
                    const struct secret *secret, char *warning, int64_t replaces, check_done_fn done,
                    void *userdata)
{
        struct candidate *c = calloc(1, sizeof(*c));

        if (!c) {
                free(key);
                free(warning);
                return -ENOMEM;
        }
        c->engine = e;
        c->key = key;
        c->key->id = --e->last_candidate; /* a lane of its own */
        c->key->due.ring = candidate_on_alarm;
        c->warning = warning;
        c->replaces = replaces;
        c->force = q->force;
        c->replace_account = q->replace_account;
        c->actor = e->actor;
        c->has_actor = e->has_actor;
        c->done = done;
        c->userdata = userdata;
        LIST_INSERT_HEAD(&e->candidates, c, in_engine);
        c->series = series_candidate(e, c->key);
        c->secret = secret_copy(secret->bytes, secret->size);
        if (!c->secret || take_labels(c, q) < 0) {
                candidate_free(c);
                return -ENOMEM;
        }
        agenda_set(e->agenda, &c->key->due, engine_now(e));
        return 0;
}
