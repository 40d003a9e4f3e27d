#include "refuse.h"

#include <string.h>

#include "route.h"

/* The prefix of a key, `stars` stars (-1: one for each hidden character) and the last `tail` characters. What
 * does not look like a key is echoed as it is. */
static void masked(struct buf *out, const char *key, size_t tail, int stars)
{
        const char *second = strchr(key, '_');

        second = second ? strchr(second + 1, '_') : NULL;
        if (!second || strlen(second + 1) <= tail) {
                buf_puts(out, key);
                return;
        }

        size_t hidden = strlen(second + 1) - tail;

        buf_add(out, key, (size_t) (second + 1 - key));
        for (size_t i = 0; i < (stars >= 0 ? (size_t) stars : hidden); i++)
                buf_puts(out, "*");
        buf_puts(out, second + 1 + hidden);
}

static const char *call_key(const struct call *c)
{
        return c->key_text ? c->key_text : "";
}

static const char *call_account(const struct call *c)
{
        return c->key ? c->key->realm->account : "acct_none";
}

void refuse_without_key(struct call *c)
{
        if (!c->authorization)
                answer_refuse(
                        &c->answer, 401, NULL, NULL,
                        "You did not provide an API key. You need to provide your API key in the "
                        "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
                        "YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or "
                        "we can help at https://support.stripe.com/.");
        else
                answer_refuse(
                        &c->answer, 401, NULL, NULL,
                        "You did not provide an API key, though you did set your Authorization header to "
                        "\"%.64s\". Using Bearer auth, your Authorization header should look something like "
                        "'Authorization: Bearer YOUR_SECRET_KEY'. See "
                        "https://stripe.com/docs/api#authentication for details, or we can help at "
                        "https://support.stripe.com/.",
                        c->authorization);
        answer_header(&c->answer, "Www-Authenticate", "Bearer realm=\"Stripe\"");
        answer_header(&c->answer, "Request-Id", "%s", "");
}

void refuse_unknown_key(struct call *c)
{
        struct buf key = { 0 };

        masked(&key, call_key(c), 4, -1);
        answer_refuse(&c->answer, 401, NULL, NULL, "Invalid API Key provided: %s", key.data ? key.data : "");
        answer_header(&c->answer, "Www-Authenticate", "Bearer realm=\"Stripe\"");
        answer_header(&c->answer, "Request-Id", "%s", "");
        buf_clear(&key);
}

void refuse_expired(struct call *c, const char *suffix)
{
        struct buf key = { 0 };

        masked(&key, call_key(c), 6, -1);
        answer_refuse(&c->answer, 401, "api_key_expired", NULL, "Expired API Key provided: %s%s",
                      key.data ? key.data : "", suffix);
        buf_clear(&key);
}

void refuse_address(struct call *c, bool name_it)
{
        if (name_it && c->address)
                answer_refuse(&c->answer, 401, NULL, NULL,
                              "The API key provided does not allow requests from your IP address (%s).",
                              c->address);
        else
                answer_refuse(&c->answer, 401, NULL, NULL,
                              "The API key provided does not allow requests from your IP address.");
}

void refuse_account(struct call *c)
{
        refuse_other_account(c, call_account(c));
}

void refuse_other_account(struct call *c, const char *account)
{
        struct buf key = { 0 };

        masked(&key, call_key(c), 4, 3);
        answer_refuse(&c->answer, 403, "account_invalid", NULL,
                      "The provided key '%s' does not have access to account '%s' (or that account does not "
                      "exist). Application access may have been revoked.",
                      key.data ? key.data : "", account);
        buf_clear(&key);
}

void refuse_service(struct call *c)
{
        answer_refuse(&c->answer, 403, NULL, NULL, "We're sorry, but we're unable to serve your request.");
}

static void permission_message(struct buf *out, const struct call *c, struct permission p, const char *named)
{
        const struct key *k = c->key;
        const char *quote = k->unquoted ? "" : "\"";

        buf_puts(out,
                 k->format == REFUSAL_NOW ? "Permission denied. The provided key '" : "The provided key '");
        masked(out, k->text, 6, k->format == REFUSAL_NOW ? 3 : -1);
        buf_printf(out, "' does not have the required permissions for this endpoint on account '%s'. ",
                   k->realm->account);
        if (k->format == REFUSAL_BARE)
                buf_puts(out, "Having more permission would allow this request to continue.");
        else if (k->format == REFUSAL_NAMED)
                buf_printf(out, "Having the 'rak_%s' permission would allow this request to continue.",
                           named);
        else
                buf_printf(
                        out,
                        "Enabling %s%s %s%s ('%s') permissions on this key would allow this request to "
                        "continue. You can edit permissions at https://dashboard.stripe.com/b/%s?destination="
                        "%%2Fapikeys%%2F%s%%2Fedit",
                        quote, permission_label(p), p.write ? "Write" : "Read", quote, named,
                        k->realm->account, k->id);
}

