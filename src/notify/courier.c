#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/datetime.h"
#include "base/hash.h"
#include "base/log.h"
#include "notify/courier_internal.h"
#include "notify/journal.h"
#include "notify/message.h"

#define FEED_WAIT    30 /* seconds that the daemon holds a request that it has no answer for */
#define FEED_LIMIT   100
#define FEED_TIMEOUT ((FEED_WAIT + 15) * USEC_PER_SEC)
#define FEED_MAX     ((size_t) 16 << 20)
#define FEED_AGAIN   (5 * USEC_PER_SEC)
#define GATHER       (30 * USEC_PER_SEC)
#define REFRESH      USEC_PER_MINUTE
#define DIGEST_LIMIT 1000

usec_t courier_now(void)
{
        struct timespec now;

        clock_gettime(CLOCK_BOOTTIME, &now);
        return (usec_t) now.tv_sec * USEC_PER_SEC + (usec_t) now.tv_nsec / 1000;
}

void courier_save(struct courier *courier)
{
        int r = state_write(courier->path, courier->state);

        if (r < 0)
                (void) log_error_errno(
                        r, "%s cannot be written; after a restart %s may be told things twice: %m",
                        courier->path, courier->name);
}

void courier_wait(struct courier *courier, usec_t duration)
{
        (void) sd_event_source_set_time_relative(courier->timer, duration / courier->parts.hurry);
        (void) sd_event_source_set_enabled(courier->timer, SD_EVENT_ONESHOT);
}

static const char *cursor_of(const struct courier *courier)
{
        return json_string_value(json_object_get(courier->state, "cursor"));
}

static void move_to(struct courier *courier, const char *cursor)
{
        const char *before = cursor_of(courier);

        if (!cursor || (before && strcmp(before, cursor) == 0))
                return;
        (void) json_object_set_new(courier->state, "cursor", json_string(cursor));
        courier_save(courier);
}

/* --- reading the feed --- */

static void take_page(struct courier *courier, json_t *answer)
{
        json_t *data = json_object_get(answer, "data");
        const char *next = json_string_value(json_object_get(answer, "next"));

        if (json_array_size(data) == 0) {
                move_to(courier, next);
        } else {
                courier->page = json_incref(data);
                courier->next = 0;
        }
        courier_wait(courier, 0);
}

/* What we had read up to is not kept any more, or another daemon has taken over. */
static void take_gap(struct courier *courier, const json_t *answer)
{
        const char *first = json_string_value(json_object_get(answer, "first"));

        log_warning(
                "%s: events that were not delivered are not kept any more; going on with the oldest that is",
                courier->name);
        move_to(courier, first ?: "0");
        courier_wait(courier, first ? 0 : FEED_AGAIN);
}

static void on_feed(const struct plain_reply *reply, void *userdata)
{
        struct courier *courier = userdata;
        json_t *answer = reply->status ? json_loadb(reply->body, reply->size, 0, NULL) : NULL;

        courier->call = NULL;
        if (reply->status == 200 || reply->status == 410)
                courier->parts.heard(courier->parts.userdata);
        if (reply->status == 200 && json_is_array(json_object_get(answer, "data")))
                take_page(courier, answer);
        else if (reply->status == 410)
                take_gap(courier, answer);
        else
                courier_wait(courier, FEED_AGAIN);
        json_decref(answer);
}

/* The first time from now on: what was before is in the journal. Who sends digests reads up to what is there
 * once a day, and who gathers does not wait twice. */
static void read_feed(struct courier *courier)
{
        bool at_once = courier->gathered || *courier->receiver->digest != '\0' || !cursor_of(courier);
        _cleanup_free_ char *url = NULL;

        if (asprintf(&url, "http://keyvigil/v1/events?after=%s&wait=%d&limit=%d", cursor_of(courier) ?: "now",
                     at_once ? 0 : (int) MAX(FEED_WAIT / courier->parts.hurry, 1U),
                     courier->gathered ? DIGEST_LIMIT : FEED_LIMIT) < 0) {
                url = NULL;
                courier_wait(courier, FEED_AGAIN);
                return;
        }
        const struct plain_request request = {
                .socket = courier->parts.socket, .url = url, .timeout = FEED_TIMEOUT, .answer_max = FEED_MAX
        };
        if (plain_start(courier->parts.plain, &request, on_feed, courier, &courier->call) < 0)
                courier_wait(courier, FEED_AGAIN);
}

