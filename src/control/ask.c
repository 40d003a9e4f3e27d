#include <errno.h>
#include <string.h>

#include "control/label.h"
#include "control/routes.h"
#include "control/visit.h"
#include "view/row.h"

static const char *const outcomes[] = {
        [OUTCOME_WELL] = "well",
        [OUTCOME_FINDINGS] = "findings",
        [OUTCOME_UNCLEAR] = "unclear",
};

static const char *or_null(const char *text)
{
        return *text != '\0' ? text : NULL;
}

static json_t *result_json(const struct check_result *result)
{
        return json_pack("{s:s,s:s,s:s,s:s,s:b,s:s?,s:o,s:o,s:o,s:o,s:o,s:s?,s:s?}", "name", result->name,
                         "outcome", outcomes[result->outcome], "answer", answer_name(result->answer),
                         "message", result->message, "stored", result->stored, "account",
                         or_null(result->account), "missing", ids_json(result->missing), "missing_labels",
                         labels_json(result->missing_labels), "excess", ids_json(result->excess),
                         "excess_labels", labels_json(result->excess_labels), "unprobed",
                         labels_json(result->unprobed), "remedy_url", or_null(result->remedy_url), "warning",
                         or_null(result->warning));
}

static void on_checked(const struct check_result *result, void *userdata)
{
        reply_json(userdata, MHD_HTTP_OK, result_json(result));
}

/* A refusal is a problem that holds what was found. */
static void reply_taken(struct visit *visit, const struct check_result *result, unsigned status)
{
        json_t *object = result_json(result);
        const char *code = *result->missing != '\0'             ? "permissions-missing"
                           : result->outcome == OUTCOME_UNCLEAR ? "undecided"
                                                                : "refused";

        if (result->stored)
                reply_json(visit, status, object);
        else
                reply_problem(visit, MHD_HTTP_UNPROCESSABLE_CONTENT, code, object, "%s", result->message);
}

static void on_added(const struct check_result *result, void *userdata)
{
        reply_taken(userdata, result, MHD_HTTP_CREATED);
}

static void on_rotated(const struct check_result *result, void *userdata)
{
        reply_taken(userdata, result, MHD_HTTP_OK);
}

/* -EINVAL: answered already. */
static int collect(struct visit *visit, struct key_request *ret)
{
        if (!ret->name) {
                reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter", "'name' must be given");
                return -EINVAL;
        }
        if (parameter_date(visit, "created", 0, &ret->created) < 0 ||
            parameter_date(visit, "expires", 0, &ret->expires) < 0 ||
            parameter_flag(visit, "connect", &ret->connect) < 0 ||
            parameter_flag(visit, "force", &ret->force) < 0)
                return -EINVAL;
        return 0;
}

void serve_add(struct visit *visit)
{
        struct key_request wanted = { .name = parameter(visit, "name"),
                                      .profile = parameter(visit, "profile"),
                                      .account = parameter(visit, "account") };
        _cleanup_(secret_freep) struct secret *secret = NULL;
        _cleanup_free_ char *why = NULL;
        struct labels labels;

        if (collect(visit, &wanted) < 0)
                return;
        secret = visit_secret(visit);
        if (!secret || labels_collect(visit, &labels) < 0)
                return;
        wanted.labels = labels.list;
        wanted.n_labels = labels.n;
        int r = engine_add(visit->parts->engine, &wanted, secret, on_added, visit, &why);
        labels_clear(&labels);
        if (r < 0)
                reply_failure(visit, r, why);
        else
                visit_wait(visit);
}

void serve_rotate(struct visit *visit)
{
        _cleanup_(secret_freep) struct secret *secret = NULL;
        struct key_request wanted = { .name = visit->argument };
        _cleanup_free_ char *why = NULL;

        if (!visit_key(visit) || collect(visit, &wanted) < 0)
                return;
        secret = visit_secret(visit);
        if (!secret)
                return;
        int r = engine_rotate(visit->parts->engine, &wanted, secret, on_rotated, visit, &why);
        if (r < 0)
                reply_failure(visit, r, why);
        else
                visit_wait(visit);
}

static const char *const kinds[] = {
        [CHECK_PULSE] = "pulse",     [CHECK_FULL] = "full",       [CHECK_EXCESS] = "excess",
        [CHECK_COUPONS] = "coupons", [CHECK_CONNECT] = "connect",
};

void serve_check(struct visit *visit)
{
        const char *kind = parameter(visit, "kind");
        _cleanup_free_ char *why = NULL;
        size_t i = 0;

        if (!visit_key(visit))
                return;
        while (kind && i < ELEMENTSOF(kinds) && strcmp(kinds[i], kind) != 0)
                i++;
        if (i == ELEMENTSOF(kinds)) {
                reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter",
                            "'kind' must be one of pulse, full, excess, coupons, connect");
                return;
        }
        int r = engine_check(visit->parts->engine, visit->argument, (enum check_kind) i, on_checked, visit,
                             &why);
        if (r < 0)
                reply_failure(visit, r, why);
        else
                visit_wait(visit);
}
