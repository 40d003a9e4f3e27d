/* Numbers for curves: families with their samples, in the terms of OpenMetrics. Whoever shows them says how
 * (web/metrics.h); here it is said what there is. Nothing is per key. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/looptime.h"
#include "control/process.h"
#include "control/routes.h"
#include "control/visit.h"
#include "engine/status.h"
#include "model/incident.h"
#include "store/ledger.h"

/* A family to which samples are added; NULL `samples`: no memory, and all that follows does nothing. */
struct family {
        json_t *samples;
};

static struct family family(json_t *page, const char *name, const char *type, const char *help)
{
        json_t *samples = json_array();
        json_t *object =
                json_pack("{s:s,s:s,s:s,s:o}", "name", name, "type", type, "help", help, "samples", samples);

        if (!object || json_array_append_new(page, object) < 0)
                return (struct family){ 0 };
        return (struct family){ samples };
}

/* One label, or two; NULL: none. */
static json_t *labels_of(const char *name, const char *value, const char *name2, const char *value2)
{
        json_t *labels = json_object();

        if (name)
                (void) json_object_set_new(labels, name, json_string(value));
        if (name2)
                (void) json_object_set_new(labels, name2, json_string(value2));
        return labels;
}

static void sample2(struct family f, const char *name, const char *label, const char *name2,
                    const char *label2, double value)
{
        (void) json_array_append_new(
                f.samples,
                json_pack("{s:o,s:f}", "labels", labels_of(name, label, name2, label2), "value", value));
}

static void sample(struct family f, const char *name, const char *label, double value)
{
        sample2(f, name, label, NULL, NULL, value);
}

static void single(json_t *page, const char *name, const char *type, const char *help, double value)
{
        sample(family(page, name, type, help), NULL, NULL, value);
}

static void histogram(json_t *page, const char *name, const char *help, const struct histogram *h)
{
        struct family f = family(page, name, "histogram", help);
        json_t *buckets = json_array();
        uint64_t count = 0;

        for (size_t i = 0; i < h->n; i++) {
                count += h->counts[i];
                (void) json_array_append_new(buckets, json_pack("[f,I]", h->bounds[i], (json_int_t) count));
        }
        count += h->counts[h->n];
        (void) json_array_append_new(f.samples, json_pack("{s:{},s:o,s:f,s:I}", "labels", "buckets", buckets,
                                                          "sum", h->sum, "count", (json_int_t) count));
}

static void add_keys(json_t *page, const struct engine_status *status)
{
        struct family keys = family(page, "keyvigil_keys", "gauge", "Stored keys by state and mode.");

        for (int mode = 0; mode < _MODE_MAX; mode++)
                for (int state = 0; state < _STATE_MAX; state++)
                        sample2(keys, "state", state_name((enum state) state), "mode",
                                key_mode_name((enum key_mode) mode), (double) status->by_mode[mode][state]);
        struct family doubt = family(page, "keyvigil_keys_in_doubt", "gauge",
                                     "Keys that gave a dead answer which is being confirmed.");
        sample(doubt, "life", "suspect", (double) (status->suspects - status->held));
        sample(doubt, "life", "held", (double) status->held);
        single(page, "keyvigil_keys_overdue", "gauge", "Keys whose turn passed by more than three intervals.",
               (double) status->overdue);
}

static int64_t wall_of(int64_t wall)
{
        return wall > 0 ? wall : 0;
}

