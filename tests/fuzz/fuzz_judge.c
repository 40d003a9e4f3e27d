/* The first byte picks a status or a trouble on the way, the second the row that was asked; the rest is the
 * body. */
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "fuzz.h"
#include "stripe/judge.h"
#include "stripe/redact.h"

static const long statuses[] = { 200, 400, 401, 403, 404, 409, 429, 500, 302, 402, 204, 100, 999, 0, -1 };

/* The byte that picks a status: its letter counts from 'a'. */
const struct seed fuzz_seeds[] = {
        SEED("a-{\"object\":\"list\",\"has_more\":false,\"data\":[]}"),
        SEED("b-{\"error\":{\"code\":\"parameter_missing\",\"message\":\"Missing\",\"type\":\"x\"}}"),
        SEED("b-{\"error\":{\"code\":\"rate_limit\",\"message\":\"slow\",\"type\":\"x\"}}"),
        SEED("b+{\"error\":{\"code\":\"parameter_unknown\",\"message\":\"?\",\"type\":\"x\"}}"),
        SEED("c-{\"error\":{\"code\":\"api_key_expired\",\"message\":\"Expired API Key provided: "
             "rk_test_***KtSz7X\","
             "\"type\":\"x\"}}"),
        SEED("c-{\"error\":{\"message\":\"Invalid API Key provided: sk_test_****lder\",\"type\":\"x\"}}"),
        SEED("c-{\"error\":{\"message\":\"The API key provided does not allow requests from your IP "
             "address.\"}}"),
        SEED("d-{\"error\":{\"code\":\"more_permissions_required\",\"message\":\"The provided key "
             "'rk_live_***j4va7j' does "
             "not have the required permissions for this endpoint on account 'acct_1AbC'. Enabling "
             "\\\"Prices Read\\\" "
             "('plan_read') permissions on this key would allow this request to continue. "
             "https://dashboard.stripe.com/b/"
             "acct_1AbC?destination=%2Fapikeys%2Fmk_1XyZ%2Fedit\",\"type\":\"x\"}}"),
        SEED("d-{\"error\":{\"message\":\"Having the 'rak_coupon_write' permission would allow this request "
             "to "
             "continue.\",\"type\":\"x\"}}"),
        SEED("d-{\"error\":{\"message\":\"Refused by the IP access policy\",\"type\":\"x\"}}"),
        SEED("d-{\"error\":{\"code\":\"account_invalid\",\"message\":\"does not have access to account "
             "'acct_1'\"}}"),
        SEED("e-{\"error\":{\"code\":\"resource_missing\",\"message\":\"No such coupon: "
             "'x'\",\"type\":\"x\"}}"),
        SEED("e-{\"error\":{\"message\":\"Unrecognized request URL\",\"type\":\"x\"}}"),
        SEED("g-{\"error\":{\"code\":\"lock_timeout\",\"message\":\"busy\",\"type\":\"x\"}}"),
        SEED("h-<html>bad gateway</html>"),
        SEED("f-{\"error\":{\"code\":\"idempotency_key_in_use\",\"message\":\"x\",\"type\":\"x\"}}"),
        SEED("b-{\"error\":{\"message\":\"Your account is not set up to use Issuing. Please visit x.\"}}"),
        SEED("b-{\"error\":{\"message\":\"x\",\"code\":\"stripe_tax_inactive\"}}"),
        SEED("d-{\"error\":{\"message\":\"x\",\"type\":\"capability_not_enabled\"}}"),
        SEED("b-{\"error\":{\"message\":\"Sorry, you're creating accounts too quickly. You should limit your "
             "requests to 5 per second.\"}}"),
        SEED("et{\"error\":{\"message\":\"Unrecognized request URL (GET: /v1/treasury/x). (Hint: Have you "
             "onboarded to Treasury?)\",\"type\":\"x\"}}"),
        SEED("e2{\"error\":{\"code\":\"not_found\",\"message\":\"x\"}}"),
        SEED("a2{\"data\":[],\"next_page_url\":null}"),
        SEED("d-{\"error\":{\"message\":\"Having the 'rak_payment_intent_read', 'rak_checkout_session_read' "
             "permissions would allow this request to continue.\",\"type\":\"x\"}}"),
        SEED("d-{\"error\":{\"message\":\"This application does not have the required permissions for this "
             "endpoint on account 'acct_1AbC. Having the 'read_only' scope would allow\",\"type\":\"x\"}}"),
        SEED("d-{\"error\":{\"message\":\"The provided key 'ek_test_YW****_****ZRhu' does not have the "
             "required permissions. Enabling Prices Read ('plan_read' or 'rak_x_write') permissions\"}}"),
        SEED("b-{\"error\":\"invalid_grant\"}"),
        SEED("d-{\"error\":{\"message\":\"request blocked\"}}"),
        SEED("r-api.stripe.com: rk_live_abcdefghijklmnopqrstuvwx"),
        SEED("w-"),
};
const size_t fuzz_n_seeds = ELEMENTSOF(fuzz_seeds);

