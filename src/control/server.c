#include "control/server.h"

#include <errno.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include "base/door.h"
#include "base/number.h"
#include "base/text.h"
#include "base/usec.h"
#include "control/feed.h"
#include "control/guests.h"
#include "control/import.h"
#include "control/routes.h"
#include "control/socket.h"
#include "control/turn.h"
#include "control/visit.h"

#define CONNECTIONS_MAX 512 /* a key that is verified waits on its connection for seconds */
#define READERS_MAX     128 /* who may only look takes nobody else's place */
#define IDLE_SECONDS                                                                                         \
        30 /* of a connection that neither sends nor takes anything; waiting for us is not idle */
#define TEXTS_MAX         16                   /* a megabyte each */
#define CONNECTION_MEMORY ((size_t) 128 << 10) /* headers, and how much of an import is one transaction */

/* A body that is refused is read on to its end, so that the client sees the answer, but not for ever. */
#define REFUSED_MAX ((size_t) 1 << 20)

/* --- one request */

static void add_allow(struct visit *visit, const char *path)
{
        char methods[80];
        size_t n;
        const struct route *routes = routes_all(&n);

        route_methods(routes, n, path, methods, sizeof(methods));
        if (visit->response)
                MHD_add_response_header(visit->response, MHD_HTTP_HEADER_ALLOW, methods);
}

/* The text of a parameter: whole, and nothing in it that would not be seen. */
static bool is_plain(const char *text, size_t size)
{
        return !text || (strlen(text) == size && !strchr(text, '\n') && text_is_clean(text));
}

/* Of two values only one would count. Who stores a key may give it many labels. */
static bool is_doubled(const struct visit *visit, const char *name, const char *value)
{
        bool many = strcmp(name, "label") == 0 && strcmp(visit->route->method, "GET") != 0;

        return !many && MHD_lookup_connection_value(visit->connection, MHD_GET_ARGUMENT_KIND, name) != value;
}

static enum MHD_Result check_parameter(void *userdata, enum MHD_ValueKind kind, const char *name,
                                       size_t name_size, const char *value, size_t size)
{
        struct visit *visit = userdata;

        (void) kind;
        if (name && strlen(name) == name_size && route_knows(visit->route, name)) {
                if (is_doubled(visit, name, value)) {
                        reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter", "'%s' is given twice",
                                    name);
                        return MHD_NO;
                }
                if (is_plain(value, size))
                        return MHD_YES;
                reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter",
                            "'%s' must be UTF-8 without control and format characters", name);
                return MHD_NO;
        }
        /* The unknown name is not repeated: somebody may have put a key there. */
        reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter",
                    "There is a parameter that this route does not know; it knows: %s",
                    visit->route->parameters ? visit->route->parameters : "none");
        return MHD_NO;
}

/* Forms are encoded and would not be what they seem. */
static bool is_form(const struct visit *visit)
{
        const char *type =
                MHD_lookup_connection_value(visit->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);

        return type && (strncasecmp(type, "multipart/", 10) == 0 ||
                        strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0);
}

static int prepare_body(struct visit *visit)
{
        if (visit->route->body == BODY_NONE)
                return 0;
        if (is_form(visit)) {
                reply_error(visit, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "bad-type",
                            "Send the body as it is, with Content-Type: text/plain");
                return 0;
        }
        if (visit->route->body == BODY_LINES)
                guest_imports(visit->connection);
        if (visit->route->body == BODY_LINES)
                return import_new(visit, &visit->import);
        if (visit->route->body == BODY_TEXT && visit->server->texts >= TEXTS_MAX) {
                reply_error(visit, MHD_HTTP_SERVICE_UNAVAILABLE, "busy",
                            "Too many requests are under way, try again");
                return 0;
        }
        visit->body = secret_new(visit->route->body == BODY_TEXT ? BODY_TEXT_MAX : BODY_SECRET_MAX);
        if (visit->body && visit->route->body == BODY_TEXT)
                visit->server->texts++;
        return visit->body ? 0 : -ENOMEM;
}

