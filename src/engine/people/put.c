/* A secret is to be stored under a name, whatever was there before. Whoever asks may lose the answer and ask
 * again. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/why.h"
#include "engine/people/people.h"
#include "stripe/plan.h"
#include "vault/vault.h"

struct put {
        struct engine *engine;
        struct key_request request; /* its strings are owned */
        struct label labels[LABELS_MAX];
        struct secret *secret;
        struct alarm deadline;
        bool rotates, defer;
        uint32_t actor;
        put_done_fn done;
        void *userdata;
        LIST_ENTRY(put) in_engine;
};

static struct put *put_free(struct put *put)
{
        agenda_clear(put->engine->agenda, &put->deadline);
        LIST_REMOVE(put, in_engine);
        secret_free(put->secret);
        free((char *) put->request.name);
        free((char *) put->request.profile);
        free((char *) put->request.account);
        for (size_t i = 0; i < put->request.n_labels; i++) {
                free((char *) put->labels[i].name);
                free((char *) put->labels[i].value);
        }
        return mfree(put);
}

void puts_free(struct engine *e)
{
        while (LIST_FIRST(&e->puts))
                put_free(LIST_FIRST(&e->puts));
}

/* What tells one secret of a key from the next; nothing of the secret can be learned from it. */
static int key_version(struct engine *e, const struct key *key, char version[static KEY_VERSION_MAX])
{
        return store_secret_version(e->parts.store, key->id, version, KEY_VERSION_MAX);
}

int people_has_secret(struct engine *e, const struct key *key, const struct secret *secret)
{
        unsigned char fingerprint[VAULT_FINGERPRINT_SIZE];
        const struct sealed sealed = { .fingerprint = fingerprint, .fingerprint_size = sizeof(fingerprint) };
        _cleanup_free_ char *other = NULL;

        vault_fingerprint(e->parts.vault, secret, fingerprint);
        int r = store_secret_unknown(e->parts.store, &sealed, key->id, &other);
        if (r != -EALREADY)
                return r < 0 ? r : 0;
        return other && strcmp(other, key->name) == 0;
}

/* Stored without a question, like an imported one; the first verdict is told. */
static int store_deferred(struct engine *e, const struct key_request *q, const struct secret *secret,
                          char **ret_why)
{
        _cleanup_free_ char *warning = NULL;
        struct key *key;
        int r = admission_check(e, q, secret, &key, &warning, ret_why);

        if (r < 0)
                return r;
        r = admission_store(e, key, q, secret, ret_why);
        if (r < 0) {
                free(key);
                return r;
        }
        operator_did(e, key, "added", 1, "it is not proved yet");
        decision_expect(e, key);
        turn_plan(e, key);
        turn_soon(e, key, engine_now(e));
        (void) recorder_flush(e);
        return 0;
}

/* What is said of the key beside its secret; nothing is written if nothing differs. */
static int set_rest(struct engine *e, struct key *key, const struct key_request *q, char **ret_why)
{
        const struct sync_line line = { .request = *q };
        struct key_change change;

        if (!people_differences(e, key, &line, &change) && q->n_labels == 0)
                return 0;
        if (change.account && !q->replace_account && replace_changes_account(e, key, q->account))
                return why(ret_why, -EXDEV,
                           "The key '%s' is of another account than the one that is declared; nothing was "
                           "changed.",
                           key->name);
        change.labels = q->labels;
        change.n_labels = q->n_labels;
        return engine_set(e, key->name, &change, ret_why);
}

static void put_tell(struct put *put, enum put_result what, const struct check_result *result)
{
        put_done_fn done = put->done;
        void *userdata = put->userdata;

        put_free(put);
        done(what, result, userdata);
}

/* Time is up, or it could not be told. */
static void undecided(struct put *put, const struct check_result *result)
{
        _cleanup_free_ char *reason = NULL;

        engine_acting(put->engine, put->actor);
        if (put->defer && !put->rotates &&
            store_deferred(put->engine, &put->request, put->secret, &reason) >= 0)
                put_tell(put, PUT_DEFERRED, NULL);
        else
                put_tell(put, PUT_UNDECIDED, result);
}

static void rotated(struct put *put, const struct check_result *result)
{
        struct key *key = engine_named(put->engine, put->request.name);
        _cleanup_free_ char *reason = NULL;

        if (key)
                (void) set_rest(put->engine, key, &put->request, &reason);
        put_tell(put, PUT_ROTATED, result);
}

/* Programs do not wait until it was looked for what is too much. */
static void added(struct put *put, const struct check_result *result)
{
        struct key *key = engine_named(put->engine, put->request.name);

        if (key && put->request.excess && key->kind == KIND_RESTRICTED)
                series_sweep(put->engine, key);
        put_tell(put, PUT_ADDED, result);
}

