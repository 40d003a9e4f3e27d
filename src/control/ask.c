#include <errno.h>
#include <string.h>

#include "control/ask.h"
#include "control/label.h"
#include "control/routes.h"
#include "control/visit.h"
#include "model/incident.h"
#include "stripe/keyshape.h"
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

/* The sentence that opened it, which only the store has; one that this check opened is written first. */
static json_t *message_json(const struct visit *visit, const struct incident *incident)
{
        const struct query_filter filter = { .id = incident->id };
        json_t *row = NULL, *message = NULL;
        int r = row_query(visit->parts->store, QUERY_INCIDENTS, &filter, &row);

        if (r == -ENOENT && engine_flush(visit->parts->engine) >= 0)
                r = row_query(visit->parts->store, QUERY_INCIDENTS, &filter, &row);
        if (r >= 0)
                message = json_incref(json_object_get(row, "message"));
        json_decref(row);
        return message ? message : json_string("");
}

/* What is open about the key. */
static json_t *incidents_json(const struct visit *visit, const struct key *key)
{
        json_t *list = json_array();

        for (const struct incident *i = key ? key->incidents : NULL; i; i = i->next)
                json_array_append_new(list, json_pack("{s:I,s:s,s:i,s:o}", "id", (json_int_t) i->id, "kind",
                                                      incident_kind_name(i->kind), "priority", i->priority,
                                                      "message", message_json(visit, i)));
        return list;
}

json_t *result_json(const struct visit *visit, const struct check_result *result)
{
        return json_pack("{s:s,s:s,s:s,s:s,s:b,s:s?,s:o,s:o,s:o,s:o,s:o,s:s?,s:s?,s:o}", "name", result->name,
                         "outcome", outcomes[result->outcome], "answer", answer_name(result->answer),
                         "message", result->message, "stored", result->stored, "account",
                         or_null(result->account), "missing", ids_json(result->missing), "missing_labels",
                         labels_json(result->missing_labels), "excess", ids_json(result->excess),
                         "excess_labels", labels_json(result->excess_labels), "unprobed",
                         labels_json(result->unprobed), "remedy_url", or_null(result->remedy_url), "warning",
                         or_null(result->warning), "incidents", incidents_json(visit, result->key));
}

static void on_checked(const struct check_result *result, void *userdata)
{
        reply_json(userdata, MHD_HTTP_OK, result_json(userdata, result));
}

/* The code of a problem that this result is. */
static const char *taken_code(const struct check_result *result)
{
        if (result->wrong_account)
                return "wrong-account";
        if (answer_is_dead(result->answer))
                return "dead";
        if (result->answer == ANSWER_BLOCKED)
                return "blocked";
        if (result->answer == ANSWER_ACCOUNT_REFUSED)
                return "account-refused";
        if (*result->missing != '\0')
                return "permissions-missing";
        return result->outcome == OUTCOME_UNCLEAR ? "undecided" : "refused";
}

void reply_refused(struct visit *visit, const struct check_result *result)
{
        bool undecided = strcmp(taken_code(result), "undecided") == 0;

        reply_problem(visit, undecided ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_UNPROCESSABLE_CONTENT,
                      taken_code(result), result_json(visit, result), "%s", result->message);
}

/* A refusal is a problem that holds what was found. */
static void reply_taken(struct visit *visit, const struct check_result *result, unsigned status)
{
        if (result->stored)
                reply_json(visit, status, result_json(visit, result));
        else
                reply_refused(visit, result);
}

static void on_added(const struct check_result *result, void *userdata)
{
        reply_taken(userdata, result, MHD_HTTP_CREATED);
}

static void on_rotated(const struct check_result *result, void *userdata)
{
        reply_taken(userdata, result, MHD_HTTP_OK);
}

int name_check(struct visit *visit, const char *name)
{
        if (key_name_valid(name))
                return 0;
        reply_error(visit, MHD_HTTP_UNPROCESSABLE_CONTENT, "bad-name",
                    "This is not a name for a key: a letter or digit, then up to 63 letters, digits, '.', "
                    "'_', ':', "
                    "'@' or '-', and nothing that looks like a key itself");
        return -EINVAL;
}

/* -EINVAL: answered already. */
static int collect(struct visit *visit, struct key_request *ret)
{
        if (!ret->name) {
                reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter", "'name' must be given");
                return -EINVAL;
        }
        if (name_check(visit, ret->name) < 0)
                return -EINVAL;
        if (parameter_date(visit, "created", 0, &ret->created) < 0 ||
            parameter_date(visit, "expires", 0, &ret->expires) < 0 ||
            parameter_flag(visit, "connect", &ret->connect) < 0 ||
            parameter_flag(visit, "force", &ret->force) < 0)
                return -EINVAL;
        return 0;
}

int parameter_mode(struct visit *visit, int *ret)
{
        const char *mode = parameter(visit, "mode");

        *ret = !mode                       ? -1
               : strcmp(mode, "live") == 0 ? (int) MODE_LIVE
               : strcmp(mode, "test") == 0 ? (int) MODE_TEST
                                           : -2;
        if (*ret != -2)
                return 0;
        reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter", "'mode' must be live or test");
        return -EINVAL;
}

void serve_add(struct visit *visit)
{
        struct key_request wanted = { .name = parameter(visit, "name"),
                                      .profile = parameter(visit, "profile"),
                                      .account = parameter(visit, "account") };
        int mode;
        bool no_excess;
        _cleanup_(secret_freep) struct secret *secret = NULL;
        _cleanup_free_ char *why = NULL;
        struct labels labels;

        if (collect(visit, &wanted) < 0 || parameter_mode(visit, &mode) < 0 ||
            parameter_flag(visit, "no_excess", &no_excess) < 0)
                return;
        wanted.excess = !no_excess;
        wanted.mode = mode;
        wanted.has_mode = mode >= 0;
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
