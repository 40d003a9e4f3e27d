#include "notify/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "alert/journald.h"
#include "base/log.h"
#include "base/number.h"
#include "notify/courier.h"
#include "notify/message.h"

#define SILENT_AFTER   (3 * USEC_PER_MINUTE)
#define LOOK_EVERY     (5 * USEC_PER_SEC)
#define HURRY_VARIABLE "KEYVIGIL_NOTIFY_HURRY" /* for tests: all waits are so many times shorter */

struct notify {
        sd_event *event;
        sd_event_source *look;
        struct plain *plain;
        struct journal *journal;
        struct courier **couriers;
        size_t n;
        unsigned hurry;
        usec_t heard;         /* when the daemon last answered */
        int64_t silent_since; /* 0: it is not */
        char silent_id[64];
};

static usec_t now_usec(void)
{
        struct timespec now;

        clock_gettime(CLOCK_BOOTTIME, &now);
        return (usec_t) now.tv_sec * USEC_PER_SEC + (usec_t) now.tv_nsec / 1000;
}

static void tell_all(struct notify *notify, const char *id, const char *kind, const char *cleared,
                     int priority, const char *sentence)
{
        for (size_t i = 0; i < notify->n; i++)
                courier_inject(notify->couriers[i],
                               message_event(id, kind, cleared, priority, (int64_t) time(NULL), sentence));
}

/* Who tells of silence must not be the one that is silent. */
static void begin_silence(struct notify *notify)
{
        char id[80];

        notify->silent_since = (int64_t) time(NULL);
        snprintf(notify->silent_id, sizeof(notify->silent_id), "watch-silent-%" PRId64, notify->silent_since);
        snprintf(id, sizeof(id), "%s", notify->silent_id);
        log_error("keyvigild has not answered for three minutes; telling all receivers");
        tell_all(notify, id, "watch-silent", NULL, 2,
                 "keyvigild has not answered for three minutes, so nobody watches the stored keys. On its "
                 "machine: "
                 "systemctl status keyvigild");
}

static void end_silence(struct notify *notify)
{
        char id[80];

        snprintf(id, sizeof(id), "%s-over", notify->silent_id);
        log_notice("keyvigild answers again");
        notify->silent_since = 0;
        tell_all(notify, id, "incident-cleared", "watch-silent", 5,
                 "The watch goes on: keyvigild answers again.");
}

static void on_heard(void *userdata)
{
        struct notify *notify = userdata;

        notify->heard = now_usec();
        if (notify->silent_since)
                end_silence(notify);
}

static int on_look(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct notify *notify = userdata;

        if (!notify->silent_since && now_usec() - notify->heard >= SILENT_AFTER / notify->hurry)
                begin_silence(notify);
        (void) sd_event_source_set_time(source, usec + LOOK_EVERY / notify->hurry);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int open_loop(struct notify *notify)
{
        sigset_t blocked;
        int r;

        sigemptyset(&blocked);
        sigaddset(&blocked, SIGTERM);
        sigaddset(&blocked, SIGINT);
        sigaddset(&blocked, SIGCHLD);
        (void) sigprocmask(SIG_BLOCK, &blocked, NULL);
        r = sd_event_new(&notify->event);
        if (r >= 0)
                r = sd_event_add_signal(notify->event, NULL, SIGTERM, NULL, NULL);
        if (r >= 0)
                r = sd_event_add_signal(notify->event, NULL, SIGINT, NULL, NULL);
        if (r >= 0)
                r = sd_event_add_time_relative(notify->event, &notify->look, CLOCK_BOOTTIME,
                                               LOOK_EVERY / notify->hurry, 0, on_look, notify);
        return r;
}

static int open_couriers(struct notify *notify, const struct settings *settings, const char *folder)
{
        const struct courier_parts parts = { .event = notify->event,
                                             .plain = notify->plain,
                                             .journal = notify->journal,
                                             .socket = *settings->control.read_socket != '\0'
                                                               ? settings->control.read_socket
                                                               : settings->control.socket,
                                             .folder = folder,
                                             .hurry = notify->hurry,
                                             .heard = on_heard,
                                             .userdata = notify };

        notify->couriers = calloc(settings->notify.n, sizeof(*notify->couriers));
        if (!notify->couriers)
                return -ENOMEM;
        for (size_t i = 0; i < settings->notify.n; i++) {
                int r = courier_new(&parts, &settings->notify.receivers[i], &notify->couriers[i]);
                if (r < 0)
                        return r;
                notify->n++;
        }
        return 0;
}

static int notify_open(struct notify *notify, const struct settings *settings, const char *folder)
{
        const char *hurry = getenv(HURRY_VARIABLE);
        int64_t times = 1;

        if (hurry && number_parse(hurry, 1, 100000, &times) < 0)
                return log_error_errno(-EINVAL, HURRY_VARIABLE " must be a number");
        notify->hurry = (unsigned) times;
        notify->heard = now_usec();
        int r = open_loop(notify);
        if (r >= 0)
                r = plain_new(notify->event, (unsigned) settings->notify.n + 1, &notify->plain);
        if (r >= 0)
                r = journald_new(&notify->journal);
        if (r < 0)
                return log_error_errno(r, "The event loop could not be made: %m");
        return open_couriers(notify, settings, folder);
}

static void notify_close(struct notify *notify)
{
        for (size_t i = 0; i < notify->n; i++)
                courier_free(notify->couriers[i]);
        free(notify->couriers);
        plain_free(notify->plain);
        journald_free(notify->journal);
        sd_event_source_disable_unref(notify->look);
        sd_event_unref(notify->event);
}

int notify_run(const struct settings *settings, const char *folder)
{
        struct notify notify = { 0 };

        if (settings->notify.n == 0) {
                log_notice(
                        "No receivers are configured (notify: in keyvigil.yaml), so there is nobody to tell");
                (void) sd_notify(0, "READY=1\nSTATUS=No receivers are configured");
                return 0;
        }
        int r = notify_open(&notify, settings, folder);
        if (r >= 0) {
                (void) sd_notifyf(0, "READY=1\nSTATUS=Telling %zu receivers", notify.n);
                r = sd_event_loop(notify.event);
                if (r < 0)
                        (void) log_error_errno(r, "The event loop broke: %m");
                (void) sd_notify(0, "STOPPING=1");
        }
        notify_close(&notify);
        return r;
}
