#include "daemon/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alert/journald.h"
#include "alert/lines.h"
#include "base/log.h"
#include "control/fleet.h"
#include "daemon/landlock.h"
#include "daemon/parts.h"

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        (void) info;
        (void) userdata;
        manager_stopping();
        return sd_event_exit(sd_event_source_get_event(source), 0);
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        _cleanup_free_ char *text = NULL;

        (void) source;
        (void) info;
        (void) daemon_reload(userdata, &text); /* has logged it */
        return 0;
}

static int take_signals(struct daemon *daemon)
{
        int r = sd_event_add_signal(daemon->event, NULL, SIGTERM, on_stop, daemon);

        if (r >= 0)
                r = sd_event_add_signal(daemon->event, NULL, SIGINT, on_stop, daemon);
        if (r >= 0)
                r = sd_event_add_signal(daemon->event, NULL, SIGHUP, on_hangup, daemon);
        return r;
}

static int open_loop(struct daemon *daemon)
{
        int r = sd_event_new(&daemon->event);

        if (r >= 0)
                r = take_signals(daemon);
        if (r >= 0)
                r = sdclock_new(daemon->event, &daemon->clock);
        return r < 0 ? log_error_errno(r, "The event loop could not be made: %m") : 0;
}

static int open_configuration(struct daemon *daemon, const char *path)
{
        struct problems problems = { 0 };
        int r;

        daemon->conf_path = path ? strdup(path) : NULL;
        if (path && !daemon->conf_path)
                return log_error_errno(-ENOMEM, "%m");
        r = conf_load(path, &daemon->conf, &problems);
        problems_log(&problems);
        if (r < 0)
                (void) log_error_errno(r, "%s: the configuration cannot be used: %m",
                                       path ? path : CONF_PATH);
        problems_clear(&problems);
        return r;
}

/* `why` is freed. */
static int complain(int r, const char *what, char *why)
{
        if (why)
                log_error("%s", why);
        else
                (void) log_error_errno(r, "%s: %m", what);
        free(why);
        return r;
}

/* Another master key than the one that sealed what is stored would make every key look damaged. */
static int check_master(struct daemon *daemon, bool has_secrets)
{
        _cleanup_free_ char *known = NULL;
        const char *id = vault_id(daemon->vault);
        int r = store_meta_get(daemon->store, "master", &known);

        if (r >= 0 && strcmp(known, id) == 0)
                return 0;
        if (r >= 0 && has_secrets) {
                log_error("The stored secrets were sealed with another master key (%s) than this one (%s): "
                          "give "
                          "keyvigild the right one, as credential keyvigil.master or as %s/master.key",
                          known, id, daemon->conf->settings.state_dir);
                return -ENOKEY;
        }
        if (r < 0 && r != -ENOENT)
                return complain(r, "The database cannot be read", NULL);
        r = store_meta_put(daemon->store, "master", id);
        return r < 0 ? complain(r, "The database cannot be written", NULL) : 0;
}

static int open_vault(struct daemon *daemon)
{
        const char *folder = getenv("CREDENTIALS_DIRECTORY"), *state_dir = daemon->conf->settings.state_dir;
        _cleanup_free_ char *credential = NULL;
        char *why = NULL;
        int has_secrets = store_has_secrets(daemon->store), r;

        if (has_secrets < 0)
                return complain(has_secrets, "The database cannot be read", NULL);
        if (folder && asprintf(&credential, "%s/keyvigil.master", folder) < 0)
                return complain(-ENOMEM, "The master key cannot be opened", NULL);
        r = vault_new(state_dir, credential, has_secrets == 0, &daemon->vault, &why);
        if (r < 0)
                return complain(r, "The master key cannot be opened", why);
        return check_master(daemon, has_secrets > 0);
}

static int open_record(struct daemon *daemon)
{
        char *why = NULL;
        int r = store_open(daemon->conf->settings.state_dir, manager_extend, NULL, &daemon->store, &why);

        if (r < 0)
                return complain(r, "The database cannot be opened", why);
        return open_vault(daemon);
}

static int open_world(struct daemon *daemon)
{
        struct http_options options = http_options_of(&daemon->conf->settings);
        int r = http_new(daemon->event, &options, &daemon->transport);

        if (r < 0)
                return log_error_errno(r, "Requests to %s cannot be made: %m", options.api_base);
        r = daemon->to_stdout ? lines_new(STDOUT_FILENO, &daemon->journal) : journald_new(&daemon->journal);
        return r < 0 ? log_error_errno(r, "The journal cannot be used: %m") : 0;
}

static int open_engine(struct daemon *daemon)
{
        const struct engine_parts parts = {
                .settings = &daemon->conf->settings,
                .catalogue = daemon->conf->catalogue,
                .profiles = daemon->conf->profiles,
                .clock = daemon->clock,
                .transport = daemon->transport,
                .journal = daemon->journal,
                .store = daemon->store,
                .vault = daemon->vault,
        };
        char *why = NULL;
        int r = engine_new(&parts, &daemon->engine, &why);

        if (r < 0)
                return complain(r, "The stored keys cannot be watched", why);
        r = manager_new(daemon->event, daemon->engine, &daemon->manager);
        return r < 0 ? log_error_errno(r, "The service manager cannot be served: %m") : 0;
}

