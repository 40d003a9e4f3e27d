#include "control/label.h"
#include "control/routes.h"
#include "control/visit.h"

static void reply_changed(struct visit *visit, int result, const char *why)
{
        const struct key *key;

        if (result < 0) {
                reply_failure(visit, result, why);
                return;
        }
        key = visit_key(visit);
        if (key)
                reply_key(visit, key, MHD_HTTP_OK);
}

void serve_set(struct visit *visit)
{
        struct key_change change = { .profile = parameter(visit, "profile"),
                                     .account = parameter(visit, "account"),
                                     .expires = -1 };
        const char *expires = parameter(visit, "expires");
        _cleanup_free_ char *why = NULL;
        struct labels labels;

        if (!visit_key(visit))
                return;
        if (expires && *expires == '\0')
                change.expires = 0;
        else if (parameter_date(visit, "expires", -1, &change.expires) < 0)
                return;
        if (labels_collect(visit, &labels) < 0)
                return;
        change.labels = labels.list;
        change.n_labels = labels.n;
        int r = engine_set(visit->parts->engine, visit->argument, &change, &why);
        labels_clear(&labels);
        reply_changed(visit, r, why);
}

void serve_pause(struct visit *visit)
{
        const char *reason = parameter(visit, "reason");
        _cleanup_free_ char *why = NULL;
        int64_t until;

        if (!visit_key(visit) || parameter_date(visit, "until", INT64_MAX, &until) < 0)
                return;
        int r = engine_pause(visit->parts->engine, visit->argument, until, reason ? reason : "", &why);
        reply_changed(visit, r, why);
}

void serve_resume(struct visit *visit)
{
        _cleanup_free_ char *why = NULL;

        if (!visit_key(visit))
                return;
        int r = engine_resume(visit->parts->engine, visit->argument, &why);
        reply_changed(visit, r, why);
}

void serve_remove(struct visit *visit)
{
        _cleanup_free_ char *why = NULL;
        bool force;

        if (!visit_key(visit) || parameter_flag(visit, "force", &force) < 0)
                return;
        int r = engine_remove(visit->parts->engine, visit->argument, force, &why);
        if (r < 0)
                reply_failure(visit, r, why);
        else
                reply_json(visit, MHD_HTTP_OK, json_pack("{s:s}", "removed", visit->argument));
}
