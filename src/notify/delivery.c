/* One message on its way to one receiver, and what becomes of it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/datetime.h"
#include "base/log.h"
#include "base/memory.h"
#include "notify/courier_internal.h"
#include "notify/journal.h"
#include "notify/message.h"

/* What came of it; `status` 0: nothing, and `trouble` says why. */
static void delivery_ended(struct courier *courier, long status, const char *trouble, int64_t retry_after);
/* It is done, one way or the other: go on with the next. */
static void delivery_done(struct courier *courier);

#define TIMEOUT       (20 * USEC_PER_SEC)
#define TIMEOUT_MIN   (5 * USEC_PER_SEC) /* however great the hurry of a test is */
#define ANSWER_MAX    4096
#define FAILING_AFTER USEC_PER_HOUR
#define RETRY_MAX     USEC_PER_HOUR
/* Four times the interval at which it is sent again, as Prometheus does. */
#define ALERT_SECONDS 240
#define ALERTS_MAX    1000

static usec_t hour(const struct courier *courier)
{
        return FAILING_AFTER / courier->parts.hurry;
}

/* --- sending --- */

static void on_reply(const struct plain_reply *reply, void *userdata)
{
        struct courier *courier = userdata;

        courier->call = NULL;
        delivery_ended(courier, reply->status, reply->trouble, reply->retry_after);
}

static void post(struct courier *courier, const char *url, const char *const *headers, const char *body)
{
        const struct plain_request request = { .url = url,
                                               .headers = headers,
                                               .body = body,
                                               .size = strlen(body),
                                               .timeout = MAX(TIMEOUT / courier->parts.hurry, TIMEOUT_MIN),
                                               .answer_max = ANSWER_MAX };
        int r = plain_start(courier->parts.plain, &request, on_reply, courier, &courier->call);

        if (r < 0)
                delivery_ended(courier, 0, strerror(-r), -1);
}

static void send_webhook(struct courier *courier)
{
        const char *id = event_text(courier->letter, "id");
        int64_t now = (int64_t) time(NULL);
        _cleanup_free_ char *body = message_webhook(courier->letter), *signature = NULL;
        char lines[3][512];

        if (body)
                signature = sign_message(&courier->keys, id, now, body);
        if (!signature) {
                delivery_ended(courier, 0, strerror(ENOMEM), -1);
                return;
        }
        snprintf(lines[0], sizeof(lines[0]), "webhook-id: %s", id);
        snprintf(lines[1], sizeof(lines[1]), "webhook-timestamp: %" PRId64, now);
        snprintf(lines[2], sizeof(lines[2]), "webhook-signature: %s", signature);
        const char *const headers[] = { "Content-Type: application/json", lines[0], lines[1], lines[2],
                                        NULL };
        post(courier, courier->receiver->url, headers, body);
}

/* A list of alerts, each with the end that `ends` seconds from now gives it. */
static void send_alerts(struct courier *courier, const json_t *alerts, int64_t ends)
{
        static const char *const headers[] = { "Content-Type: application/json", NULL };
        _cleanup_free_ char *url = NULL, *body = NULL;
        json_t *list = json_array(), *alert;
        char end[DATETIME_MAX];
        size_t i;

        datetime_format((int64_t) time(NULL) + ends, end);
        json_array_foreach(alerts, i, alert)
        {
                json_t *one = json_copy(alert);

                (void) json_object_set_new(one, "endsAt", json_string(end));
                (void) json_array_append_new(list, one);
        }
        body = json_dumps(list, JSON_COMPACT);
        json_decref(list);
        const char *base = courier->receiver->url;
        size_t size = strlen(base);
        if (!body ||
            asprintf(&url, "%s%sapi/v2/alerts", base, size > 0 && base[size - 1] == '/' ? "" : "/") < 0) {
                url = NULL;
                delivery_ended(courier, 0, strerror(ENOMEM), -1);
                return;
        }
        post(courier, url, headers, body);
}

