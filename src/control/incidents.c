#include <errno.h>
#include <inttypes.h>

#include "base/number.h"
#include "control/routes.h"
#include "control/rows.h"
#include "control/selected.h"
#include "control/visit.h"
#include "view/incident.h"

static int incident_id(struct visit *visit, int64_t *ret)
{
        int r = number_parse(visit->argument, 1, INT64_MAX, ret);

        if (r < 0)
                reply_error(visit, MHD_HTTP_NOT_FOUND, "not-found",
                            "An incident is a number: see GET /v1/incidents");
        return r;
}

void serve_incidents(struct visit *visit)
{
        struct incident_filter filter = { 0 };
        struct selected selected;

        if (parameter_flag(visit, "open", &filter.open_only) >= 0 &&
            parameter_kinds(visit, &filter.kinds) >= 0 &&
            parameter_date(visit, "since", 0, &filter.since) >= 0 && key_is_known(visit, &filter.key) &&
            selected_collect(visit, &selected) >= 0)
                reply_incidents(visit, &filter, &selected);
}

/* One incident, with the keys that are listed under it. */
void serve_incident(struct visit *visit)
{
        json_t *incident;
        int64_t id;

        if (incident_id(visit, &id) < 0)
                return;
        (void) engine_flush(visit->parts->engine);
        int r = incident_json(visit->parts->store, id, &incident);
        if (r == -ENOENT)
                reply_error(visit, MHD_HTTP_NOT_FOUND, "not-found", "There is no incident %" PRId64, id);
        else if (r < 0)
                reply_failure(visit, r, NULL);
        else
                reply_json(visit, MHD_HTTP_OK, incident);
}

void serve_acknowledge(struct visit *visit)
{
        const char *reason = parameter(visit, "reason");
        _cleanup_free_ char *why = NULL;
        int64_t id, until;

        if (incident_id(visit, &id) < 0 || parameter_date(visit, "until", INT64_MAX, &until) < 0)
                return;
        if (!reason || *reason == '\0') {
                reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter", "'reason' must be given");
                return;
        }
        int r = engine_acknowledge(visit->parts->engine, id, reason, until, (uint32_t) visit->uid, &why);
        if (r < 0)
                reply_failure(visit, r, why);
        else
                reply_json(visit, MHD_HTTP_OK, json_pack("{s:I}", "acknowledged", (json_int_t) id));
}

void serve_replay(struct visit *visit)
{
        _cleanup_free_ char *why = NULL;
        int64_t since;
        size_t n;

        if (!parameter(visit, "since")) {
                reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter", "'since' must be given");
                return;
        }
        if (parameter_date(visit, "since", 0, &since) < 0)
                return;
        int r = engine_replay(visit->parts->engine, since, &n, &why);
        if (r < 0)
                reply_failure(visit, r, why);
        else
                reply_json(visit, MHD_HTTP_OK, json_pack("{s:I}", "queued", (json_int_t) n));
}
