#include "http/http.h"

#include <errno.h>
#include <time.h>

#include "http/pool.h"
#include "http/wiping.h"

/* How long connections that were opened on demand are there for the next one who demands. */
#define FRESH_LINGER (60 * USEC_PER_SEC)
#define FRESH_KEPT   8u

/* libcurl ends requests at their time limit. What it forgets is ended by us, this much later. */
#define OVERDUE_GRACE (2 * USEC_PER_SEC)

#define DETAIL_MAX 320

struct http {
        struct transport transport;
        sd_event *event;
        sd_event_source *sweep; /* looks for overdue calls */
        struct site *site;
        struct pool *pools; /* newest first */
        struct pool *common;
        struct call *oldest, *newest; /* in flight */
        struct call *idle;
        size_t n_flying;
        size_t large; /* bytes of large answers that are under way */
        bool global;
};

static usec_t clock_now(void)
{
        struct timespec now;

        clock_gettime(CLOCK_BOOTTIME, &now);
        return (usec_t) now.tv_sec * USEC_PER_SEC + (usec_t) now.tv_nsec / 1000;
}

static void http_link(struct http *http, struct call *call)
{
        call->next = NULL;
        call->previous = http->newest;
        *(http->newest ? &http->newest->next : &http->oldest) = call;
        http->newest = call;
        http->n_flying++;
}

static void http_unlink(struct http *http, struct call *call)
{
        *(call->previous ? &call->previous->next : &http->oldest) = call->next;
        *(call->next ? &call->next->previous : &http->newest) = call->previous;
        http->n_flying--;
}

static int http_take_idle(struct http *http, struct call **ret)
{
        struct call *call = http->idle;

        if (!call)
                return call_new(http->site, &http->large, ret);
        http->idle = call->next;
        *ret = call;
        return 0;
}

static void http_put_idle(struct http *http, struct call *call)
{
        call_forget(call);
        if (call->site != http->site) {
                call_free(call);
                return;
        }
        call->next = http->idle;
        http->idle = call;
}

static void http_drop_idle(struct http *http)
{
        struct call *call;

        while ((call = http->idle)) {
                http->idle = call->next;
                call_free(call);
        }
}

static void on_ended(struct pool *pool, struct call *call, CURLcode code, void *userdata);

static int http_new_pool(struct http *http, struct pool **ret)
{
        return pool_new(http->event, http->site, on_ended, http, &http->pools, ret);
}

/* A connection that went silent would keep all that comes after waiting: what shares it is not known to
 * libcurl 7.88 as a fault of the connection. Without memory it stays until the next one times out. */
static void http_retire_silent(struct http *http, struct pool *pool)
{
        struct pool *common;

        if (pool == http->common) {
                if (http_new_pool(http, &common) < 0)
                        return;
                http->common = common;
        }
        pool_retire(pool);
}

/* `call` is not in `pool`, where it was, any more. */
static void http_end(struct http *http, struct pool *pool, struct call *call, CURLcode code)
{
        char detail[DETAIL_MAX];
        struct reply reply;

        http_unlink(http, call);
        if (code == CURLE_OPERATION_TIMEDOUT && pool_is_silent(pool, call))
                http_retire_silent(http, pool);
        call_hide(call);
        call_reply(call, code, detail, sizeof(detail), &reply);
        reply.connection = pool_id(pool);
        reply.duration_usec = clock_now() - call->started;
        call->done(&reply, call->userdata);
        http_put_idle(http, call);
}

static void on_ended(struct pool *pool, struct call *call, CURLcode code, void *userdata)
{
        http_end(userdata, pool, call, code);
}

/* A newer one can serve whoever an older one could, but for those who want the very same connection again:
 * these come soon, so that the newest few are kept. */
static void http_retire_older(const struct http *http, const struct pool *pool, unsigned kept)
{
        for (struct pool *older = pool_next(pool); older; older = pool_next(older))
                if (older == http->common)
                        continue;
                else if (kept > 0)
                        kept--;
                else
                        pool_retire(older);
}

static int http_fresh_pool(struct http *http, struct pool **ret)
{
        struct pool *pool;
        int r;

        r = http_new_pool(http, &pool);
        if (r < 0)
                return r;
        r = pool_retire_after(pool, FRESH_LINGER);
        if (r < 0) {
                pool_free(pool);
                return r;
        }
        http_retire_older(http, pool, FRESH_KEPT);
        *ret = pool;
        return 0;
}

static int http_find_pool(struct http *http, const struct request *request, struct pool **ret)
{
        usec_t opened_after = request->opened_after;

        for (struct pool *pool = http->pools; request->connection && pool; pool = pool_next(pool))
                if (!pool_retired(pool) && pool_id(pool) == request->connection) {
                        *ret = pool;
                        return 0;
                }
        if (pool_born(http->common) >= opened_after) {
                *ret = http->common;
                return 0;
        }
        for (struct pool *pool = http->pools; pool; pool = pool_next(pool))
                if (!pool_retired(pool) && pool_born(pool) >= opened_after) {
                        *ret = pool;
                        return 0;
                }
        return http_fresh_pool(http, ret);
}

