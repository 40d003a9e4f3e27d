#include "serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "request.h"

enum { LISTENERS = 8, CONNECTIONS = 65536, BODY_MOST = 256 << 20 };

struct listener {
        struct MHD_Daemon *daemon;
        char *certificate, *key; /* PEM; MHD keeps pointing here */
};

struct server {
        struct world *world;
        struct timers timers;
        struct listener listeners[LISTENERS];
        unsigned count;
        uint64_t last_connection;
};

struct server *server_new(struct world *w)
{
        struct server *s = xcalloc(1, sizeof(*s));

        s->world = w;
        return s;
}

static char *file_read(const char *path)
{
        struct buf text = { 0 };
        char piece[4096];
        size_t n;
        FILE *f = fopen(path, "re");

        if (!f) {
                fprintf(stderr, "fakestripe: cannot read %s: %s\n", path, strerror(errno));
                return NULL;
        }
        while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
                buf_add(&text, piece, n);
        fclose(f);
        return text.data;
}

static void *on_uri(void *cls, const char *uri, struct MHD_Connection *connection)
{
        struct server *s = cls;
        struct request *q = request_new(s->world, &s->timers, uri);

        q->connection = connection;
        return q;
}

/* Paths are matched as they came; only the id inside is decoded, by us. */
static size_t on_unescape(void *cls, struct MHD_Connection *connection, char *text)
{
        (void) cls;
        (void) connection;
        return strlen(text);
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
        struct server *s = cls;

        (void) connection;
        if (code != MHD_CONNECTION_NOTIFY_STARTED)
                return;
        s->world->connections++;
        *socket_context = (void *) (uintptr_t) ++s->last_connection; /* its number, no pointer */
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                         enum MHD_RequestTerminationCode code)
{
        (void) cls;
        (void) connection;
        (void) code;
        *con_cls = request_free(*con_cls);
}

static const char *known_method(const char *method)
{
        static const char *const known[] = { "GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS" };

        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
                if (strcmp(known[i], method) == 0)
                        return known[i];
        return "OTHER";
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *data, size_t *size,
                                 void **con_cls)
{
        struct request *q = *con_cls;

        (void) cls;
        (void) connection;
        (void) url;
        (void) version;
        if (!q->seen) {
                q->seen = true;
                q->method = known_method(method);
                return MHD_YES;
        }
        if (*size > 0) {
                if (q->body.size + *size > BODY_MOST)
                        return MHD_NO;
                buf_add(&q->body, data, *size);
                *size = 0;
                return MHD_YES;
        }
        return request_finish(q);
}

/* ADDRESS:PORT, [ADDRESS]:PORT; numbers only, but for `localhost`. */
static bool address_parse(const char *text, struct sockaddr_storage *ret)
{
        char host[64] = "";
        const char *colon = strrchr(text, ':');
        struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE }, *found = NULL;

        if (!colon || (size_t) (colon - text) >= sizeof(host))
                return false;
        if (*text == '[' && colon > text + 1 && colon[-1] == ']')
                memcpy(host, text + 1, (size_t) (colon - text) - 2);
        else
                memcpy(host, text, (size_t) (colon - text));
        if (strcmp(host, "localhost") == 0)
                snprintf(host, sizeof(host), "127.0.0.1");
        if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
                return false;
        memset(ret, 0, sizeof(*ret));
        memcpy(ret, found->ai_addr, found->ai_addrlen);
        freeaddrinfo(found);
        return true;
}

static void write_url(const struct listener *l, const struct listener_options *o, char *ret_url, size_t room)
{
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_BIND_PORT);
        int host = (int) (strrchr(o->address, ':') - o->address);

        if (o->certificate && strncmp(o->address, "127.0.0.1:", 10) == 0)
                snprintf(ret_url, room, "https://localhost:%u", info->port);
        else
                snprintf(ret_url, room, "%s://%.*s:%u", o->certificate ? "https" : "http", host, o->address,
                         info->port);
}

