#include "daemon/manager.h"

#include <errno.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "base/heap.h"
#include "base/log.h"
#include "base/usec.h"

#define STATUS_PERIOD   (5 * USEC_PER_SEC)
#define STATUS_ACCURACY USEC_PER_SEC
#define PROBE_PERIOD    USEC_PER_SEC
#define TIDY_PERIOD     (30 * USEC_PER_SEC)
#define EXTEND_BY       (30 * USEC_PER_SEC)

static const double lag_bounds[] = { 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5 };

struct manager {
        const struct engine *engine;
        sd_event_source *status, *watchdog, *probe, *tidy;
        struct histogram lag;
        usec_t watchdog_period; /* half of what the manager allows */
        bool starved;
        char *told;
};

static void tell(int result)
{
        if (result < 0)
                (void) log_warning_errno(result, "The service manager could not be told, going on: %m");
}

/* The status if it is not what was told last, else NULL. */
static const char *new_status(struct manager *manager)
{
        struct engine_status status;
        char *line;

        engine_status(manager->engine, &status);
        if (status_line(&status, &line) < 0)
                return NULL;
        if (manager->told && strcmp(manager->told, line) == 0) {
                free(line);
                return NULL;
        }
        free(manager->told);
        return manager->told = line;
}

static int on_status(sd_event_source *source, uint64_t usec, void *userdata)
{
        const char *line = new_status(userdata);

        if (line)
                tell(sd_notifyf(0, "STATUS=%s", line));
        (void) sd_event_source_set_time(source, usec + STATUS_PERIOD);
        return 0;
}

static int on_tidy(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void) userdata;
        (void) heap_tidy();
        (void) sd_event_source_set_time(source, usec + TIDY_PERIOD);
        return 0;
}

/* A timer that does nothing but look how late it is. */
static int on_probe(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct manager *manager = userdata;
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        usec_t late = (usec_t) now.tv_sec * USEC_PER_SEC + (usec_t) now.tv_nsec / 1000;
        histogram_add(&manager->lag, late > usec ? late - usec : 0);
        (void) sd_event_source_set_time(source, MAX(late, usec) + PROBE_PERIOD);
        return 0;
}

static int on_watchdog(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct manager *manager = userdata;

        if (engine_progresses(manager->engine)) {
                tell(sd_notify(0, "WATCHDOG=1"));
                manager->starved = false;
        } else if (!manager->starved) {
                log_error("Requests that nothing hinders are not being started: the watchdog is not fed");
                manager->starved = true;
        }
        (void) sd_event_source_set_time(source, usec + manager->watchdog_period);
        return 0;
}

static int add_timer(sd_event *event, usec_t period, usec_t accuracy, sd_event_time_handler_t handler,
                     void *userdata, sd_event_source **ret)
{
        int r = sd_event_add_time_relative(event, ret, CLOCK_MONOTONIC, period, accuracy, handler, userdata);

        if (r >= 0)
                r = sd_event_source_set_enabled(*ret, SD_EVENT_ON);
        return r < 0 ? r : sd_event_source_set_exit_on_failure(*ret, true);
}

int manager_new(sd_event *event, const struct engine *engine, struct manager **ret)
{
        _cleanup_(manager_freep) struct manager *manager = calloc(1, sizeof(*manager));
        uint64_t limit;

        if (!manager)
                return -ENOMEM;
        manager->engine = engine;
        int r = add_timer(event, STATUS_PERIOD, STATUS_ACCURACY, on_status, manager, &manager->status);
        if (r < 0)
                return r;
        manager->lag = (struct histogram){ .bounds = lag_bounds, .n = ELEMENTSOF(lag_bounds) };
        r = add_timer(event, PROBE_PERIOD, 1, on_probe, manager, &manager->probe);
        if (r < 0)
                return r;
        r = add_timer(event, TIDY_PERIOD, STATUS_ACCURACY, on_tidy, manager, &manager->tidy);
        if (r < 0)
                return r;
        if (sd_watchdog_enabled(0, &limit) > 0) {
                manager->watchdog_period = limit / 2;
                r = add_timer(event, manager->watchdog_period, limit / 20, on_watchdog, manager,
                              &manager->watchdog);
                if (r < 0)
                        return r;
        }
        *ret = TAKE(manager);
        return 0;
}

struct manager *manager_free(struct manager *manager)
{
        if (!manager)
                return NULL;
        sd_event_source_disable_unref(manager->status);
        sd_event_source_disable_unref(manager->watchdog);
        sd_event_source_disable_unref(manager->probe);
        sd_event_source_disable_unref(manager->tidy);
        free(manager->told);
        return mfree(manager);
}

const struct histogram *manager_loop_lag(const struct manager *manager)
{
        return &manager->lag;
}

void manager_ready(struct manager *manager)
{
        manager->told = mfree(manager->told);
        const char *line = new_status(manager);

        tell(sd_notifyf(0, "READY=1\nSTATUS=%s", line ? line : "Watching"));
}

void manager_reloading(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        tell(sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu\nSTATUS=Reading the configuration",
                        (unsigned long long) now.tv_sec * USEC_PER_SEC +
                                (unsigned long long) now.tv_nsec / 1000));
}

void manager_stopping(void)
{
        tell(sd_notify(0, "STOPPING=1\nSTATUS=Stopping"));
}

void manager_extend(void *userdata)
{
        (void) userdata;
        tell(sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%llu\nSTATUS=Checking the database",
                        (unsigned long long) EXTEND_BY));
}
