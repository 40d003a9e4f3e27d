#include "stripe_answers.h"

#include <stdio.h>

static void error(struct reply *reply, long status, char *body, size_t size, const char *code,
                  const char *message)
{
        reply->status = status;
        if (code)
                snprintf(body, size,
                         "{\"error\": {\"code\": \"%s\", \"message\": \"%s\", \"type\": "
                         "\"invalid_request_error\"}}",
                         code, message);
        else
                snprintf(body, size,
                         "{\"error\": {\"message\": \"%s\", \"type\": \"invalid_request_error\"}}", message);
}

static void page(struct reply *reply, long status, char *body, size_t size)
{
        reply->status = status;
        snprintf(body, size, "<html><head><title>%ld</title></head><body>proxy</body></html>", status);
}

static void unserved(struct reply *reply, char *body, size_t size)
{
        error(reply, 403, body, size, NULL, "We're sorry, but we're unable to serve your request.");
}

static bool faulty(enum sim_fault fault, char *body, size_t size, struct reply *reply)
{
        switch (fault) {
        case SIM_NONE:
        case SIM_NO_PRODUCT: /* comes behind the permission */
        case _SIM_FAULT_MAX:
                return false;
        case SIM_500:
                error(reply, 500, body, size, NULL, "An unknown error occurred");
                break;
        case SIM_502_HTML:
                page(reply, 502, body, size);
                break;
        case SIM_429:
                error(reply, 429, body, size, "rate_limit", "Request rate limit exceeded.");
                break;
        case SIM_401_HTML:
                page(reply, 401, body, size);
                break;
        case SIM_403_HTML:
                page(reply, 403, body, size);
                break;
        case SIM_TRUNCATED:
                reply->status = 401;
                snprintf(body, size, "{\"error\": {\"code\": \"api_key_exp");
                break;
        case SIM_EMPTY:
                reply->status = 401;
                break;
        case SIM_TIMEOUT:
                reply->error = TRANSPORT_TIMEOUT;
                break;
        case SIM_RESOLVE:
                reply->error = TRANSPORT_RESOLVE;
                break;
        case SIM_CONNECT:
                reply->error = TRANSPORT_CONNECT;
                break;
        case SIM_EXPIRED:
                error(reply, 401, body, size, "api_key_expired",
                      "Expired API Key provided: rk_live_****KtSz7X");
                break;
        case SIM_INVALID:
                error(reply, 401, body, size, NULL, "Invalid API Key provided: rk_live_****7X9a");
                break;
        case SIM_UNLISTED:
                error(reply, 401, body, size, NULL, "This account is not available at present.");
                break;
        case SIM_429_HOUR:
                error(reply, 429, body, size, "rate_limit", "Request rate limit exceeded.");
                reply->retry_after = 3600;
                break;
        case SIM_FEATURE_OFF:
                error(reply, 400, body, size, NULL,
                      "Your account is not set up to use Issuing. Please visit "
                      "https://dashboard.stripe.com/issuing/overview to get started.");
                break;
        case SIM_UNRECOGNIZED:
                error(reply, 404, body, size, NULL, "Unrecognized request URL (GET: /v1/x).");
                break;
        case SIM_VERSION:
                error(reply, 400, body, size, NULL, "Invalid Stripe API version: 2026-10-28.endive");
                break;
        case SIM_UNSERVED:
                unserved(reply, body, size);
                break;
        }
        return true;
}

/* The name and label in a refusal. */
static void named(const struct stripe_question *q, char name[static 96], char label[static 96])
{
        bool misnamed = q->key->wording == SIM_MISNAMED;
        const char *level = level_name(q->level);

        snprintf(name, 96, "%s_%s", misnamed || !q->permission ? "dispute" : q->permission->name, level);
        snprintf(label, 96, "%s %s", misnamed || !q->permission ? "Disputes" : q->permission->labels[0],
                 q->level == LEVEL_WRITE ? "Write" : "Read");
}

static void refusal(const struct stripe_question *q, char *body, size_t size, struct reply *reply)
{
        const char *quote = q->key->wording == SIM_2026_UNQUOTED ? "" : "\\\"";
        bool now = q->key->wording != SIM_2019 && q->key->wording != SIM_2017;
        char message[768], why[512], name[96], label[96];

        named(q, name, label);
        if (q->key->wording == SIM_2019)
                snprintf(why, sizeof(why),
                         "Having the 'rak_%s' permission would allow this request to continue.", name);
        else if (q->key->wording == SIM_2017)
                snprintf(why, sizeof(why), "Having more permission would allow this request to continue.");
        else
                snprintf(why, sizeof(why),
                         "Enabling %s%s%s ('%s') permissions on this key would allow this request to "
                         "continue. You can edit permissions at https://dashboard.stripe.com/b/acct_SIM%u?"
                         "destination=%%2Fapikeys%%2Fmk_SIM%u%%2Fedit",
                         quote, label, quote, name, q->key->account, q->key->account);
        snprintf(message, sizeof(message),
                 "%sThe provided key 'rk_live_***j4va7j' does not have the required permissions for this "
                 "endpoint on account 'acct_SIM%u'. %s",
                 now ? "Permission denied. " : "", q->key->account, why);
        error(reply, 403, body, size, now ? "more_permissions_required" : NULL, message);
}

void stripe_answer(const struct stripe_question *q, char *body, size_t size, struct reply *reply)
{
        if (faulty(q->fault, body, size, reply))
                return;
        switch (q->unheard ? SIM_ALIVE : q->key->life) {
        case SIM_KEY_EXPIRED:
                error(reply, 401, body, size, "api_key_expired",
                      "Expired API Key provided: rk_live_****KtSz7X");
                return;
        case SIM_KEY_UNKNOWN:
                error(reply, 401, body, size, NULL, "Invalid API Key provided: rk_live_****7X9a");
                return;
        case SIM_KEY_BLOCKED:
                error(reply, 401, body, size, NULL,
                      "The API key provided does not allow requests from your IP address.");
                return;
        case SIM_KEY_REFUSED:
                error(reply, 403, body, size, "account_invalid",
                      "The provided key does not have access to that account.");
                return;
        case SIM_KEY_UNSERVED:
                unserved(reply, body, size);
                return;
        case SIM_ALIVE:
                break;
        }
        if (!q->granted) {
                refusal(q, body, size, reply);
                return;
        }
        if (q->fault == SIM_NO_PRODUCT) {
                error(reply, 400, body, size, NULL,
                      "Your account is not set up to use Issuing. Please visit "
                      "https://dashboard.stripe.com/issuing/overview to get started.");
                return;
        }
        if (q->absent) {
                error(reply, 404, body, size, "resource_missing", "No such object: 'keyvigil_absent'");
                return;
        }
        reply->status = 200;
        snprintf(body, size, "{\"object\": \"list\", \"data\": [], \"has_more\": false, \"url\": \"/v1/x\"}");
}
