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

static json_t *removal_json(const struct removal *removal)
{
        json_t *kept = json_array();

        for (size_t i = 0; i < removal->n_kept; i++)
                json_array_append_new(kept, json_string(removal->kept[i]));
        return json_pack("{s:I,s:I,s:o}", "removed", (json_int_t) removal->removed, "absent",
                         (json_int_t) removal->absent, "kept", kept);
}

void serve_remove_all(struct visit *visit)
{
        _cleanup_free_ char *why = NULL;
        struct removal removal;
        bool force;
        size_t n;

        if (parameter_flag(visit, "force", &force) < 0)
                return;
        _cleanup_free_ const char **names = visit_words(visit, &n);
        if (!names || n == 0 || n > REMOVE_MAX) {
                reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter",
                            "The body must be names of keys, from one to %d", REMOVE_MAX);
                return;
        }
        int r = engine_remove_all(visit->parts->engine, names, n, force, &removal, &why);
        if (r < 0)
                reply_failure(visit, r, why);
        else
                reply_json(visit, MHD_HTTP_OK, removal_json(&removal));
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