static void add_watch(json_t *page, const struct engine_status *status)
{
        single(page, "keyvigil_watch_lag_seconds", "gauge",
               "How long the request that waits longest has been waiting for its turn.", status->lag_seconds);
        single(page, "keyvigil_round_completed_timestamp_seconds", "gauge",
               "When every watched key had last had its turn; 0: not since the start.",
               (double) wall_of(status->last_round_wall));
        single(page, "keyvigil_round_interval_seconds", "gauge", "The longest pulse of any watched key.",
               (double) status->longest_pulse_seconds);
        single(page, "keyvigil_requests_in_flight", "gauge", "Requests under way.",
               (double) status->in_flight);
        single(page, "keyvigil_requests_waiting", "gauge", "Requests that wait for their turn.",
               (double) status->waiting);
        single(page, "keyvigil_outage_open", "gauge", "1 while the provider or the way to it is troubled.",
               status->outage ? 1 : 0);
        single(page, "keyvigil_events_unsent", "gauge", "Events that the journal has not taken.",
               (double) status->unsent);
}

static void add_figures(json_t *page, const struct figures *figures)
{
        struct family f = family(page, "keyvigil_checks", "counter", "Checks that came to their end.");

        for (int i = 0; i < _CHECKS_MAX; i++)
                sample(f, "kind", checks_name((enum checks) i), (double) figures->checks[i]);
        f = family(page, "keyvigil_answers", "counter", "Answers of the provider, judged.");
        for (int i = 0; i < _ANSWER_MAX; i++)
                sample(f, "verdict", answer_name((enum answer) i), (double) figures->answers[i]);
        histogram(page, "keyvigil_request_duration_seconds", "From the start of a request to its end.",
                  &figures->request);
        f = family(page, "keyvigil_limiter_waits", "counter", "Requests that could not start at once.");
        for (int i = 0; i < _LIMIT_MAX; i++)
                sample(f, "limit", limit_name((enum limit) i), (double) figures->waits[i]);
        f = family(page, "keyvigil_limiter_wait_seconds", "counter", "How long they waited in all.");
        for (int i = 0; i < _LIMIT_MAX; i++)
                sample(f, "limit", limit_name((enum limit) i), figures->wait_seconds[i]);
        sample(family(page, "keyvigil_events_sent", "counter", "Events that were taken."), "sink", "journal",
               (double) figures->sent);
        sample(family(page, "keyvigil_event_send_failures", "counter", "Events that were not, each time."),
               "sink", "journal", (double) figures->send_failures);
        single(page, "keyvigil_coupon_sweeps", "counter", "Accounts looked through for probe coupons.",
               (double) figures->sweeps);
        single(page, "keyvigil_coupon_deletions", "counter", "Probe coupons deleted.",
               (double) figures->deletions);
        histogram(page, "keyvigil_store_commit_duration_seconds", "One transaction of the database.",
                  &figures->commit);
        single(page, "keyvigil_store_commit_failures", "counter", "Transactions that could not be written.",
               (double) figures->commit_failures);
}

/* --- from the store --- */

#define PRIORITIES 8

struct stored {
        int64_t incidents[_INCIDENT_KIND_MAX][PRIORITIES];
        int64_t coupons[_COUPON_STATE_MAX];
};

static int take_incidents(const struct column *columns, size_t n, void *userdata)
{
        struct stored *stored = userdata;
        enum incident_kind kind;

        (void) n;
        if (incident_kind_parse(columns[0].text, &kind) >= 0 && columns[1].integer >= 0 &&
            columns[1].integer < PRIORITIES)
                stored->incidents[kind][columns[1].integer] = columns[2].integer;
        return 0;
}

static int take_coupons(const struct column *columns, size_t n, void *userdata)
{
        struct stored *stored = userdata;

        (void) n;
        for (int state = 0; state < _COUPON_STATE_MAX; state++)
                if (strcmp(columns[0].text, coupon_state_name((enum coupon_state) state)) == 0)
                        stored->coupons[state] = columns[1].integer;
        return 0;
}

