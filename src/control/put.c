/* PUT /v1/keys/NAME: the secret is to be this one, whatever was there before. */
#include <errno.h>
#include <string.h>

#include "base/datetime.h"
#include "control/ask.h"
#include "control/label.h"
#include "control/routes.h"
#include "engine/put.h"
#include "view/key.h"

#define DEADLINE_DEFAULT (10 * USEC_PER_SEC)
#define DEADLINE_MAX     (2 * USEC_PER_MINUTE)

static const char *const results[] = {
        [PUT_ADDED] = "added",
        [PUT_ROTATED] = "rotated",
        [PUT_UNCHANGED] = "unchanged",
        [PUT_DEFERRED] = "deferred",
};

/* The key as it is now, what was done, and what was found. */
static void reply_done(struct visit *visit, enum put_result what, const struct check_result *result)
{
        const struct key *key = visit_key(visit);
        json_t *object;
        int r;

        if (!key)
                return;
        (void) engine_flush_key(visit->parts->engine, key);
        r = key_json(visit->parts->store, key->name, key, &object);
        if (r < 0) {
                reply_failure(visit, r, NULL);
                return;
        }
        json_object_set_new(object, "result", json_string(results[what]));
        if (result)
                json_object_set_new(object, "check", result_json(visit, result));
        reply_json(visit,
                   what == PUT_ADDED      ? MHD_HTTP_CREATED
                   : what == PUT_DEFERRED ? MHD_HTTP_ACCEPTED
                                          : MHD_HTTP_OK,
                   object);
}

static void on_put(enum put_result what, const struct check_result *result, void *userdata)
{
        struct visit *visit = userdata;

        if (what == PUT_REFUSED || (what == PUT_UNDECIDED && result))
                reply_refused(visit, result);
        else if (what == PUT_UNDECIDED)
                reply_error(
                        visit, MHD_HTTP_SERVICE_UNAVAILABLE, "undecided",
                        "Stripe did not tell in time whether the key is good; nothing was stored, try again");
        else
                reply_done(visit, what, result);
}

/* -EINVAL: answered already. */
static int take_deadline(struct visit *visit, usec_t *ret)
{
        const char *text = parameter(visit, "deadline");

        *ret = DEADLINE_DEFAULT;
        if (!text || (duration_parse(text, ret) >= 0 && *ret >= USEC_PER_SEC && *ret <= DEADLINE_MAX))
                return 0;
        reply_error(visit, MHD_HTTP_BAD_REQUEST, "bad-parameter", "'deadline' must be a time from 1s to 2m");
        return -EINVAL;
}

/* The version may stand in quotes, as HTTP wants it. */
static const char *take_version(const struct visit *visit, char version[static KEY_VERSION_MAX])
{
        const char *text =
                MHD_lookup_connection_value(visit->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_MATCH);

        if (!text)
                return NULL;
        text += *text == '"';
        size_t n = MIN(strcspn(text, "\""), (size_t) KEY_VERSION_MAX - 1);
        memcpy(version, text, n);
        version[n] = '\0';
        return version;
}

static int collect(struct visit *visit, struct key_request *q, struct put_options *o)
{
        if (name_check(visit, visit->argument) < 0)
                return -EINVAL;
        *q = (struct key_request){ .name = visit->argument,
                                   .profile = parameter(visit, "profile"),
                                   .account = parameter(visit, "account") };
        *o = (struct put_options){ 0 };
        bool no_excess;
        int r = parameter_flag(visit, "no_excess", &no_excess);
        q->excess = r >= 0 && !no_excess;
        return r < 0 || parameter_mode(visit, &o->mode) < 0 || take_deadline(visit, &o->deadline) < 0 ||
                               parameter_flag(visit, "defer", &o->defer) < 0 ||
                               parameter_flag(visit, "replace-account", &q->replace_account) < 0 ||
                               parameter_date(visit, "created", 0, &q->created) < 0 ||
                               parameter_date(visit, "expires", 0, &q->expires) < 0
                       ? -EINVAL
                       : 0;
}

void serve_put(struct visit *visit)
{
        _cleanup_(secret_freep) struct secret *secret = NULL;
        _cleanup_free_ char *why = NULL;
        struct put_options options;
        struct key_request wanted;
        struct labels labels;
        char version[KEY_VERSION_MAX];

        if (collect(visit, &wanted, &options) < 0)
                return;
        options.if_match = take_version(visit, version);
        secret = visit_secret(visit);
        if (!secret || labels_collect(visit, &labels) < 0)
                return;
        wanted.labels = labels.list;
        wanted.n_labels = labels.n;
        int r = engine_put(visit->parts->engine, &wanted, secret, &options, on_put, visit, &why);
        labels_clear(&labels);
        if (r < 0)
                reply_failure(visit, r, why);
        else if (!visit->answered)
                visit_wait(visit);
}