/* What the alert of an incident is kept under. */
static const char *alert_key(const json_t *event, char to[static 64])
{
        const json_t *incident = json_object_get(event, "incident");

        if (json_is_integer(incident))
                snprintf(to, 64, "%lld", (long long) json_integer_value(incident));
        else
                snprintf(to, 64, "%s", event_text(event, "id"));
        return to;
}

static json_t *alerts_open(struct courier *courier)
{
        json_t *open = json_object_get(courier->state, "open");

        if (!open) {
                (void) json_object_set_new(courier->state, "open", json_object());
                open = json_object_get(courier->state, "open");
        }
        return open;
}

/* Opened and told again: it fires, under the labels that it had from the beginning. Cleared: it ends now. An
 * event that is no incident ends by itself. */
static void send_alert(struct courier *courier)
{
        json_t *event = courier->letter, *open = alerts_open(courier);
        bool cleared = *event_text(event, "cleared") != '\0';
        char name[64];
        json_t *known = json_object_get(open, alert_key(event, name)), *list;

        if (cleared && !known) { /* it was never told, so its end tells nobody anything */
                delivery_done(courier);
                return;
        }
        if (known) {
                list = json_pack("[O]", known);
        } else {
                json_t *alert = message_alert(event);

                list = json_pack("[O]", alert);
                if (json_is_integer(json_object_get(event, "incident")) &&
                    json_object_size(open) < ALERTS_MAX)
                        (void) json_object_set(open, name, alert);
                json_decref(alert);
        }
        send_alerts(courier, list, cleared ? 0 : ALERT_SECONDS);
        json_decref(list);
}

void delivery_refresh(struct courier *courier)
{
        json_t *list = json_array(), *alert;
        const char *name;

        json_object_foreach(alerts_open(courier), name, alert)
        {
                (void) json_array_append(list, alert);
        }
        if (json_array_size(list) > 0)
                send_alerts(courier, list, ALERT_SECONDS);
        else
                courier_wait(courier, 0);
        json_decref(list);
}

static void on_mailed(int status, void *userdata)
{
        struct courier *courier = userdata;
        char why[64];

        courier->mail = NULL;
        snprintf(why, sizeof(why), "sendmail ended with status %d", status);
        delivery_ended(courier, status == 0 ? 200 : 0, why, -1);
}

static void send_mail(struct courier *courier)
{
        _cleanup_free_ char *text = NULL;
        json_t *events = json_is_array(courier->letter) ? json_incref(courier->letter)
                                                        : json_pack("[O]", courier->letter);
        size_t size;
        FILE *to = memory_stream(&text, &size);

        if (to)
                message_mail(to, courier->receiver->to, events);
        json_decref(events);
        int r = to && fclose(to) == 0 ? sendmail_start(courier->parts.event, courier->receiver->to, text,
                                                       size, on_mailed, courier, &courier->mail)
                                      : -ENOMEM;
        if (r < 0)
                delivery_ended(courier, 0, strerror(-r), -1);
}

void delivery_begin(struct courier *courier)
{
        switch (courier->receiver->type) {
        case RECEIVER_ALERTMANAGER:
                send_alert(courier);
                break;
        case RECEIVER_WEBHOOK:
                send_webhook(courier);
                break;
        case RECEIVER_MAIL:
                send_mail(courier);
                break;
        }
}

/* --- what became of it --- */

static void works_again(struct courier *courier)
{
        if (courier->told) {
                journal_works_again(courier->parts.journal, courier->name, courier->failing_wall);
                (void) json_object_del(courier->state, "failing");
                courier_save(courier);
        }
        courier->told = courier->failing = 0;
        courier->tries = 0;
}

static void delivery_done(struct courier *courier)
{
        const json_t *last = json_is_array(courier->letter)
                                     ? json_array_get(courier->letter, json_array_size(courier->letter) - 1)
                                     : courier->letter;
        const char *cursor = json_string_value(json_object_get(last, "cursor"));

        if (courier->from_page && cursor) {
                (void) json_object_set_new(courier->state, "cursor", json_string(cursor));
                courier_save(courier);
        } else if (!courier->from_page) {
                (void) json_array_remove(courier->ours, 0);
        }
        json_decref(courier->letter);
        courier->letter = NULL;
        courier->refused = 0;
        courier_wait(courier, 0);
}

