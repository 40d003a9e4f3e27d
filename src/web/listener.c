#include "web/listener.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>

#include "base/door.h"
#include "base/log.h"
#include "web/guard.h"
#include "web/kept.h"
#include "web/listen.h"
#include "web/metrics.h"
#include "web/page.h"
#include "web/response.h"

#define CONNECTIONS_MAX 32
#define IDLE_SECONDS    10
#define FETCH_TIMEOUT   (15 * USEC_PER_SEC)
#define FETCH_MAX       ((size_t) 4 << 20)

struct visit;

/* One thing that is fetched for a visit. */
struct fetch {
        struct visit *visit;
        struct plain_call *call;
        json_t *answer;
        long status;
};

struct visit {
        struct listener *listener;
        struct MHD_Connection *connection;
        struct page page;
        struct fetch fetches[PAGE_SOURCES_MAX];
        size_t left; /* fetches under way */
        enum metrics_form form;
        unsigned status;
        struct MHD_Response *response;
        bool begun, waits;
        LIST_ENTRY(visit) in_listener;
};

struct listener {
        struct listener_parts parts;
        struct MHD_Daemon *mhd;
        sd_event_source *io, *timer;
        struct door *door;
        char *path; /* of a socket that is ours to remove */
        LIST_HEAD(, visit) visits;
        struct kept days;
};

/* libmicrohttpd's turn. */
static int turn(void *userdata)
{
        struct listener *listener = userdata;
        MHD_UNSIGNED_LONG_LONG milliseconds;

        (void) MHD_run(listener->mhd);
        if (MHD_get_timeout(listener->mhd, &milliseconds) == MHD_NO)
                return sd_event_source_set_enabled(listener->timer, SD_EVENT_OFF);
        (void) sd_event_source_set_time_relative(listener->timer, milliseconds * USEC_PER_MSEC);
        return sd_event_source_set_enabled(listener->timer, SD_EVENT_ONESHOT);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        (void) source;
        (void) fd;
        (void) revents;
        return turn(userdata);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void) source;
        (void) usec;
        return turn(userdata);
}

/* --- answers --- */

/* Takes the text over. */
static void reply(struct visit *visit, unsigned status, const char *type, char *text)
{
        visit->response = text ? response_new(type, text) : NULL;
        visit->status = status;
}

static void reply_error(struct visit *visit, unsigned status, const char *text)
{
        if (visit->listener->parts.pages) {
                reply(visit, status, "text/html; charset=utf-8", page_error(text, ""));
                return;
        }
        char *line = NULL;
        if (asprintf(&line, "%s\n", text) >= 0)
                reply(visit, status, "text/plain; charset=utf-8", line);
}

static void render(struct visit *visit)
{
        const json_t *answers[PAGE_SOURCES_MAX] = { NULL };
        char *text = NULL;
        int r;

        for (size_t i = 0; i < visit->page.n; i++) {
                answers[i] = visit->fetches[i].answer;
                if (i >= visit->page.needed)
                        continue;
                if (visit->fetches[i].status == 404) {
                        reply_error(visit, MHD_HTTP_NOT_FOUND, "There is nothing of that name");
                        return;
                }
                if (visit->fetches[i].status == 400) {
                        reply_error(visit, MHD_HTTP_BAD_REQUEST, "That is not understood");
                        return;
                }
                if (visit->fetches[i].status != 200 || !answers[i]) {
                        reply_error(visit, MHD_HTTP_SERVICE_UNAVAILABLE, "keyvigild does not answer");
                        return;
                }
        }
        r = visit->page.write ? visit->page.write(&visit->page, answers, (int64_t) time(NULL), &text)
                              : metrics_render(answers[0], visit->form, &text);
        if (r < 0)
                reply_error(visit, MHD_HTTP_INTERNAL_SERVER_ERROR, "The answer could not be made");
        else
                reply(visit, MHD_HTTP_OK,
                      visit->page.write ? "text/html; charset=utf-8" : metrics_type(visit->form), text);
}

static void wake(struct visit *visit)
{
        visit->waits = false;
        MHD_resume_connection(visit->connection);
        (void) sd_event_source_set_time_relative(visit->listener->timer, 0);
        (void) sd_event_source_set_enabled(visit->listener->timer, SD_EVENT_ONESHOT);
}

static usec_t loop_now(const struct listener *listener)
{
        uint64_t now = 0;

        (void) sd_event_now(listener->parts.event, CLOCK_MONOTONIC, &now);
        return now;
}