/* --- what is next --- */

/* Everything of the page that is for this receiver, as one mail. */
static json_t *gather(struct courier *courier)
{
        json_t *events = json_array(), *event;
        size_t i;

        json_array_foreach(courier->page, i, event)
        {
                if (message_wanted(courier->receiver, event))
                        (void) json_array_append(events, event);
        }
        courier->next = json_array_size(courier->page);
        if (json_array_size(events) > 0)
                return events;
        json_decref(events);
        return NULL;
}

/* The next of the page that is for this receiver; NULL: none is. */
static json_t *find(struct courier *courier)
{
        while (courier->next < json_array_size(courier->page)) {
                json_t *event = json_array_get(courier->page, courier->next++);

                if (message_wanted(courier->receiver, event))
                        return json_incref(event);
        }
        return NULL;
}

static void page_over(struct courier *courier)
{
        const json_t *last = json_array_get(courier->page, json_array_size(courier->page) - 1);

        move_to(courier, json_string_value(json_object_get(last, "cursor")));
        json_decref(courier->page);
        courier->page = NULL;
        courier->gathered = false;
}

/* A mail waits half a minute for what comes with its first event. */
static bool gather_later(struct courier *courier)
{
        if (courier->receiver->type != RECEIVER_MAIL || courier->gathered)
                return false;
        json_t *events = gather(courier);

        courier->next = 0;
        if (!events)
                return false;
        json_decref(events);
        json_decref(courier->page);
        courier->page = NULL;
        courier->gathered = true;
        courier_wait(courier, GATHER);
        return true;
}

static bool take_letter(struct courier *courier)
{
        if (json_array_size(courier->ours) > 0) {
                courier->letter = json_incref(json_array_get(courier->ours, 0));
                courier->from_page = false;
                return true;
        }
        if (!courier->page)
                return false;
        courier->letter = courier->receiver->type == RECEIVER_MAIL ? gather(courier) : find(courier);
        courier->from_page = true;
        if (!courier->letter)
                page_over(courier);
        return courier->letter != NULL;
}

/* Until the time of day at which the digest is sent. */
static usec_t until_digest(const struct courier *courier)
{
        const char *text = courier->receiver->digest;
        time_t now = time(NULL);
        struct tm day;

        localtime_r(&now, &day);
        day.tm_hour = (text[0] - '0') * 10 + text[1] - '0';
        day.tm_min = (text[3] - '0') * 10 + text[4] - '0';
        day.tm_sec = 0;
        day.tm_isdst = -1;
        time_t when = mktime(&day);
        if (when <= now) {
                day.tm_mday++;
                day.tm_isdst = -1;
                when = mktime(&day);
        }
        return (usec_t) (when - now) * USEC_PER_SEC;
}

static int on_turn(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct courier *courier = userdata;
        bool digest = *courier->receiver->digest != '\0';

        (void) source;
        (void) usec;
        if (courier->call || courier->mail)
                return 0;
        if (courier->gone) {
                journal_failing(courier->parts.journal, courier->name, "it wants no more events (410)",
                                courier->failing_wall);
                courier_wait(courier, USEC_PER_DAY);
        } else if (courier->letter) {
                delivery_begin(courier);
        } else if (courier->page && !digest && json_array_size(courier->ours) == 0 && gather_later(courier)) {
                return 0;
        } else if (take_letter(courier)) {
                delivery_begin(courier);
        } else if (courier->refresh != 0 && courier_now() >= courier->refresh) {
                courier->refresh = courier_now() + REFRESH / courier->parts.hurry;
                delivery_refresh(courier);
        } else if (digest && cursor_of(courier) && !courier->gathered) {
                courier->gathered = true;
                courier_wait(courier, until_digest(courier));
        } else {
                read_feed(courier);
        }
        return 0;
}