const char *const fuzz_words[] = {
        "\"error\":",
        "\"code\":",
        "\"message\":",
        "\"object\":",
        "null",
        "{",
        "}",
        "[",
        "\\u0000",
        "\"api_key_expired\"",
        "\"resource_missing\"",
        "Invalid API Key provided",
        "acct_",
        "mk_",
        "rak_",
        "Enabling \\\"",
        " ('",
        "_write",
        "\xef\xbb\xbf",
        "required permissions",
        "not set up to use ",
        "Unrecognized request URL",
        "too quickly",
        "limit your requests",
        "IP access policy",
        "Having the ",
        "\"feature_not_enabled\"",
        "\"type\":",
        "0123456789012345678901234567890123456789012345678901234567890123456789",
};
const size_t fuzz_n_words = ELEMENTSOF(fuzz_words);

static void hold_text(const char *text, size_t size)
{
        HOLD(memchr(text, '\0', size));
        HOLD(!looks_like_key(text));
        for (; *text != '\0'; text++)
                HOLD((unsigned char) *text >= 0x20 && *text != 0x7f);
}

static void hold_verdict(const struct judgement *j, const struct reply *reply)
{
        long status = reply->error == TRANSPORT_NONE ? reply->status : 0;

        HOLD(answer_name(j->answer)[0] != '\0' && (cause_name(j->cause)[0] != '\0') == (j->cause != 0));
        HOLD(status != 0 || (j->answer == ANSWER_UNCLEAR && j->text[0] != '\0'));
        HOLD(j->answer < _ANSWER_MAX && j->cause < _CAUSE_MAX);
        HOLD((j->answer == ANSWER_UNCLEAR) == (j->cause != CAUSE_NONE));
        HOLD(!answer_is_dead(j->answer) || status == 401);
        HOLD(j->answer != ANSWER_BLOCKED || status == 401 || status == 403);
        HOLD(!(j->answer == ANSWER_REFUSED || j->answer == ANSWER_ACCOUNT_REFUSED) || status == 403);
        HOLD(j->answer != ANSWER_GRANTED || (status >= 200 && status < 300) || status == 400 ||
             status == 404);
        HOLD(j->answer != ANSWER_THROTTLED || status == 400 || status == 409 || status == 429);
        HOLD(!j->stale_probe || (j->answer == ANSWER_UNCLEAR && (status == 400 || status == 404)));
        HOLD(status != 401 || j->cause == CAUSE_FOREIGN || j->text[0] == '\0');
        HOLD(j->answer == ANSWER_REFUSED || (j->account[0] == '\0' && j->permission[0] == '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char code[] = "parameter_unknown";
        char v2[] = "/v2/core/accounts/{absent}", v1[] = "/v1/treasury/transactions/{absent}";
        struct probe listed = { .path = v1, .granted_codes = { code }, .n_granted_codes = 1 };
        struct probe second = { .path = v2 }, gated = { .path = v1, .gated = "treasury" };
        const size_t all = ELEMENTSOF(statuses) + _TRANSPORT_ERROR_MAX - 1;
        struct judgement j;

        if (size < 2)
                return 0;
        char *body = fuzz_text(data + 2, size - 2);
        size_t picked = (uint8_t) (data[0] - 'a') % all;
        bool silent = picked >= ELEMENTSOF(statuses);
        struct reply reply = {
                .error = silent ? (enum transport_error)(picked - ELEMENTSOF(statuses) + 1) : TRANSPORT_NONE,
                .detail = silent ? body : "",
                .status = silent ? 0 : statuses[picked],
                .body = body,
                .size = size - 2,
                .request_id = body, /* a header that is as hostile */
                .date_wall = -1,
                .retry_after = -1,
                .should_retry = -1,
        };
        memset(&j, 0xa5, sizeof(j));
        judge(&reply,
              data[1] == '+'   ? &listed
              : data[1] == '2' ? &second
              : data[1] == 't' ? &gated
                               : NULL,
              &j);
        hold_verdict(&j, &reply);
        hold_text(j.code, sizeof(j.code));
        hold_text(j.request_id, sizeof(j.request_id));
        hold_text(j.account, sizeof(j.account));
        hold_text(j.key_object, sizeof(j.key_object));
        hold_text(j.permission, sizeof(j.permission));
        hold_text(j.label, sizeof(j.label));
        hold_text(j.text, sizeof(j.text));
        free(body);
        return 0;
}