static const char *source_of(const struct fetch *fetch)
{
        return fetch->visit->page.sources[fetch - fetch->visit->fetches];
}

static void on_fetched(const struct plain_reply *answer, void *userdata)
{
        struct fetch *fetch = userdata;
        struct visit *visit = fetch->visit;

        fetch->call = NULL;
        fetch->status = answer->status;
        fetch->answer = answer->status == 200 ? json_loadb(answer->body, answer->size, 0, NULL) : NULL;
        if (fetch->answer && kept_is(source_of(fetch)))
                kept_put(&visit->listener->days, fetch->answer, loop_now(visit->listener));
        if (--visit->left > 0)
                return;
        render(visit);
        wake(visit);
}

static void fetch_all(struct visit *visit)
{
        const struct settings *settings = visit->listener->parts.settings;
        const char *socket =
                *settings->control.read_socket ? settings->control.read_socket : settings->control.socket;

        for (size_t i = 0; i < visit->page.n; i++) {
                struct fetch *fetch = &visit->fetches[i];
                char url[2048];

                fetch->visit = visit;
                fetch->answer = kept_is(source_of(fetch))
                                        ? kept_get(&visit->listener->days, loop_now(visit->listener))
                                        : NULL;
                if (fetch->answer) {
                        fetch->status = 200;
                        continue;
                }
                snprintf(url, sizeof(url), "http://keyvigil%s", visit->page.sources[i]);
                const struct plain_request request = {
                        .socket = socket, .url = url, .timeout = FETCH_TIMEOUT, .answer_max = FETCH_MAX
                };
                if (plain_start(visit->listener->parts.plain, &request, on_fetched, fetch, &fetch->call) >= 0)
                        visit->left++;
        }
        if (visit->left == 0)
                reply_error(visit, MHD_HTTP_SERVICE_UNAVAILABLE, "keyvigild cannot be asked");
}

/* --- requests --- */

static bool password_is_right(const struct visit *visit)
{
        char *given = NULL, *user = MHD_basic_auth_get_username_password(visit->connection, &given);
        bool right = guard_password(visit->listener->parts.password, given ?: "");

        if (given)
                explicit_bzero(given, strlen(given));
        MHD_free(given);
        MHD_free(user);
        return right;
}

static enum MHD_Result take_word(void *userdata, enum MHD_ValueKind kind, const char *name, const char *value)
{
        struct page_words *words = userdata;

        (void) kind;
        if (words->n == PAGE_WORDS_MAX) {
                words->too_many = true;
                return MHD_NO;
        }
        words->list[words->n].name = name;
        words->list[words->n++].value = value;
        return MHD_YES;
}

static int find_page(struct visit *visit, const char *path)
{
        struct page_words words = { 0 };

        if (!visit->listener->parts.pages) {
                visit->form = metrics_choose(MHD_lookup_connection_value(visit->connection, MHD_HEADER_KIND,
                                                                         MHD_HTTP_HEADER_ACCEPT));
                visit->page.sources[0] = strdup("/v1/metrics");
                visit->page.n = visit->page.needed = visit->page.sources[0] != NULL;
                return strcmp(path, "/metrics") == 0 ? 0 : -ENOENT;
        }
        (void) MHD_get_connection_values(visit->connection, MHD_GET_ARGUMENT_KIND, take_word, &words);
        return page_find(path, &words, &visit->page);
}

static bool is_look(const char *method)
{
        return strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
}

