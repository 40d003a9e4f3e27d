#include "http/pool.h"

#include <errno.h>
#include <sys/epoll.h>
#include <time.h>

#include "base/macros.h"

/* On one connection. Servers should admit that many at least (RFC 9113, 6.5.2); more might be refused. */
#define STREAMS_MAX 100L

/* Enough connections for servers that admit half of that. libcurl 7.88 needs a limit: while one connection
 * shakes hands and the others are full, it opens another for each request. */
#define CONNECTIONS_MAX(concurrency) (2 + (long) (concurrency) / (STREAMS_MAX / 2))

/* When an answer last came on a connection, which our port of it tells from the others. */
struct heard {
        int port;
        usec_t when;
};

/* More than are ever open at a time; of those that are closed the longest silent is forgotten. */
#define HEARD_MAX 64

struct pool {
        uint64_t id;
        struct pool **list, *previous, *next;
        CURLM *multi;
        sd_event *event;
        sd_event_source *turn;   /* what is to be done at the top of the loop */
        sd_event_source *timer;  /* libcurl's one timer, unless it is to fire at once */
        sd_event_source *linger; /* when to retire; NULL: not decided */
        usec_t born;
        usec_t due;   /* what libcurl wants, on CLOCK_MONOTONIC */
        usec_t armed; /* when `timer` fires: not later than `due` */
        bool soon;    /* libcurl's timer is to fire at once */
        bool serial;  /* the server takes one request at a time on a connection */
        unsigned concurrency;
        bool retired;
        int error; /* why libcurl was told to stop */
        size_t n_calls;
        struct heard heard[HEARD_MAX];
        pool_ended_fn ended;
        void *userdata;
};

static usec_t clock_usec(clockid_t clock)
{
        struct timespec now;

        clock_gettime(clock, &now);
        return (usec_t) now.tv_sec * USEC_PER_SEC + (usec_t) now.tv_nsec / 1000;
}

static int pool_turn(struct pool *pool)
{
        return sd_event_source_set_enabled(pool->turn, SD_EVENT_ONESHOT);
}