void refuse_permission(struct call *c, struct permission missing, const char *says)
{
        struct buf name = { 0 }, message = { 0 }, url = { 0 };
        struct permission other;

        if (c->key->misnames)
                says = strcmp(permission_label(missing), "Disputes") == 0 ? "top_up_write" : "dispute_write";
        if (says && permission_parse(says, &other))
                missing = other;
        if (says && !permission_parse(says, &other))
                buf_puts(&name, says); /* a name that nobody knows yet */
        else
                permission_name(missing, &name);
        permission_message(&message, c, missing, name.data);
        buf_printf(&url, "https://dashboard.stripe.com/%s/%sworkbench/logs?object=%s", call_account(c),
                   c->key->realm->live ? "" : "test/", c->request_id);

        bool now = c->key->format == REFUSAL_NOW;

        answer_error(&c->answer, 403,
                     &(struct error){ .code = now ? "more_permissions_required" : NULL,
                                      .log_url = now ? url.data : NULL,
                                      .message = message.data });
        buf_clear(&name);
        buf_clear(&message);
        buf_clear(&url);
}

void refuse_rate(struct call *c)
{
        answer_refuse(&c->answer, 429, "rate_limit", NULL,
                      "Request rate limit exceeded. Learn more about rate limits here "
                      "https://stripe.com/docs/rate-limits.");
        answer_header(&c->answer, "Stripe-Rate-Limited-Reason", "global-rate");
        answer_header(&c->answer, "Stripe-Should-Retry", "false");
}

void refuse_lock(struct call *c)
{
        answer_refuse(
                &c->answer, 429, "lock_timeout", NULL,
                "This object cannot be accessed right now because another API request or Stripe process is "
                "currently accessing it. If you see this error intermittently, retry the request. If you "
                "see this error frequently and are making multiple concurrent requests to a single object, "
                "make your requests serially or at a lower rate.");
        answer_header(&c->answer, "Stripe-Should-Retry", "true");
        answer_header(&c->answer, "Request-Id", "%s", "");
}

void refuse_conflict(struct call *c)
{
        answer_refuse(
                &c->answer, 409, "idempotency_key_in_use", NULL,
                "There is currently another in-progress request using this Idempotent Key (that probably "
                "means you submitted twice, and the other request is still going through).");
        answer_header(&c->answer, "Stripe-Should-Retry", "true");
}

void refuse_rate_oldstyle(struct call *c)
{
        answer_refuse(&c->answer, 400, "rate_limit", NULL, "Too many requests hit the API too quickly.");
}

void refuse_url(struct call *c)
{
        bool treasury = strncmp(c->path, "/v1/treasury/", 13) == 0;

        answer_refuse(
                &c->answer, 404, NULL, NULL,
                "Unrecognized request URL (%s: %s). Please see https://stripe.com/docs or we can help at "
                "https://support.stripe.com/.%s",
                c->method, c->path,
                treasury ? " (Hint: Have you onboarded to Treasury? You can do so at "
                           "https://dashboard.stripe.com/)"
                         : "");
}

void refuse_version(struct call *c)
{
        answer_refuse(&c->answer, 400, NULL, NULL, "Invalid Stripe API version: %s",
                      c->version ? c->version : "");
}

void refuse_object(struct call *c, int status, const char *noun, const char *id, const char *param)
{
        bool v2 = strncmp(c->path, "/v2/", 4) == 0;

        answer_refuse(&c->answer, status, v2 ? "not_found" : "resource_missing", v2 ? NULL : param,
                      "No such %s: '%s'", noun, id);
}

void refuse_missing(struct call *c, const char *param)
{
        answer_refuse(&c->answer, 400, "parameter_missing", param, "Missing required param: %s.", param);
}

bool refuse_unknown_names(struct call *c, const struct form *f, const char *const *known)
{
        struct buf names = { 0 };
        const char *first = NULL;
        bool several = false;

        for (size_t i = 0; i < f->count; i++) {
                if (form_name_known(f->pairs[i].name, known))
                        continue;
                several = first;
                first = first ? first : f->pairs[i].name;
                buf_printf(&names, "%s%s", several ? ", " : "", f->pairs[i].name);
        }
        if (first)
                answer_refuse(&c->answer, 400, "parameter_unknown", several ? NULL : first,
                              "Received unknown parameter%s: %s", several ? "s" : "", names.data);
        buf_clear(&names);
        return first;
}