static int open_control(struct daemon *daemon)
{
        const struct control_parts parts = {
                .event = daemon->event,
                .engine = daemon->engine,
                .store = daemon->store,
                .settings = &daemon->conf->settings,
                .catalogue = daemon->conf->catalogue,
                .profiles = daemon->conf->profiles,
                .loop_time = &daemon->loop_time,
                .loop_lag = manager_loop_lag(daemon->manager),
                .reload = daemon_reload,
                .userdata = daemon,
        };
        char *why = NULL;
        int r = control_new(&parts, &daemon->control, &why);

        return r < 0 ? complain(r, "The control socket cannot be opened", why) : 0;
}

int daemon_new(const char *conf_path, bool events_to_stdout, struct daemon **ret)
{
        _cleanup_(daemon_freep) struct daemon *daemon = calloc(1, sizeof(*daemon));
        int r;

        if (!daemon)
                return log_error_errno(-ENOMEM, "%m");
        daemon->to_stdout = events_to_stdout;
        r = open_loop(daemon);
        if (r < 0)
                return r;
        r = open_configuration(daemon, conf_path);
        if (r < 0)
                return r;
        r = open_record(daemon);
        if (r < 0)
                return r;
        r = open_world(daemon);
        if (r < 0)
                return r;
        r = open_engine(daemon);
        if (r < 0)
                return r;
        r = open_control(daemon);
        if (r < 0)
                return r;
        r = landlock_close(&daemon->conf->settings);
        if (r < 0)
                log_warning_errno(r, "The files of this machine cannot be closed to the daemon: %m");
        *ret = TAKE(daemon);
        return 0;
}

static void on_planned(const struct plan *plan, int error, void *userdata)
{
        char warnings[PLAN_WARNINGS_MAX][PLAN_WARNING_SIZE];
        const struct daemon *daemon = userdata;
        struct plan_sum sum;

        if (!plan) {
                (void) log_warning_errno(error, "What the watch costs could not be counted, going on: %m");
                return;
        }
        plan_sum(plan, &sum);
        for (size_t i = 0, n = plan_warnings(&sum, &daemon->conf->settings, warnings); i < n; i++)
                log_warning("%s", warnings[i]);
        log_info("keyvigild " PACKAGE_VERSION " watches %zu keys of %zu accounts, %.2f requests a second",
                 sum.keys, sum.accounts, sum.needed_rate);
}

void daemon_say_plan(struct daemon *daemon)
{
        int r = fleet_plan(daemon->control, PLAN_COUPONS, on_planned, daemon);

        if (r < 0)
                on_planned(NULL, r, daemon);
}

/* sd_event_loop(), with a look at how long each turn takes. The processor's clock is read once a turn, so
 * that a turn counts what waiting for it took, too: that is next to nothing. */
static int loop(struct daemon *daemon)
{
        usec_t busy = looptime_busy();
        int code, r;

        while (sd_event_get_state(daemon->event) != SD_EVENT_FINISHED) {
                r = sd_event_prepare(daemon->event);
                if (r == 0)
                        r = sd_event_wait(daemon->event, UINT64_MAX);
                if (r == 0)
                        continue;
                usec_t begun = looptime_now();
                if (r > 0)
                        r = sd_event_dispatch(daemon->event);
                if (r < 0)
                        return r;
                usec_t ended = looptime_now(), was_busy = busy;
                busy = looptime_busy();
                looptime_add(&daemon->loop_time, ended, ended - begun, busy - was_busy);
        }
        r = sd_event_get_exit_code(daemon->event, &code);
        return r < 0 ? r : code;
}

int daemon_run(struct daemon *daemon)
{
        daemon_say_plan(daemon);
        engine_start(daemon->engine);
        manager_ready(daemon->manager);
        int r = loop(daemon);

        return r < 0 ? log_error_errno(r, "The event loop broke: %m; ending, to start anew.") : 0;
}

/* Nothing may call into what is gone: requests end before the engine that waits for them, and all of it
 * before the loop. */
struct daemon *daemon_free(struct daemon *daemon)
{
        if (!daemon)
                return NULL;
        if (daemon->engine)
                engine_stop(daemon->engine);
        control_free(daemon->control);
        manager_free(daemon->manager);
        engine_free(daemon->engine);
        http_free(daemon->transport);
        if (daemon->to_stdout)
                lines_free(daemon->journal);
        else
                journald_free(daemon->journal);
        vault_free(daemon->vault);
        store_close(daemon->store);
        sdclock_free(daemon->clock);
        sd_event_unref(daemon->event);
        conf_free(daemon->conf);
        free(daemon->conf_path);
        return mfree(daemon);
}

int daemon_exit_status(int error)
{
        switch (-error) {
        case 0:
                return 0;
        case EACCES:
        case EPERM:
        case EROFS:
                return 4;
        case EINVAL:
        case ENOENT:
        case ENOTSUP:
        case EUCLEAN:
        case ENOKEY:
        case EBADMSG:
                return 6;
        default:
                return 1;
        }
}
