#include "control/guests.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>

#include "base/macros.h"
#include "base/usec.h"
#include "control/socket.h"

#define REQUEST_TIME (30 * USEC_PER_SEC)
#define IMPORT_TIME  (15 * USEC_PER_MINUTE)
#define LOOK_EVERY   (5 * USEC_PER_SEC)

/* Of the places, so many at least are no one user's. A hundred followers of one user have room beside it. */
#define RESERVE_MIN 16U

/* Of no route more than a handful make sense, and libmicrohttpd gives no answer at all where its memory of a
 * connection is full of them. */
#define PARAMETERS_MAX 256

struct guest {
        TAILQ_ENTRY(guest) next;
        int fd; /* the connection's, not ours to close */
        uid_t uid;
        usec_t since, patience; /* how long a request may take to become whole */
        bool served;            /* it is whole */
        bool dismissed;
};

struct guests {
        TAILQ_HEAD(, guest) list; /* oldest first */
        sd_event_source *timer;
        unsigned places, n;
};

static usec_t now(void)
{
        struct timespec time;

        clock_gettime(CLOCK_MONOTONIC, &time);
        return (usec_t) time.tv_sec * USEC_PER_SEC + (usec_t) time.tv_nsec / 1000;
}

/* Say why, past libmicrohttpd, which has no answer for what is not whole; it sees an end of the connection.
 */
static void dismiss(struct guest *guest, unsigned status, const char *title, const char *code,
                    const char *detail)
{
        char body[512], text[1024];

        if (guest->dismissed)
                return;
        guest->dismissed = true;
        snprintf(body, sizeof(body),
                 "{\n  \"type\": \"urn:keyvigil:problem:%s\",\n  \"title\": \"%s\",\n  \"status\": %u,\n"
                 "  \"code\": \"%s\",\n  \"detail\": \"%s\"\n}",
                 code, title, status, code, detail);
        snprintf(text, sizeof(text),
                 "HTTP/1.1 %u %s\r\nContent-Type: application/problem+json\r\nContent-Length: %zu\r\n"
                 "Connection: close\r\n\r\n%s",
                 status, title, strlen(body), body);
        (void) send(guest->fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
        (void) shutdown(guest->fd, SHUT_RDWR);
}

static void dismiss_slow(struct guest *guest)
{
        dismiss(guest, MHD_HTTP_REQUEST_TIMEOUT, "Request Timeout", "too-slow",
                "The request did not become whole in time");
}

static void dismiss_late(struct guest *guest)
{
        dismiss(guest, MHD_HTTP_SERVICE_UNAVAILABLE, "Service Unavailable", "busy",
                "Too many requests are under way, try again");
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct guests *guests = userdata;
        struct guest *guest;
        usec_t time = now();

        (void) usec;
        TAILQ_FOREACH(guest, &guests->list, next)
                if (!guest->served && guest->since + guest->patience < time)
                        dismiss_slow(guest);
        if (guests->n == 0)
                return 0;
        int r = sd_event_source_set_time_relative(source, LOOK_EVERY);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int guests_new(sd_event *event, unsigned places, struct guests **ret)
{
        struct guests *guests = calloc(1, sizeof(*guests));

        if (!guests)
                return -ENOMEM;
        TAILQ_INIT(&guests->list);
        guests->places = places;
        int r = sd_event_add_time_relative(event, &guests->timer, CLOCK_MONOTONIC, LOOK_EVERY, USEC_PER_SEC,
                                           on_time, guests);
        if (r < 0) {
                guests_free(guests);
                return r;
        }
        (void) sd_event_source_set_exit_on_failure(guests->timer, true);
        *ret = guests;
        return 0;
}

struct guests *guests_free(struct guests *guests)
{
        if (!guests)
                return NULL;
        sd_event_source_disable_unref(guests->timer);
        return mfree(guests);
}

unsigned guests_limit(const struct guests *guests)
{
        return guests->places + guests->places / 4;
}

static struct guest *oldest_half_open(const struct guests *guests, uid_t uid, bool anyone)
{
        struct guest *guest;

        TAILQ_FOREACH(guest, &guests->list, next)
                if (!guest->served && !guest->dismissed && (anyone || guest->uid == uid))
                        return guest;
        return NULL;
}

static unsigned limit_of_user(const struct guests *guests)
{
        return guests->places - MIN(MAX(guests->places / 8, RESERVE_MIN), guests->places / 2);
}

/* Find a place for `guest`, who is not in the list yet. */
static void make_room(const struct guests *guests, struct guest *guest)
{
        unsigned staying = 0, of_user = 0;
        struct guest *other;

        TAILQ_FOREACH(other, &guests->list, next) {
                staying += !other->dismissed;
                of_user += !other->dismissed && other->uid == guest->uid;
        }
        bool full = staying >= guests->places;
        if (!full && of_user < limit_of_user(guests))
                return;
        other = oldest_half_open(guests, guest->uid, full);
        dismiss_late(other ? other : guest);
}

static void enter(struct guests *guests, struct MHD_Connection *connection, void **state)
{
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        struct guest *guest = info ? calloc(1, sizeof(*guest)) : NULL;

        *state = guest;
        if (!guest)
                return;
        guest->fd = info->connect_fd;
        guest->uid = socket_peer(guest->fd);
        guest->since = now();
        guest->patience = REQUEST_TIME;
        make_room(guests, guest);
        TAILQ_INSERT_TAIL(&guests->list, guest, next);
        if (guests->n++ == 0)
                (void) sd_event_source_set_enabled(guests->timer, SD_EVENT_ONESHOT);
}

void guests_on_connection(void *userdata, struct MHD_Connection *connection, void **state,
                          enum MHD_ConnectionNotificationCode code)
{
        struct guests *guests = userdata;
        struct guest *guest = *state;

        if (code == MHD_CONNECTION_NOTIFY_STARTED) {
                enter(guests, connection, state);
        } else if (guest) {
                TAILQ_REMOVE(&guests->list, guest, next);
                guests->n--;
                *state = mfree(guest);
        }
}

static struct guest *guest_of(struct MHD_Connection *connection)
{
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

        return info ? info->socket_context : NULL;
}

void *guests_on_uri(void *userdata, const char *uri, struct MHD_Connection *connection)
{
        struct guest *guest = guest_of(connection);
        unsigned parameters = 0;

        (void) userdata;
        for (; *uri != '\0'; uri++)
                parameters += *uri == '&';
        if (guest && parameters > PARAMETERS_MAX)
                dismiss(guest, MHD_HTTP_URI_TOO_LONG, "URI Too Long", "bad-parameter",
                        "There are more parameters than any route knows");
        return NULL;
}

uid_t guest_uid(struct MHD_Connection *connection)
{
        const struct guest *guest = guest_of(connection);

        return guest ? guest->uid : (uid_t) -1;
}

void guest_imports(struct MHD_Connection *connection)
{
        struct guest *guest = guest_of(connection);

        if (guest)
                guest->patience = IMPORT_TIME;
}

void guest_is_served(struct MHD_Connection *connection)
{
        struct guest *guest = guest_of(connection);

        if (guest)
                guest->served = true;
}

void guest_is_done(struct MHD_Connection *connection)
{
        struct guest *guest = guest_of(connection);

        if (!guest)
                return;
        guest->served = false;
        guest->since = now();
        guest->patience = REQUEST_TIME;
}