/* The headers are there: find out what this is, and refuse at once what can be refused. */
static int visit_begin(struct visit *visit, const char *path, const char *method)
{
        size_t n;
        const struct route *routes = routes_all(&n);
        int r = route_find(routes, n, method, path, &visit->route, visit->argument);

        if (r == -EOPNOTSUPP) {
                reply_error(visit, MHD_HTTP_METHOD_NOT_ALLOWED, "bad-method",
                            "This path does not know that method");
                add_allow(visit, path);
                return 0;
        }
        if (r < 0) {
                reply_error(visit, MHD_HTTP_NOT_FOUND, "not-found", "There is no such path");
                return 0;
        }
        if (visit->server->read_only && strcmp(method, MHD_HTTP_METHOD_GET) != 0) {
                reply_error(visit, MHD_HTTP_FORBIDDEN, "read-only",
                            "Here one may only look; whoever is to change something must be a member of the "
                            "group keyvigil, and use %s",
                            visit->parts->settings->control.socket);
                return 0;
        }
        MHD_get_connection_values_n(visit->connection, MHD_GET_ARGUMENT_KIND, check_parameter, visit);
        return visit->answered ? 0 : prepare_body(visit);
}

static struct visit *visit_new(struct server *server, struct MHD_Connection *connection)
{
        struct control *control = server->control;
        struct visit *visit = calloc(1, sizeof(*visit));

        if (!visit)
                return NULL;
        visit->control = control;
        visit->server = server;
        visit->parts = &control->parts;
        visit->connection = connection;
        visit->uid = guest_uid(connection);
        visit->next = control->visits;
        if (visit->next)
                visit->next->previous = visit;
        control->visits = visit;
        return visit;
}

static struct visit *visit_free(struct visit *visit)
{
        if (!visit)
                return NULL;
        if (visit->previous)
                visit->previous->next = visit->next;
        else
                visit->control->visits = visit->next;
        if (visit->next)
                visit->next->previous = visit->previous;
        if (visit->response)
                MHD_destroy_response(visit->response);
        feed_forget(visit->control->feed, visit);
        import_free(visit->import);
        if (visit->body && visit->route->body == BODY_TEXT)
                visit->server->texts--;
        secret_free(visit->body);
        return mfree(visit);
}

static size_t body_limit(const struct visit *visit)
{
        if (visit->answered || !visit->route)
                return REFUSED_MAX;
        switch (visit->route->body) {
        case BODY_NONE:
                return 0;
        case BODY_SECRET:
                return BODY_SECRET_MAX;
        case BODY_TEXT:
                return BODY_TEXT_MAX;
        case BODY_LINES:
                return BODY_LINES_MAX;
        }
        return 0;
}

/* A piece of the body. MHD_NO drops the connection. */
static enum MHD_Result visit_feed(struct visit *visit, const char *bytes, size_t size)
{
        if (size > body_limit(visit) - MIN(visit->body_size, body_limit(visit))) {
                if (visit->answered)
                        return MHD_NO;
                reply_error(visit, MHD_HTTP_CONTENT_TOO_LARGE, "too-large",
                            "The body is larger than this route takes");
        }
        if (!visit->answered && visit->body)
                memcpy(visit->body->bytes + visit->body_size, bytes, size);
        else if (!visit->answered && visit->import &&
                 (visit->server->stops || import_feed(visit->import, bytes, size) < 0))
                return MHD_NO;
        visit->body_size += size;
        if (visit->import && import_has_more(visit->import) && !visit->rests)
                turn_rest(visit);
        return MHD_YES;
}

/* The request is whole: serve it, unless that was done, and send what is known. */
static enum MHD_Result visit_end(struct visit *visit)
{
        guest_is_served(visit->connection);
        if (!visit->answered && !visit->waits) {
                engine_acting(visit->parts->engine, (uint32_t) visit->uid);
                visit->route->serve(visit);
        }
        if (visit->response)
                return MHD_queue_response(visit->connection, visit->status, visit->response);
        if (visit->answered || !visit->waits)
                return MHD_NO; /* no memory for an answer */
        MHD_suspend_connection(visit->connection);
        return MHD_YES;
}

