/* A secret that proves itself before it is stored: the Connect step of `add`, and the new secret of a
 * rotation. Its questions are asked one after the other; a person waits, so the first refusal counts. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/people/candidate.h"
#include "engine/watch/report.h"
#include "stripe/link.h"
#include "vault/vault.h"

#define REPEATS_MAX 3

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

        successors_free(e);
        while ((c = LIST_FIRST(&e->candidates)))
                candidate_free(c);
}

void candidate_tell(struct candidate *c, bool stored, const char *refusal)
{
        _cleanup_free_ char *edit_url = NULL;
        if (c->account[0] && c->key_object[0])
                (void) link_edit(c->account, c->key_object, &edit_url);
        struct report report = {
                .key = c->key,
                .grants = &c->key->grants,
                .answer = c->answer,
                .text = c->text,
                .account = c->account,
                .edit_url = edit_url,
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

static void candidate_finish(struct candidate *c)
{
        struct engine *e = c->engine;

        e->actor = c->actor;
        e->has_actor = c->has_actor;
        candidate_store(c);
        candidate_free(c);
}

static void candidate_next(struct candidate *c);

static void candidate_learn_permission(struct candidate *c, const struct ask *ask, enum answer answer)
{
        const struct engine *e = c->engine;

        if (ask->row == ROW_NONE)
                return;
        unsigned slot = e->parts.catalogue->rows[ask->row].slot;
        enum grant before = grants_get(&c->key->grants, slot);

        if (answer_is_about_permission(answer)) {
                grants_put(&c->key->grants, slot, grant_seen(before, ask->level, answer == ANSWER_GRANTED));
                return;
        }
        if (answer_is_feature_off(answer) && before == GRANT_UNKNOWN)
                grants_put(&c->key->grants, slot, GRANT_OFF);
        if (profile_requires(key_profile(e, c->key), ask->row) >= ask->level)
                c->incomplete = true; /* a product is off: whether it is granted cannot be told */
}

/* An answer that says nothing of the key, to a question that is asked besides: beyond those of the profile,
 * or of an address that is told before anybody looks at the key. */
static bool is_aside(const struct candidate *c, const struct judgement *j)
{
        const struct series *series = c->series;

        return !answer_is_dead(j->answer) && j->answer != ANSWER_BLOCKED &&
               (c->sweeping || series->next > series->learn_from ||
                (j->answer == ANSWER_FEATURE_UNROUTED && series->next > 1));
}

static void candidate_heard(struct candidate *c, const struct judgement *j)
{
        c->answer = j->answer;
        snprintf(c->text, sizeof(c->text), "%s", j->text);
}

/* While it is asked what it must prove, the first answer that proves nothing ends it. */
static void candidate_proved(struct candidate *c, const struct ask *ask, const struct judgement *j)
{
        bool aside = is_aside(c, j);

        if (!aside)
                candidate_heard(c, j);
        if (!answer_is_healthy(j->answer) && !aside) {
                c->incomplete = true;
                candidate_finish(c);
                return;
        }
        candidate_learn_permission(c, ask, j->answer);
        candidate_next(c);
}

/* While it is asked what could be too much, only a verdict about the key itself undoes what was proved. */
static void candidate_swept(struct candidate *c, const struct ask *ask, const struct judgement *j)
{
        bool aside = is_aside(c, j);

        if (judgement_is_in_vain(j) || (answer_is_judged(j->answer) && aside)) {
                candidate_learn_permission(c, ask, j->answer);
                candidate_next(c);
                return;
        }
        if (!aside)
                candidate_heard(c, j);
        candidate_finish(c); /* the schedule asks the rest */
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
        if (!answer_is_judged(j->answer) && !judgement_is_in_vain(j) && (c->sweeping || !is_aside(c, j)) &&
            series->repeats < REPEATS_MAX) {
                series->next--;
                agenda_set(e->agenda, &c->key->due, engine_now(e) + (USEC_PER_SEC << series->repeats++));
                return;
        }
        series->repeats = 0;
        if (c->sweeping)
                candidate_swept(c, ask, j);
        else
                candidate_proved(c, ask, j);
}

/* It will be stored: look for what is too much, at the pace of its account. False: there is nothing to ask.
 */
static bool candidate_sweep(struct candidate *c)
{
        struct engine *e = c->engine;

        if (!c->wants_excess || c->sweeping || !candidate_is_complete(c))
                return false;
        if (c->account[0] && !c->key->account_declared)
                (void) store_account(e->parts.store, c->account, &c->key->account_id);
        free(c->series);
        c->series = series_risky(e, c->key);
        c->sweeping = true;
        return true;
}

static void candidate_next(struct candidate *c)
{
        struct engine *e = c->engine;
        struct item item;

        while (!series_take(e, c->key, c->series, &item)) {
                c->swept = c->sweeping;
                if (!candidate_sweep(c)) {
                        candidate_finish(c);
                        return;
                }
        }
        c->ask = ask_item(e, c->key, item);
        if (!c->ask) {
                c->incomplete = c->incomplete || !c->sweeping;
                if (!c->sweeping)
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
        c->wants_excess = q->excess && !replaces && key->kind == KIND_RESTRICTED;
        c->replace_account = q->replace_account;
        snprintf(c->declared, sizeof(c->declared), "%s", replaces && q->account ? q->account : "");
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
