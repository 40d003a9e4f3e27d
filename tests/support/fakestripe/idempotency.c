#include "idempotency.h"

#include <stdlib.h>
#include <string.h>

struct replay {
        char *name;  /* account, mode and key */
        char *asked; /* path and body */
        struct buf body;
        int status;
        char request_id[24];
};

struct replay *replay_free(struct replay *r)
{
        if (!r)
                return NULL;
        free(r->name);
        free(r->asked);
        buf_clear(&r->body);
        free(r);
        return NULL;
}

static bool applies(const struct call *c)
{
        return c->idempotency_key && *c->idempotency_key && strcmp(c->method, "POST") == 0;
}

static char *joined(const char *a, const char *b)
{
        struct buf out = { 0 };

        buf_printf(&out, "%s %s", a, b);
        return out.data;
}

bool idempotency_replay(struct call *c)
{
        if (!applies(c))
                return false;

        char *name = joined(c->key->realm->name, c->idempotency_key), *asked = joined(c->path, c->body);
        const struct replay *r = table_get(&c->world->replays, name);

        answer_header(&c->answer, "Idempotency-Key", "%s", c->idempotency_key);
        if (r && strcmp(r->asked, asked) != 0) {
                struct buf message = { 0 };

                buf_printf(&message,
                           "Keys for idempotent requests can only be used with the same parameters they were "
                           "first "
                           "used with. Try using a key other than '%s' if you meant to execute a different "
                           "request.",
                           c->idempotency_key);
                answer_error(&c->answer, 400,
                             &(struct error){ .type = "idempotency_error", .message = message.data });
                buf_clear(&message);
        } else if (r) {
                answer_reset(&c->answer);
                c->answer.status = r->status;
                buf_add(&c->answer.body, r->body.data, r->body.size);
                answer_header(&c->answer, "Idempotent-Replayed", "true");
                answer_header(&c->answer, "Original-Request", "%s", r->request_id);
        }
        free(name);
        free(asked);
        return r;
}

/* What was refused may be tried again under the same key. */
void idempotency_keep(struct call *c)
{
        if (!applies(c) || c->answer.status != 200)
                return;

        struct replay *r = xcalloc(1, sizeof(*r));

        *r = (struct replay){ .name = joined(c->key->realm->name, c->idempotency_key),
                              .asked = joined(c->path, c->body),
                              .status = c->answer.status };
        memcpy(r->request_id, c->request_id, sizeof(r->request_id));
        buf_add(&r->body, c->answer.body.data, c->answer.body.size);
        answer_header(&c->answer, "Original-Request", "%s", r->request_id);
        replay_free(table_put(&c->world->replays, r->name, r));
}
