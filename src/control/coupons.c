#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/routes.h"
#include "control/rows.h"
#include "control/visit.h"
#include "engine/sweep.h"
#include "view/row.h"

void serve_coupons(struct visit *visit)
{
        struct query_filter filter = { 0 };

        if (parameter_flag(visit, "open", &filter.open_only) < 0 || !key_is_known(visit, &filter.key))
                return;
        (void) engine_flush(visit->parts->engine); /* what cannot be written is shown without */
        reply_rows(visit, QUERY_COUPONS, &filter, "coupons");
}

static json_t *finding_json(const struct sweep_finding *f)
{
        return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "key", f->key, "account", f->account, "mode",
                         f->mode, "coupon", f->coupon, "state", coupon_state_name(f->state), "reason",
                         f->reason, "text", f->text, "created", time_json(f->created));
}

static void on_swept(const struct sweep_result *result, void *userdata)
{
        json_t *coupons = json_array();

        for (size_t i = 0; i < result->n; i++)
                if (json_array_append_new(coupons, finding_json(&result->findings[i])) < 0) {
                        json_decref(coupons);
                        coupons = NULL;
                }
        reply_json(userdata, MHD_HTTP_OK,
                   json_pack("{s:I,s:I,s:s,s:I,s:s,s:o}", "swept", (json_int_t) result->swept, "failed",
                             (json_int_t) result->failed, "message", result->message, "lacking",
                             (json_int_t) result->lacking, "lack", result->lack, "coupons", coupons));
}

/* -EINVAL: answered already. */
static int collect(struct visit *visit, struct sweep_request *ret)
{
        ret->name = parameter(visit, "key");
        if (parameter_flag(visit, "dry_run", &ret->dry_run) < 0 ||
            parameter_flag(visit, "force", &ret->force) < 0)
                return -EINVAL;
        return 0;
}

void serve_coupons_sweep(struct visit *visit)
{
        struct sweep_request request = { 0 };
        _cleanup_free_ char *why = NULL;

        if (collect(visit, &request) < 0)
                return;
        int r = engine_sweep(visit->parts->engine, &request, on_swept, visit, &why);
        if (r < 0)
                reply_failure(visit, r, why);
        else
                visit_wait(visit);
}

void serve_coupons_add(struct visit *visit)
{
        struct sweep_request request = { 0 };
        _cleanup_free_ char *why = NULL;
        size_t n;

        if (collect(visit, &request) < 0)
                return;
        _cleanup_free_ const char **ids = visit_words(visit, &n);
        if (!ids || !request.name || n == 0) {
                reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter",
                            "'key' must be given, and ids of coupons as the body");
                return;
        }
        int r = engine_coupons_add(visit->parts->engine, &request, ids, n, on_swept, visit, &why);
        if (r < 0)
                reply_failure(visit, r, why);
        else
                visit_wait(visit);
}
