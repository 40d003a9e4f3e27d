#include "request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "auth.h"
#include "control.h"
#include "deliver.h"

struct request *request_new(struct world *w, struct timers *t, const char *uri)
{
        struct request *q = xcalloc(1, sizeof(*q));
        size_t path = strcspn(uri, "?");

        *q = (struct request){ .world = w, .timers = t, .uri = xstrdup(uri), .path = xstrdup(uri) };
        q->path[path] = '\0';
        q->query = uri[path] ? q->uri + path + 1 : NULL;
        return q;
}

struct request *request_free(struct request *q)
{
        if (!q)
                return NULL;
        if (q->meter)
                meter_end(q->meter);
        if (q->counted)
                q->world->in_flight--;
        answer_clear(&q->answer);
        buf_clear(&q->body);
        free(q->uri);
        free(q->path);
        free(q);
        return NULL;
}

static const char *request_header(struct request *q, const char *name)
{
        return MHD_lookup_connection_value(q->connection, MHD_HEADER_KIND, name);
}

/* Behind a front that speaks HTTP/2, it is the client's connection to the front that counts. */
static uint64_t request_connection(struct request *q)
{
        const char *front = request_header(q, "X-Fake-Connection");
        uint64_t number = 0;
        const union MHD_ConnectionInfo *own =
                MHD_get_connection_info(q->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

        if (front) {
                while (*front >= '0' && *front <= '9')
                        number = number * 10 + (uint64_t) (*front++ - '0');
                return number;
        }
        return own ? (uintptr_t) own->socket_context : 0;
}

static void request_log(struct request *q, const struct call *c)
{
        struct reqlog_entry e = {
                .wall = world_now(q->world),
                .at = now_monotonic(),
                .method = q->method,
                .path = xstrdup(q->uri),
                .account = c->key ? c->key->realm->account : NULL,
                .live = c->key && c->key->realm->live,
                .key = c->key_text ? text_hash(c->key_text) : 0,
                .connection = request_connection(q),
                .status = c->answer.status,
                .bytes = c->answer.body.size,
                .user_agent = xstrdup(request_header(q, "User-Agent")),
                .version = xstrdup(c->version),
                .effect = c->answer.effect,
                .fault = c->fault,
        };

        reqlog_add(&q->world->log, &e);
}

static void request_count(struct request *q, const struct call *c)
{
        struct world *w = q->world;

        w->requests++;
        q->counted = true;
        if (++w->in_flight > w->max_in_flight)
                w->max_in_flight = w->in_flight;
        if (!c->key_text || !world_key(w, c->key_text))
                return;
        q->meter = &world_key(w, c->key_text)->realm->meter;
        meter_begin(q->meter, now_monotonic());
}

static void request_judge(struct request *q)
{
        char *key = auth_key(request_header(q, "Authorization"));
        struct call c = {
                .world = q->world,
                .method = q->method,
                .path = q->path,
                .query = q->query,
                .body = q->body.data ? q->body.data : "",
                .body_size = q->body.size,
                .authorization = request_header(q, "Authorization"),
                .key_text = key,
                .stripe_account = request_header(q, "Stripe-Account"),
                .version = request_header(q, "Stripe-Version"),
                .address = "127.0.0.1",
                .idempotency_key = request_header(q, "Idempotency-Key"),
        };

        request_count(q, &c);
        judge(&c);
        request_log(q, &c);
        q->answer = c.answer;
        call_clear(&c);
        free(key);
}

enum MHD_Result request_finish(struct request *q)
{
        if (!q->judged && strncmp(q->path, "/_fake/", 7) == 0)
                control_answer(q->world, q->method, q->path, q->query, &q->body, &q->answer);
        else if (!q->judged)
                request_judge(q);
        q->judged = true;
        return deliver(q);
}