/* Let libcurl work. An error would leave all transfers undefined: there is no way on from there. */
static int pool_act(struct pool *pool, curl_socket_t fd, int events)
{
        int running = 0;
        CURLMcode code = curl_multi_socket_action(pool->multi, fd, events, &running);

        if (code != CURLM_OK)
                return sd_event_exit(pool->event, code == CURLM_OUT_OF_MEMORY ? -ENOMEM
                                                                              : pool->error ?: -EIO);
        return (size_t) running < pool->n_calls ? pool_turn(pool) : 0;
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        (void) source;
        return pool_act(userdata, fd,
                        (revents & EPOLLIN ? CURL_CSELECT_IN : 0) |
                                (revents & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                                (revents & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0));
}

/* Moved only when it would fire too late; firing early is noticed in on_timer(). Each request has its time
 * limit, so libcurl changes its mind far more often than the kernel needs to know. */
static int pool_arm(struct pool *pool)
{
        int r;

        if (pool->due >= pool->armed)
                return 0;
        r = sd_event_source_set_time(pool->timer, pool->due);
        if (r < 0)
                return r;
        pool->armed = pool->due;
        return sd_event_source_set_enabled(pool->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct pool *pool = userdata;

        (void) source;
        (void) usec;
        pool->armed = USEC_INFINITY;
        if (pool->due > clock_usec(CLOCK_MONOTONIC))
                return pool_arm(pool);
        pool->due = USEC_INFINITY;
        return pool_act(pool, CURL_SOCKET_TIMEOUT, 0);
}

/* What libcurl is given for -errno: it stops then. */
static int pool_stop(struct pool *pool, int r)
{
        if (r < 0)
                pool->error = r;
        return r < 0 ? -1 : 0;
}

/* Within libcurl: nothing but taking note. */
static int on_curl_timer(CURLM *multi, long timeout_ms, void *userdata)
{
        struct pool *pool = userdata;

        (void) multi;
        pool->soon = timeout_ms == 0;
        pool->due = timeout_ms <= 0 ? USEC_INFINITY
                                    : clock_usec(CLOCK_MONOTONIC) + (usec_t) timeout_ms * USEC_PER_MSEC;
        return pool_stop(pool, pool->soon ? pool_turn(pool) : pool_arm(pool));
}

static uint32_t curl_to_epoll(int what)
{
        return (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
}

/* May come for descriptors that belong to no call, and from within curl_multi_cleanup(). */
static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *userdata, void *socketp)
{
        struct pool *pool = userdata;
        sd_event_source *source = socketp;

        (void) easy;
        if (what == CURL_POLL_REMOVE) {
                sd_event_source_disable_unref(source);
                (void) curl_multi_assign(pool->multi, fd, NULL);
                return 0;
        }
        if (source)
                return pool_stop(pool, sd_event_source_set_io_events(source, curl_to_epoll(what)));
        int r = sd_event_add_io(pool->event, &source, fd, curl_to_epoll(what), on_io, pool);
        if (r < 0)
                return pool_stop(pool, r);
        (void) sd_event_source_set_exit_on_failure(source, true);
        (void) curl_multi_assign(pool->multi, fd, source);
        return 0;
}

static bool pool_set_connections(struct pool *pool, long connections)
{
        return curl_multi_setopt(pool->multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections) == CURLM_OK &&
               curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, connections) == CURLM_OK;
}

/* Requests that wait within libcurl wait on their own time: where connections cannot be shared, each gets its
 * own. */
static void pool_learn(struct pool *pool, CURL *easy)
{
        long version = CURL_HTTP_VERSION_NONE;

        if (pool->serial)
                return;
        (void) curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
        if (version == CURL_HTTP_VERSION_1_0 || version == CURL_HTTP_VERSION_1_1)
                pool->serial = pool_set_connections(pool, pool->concurrency);
}

static void pool_hear(struct pool *pool, int port)
{
        struct heard *slot = &pool->heard[0];

        for (size_t i = 0; i < HEARD_MAX && slot->port != port; i++)
                if (pool->heard[i].port == port || pool->heard[i].when < slot->when)
                        slot = &pool->heard[i];
        *slot = (struct heard){ .port = port, .when = clock_usec(CLOCK_BOOTTIME) };
}

bool pool_is_silent(const struct pool *pool, const struct call *call)
{
        if (pool->serial || call->port == 0 || call->heard)
                return false;
        for (size_t i = 0; i < HEARD_MAX; i++)
                if (pool->heard[i].port == call->port)
                        return pool->heard[i].when < call->started;
        return true;
}

static void pool_take_ended(struct pool *pool)
{
        CURLMsg *message;
        int left;

        while ((message = curl_multi_info_read(pool->multi, &left))) {
                CURL *easy = message->easy_handle;
                CURLcode code = message->data.result;
                struct call *call = NULL;

                (void) curl_easy_getinfo(easy, CURLINFO_PRIVATE, &call);
                pool_learn(pool, easy);
                if (call->heard)
                        pool_hear(pool, call->port);
                pool_remove(pool, call);
                pool->ended(pool, call, code, pool->userdata);
        }
}

static int on_turn(sd_event_source *source, void *userdata)
{
        struct pool *pool = userdata;
        int r = 0;

        (void) source;
        pool_take_ended(pool);
        if (pool->soon) {
                pool->soon = false;
                r = pool_act(pool, CURL_SOCKET_TIMEOUT, 0);
        }
        if (pool->retired && pool->n_calls == 0)
                pool_free(pool);
        return r;
}

static int on_linger(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void) source;
        (void) usec;
        pool_retire(userdata);
        return 0;
}