static int on_sweep(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct http *http = userdata;
        struct call *call;
        usec_t now = clock_now();
        int r;

        (void) usec;
        while ((call = http->oldest) && call->started + call->site->timeout + OVERDUE_GRACE < now) {
                struct pool *pool = call->pool;

                pool_remove(pool, call);
                http_end(http, pool, call, CURLE_OPERATION_TIMEDOUT);
        }
        if (!http->oldest)
                return 0;
        r = sd_event_source_set_time_relative(source, USEC_PER_SEC);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* It goes on once a second for as long as anything is in flight, rather than moving with each request. */
static int http_arm_sweep(struct http *http)
{
        int enabled, r;

        r = sd_event_source_get_enabled(http->sweep, &enabled);
        if (r < 0 || enabled != SD_EVENT_OFF)
                return r;
        r = sd_event_source_set_time_relative(http->sweep, USEC_PER_SEC);
        return r < 0 ? r : sd_event_source_set_enabled(http->sweep, SD_EVENT_ONESHOT);
}

static int http_launch(struct http *http, struct call *call, const struct request *request)
{
        struct pool *pool;
        int r;

        r = call_prepare(call, request);
        if (r < 0)
                return r;
        r = http_arm_sweep(http);
        if (r < 0)
                return r;
        r = http_find_pool(http, request, &pool);
        return r < 0 ? r : pool_add(pool, call);
}

static int http_start(struct transport *transport, const struct request *request, reply_fn done,
                      void *userdata, struct call **ret)
{
        struct http *http = CONTAINER_OF(transport, struct http, transport);
        struct call *call;
        int r;

        if (http->n_flying >= http->site->concurrency)
                return -EMFILE;
        r = http_take_idle(http, &call);
        if (r < 0)
                return r;
        call->done = done;
        call->userdata = userdata;
        call->started = clock_now();
        r = http_launch(http, call, request);
        if (r < 0) {
                http_put_idle(http, call);
                return r;
        }
        http_link(http, call);
        *ret = call;
        return 0;
}

static void http_cancel(struct transport *transport, struct call *call)
{
        struct http *http = CONTAINER_OF(transport, struct http, transport);

        pool_remove(call->pool, call);
        http_unlink(http, call);
        http_put_idle(http, call);
}

static int http_add_sweep(struct http *http)
{
        int r;

        r = sd_event_add_time(http->event, &http->sweep, CLOCK_BOOTTIME, 0, USEC_PER_SEC, on_sweep, http);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(http->sweep, SD_EVENT_OFF);
        return r < 0 ? r : sd_event_source_set_exit_on_failure(http->sweep, true);
}

static void http_free_p(struct http **http)
{
        if (*http)
                http_free(&(*http)->transport);
}

int http_new(sd_event *event, const struct http_options *options, struct transport **ret)
{
        _cleanup_(http_free_p) struct http *http = calloc(1, sizeof(*http));
        int r;

        if (!http)
                return -ENOMEM;
        http->transport = (struct transport){ .start = http_start, .cancel = http_cancel };
        http->event = sd_event_ref(event);
        r = wiping_init();
        if (r < 0)
                return r;
        http->global = true;
        r = site_new(options, &http->site);
        if (r < 0)
                return r;
        r = http_add_sweep(http);
        if (r < 0)
                return r;
        r = http_new_pool(http, &http->common);
        if (r < 0)
                return r;
        *ret = &TAKE(http)->transport;
        return 0;
}

struct transport *http_free(struct transport *transport)
{
        struct http *http;

        if (!transport)
                return NULL;
        http = CONTAINER_OF(transport, struct http, transport);
        while (http->oldest)
                http_cancel(transport, http->oldest);
        http_drop_idle(http);
        while (http->pools)
                pool_free(http->pools);
        sd_event_source_disable_unref(http->sweep);
        site_unref(http->site);
        sd_event_unref(http->event);
        if (http->global)
                curl_global_cleanup();
        return mfree(http);
}

int http_reconfigure(struct transport *transport, const struct http_options *options)
{
        struct http *http = CONTAINER_OF(transport, struct http, transport);
        _cleanup_(site_unrefp) struct site *site = NULL;
        struct pool *common;
        int r;

        r = site_new(options, &site);
        if (r < 0)
                return r;
        if (site_equal(site, http->site))
                return 0;
        r = pool_new(http->event, site, on_ended, http, &http->pools, &common);
        if (r < 0)
                return r;
        http->common = common;
        http_retire_older(http, common, 0);
        http_drop_idle(http);
        site_unref(http->site);
        http->site = TAKE(site);
        return 0;
}
