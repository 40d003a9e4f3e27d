#include <unistd.h>

#include "base/looptime.h"
#include "control/fleet.h"
#include "control/routes.h"
#include "control/visit.h"
#include "engine/status.h"
#include "view/row.h"

static json_t *states_json(const struct engine_status *status)
{
        json_t *states = json_object();

        for (int i = 0; i < _STATE_MAX; i++)
                if (json_object_set_new(states, state_name((enum state) i),
                                        json_integer((json_int_t) status->by_state[i])) < 0) {
                        json_decref(states);
                        return NULL;
                }
        return states;
}

/* Of the last minute, in milliseconds. While a turn of the loop lasts, everybody else waits. */
static json_t *loop_json(const struct looptime *times)
{
        struct looptime_figures f = looptime_figures(times, looptime_now());

        return json_pack("{s:I,s:f,s:f,s:f,s:f}", "turns", (json_int_t) f.turns, "longest_ms",
                         (double) f.longest / USEC_PER_MSEC, "most_ms", (double) f.most / USEC_PER_MSEC,
                         "longest_cpu_ms", (double) f.busiest / USEC_PER_MSEC, "longest_ever_ms",
                         (double) f.ever / USEC_PER_MSEC);
}

/* Numbers of things, beside `object`. */
static int add_counts(json_t *object, const struct engine_status *status)
{
        const struct {
                const char *name;
                size_t value;
        } counts[] = {
                { "keys", status->keys },           { "suspects", status->suspects },
                { "held", status->held },           { "overdue", status->overdue },
                { "in_flight", status->in_flight }, { "waiting", status->waiting },
                { "unsent", status->unsent },       { "open_incidents", status->open_incidents },
                { "untold", status->untold },
        };

        for (size_t i = 0; i < ELEMENTSOF(counts); i++)
                if (json_object_set_new(object, counts[i].name, json_integer((json_int_t) counts[i].value)) <
                    0)
                        return -1;
        return 0;
}

void serve_version(struct visit *visit)
{
        reply_json(visit, MHD_HTTP_OK, json_pack("{s:s,s:s}", "api", "1", "keyvigil", PACKAGE_VERSION));
}

/* null if no key is watched. */
static json_t *age_json(int64_t seconds)
{
        return seconds < 0 ? json_null() : json_integer(seconds);
}

static json_t *unknown_json(const struct engine *engine)
{
        json_t *array = json_array();
        size_t n;
        const struct unknown_permission *list = engine_unknown(engine, &n);

        for (size_t i = 0; array && i < n; i++)
                json_array_append_new(array, json_pack("{s:s,s:I}", "permission", list[i].name, "count",
                                                       (json_int_t) list[i].count));
        return array;
}

/* What is open, by how urgent it is, and for what requests wait. */
static int add_details(json_t *object, const struct engine_status *status)
{
        json_t *incidents = json_pack(
                "{s:I,s:I,s:I,s:I}", "critical", (json_int_t) status->incidents.critical, "warning",
                (json_int_t) status->incidents.warning, "lesser", (json_int_t) status->incidents.lesser,
                "acknowledged", (json_int_t) status->incidents.acknowledged);
        json_t *waits =
                json_pack("{s:I,s:I,s:o,s:I}", "pace", (json_int_t) status->waits.pace, "backed_off",
                          (json_int_t) status->waits.backed_off, "backed_off_until",
                          time_json(status->waits.backed_off_until), "rate", (json_int_t) status->waits.rate);

        return json_object_set_new(object, "incidents", incidents) < 0 ||
                               json_object_set_new(object, "waits", waits) < 0
                       ? -1
                       : 0;
}

void serve_status(struct visit *visit)
{
        struct engine_status status;
        json_t *object;

        engine_status(visit->parts->engine, &status);
        object = json_pack(
                "{s:b,s:s,s:i,s:b,s:o,s:o,s:I,s:o,s:I,s:f,s:i,s:b,s:b,s:b,s:I,s:s,s:o,s:o}", "running", 1,
                "version", PACKAGE_VERSION, "pid", (int) getpid(), "progresses",
                engine_progresses(visit->parts->engine), "started", time_json(status.started_wall),
                "last_round", time_json(status.last_round_wall), "round_seconds",
                (json_int_t) status.round_seconds, "round_age_seconds", age_json(status.round_age_seconds),
                "longest_pulse_seconds", (json_int_t) status.longest_pulse_seconds, "needed_rate",
                status.needed_rate, "rate", (int) visit->parts->settings->stripe.rate, "outage",
                status.outage, "store_trouble", status.store_trouble, "master_beside_store",
                status.master_beside_store, "log_bytes", (json_int_t) store_log_size(visit->parts->store),
                "state_dir", visit->parts->settings->state_dir, "states", states_json(&status), "loop",
                loop_json(visit->parts->loop_time));
        if (object &&
            (add_counts(object, &status) < 0 || add_details(object, &status) < 0 ||
             json_object_set_new(object, "unknown_permissions", unknown_json(visit->parts->engine)) < 0)) {
                json_decref(object);
                object = NULL;
        }
        reply_json(visit, MHD_HTTP_OK, object);
}

static void on_planned(const struct plan *plan, int error, void *userdata)
{
        if (plan)
                reply_json(userdata, MHD_HTTP_OK, plan_json(plan));
        else
                reply_failure(userdata, error, NULL);
}

void serve_plan(struct visit *visit)
{
        int64_t coupons;

        if (parameter_number(visit, "coupons", 0, 100000000, PLAN_COUPONS, &coupons) < 0)
                return;
        int r = fleet_plan(visit->control, (uint64_t) coupons, on_planned, visit);
        if (r < 0)
                reply_failure(visit, r, NULL);
        else
                visit_wait(visit);
}

void serve_reload(struct visit *visit)
{
        _cleanup_free_ char *text = NULL;
        int r = visit->parts->reload(visit->parts->userdata, &text);

        if (r < 0)
                reply_error(visit, MHD_HTTP_UNPROCESSABLE_CONTENT, "bad-configuration", "%s",
                            text ? text : "The configuration could not be read");
        else
                reply_json(visit, MHD_HTTP_OK,
                           json_pack("{s:b,s:s}", "reloaded", 1, "warnings", text ? text : ""));
}

void serve_test_alert(struct visit *visit)
{
        engine_test_alert(visit->parts->engine);
        (void) engine_flush(visit->parts->engine);
        reply_json(visit, MHD_HTTP_OK, json_pack("{s:b}", "sent", 1));
}
