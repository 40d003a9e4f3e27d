/* What a verified secret becomes: a stored key, or the new secret of one. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "engine/people/candidate.h"

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

bool candidate_is_complete(const struct candidate *c)
{
        return answer_is_healthy(c->answer) && !c->incomplete && !lacks_something(c);
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
        if (c->swept)
                key->last_excess[0] = engine_steady_wall(e);
        key->swept = c->swept;
        key->missing = lacks_something(c); /* so that it never was healthy */
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

        if (!c->force && !candidate_is_complete(c)) {
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
        remedy_learn(e, key, c->account, c->key_object);
        if (c->account[0])
                account_learn(e, key, c->account);
        permission_review(e, key);
        housekeeping_look(e, key);
        candidate_tell(c, true, NULL); /* of what has opened, too */
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
        key->held_until = 0; /* SILENCE_HOLD_MAX */
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
        remedy_forget(e, key);
        remedy_learn(e, key, c->account, c->key_object);
        if (c->replace_account && replace_changes_account(e, before, c->account))
                (void) people_declare(e, key, c->account, &reason);
        operator_did(e, key, "rotated", 1,
                     before->has_old ? "an older secret that lives is watched no more" : NULL);
        replace_begin(e, key, before);
        if (c->account[0])
                account_learn(e, key, c->account);
}

/* NULL: it may take the key's place; "": it lacks something. */
static const char *refusal_of(struct candidate *c, const struct key *key)
{
        bool undeclared = c->declared[0] && c->account[0] && strcmp(c->declared, c->account) != 0;

        c->wrong_account =
                undeclared || (!c->replace_account && replace_changes_account(c->engine, key, c->account));
        if (undeclared)
                return "The new key belongs to another account than the one that was declared; nothing was "
                       "changed.";
        return replace_refusal(c->engine, key, &c->key->grants, c->replace_account ? NULL : c->account,
                               c->force);
}

static void candidate_replace(struct candidate *c)
{
        struct engine *e = c->engine;
        struct key *key = keys_find(e, c->replaces);
        _cleanup_free_ char *reason = NULL;

        if (!key || !answer_is_healthy(c->answer) || (c->incomplete && !c->force)) {
                candidate_tell(c, false, key ? NULL : "The key was removed meanwhile.");
                return;
        }
        const char *refusal = refusal_of(c, key);
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

void candidate_store(struct candidate *c)
{
        if (c->replaces)
                candidate_replace(c);
        else
                store_new(c);
}