static void taken(struct courier *courier)
{
        char name[64];

        works_again(courier);
        if (!courier->letter) { /* it was what is open, once more */
                courier_wait(courier, 0);
                return;
        }
        if (courier->receiver->type == RECEIVER_ALERTMANAGER &&
            *event_text(courier->letter, "cleared") != '\0')
                (void) json_object_del(alerts_open(courier), alert_key(courier->letter, name));
        delivery_done(courier);
}

/* Grows from five seconds to ten minutes, so that a receiver that is back does not wait for long. */
static usec_t retry_wait(struct courier *courier, int64_t retry_after)
{
        static const usec_t waits[] = { 5, 15, 30, 60, 120, 300, 600 };
        usec_t wait = waits[MIN(courier->tries, ELEMENTSOF(waits) - 1)] * USEC_PER_SEC;

        wait -= wait / 10 * (courier_now() % 3); /* not all at once, if there are many of us */
        if (retry_after > 0)
                wait = MAX(wait, MIN((usec_t) retry_after * USEC_PER_SEC, RETRY_MAX));
        courier->tries++;
        return wait;
}

static void tell_failing(struct courier *courier, const char *why)
{
        usec_t now = courier_now(), day = USEC_PER_DAY / courier->parts.hurry;

        if (now - courier->failing < hour(courier) || (courier->told && now - courier->told < day))
                return;
        journal_failing(courier->parts.journal, courier->name, why, courier->failing_wall);
        courier->told = now;
        (void) json_object_set_new(courier->state, "failing", json_true());
        courier_save(courier);
}

/* The receiver answers, but not to this: if it takes something else, this one is set aside. */
static bool refuses_this(struct courier *courier, long status)
{
        usec_t now = courier_now();

        if (status == 0 || !courier->letter || !courier->from_page) {
                courier->refused = 0;
                return false;
        }
        if (courier->refused == 0)
                courier->refused = now;
        return now - courier->refused >= hour(courier);
}

static void try_another(struct courier *courier)
{
        json_t *letter = courier->letter;
        char id[64];

        snprintf(id, sizeof(id), "test-alert-%" PRIu64, courier_now());
        courier->letter =
                message_event(id, "test-alert", NULL, 5, (int64_t) time(NULL),
                              "Does this receiver take anything? It has refused an event for an hour.");
        courier->trial = true;
        delivery_begin(courier);
        json_decref(courier->letter);
        courier->letter = letter;
}

static void set_aside(struct courier *courier)
{
        char why[200];

        snprintf(why, sizeof(why), "it refuses event %s, which is set aside, and takes others",
                 event_text(courier->letter, "id"));
        journal_failing(courier->parts.journal, courier->name, why, courier->failing_wall);
        courier->told = 0;
        works_again(courier);
        delivery_done(courier);
}

static void failed(struct courier *courier, long status, const char *trouble, int64_t retry_after)
{
        char why[300];

        if (status != 0)
                snprintf(why, sizeof(why), "it answers with status %ld", status);
        else
                snprintf(why, sizeof(why), "%s", trouble);
        if (!courier->failing) {
                courier->failing = courier_now();
                courier->failing_wall = (int64_t) time(NULL);
                log_warning("%s: %s; trying again", courier->name, why);
        }
        if (status == 410 && courier->receiver->type == RECEIVER_WEBHOOK) {
                courier->gone = true;
                courier_wait(courier, 0);
                return;
        }
        tell_failing(courier, why);
        if (refuses_this(courier, status))
                try_another(courier);
        else
                courier_wait(courier, retry_wait(courier, retry_after));
}

static void delivery_ended(struct courier *courier, long status, const char *trouble, int64_t retry_after)
{
        bool trial = courier->trial, good = status >= 200 && status < 300;

        courier->trial = false;
        if (trial && good)
                set_aside(courier);
        else if (trial)
                courier_wait(courier, retry_wait(courier, retry_after));
        else if (good)
                taken(courier);
        else
                failed(courier, status, trouble, retry_after);
}