static void visit_serve(struct visit *visit, const char *path, const char *method)
{
        if (!is_look(method)) {
                reply_error(visit, MHD_HTTP_METHOD_NOT_ALLOWED, "Here one may only look");
                if (visit->response)
                        (void) MHD_add_response_header(visit->response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
        } else if (!guard_host(visit->listener->parts.settings,
                               MHD_lookup_connection_value(visit->connection, MHD_HEADER_KIND,
                                                           MHD_HTTP_HEADER_HOST))) {
                reply_error(visit, MHD_HTTP_MISDIRECTED_REQUEST, "This host is not in web.hosts");
        } else if (visit->listener->parts.password && !password_is_right(visit)) {
                reply_error(visit, MHD_HTTP_UNAUTHORIZED, "The password is needed");
                if (visit->response)
                        (void) MHD_add_response_header(visit->response, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
                                                       "Basic realm=\"keyvigil\", charset=\"UTF-8\"");
        } else {
                int r = find_page(visit, path);

                if (r < 0)
                        reply_error(visit, r == -EINVAL ? MHD_HTTP_BAD_REQUEST : MHD_HTTP_NOT_FOUND,
                                    r == -EINVAL ? "That is not understood" : "There is no such page");
                else
                        fetch_all(visit);
        }
}

static enum MHD_Result on_request(void *userdata, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *bytes, size_t *size,
                                  void **state)
{
        struct listener *listener = userdata;
        struct visit *visit = *state;

        (void) version;
        (void) bytes;
        if (!visit) {
                visit = *state = calloc(1, sizeof(*visit));
                if (!visit)
                        return MHD_NO;
                visit->listener = listener;
                visit->connection = connection;
                LIST_INSERT_HEAD(&listener->visits, visit, in_listener);
                if (is_look(method))
                        return MHD_YES;
        } else if (*size > 0) { /* nothing that we answer has a body */
                return MHD_NO;
        }
        if (!visit->begun) {
                visit->begun = true;
                visit_serve(visit, path, method);
        }
        if (visit->response)
                return MHD_queue_response(connection, visit->status, visit->response);
        if (visit->left == 0)
                return MHD_NO;
        visit->waits = true;
        MHD_suspend_connection(connection);
        return MHD_YES;
}

static void on_completed(void *userdata, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
        struct visit *visit = *state;

        (void) userdata;
        (void) connection;
        (void) code;
        *state = NULL;
        if (!visit)
                return;
        LIST_REMOVE(visit, in_listener);
        for (size_t i = 0; i < PAGE_SOURCES_MAX; i++) {
                plain_cancel(visit->fetches[i].call);
                json_decref(visit->fetches[i].answer);
        }
        page_clear(&visit->page);
        if (visit->response)
                MHD_destroy_response(visit->response);
        free(visit);
}

static int attach(struct listener *listener, int fd)
{
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(listener->mhd, MHD_DAEMON_INFO_EPOLL_FD);
        int r = !info ? -EIO
                      : sd_event_add_io(listener->parts.event, &listener->io, info->epoll_fd, EPOLLIN, on_io,
                                        listener);
        if (r >= 0)
                r = sd_event_add_time_relative(listener->parts.event, &listener->timer, CLOCK_MONOTONIC, 0, 1,
                                               on_time, listener);
        return r < 0 ? r : door_new(listener->parts.event, fd, turn, listener, &listener->door);
}

int listener_new(const struct listener_parts *parts, const char *address, struct listener **ret)
{
        struct listener *listener = calloc(1, sizeof(*listener));
        int fd, r;

        if (!listener)
                return log_error_errno(-ENOMEM, "%m");
        listener->parts = *parts;
        LIST_INIT(&listener->visits);
        r = fd = listen_on(address);
        if (r >= 0) {
                listener->path = *address == '/' ? strdup(address) : NULL;
                MHD_set_panic_func(door_broken, NULL);
                listener->mhd = MHD_start_daemon(
                        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, listener,
                        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED, on_completed, listener,
                        MHD_OPTION_CONNECTION_LIMIT, (unsigned) CONNECTIONS_MAX,
                        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned) IDLE_SECONDS, MHD_OPTION_END);
                r = listener->mhd ? attach(listener, fd) : -EIO;
        }
        if (r < 0) {
                listener_free(listener);
                return log_error_errno(r, "%s cannot be listened on: %m", address);
        }
        *ret = listener;
        return 0;
}

struct listener *listener_free(struct listener *listener)
{
        struct visit *visit;

        if (!listener)
                return NULL;
        LIST_FOREACH(visit, &listener->visits, in_listener) {
                if (!visit->waits)
                        continue;
                reply_error(visit, MHD_HTTP_SERVICE_UNAVAILABLE, "keyvigil web is stopping");
                visit->waits = false;
                MHD_resume_connection(visit->connection);
        }
        door_free(listener->door);
        if (listener->mhd) {
                (void) MHD_run(listener->mhd);
                MHD_stop_daemon(listener->mhd);
        }
        sd_event_source_disable_unref(listener->io);
        sd_event_source_disable_unref(listener->timer);
        if (listener->path)
                (void) unlink(listener->path);
        free(listener->path);
        kept_clear(&listener->days);
        return mfree(listener);
}