/* How large the body is said to be; 0 if it is not said. */
static uint64_t announced(struct MHD_Connection *connection)
{
        const char *text =
                MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
        int64_t size;

        return text && number_parse(text, 0, INT64_MAX, &size) >= 0 ? (uint64_t) size : 0;
}

static enum MHD_Result on_request(void *userdata, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes, size_t *size,
                                  void **state)
{
        struct visit *visit = *state;

        (void) version;
        if (!visit) {
                visit = *state = visit_new(userdata, connection);
                if (!visit || visit_begin(visit, url, method) < 0)
                        return MHD_NO;
                return visit->answered && announced(connection) > REFUSED_MAX ? visit_end(visit) : MHD_YES;
        }
        if (*size > 0) {
                enum MHD_Result result = visit_feed(visit, bytes, *size);

                explicit_bzero((char *) bytes, *size); /* read, and in nobody's memory any more */
                *size = 0;
                return result;
        }
        return visit_end(visit);
}

static void on_completed(void *userdata, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
        (void) userdata;
        (void) code;
        guest_is_done(connection);
        *state = visit_free(*state);
}

/* --- the socket as a whole */

static int start(struct server *server, int fd)
{
        int r = guests_new(server->control->parts.event, server->read_only ? READERS_MAX : CONNECTIONS_MAX,
                           &server->guests);

        if (r < 0)
                return r;
        MHD_set_panic_func(door_broken, NULL);
        server->mhd = MHD_start_daemon(
                MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, server,
                MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
                MHD_OPTION_NOTIFY_CONNECTION, guests_on_connection, server->guests,
                MHD_OPTION_URI_LOG_CALLBACK, guests_on_uri, server->guests, MHD_OPTION_CONNECTION_LIMIT,
                guests_limit(server->guests), MHD_OPTION_CONNECTION_TIMEOUT, (unsigned) IDLE_SECONDS,
                MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, MHD_OPTION_END);
        return server->mhd ? 0 : -EIO;
}

static int attach(struct server *server, int fd)
{
        sd_event *event = server->control->parts.event;
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->mhd, MHD_DAEMON_INFO_EPOLL_FD);
        int r;

        if (!info)
                return -EIO;
        r = sd_event_add_io(event, &server->io, info->epoll_fd, EPOLLIN, turn_on_io, server);
        if (r < 0)
                return r;
        r = sd_event_add_time_relative(event, &server->timer, CLOCK_MONOTONIC, 0, 1, turn_on_time, server);
        if (r < 0)
                return r;
        (void) sd_event_source_set_exit_on_failure(server->io, true);
        (void) sd_event_source_set_exit_on_failure(server->timer, true);
        r = door_new(event, fd, turn_run, server, &server->door);
        return r < 0 ? r : turn_arm(server);
}

int server_new(struct control *control, const char *path, bool read_only, struct server **ret, char **ret_why)
{
        _cleanup_(server_freep) struct server *server = calloc(1, sizeof(*server));
        int fd, r;

        if (!server)
                return -ENOMEM;
        server->control = control;
        server->read_only = read_only;
        r = socket_listen(path, read_only ? 0666 : 0660, &fd, ret_why);
        if (r < 0)
                return r;
        server->path = strdup(path);
        r = server->path ? start(server, fd) : -ENOMEM;
        if (r < 0) {
                (void) unlink(path);
                close(fd);
                return r;
        }
        r = attach(server, fd);
        if (r < 0)
                return r;
        *ret = TAKE(server);
        return 0;
}

struct server *server_free(struct server *server)
{
        if (!server)
                return NULL;
        door_free(server->door);
        turn_last(server);
        if (server->mhd) {
                (void) MHD_run(server->mhd); /* what is known now may still get out */
                MHD_stop_daemon(server->mhd);
        }
        guests_free(server->guests);
        sd_event_source_disable_unref(server->io);
        sd_event_source_disable_unref(server->timer);
        if (server->path)
                (void) unlink(server->path);
        free(server->path);
        return mfree(server);
}