void courier_inject(struct courier *courier, json_t *event)
{
        if (!event || courier->gone || json_array_append_new(courier->ours, event) < 0)
                return;
        if (courier->letter) /* has its turn after that */
                return;
        courier->call = plain_cancel(courier->call);
        courier_wait(courier, 0);
}

/* --- coming and going --- */

static const char *host_of(const char *url, char to[static 128])
{
        const char *at = strstr(url, "://");

        snprintf(to, 128, "%.*s", (int) strcspn(at ? at + 3 : url, "/?"), at ? at + 3 : url);
        return to;
}

static int names_make(struct courier *courier)
{
        static const char *const types[] = { "alertmanager", "webhook", "mail" };
        const struct receiver *receiver = courier->receiver;
        const char *type = types[receiver->type];
        _cleanup_free_ char *whole = NULL;
        char host[128];
        int r;

        if (receiver->type == RECEIVER_MAIL)
                r = asprintf(&courier->name, "%s to %s", type, receiver->to);
        else
                r = asprintf(&courier->name, "%s at %s", type, host_of(receiver->url, host));
        if (r >= 0)
                r = asprintf(&whole, "%s %s%s %s", type, receiver->url, receiver->to, receiver->digest);
        if (r >= 0)
                r = asprintf(&courier->path, "%s/%s-%016llx.json", courier->parts.folder, type,
                             (unsigned long long) hash_text(whole));
        return r < 0 ? -ENOMEM : 0;
}

static int read_credential(const char *name, struct sign_keys *ret)
{
        const char *folder = getenv("CREDENTIALS_DIRECTORY"), *why = "";
        _cleanup_(secret_freep) struct secret *text = secret_new(4096);
        _cleanup_free_ char *path = NULL;

        if (!text || asprintf(&path, "%s/%s", folder ?: "/run/credentials", name) < 0)
                return log_error_errno(-ENOMEM, "%m");
        FILE *file = folder ? fopen(path, "re") : NULL;
        if (!file)
                return log_error_errno(
                        -EINVAL,
                        "The credential %s is not there: give it to keyvigil-notify.service with "
                        "LoadCredential=, see keyvigil.yaml(5)",
                        name);
        (void) setvbuf(file, NULL, _IONBF, 0);
        size_t size = fread(text->bytes, 1, text->size, file);
        fclose(file);
        text->bytes[MIN(size, text->size)] = '\0';
        int r = sign_keys_read(text->bytes, ret, &why);
        return r < 0 ? log_error_errno(r, "The credential %s cannot be used: %s", name, why) : 0;
}

int courier_new(const struct courier_parts *parts, const struct receiver *receiver, struct courier **ret)
{
        _cleanup_(courier_freep) struct courier *courier = calloc(1, sizeof(*courier));
        int r;

        if (!courier)
                return -ENOMEM;
        courier->parts = *parts;
        courier->receiver = receiver;
        r = names_make(courier);
        if (r >= 0 && receiver->type == RECEIVER_WEBHOOK)
                r = read_credential(receiver->credential, &courier->keys);
        if (r < 0)
                return r;
        courier->state = state_read(courier->path);
        courier->ours = json_array();
        if (!courier->state || !courier->ours)
                return -ENOMEM;
        if (json_is_true(json_object_get(courier->state, "failing")))
                courier->told = courier_now();
        if (receiver->type == RECEIVER_ALERTMANAGER)
                courier->refresh = courier_now();
        r = sd_event_add_time_relative(parts->event, &courier->timer, CLOCK_BOOTTIME, 0, 1, on_turn, courier);
        if (r < 0)
                return r;
        *ret = TAKE(courier);
        return 0;
}

struct courier *courier_free(struct courier *courier)
{
        if (!courier)
                return NULL;
        plain_cancel(courier->call);
        sendmail_cancel(courier->mail);
        sd_event_source_disable_unref(courier->timer);
        json_decref(courier->state);
        json_decref(courier->page);
        json_decref(courier->ours);
        json_decref(courier->letter);
        sign_keys_clear(&courier->keys);
        free(courier->name);
        free(courier->path);
        return mfree(courier);
}
