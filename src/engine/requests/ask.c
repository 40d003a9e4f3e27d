#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "engine/requests/ask.h"
#include "engine/requests/limiter.h"
#include "engine/state.h"
#include "vault/vault.h"

/* "keyvigil_absent_" and this many random letters: an object that cannot exist. */
#define ABSENT_LETTERS 16

static void ask_free(struct ask *ask)
{
        if (!ask)
                return;
        free(ask->path);
        free(ask->body);
        free(ask);
}

static void ask_finish(struct engine *e, struct ask *ask, const struct judgement *judgement,
                       const struct reply *reply)
{
        limiter_answered(e, ask, judgement);
        LIST_REMOVE(ask, in_engine);
        ask->done(e, ask, judgement, reply);
        ask_free(ask);
}

/* An ask that could not even be sent tells so on the next turn, never from inside ask_submit(). */
static void ask_on_failed(struct alarm *alarm, void *userdata)
{
        struct ask *ask = CONTAINER_OF(alarm, struct ask, failed);
        struct judgement judgement = { .answer = ANSWER_UNCLEAR,
                                       .cause = CAUSE_LOCAL,
                                       .retry_after = -1,
                                       .should_retry = -1,
                                       .date_wall = -1 };

        if (ask->error == -ECANCELED)
                snprintf(judgement.text, sizeof(judgement.text), "it waited until it was not right any more");
        else
                snprintf(judgement.text, sizeof(judgement.text), "the stored secret could not be read: %s",
                         ask->error == -EBADMSG ? "damaged, or sealed with another master key"
                                                : strerror(-ask->error));
        ask_finish(userdata, ask, &judgement, NULL);
}

bool ask_is_unreadable(const struct ask *ask)
{
        return ask->error == -EBADMSG || ask->error == -ENOENT || ask->error == -EUCLEAN;
}

struct ask *ask_path(struct engine *e, struct key *key, enum method method, char *path)
{
        struct ask *ask = calloc(1, sizeof(*ask));

        if (!ask || !path) {
                free(path);
                free(ask);
                return NULL;
        }
        ask->engine = e;
        ask->failed.ring = ask_on_failed;
        ask->key = key;
        ask->method = method;
        ask->path = path;
        ask->body_max = BODY_MAX;
        LIST_INSERT_HEAD(&e->asks, ask, in_engine);
        return ask;
}

struct ask *ask_about(struct engine *e, struct key *key, unsigned row, enum level level)
{
        const struct permission *permission = &e->parts.catalogue->rows[row];
        const struct probe *probe = permission_probe(permission, level, key_is_live_mode(key));
        char absent[sizeof("keyvigil_absent_") + ABSENT_LETTERS] = "keyvigil_absent_";
        char *path = NULL;

        if (!probe)
                return NULL;
        vault_random_text(absent + strlen(absent), ABSENT_LETTERS);
        if (probe_path(probe, absent, &path) < 0)
                return NULL;
        struct ask *ask = ask_path(e, key, probe->method, path);
        if (ask) {
                ask->probe = probe;
                ask->row = row;
                ask->level = level;
                ask->body_max = strstr(probe->path, "{absent}") ? BODY_MAX : BODY_MAX_LIST;
        }
        return ask;
}

void ask_submit(struct engine *e, struct ask *ask)
{
        limiter_add(e, ask);
}

struct ask *ask_cancel(struct engine *e, struct ask *ask)
{
        if (!ask)
                return NULL;
        if (ask->call)
                e->parts.transport->cancel(e->parts.transport, ask->call);
        agenda_clear(e->agenda, &ask->failed);
        limiter_remove(e, ask);
        LIST_REMOVE(ask, in_engine);
        ask_free(ask);
        return NULL;
}

static void ask_on_reply(const struct reply *reply, void *userdata)
{
        struct ask *ask = userdata;
        struct engine *e = ask->engine;
        struct judgement judgement;

        ask->call = NULL;
        judge(reply, ask->probe, &judgement);
        e->figures.answers[judgement.answer]++;
        histogram_add(&e->figures.request, reply->duration_usec);
        ask_finish(e, ask, &judgement, reply);
}

static int fly(struct engine *e, struct ask *ask)
{
        _cleanup_(secret_freep) struct secret *opened = NULL;
        int r = ask->secret ? 0 : engine_secret(e, ask->key, ask->slot, &opened);

        if (r < 0)
                return r;
        struct request request = {
                .method = ask->method,
                .path = ask->path,
                .body = ask->body,
                .key = ask->secret ? ask->secret : opened,
                .body_max = ask->body_max,
                .opened_after = ask->opened_after,
                .connection = ask->connection,
        };
        return e->parts.transport->start(e->parts.transport, &request, ask_on_reply, ask, &ask->call);
}

int ask_start(struct engine *e, struct ask *ask)
{
        int r = ask->allowed && !ask->allowed(ask) ? -ECANCELED : fly(e, ask);

        if (r == -EMFILE || r == -ENOMEM)
                return r;
        if (r < 0) {
                ask->error = r;
                agenda_set(e->agenda, &ask->failed, engine_now(e));
        }
        return 0;
}
