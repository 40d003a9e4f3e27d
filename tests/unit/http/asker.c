#include "asker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Far beyond what any of these tests should take: a hung one fails instead of hanging. */
#define PATIENCE (60 * USEC_PER_SEC)

int asker_setup(void **state)
{
        struct asker *asker = calloc(1, sizeof(*asker));
        char key[64];

        assert_non_null(asker);
        signal(SIGPIPE, SIG_IGN);
        assert_int_equal(sd_event_new(&asker->event), 0);
        /* Made here, so that it stands in no file. */
        snprintf(key, sizeof(key), "rk_%s_51Abc%sXyZ0123456789", "test", "DEFGHIJKLMNOPQ");
        asker->key = secret_copy(key, strlen(key));
        asker->options = (struct http_options){ .api_base = asker->base,
                                                .api_version = "2026-10-28.endive",
                                                .timeout = 20 * USEC_PER_SEC,
                                                .concurrency = 64 };
        explicit_bzero(key, sizeof(key));
        *state = asker;
        return 0;
}

int asker_teardown(void **state)
{
        struct asker *asker = *state;

        http_free(asker->transport);
        sd_event_unref(asker->event);
        secret_free(asker->key);
        peer_stop(&asker->peer);
        peer_stop(&asker->other);
        free(asker);
        return 0;
}

void asker_point_at(struct asker *asker, const char *scheme, const char *host, uint16_t port)
{
        snprintf(asker->base, sizeof(asker->base), "%s://%s:%u", scheme, host, port);
}

void asker_connect(struct asker *asker)
{
        assert_int_equal(http_new(asker->event, &asker->options, &asker->transport), 0);
}

void asker_serve(struct asker *asker, peer_fn serve)
{
        peer_start(&asker->peer, serve);
        asker_point_at(asker, "http", "127.0.0.1", asker->peer.port);
        asker_connect(asker);
}

struct request asker_request(const struct asker *asker, enum method method, const char *path)
{
        return (struct request){ .method = method, .path = path, .key = asker->key, .body_max = 8000 };
}

void asker_note(const struct reply *reply, void *userdata)
{
        struct asker *asker = userdata;
        struct seen *seen = &asker->last;

        seen->error = reply->error;
        seen->status = reply->status;
        snprintf(seen->detail, sizeof(seen->detail), "%s", reply->detail);
        snprintf(seen->request_id, sizeof(seen->request_id), "%s", reply->request_id);
        seen->size = reply->size;
        assert_true(reply->size < sizeof(seen->body));
        memcpy(seen->body, reply->body, reply->size + 1);
        seen->date_wall = reply->date_wall;
        seen->retry_after = reply->retry_after;
        seen->should_retry = reply->should_retry;
        seen->duration_usec = reply->duration_usec;
        asker->answers++;
        if (asker->then)
                asker->then(asker);
}

struct call *asker_start(struct asker *asker, const struct request *request)
{
        struct call *call = NULL;
        unsigned answers = asker->answers;

        assert_int_equal(asker->transport->start(asker->transport, request, asker_note, asker, &call), 0);
        assert_non_null(call);
        assert_int_equal(asker->answers, answers);
        return call;
}

static usec_t loop_now(struct asker *asker)
{
        uint64_t now;

        assert_true(sd_event_now(asker->event, CLOCK_MONOTONIC, &now) >= 0);
        return now;
}

void asker_await_that(struct asker *asker, int (*done)(struct asker *asker))
{
        usec_t end = loop_now(asker) + PATIENCE;

        while (!done(asker)) {
                assert_true(sd_event_run(asker->event, 10 * USEC_PER_MSEC) >= 0);
                assert_int_not_equal(sd_event_get_state(asker->event), SD_EVENT_FINISHED);
                assert_true(loop_now(asker) < end);
        }
}

static int asker_satisfied(struct asker *asker)
{
        return asker->answers >= asker->wanted;
}

void asker_await(struct asker *asker, unsigned n)
{
        asker->wanted = asker->answers + n;
        asker_await_that(asker, asker_satisfied);
}

void asker_settle(struct asker *asker)
{
        while (sd_event_run(asker->event, 0) > 0)
                ;
}

const struct seen *asker_get(struct asker *asker, const char *path)
{
        struct request request = asker_request(asker, METHOD_GET, path);

        asker_start(asker, &request);
        asker_await(asker, 1);
        return &asker->last;
}