/* Each kind at the two severities that it comes with from the start, at others as they are seen. */
static void add_incidents(json_t *page, const struct stored *stored)
{
        static const char *const severities[PRIORITIES] = { "emerg",   "alert",  "crit", "err",
                                                            "warning", "notice", "info", "debug" };
        struct family f = family(page, "keyvigil_incidents_open", "gauge", "What is wrong now.");

        for (int kind = 0; kind < _INCIDENT_KIND_MAX; kind++)
                for (int p = 0; p < PRIORITIES; p++)
                        if (stored->incidents[kind][p] > 0 ||
                            p == incident_kind_priority((enum incident_kind) kind, true) ||
                            p == incident_kind_priority((enum incident_kind) kind, false))
                                sample2(f, "kind", incident_kind_name((enum incident_kind) kind), "severity",
                                        severities[p], (double) stored->incidents[kind][p]);
}

static double file_size(const char *folder, const char *name)
{
        _cleanup_free_ char *path = NULL;
        struct stat st;

        if (asprintf(&path, "%s/%s", folder, name) < 0) {
                path = NULL;
                return 0;
        }
        return stat(path, &st) == 0 ? (double) st.st_size : 0;
}

static int add_stored(json_t *page, const struct control_parts *parts)
{
        struct stored stored = { 0 };
        struct family f =
                family(page, "keyvigil_coupons", "gauge", "Probe coupons that are to be dealt with.");
        int r = store_query(parts->store, QUERY_INCIDENT_COUNTS, NULL, take_incidents, &stored);

        if (r >= 0)
                r = store_query(parts->store, QUERY_COUPON_COUNTS, NULL, take_coupons, &stored);
        for (int state = 0; state < _COUPON_STATE_MAX; state++)
                if (!coupon_finished((enum coupon_state) state))
                        sample(f, "state", coupon_state_name((enum coupon_state) state),
                               (double) stored.coupons[state]);
        add_incidents(page, &stored);
        single(page, "keyvigil_store_size_bytes", "gauge", "The database with its log.",
               file_size(parts->settings->state_dir, "keyvigil.db") +
                       file_size(parts->settings->state_dir, "keyvigil.db-wal"));
        return r;
}

static void add_process(json_t *page)
{
        struct process_usage usage;

        process_usage(&usage);
        single(page, "process_cpu_seconds", "counter", "Processor time of keyvigild.", usage.cpu_seconds);
        single(page, "process_resident_memory_bytes", "gauge", "Its memory.", (double) usage.resident_bytes);
        single(page, "process_open_fds", "gauge", "Its open descriptors.", (double) usage.open_fds);
        single(page, "process_start_time_seconds", "gauge", "When it was started.",
               (double) usage.started_wall);
}

/* Of the last minute, by the clock on the wall and by that of the processor. */
static void add_turns(json_t *page, const struct looptime *times)
{
        struct looptime_figures f = looptime_figures(times, looptime_now());
        struct family longest = family(page, "keyvigil_loop_turn_longest_seconds", "gauge",
                                       "The longest turn of the loop in the last minute.");

        sample(longest, "clock", "wall", (double) f.longest / USEC_PER_SEC);
        sample(longest, "clock", "processor", (double) f.busiest / USEC_PER_SEC);
        single(page, "keyvigil_loop_turn_most_seconds", "gauge",
               "99.9 % of the turns of the last minute took no longer.", (double) f.most / USEC_PER_SEC);
}

void serve_metrics(struct visit *visit)
{
        const struct control_parts *parts = visit->parts;
        struct engine_status status;
        json_t *page = json_array();

        engine_status(parts->engine, &status);
        sample2(family(page, "keyvigil_build", "info", "What runs."), "version", PACKAGE_VERSION, "catalogue",
                parts->catalogue->version, 1);
        add_keys(page, &status);
        add_watch(page, &status);
        add_figures(page, engine_figures(parts->engine));
        histogram(page, "keyvigil_loop_lag_seconds", "How late the loop ran what was due.", parts->loop_lag);
        add_turns(page, parts->loop_time);
        int r = add_stored(page, parts);
        add_process(page);
        if (r < 0) {
                json_decref(page);
                reply_failure(visit, r, NULL);
                return;
        }
        reply_json(visit, MHD_HTTP_OK, json_pack("{s:o}", "families", page));
}