static struct MHD_Daemon *daemon_start(struct server *s, struct listener *l, const struct sockaddr_storage *a)
{
        unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK;
        struct MHD_OptionItem tls[] = { { MHD_OPTION_HTTPS_MEM_CERT, 0, l->certificate },
                                        { MHD_OPTION_HTTPS_MEM_KEY, 0, l->key },
                                        { MHD_OPTION_END, 0, NULL } };

        if (a->ss_family == AF_INET6)
                flags |= MHD_USE_IPv6;
        if (l->certificate)
                flags |= MHD_USE_TLS;
        else
                tls[0].option = MHD_OPTION_END;
        return MHD_start_daemon(flags, 0, NULL, NULL, on_access, s, MHD_OPTION_SOCK_ADDR, a,
                                MHD_OPTION_URI_LOG_CALLBACK, on_uri, s, MHD_OPTION_NOTIFY_COMPLETED,
                                on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
                                MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, s, MHD_OPTION_CONNECTION_LIMIT,
                                (unsigned) CONNECTIONS, MHD_OPTION_LISTEN_BACKLOG_SIZE, 4096u,
                                MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
}

bool server_listen(struct server *s, const struct listener_options *o, char *ret_url, size_t room)
{
        struct sockaddr_storage address;
        struct listener *l = &s->listeners[s->count];

        if (s->count == LISTENERS || !address_parse(o->address, &address)) {
                fprintf(stderr, "fakestripe: cannot listen on '%s': want ADDRESS:PORT\n", o->address);
                return false;
        }
        if (o->certificate) {
                l->certificate = file_read(o->certificate);
                l->key = file_read(o->key);
                if (!l->certificate || !l->key)
                        return false;
        }
        l->daemon = daemon_start(s, l, &address);
        if (!l->daemon) {
                fprintf(stderr, "fakestripe: cannot listen on '%s'\n", o->address);
                return false;
        }
        s->count++;
        write_url(l, o, ret_url, room);
        return true;
}

static int wait_msec(const struct server *s)
{
        usec_t next = timers_next(&s->timers), planned = schedule_next(&s->world->schedule),
               now = now_monotonic();
        uint64_t wait = 60 * USEC_PER_SEC;

        next = next < planned ? next : planned;
        if (next < now + wait)
                wait = next > now ? next - now : 0;
        wait = (wait + USEC_PER_MSEC - 1) / USEC_PER_MSEC;
        for (unsigned i = 0; i < s->count; i++) {
                MHD_UNSIGNED_LONG_LONG own;

                if (MHD_get_timeout(s->listeners[i].daemon, &own) == MHD_YES && own < wait)
                        wait = own;
        }
        return (int) wait;
}

static void run_due(struct server *s, usec_t now)
{
        struct request *q;
        json_t *change;

        while ((q = timers_take(&s->timers, now)))
                MHD_resume_connection(q->connection);
        while ((change = schedule_take(&s->world->schedule, now))) {
                control_change_key(s->world, change);
                json_decref(change);
        }
}

int server_run(struct server *s, int signal_fd)
{
        struct pollfd fds[LISTENERS + 1];

        for (unsigned i = 0; i < s->count; i++) {
                const union MHD_DaemonInfo *info =
                        MHD_get_daemon_info(s->listeners[i].daemon, MHD_DAEMON_INFO_EPOLL_FD);

                fds[i] = (struct pollfd){ .fd = info->epoll_fd, .events = POLLIN };
        }
        fds[s->count] = (struct pollfd){ .fd = signal_fd, .events = POLLIN };
        for (;;) {
                if (poll(fds, s->count + 1, wait_msec(s)) < 0 && errno != EINTR)
                        return -errno;
                if (fds[s->count].revents & POLLIN)
                        return 0;
                run_due(s, now_monotonic());
                for (unsigned i = 0; i < s->count; i++)
                        MHD_run(s->listeners[i].daemon);
        }
}

struct server *server_free(struct server *s)
{
        if (!s)
                return NULL;
        run_due(s, UINT64_MAX);
        for (unsigned i = 0; i < s->count; i++)
                MHD_stop_daemon(s->listeners[i].daemon);
        for (unsigned i = 0; i < LISTENERS; i++) {
                free(s->listeners[i].certificate);
                free(s->listeners[i].key);
        }
        timers_clear(&s->timers);
        free(s);
        return NULL;
}