static void put_on_proved(const struct check_result *result, void *userdata)
{
        struct put *put = userdata;
        const struct key *key = engine_named(put->engine, put->request.name);

        if (result->stored && put->rotates)
                rotated(put, result);
        else if (result->stored)
                added(put, result);
        else if (key && people_has_secret(put->engine, key, put->secret) > 0)
                put_tell(put, PUT_UNCHANGED, NULL); /* the same was asked for twice at a time */
        else if (result->outcome == OUTCOME_UNCLEAR)
                undecided(put, result);
        else
                put_tell(put, PUT_REFUSED, result);
}

static void put_on_deadline(struct alarm *alarm, void *userdata)
{
        struct put *put = CONTAINER_OF(alarm, struct put, deadline);

        (void) userdata;
        candidate_drop(put->engine, put);
        undecided(put, NULL);
}

static int copy_text(const char **to, const char *text)
{
        *to = text ? strdup(text) : NULL;
        return text && !*to ? -ENOMEM : 0;
}

static int copy_request(struct put *put, const struct key_request *q)
{
        struct key_request *r = &put->request;

        *r = (struct key_request){ .created = q->created,
                                   .expires = q->expires,
                                   .replace_account = q->replace_account,
                                   .excess = q->excess,
                                   .labels = put->labels };
        if (copy_text(&r->name, q->name) < 0 || copy_text(&r->profile, q->profile) < 0 ||
            copy_text(&r->account, q->account) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < q->n_labels && i < LABELS_MAX; i++) {
                r->n_labels = i + 1;
                if (copy_text(&put->labels[i].name, q->labels[i].name) < 0 ||
                    copy_text(&put->labels[i].value, q->labels[i].value) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int put_new(struct engine *e, const struct key_request *q, const struct secret *secret,
                   const struct put_options *options, put_done_fn done, void *userdata, struct put **ret)
{
        struct put *put = calloc(1, sizeof(*put));

        if (!put)
                return -ENOMEM;
        put->engine = e;
        put->actor = e->actor;
        put->defer = options->defer;
        put->done = done;
        put->userdata = userdata;
        put->deadline.ring = put_on_deadline;
        LIST_INSERT_HEAD(&e->puts, put, in_engine);
        put->secret = secret_copy(secret->bytes, secret->size);
        if (copy_request(put, q) < 0 || !put->secret) {
                put_free(put);
                return -ENOMEM;
        }
        agenda_set(e->agenda, &put->deadline, engine_now(e) + options->deadline);
        *ret = put;
        return 0;
}

static int check_version(struct engine *e, const struct key *key, const char *wanted, char **ret_why)
{
        char version[KEY_VERSION_MAX];

        if (!wanted)
                return 0;
        if (key && strcmp(wanted, "*") == 0)
                return 0;
        if (key && key_version(e, key, version) >= 0 && strcmp(version, wanted) == 0)
                return 0;
        return why(ret_why, -ESTALE,
                   key ? "The key has another secret by now than that version; nothing was changed."
                       : "There is no such key any more; nothing was changed.");
}

int engine_add(struct engine *e, const struct key_request *q, const struct secret *secret, check_done_fn done,
               void *userdata, char **ret_why)
{
        char *warning = NULL, costly[PLAN_WARNING_SIZE];
        struct key *key = NULL;

        int r = admission_check(e, q, secret, &key, &warning, ret_why);
        if (r >= 0)
                r = admission_unused(e, q->name, secret, ret_why);
        if (r < 0) {
                free(key);
                free(warning);
                return r;
        }
        if (plan_key_warning(e->parts.settings, e->parts.catalogue, key_profile(e, key),
                             key_is_live_mode(key), costly))
                admission_warn(&warning, "%s", costly);
        if (q->connect && connect_wrap(e, q->name, &done, &userdata) < 0) {
                free(key);
                free(warning);
                return -ENOMEM;
        }
        return candidate_start(e, key, q, secret, warning, 0, done, userdata);
}

int engine_put(struct engine *e, const struct key_request *q, const struct secret *secret,
               const struct put_options *options, put_done_fn done, void *userdata, char **ret_why)
{
        struct key *key = engine_named(e, q->name);
        struct key_request first = *q;
        struct put *put;
        int r;

        first.excess = false; /* after it is stored */
        if ((r = check_version(e, key, options->if_match, ret_why)) < 0 ||
            (r = admission_mode(secret, options->mode, ret_why)) < 0)
                return r;
        if (key && (r = people_has_secret(e, key, secret)) != 0) {
                if (r > 0)
                        r = set_rest(e, key, q, ret_why);
                if (r >= 0)
                        done(PUT_UNCHANGED, NULL, userdata);
                return r;
        }
        r = put_new(e, q, secret, options, done, userdata, &put);
        if (r < 0)
                return r;
        put->rotates = key != NULL;
        r = key ? engine_rotate(e, q, secret, put_on_proved, put, ret_why)
                : engine_add(e, &first, secret, put_on_proved, put, ret_why);
        if (r < 0)
                put_free(put);
        return r;
}