static int pool_add_sources(struct pool *pool)
{
        int r;

        r = sd_event_add_defer(pool->event, &pool->turn, on_turn, pool);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(pool->turn, SD_EVENT_OFF);
        if (r < 0)
                return r;
        /* An accuracy of 0 would stand for 250 ms. */
        r = sd_event_add_time(pool->event, &pool->timer, CLOCK_MONOTONIC, 0, 1, on_timer, pool);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(pool->timer, SD_EVENT_OFF);
        if (r < 0)
                return r;
        r = sd_event_source_set_exit_on_failure(pool->turn, true);
        return r < 0 ? r : sd_event_source_set_exit_on_failure(pool->timer, true);
}

static int pool_set_multi(struct pool *pool)
{
        CURLM *multi = pool->multi = curl_multi_init();

        if (!multi || curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket) != CURLM_OK ||
            curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, pool) != CURLM_OK ||
            curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_curl_timer) != CURLM_OK ||
            curl_multi_setopt(multi, CURLMOPT_TIMERDATA, pool) != CURLM_OK ||
            curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, STREAMS_MAX) != CURLM_OK ||
            !pool_set_connections(pool,
                                  pool->serial ? pool->concurrency : CONNECTIONS_MAX(pool->concurrency)))
                return -ENOMEM;
        return 0;
}

DEFINE_CLEANUP(struct pool, pool_free)

int pool_new(sd_event *event, const struct site *site, pool_ended_fn ended, void *userdata,
             struct pool **list, struct pool **ret)
{
        static uint64_t last_id;
        _cleanup_(pool_freep) struct pool *pool = calloc(1, sizeof(*pool));
        int r;

        if (!pool)
                return -ENOMEM;
        pool->id = ++last_id;
        pool->event = sd_event_ref(event);
        pool->born = clock_usec(CLOCK_BOOTTIME);
        pool->due = pool->armed = USEC_INFINITY;
        pool->serial = site->plain;
        pool->concurrency = site->concurrency;
        pool->ended = ended;
        pool->userdata = userdata;
        r = pool_add_sources(pool);
        if (r < 0)
                return r;
        r = pool_set_multi(pool);
        if (r < 0)
                return r;
        pool->list = list;
        pool->next = *list;
        if (pool->next)
                pool->next->previous = pool;
        *list = pool;
        *ret = TAKE(pool);
        return 0;
}

struct pool *pool_free(struct pool *pool)
{
        if (!pool)
                return NULL;
        if (pool->next)
                pool->next->previous = pool->previous;
        if (pool->previous)
                pool->previous->next = pool->next;
        else if (pool->list)
                *pool->list = pool->next;
        curl_multi_cleanup(pool->multi); /* calls back */
        sd_event_source_disable_unref(pool->linger);
        sd_event_source_disable_unref(pool->timer);
        sd_event_source_disable_unref(pool->turn);
        sd_event_unref(pool->event);
        return mfree(pool);
}

struct pool *pool_next(const struct pool *pool)
{
        return pool->next;
}

uint64_t pool_id(const struct pool *pool)
{
        return pool->id;
}

usec_t pool_born(const struct pool *pool)
{
        return pool->born;
}

int pool_add(struct pool *pool, struct call *call)
{
        CURLMcode code = curl_multi_add_handle(pool->multi, call->easy);

        if (code != CURLM_OK)
                return code == CURLM_OUT_OF_MEMORY ? -ENOMEM : -EIO;
        call->pool = pool;
        pool->n_calls++;
        return 0;
}

void pool_remove(struct pool *pool, struct call *call)
{
        (void) curl_multi_remove_handle(pool->multi, call->easy);
        call->pool = NULL;
        if (--pool->n_calls == 0 && pool->retired)
                (void) pool_turn(pool);
}

void pool_retire(struct pool *pool)
{
        pool->retired = true;
        if (pool->n_calls == 0)
                (void) pool_turn(pool);
}

bool pool_retired(const struct pool *pool)
{
        return pool->retired;
}

int pool_retire_after(struct pool *pool, usec_t delay)
{
        usec_t when = clock_usec(CLOCK_BOOTTIME) + delay;

        return sd_event_add_time(pool->event, &pool->linger, CLOCK_BOOTTIME, when, USEC_PER_SEC, on_linger,
                                 pool);
}
