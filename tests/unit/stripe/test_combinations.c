/* Statuses, codes, types and texts that were recorded, in every combination, whether it was ever seen or not:
 * what no combination may do is to make a living key dead, or a permission granted or refused that nobody
 * spoke of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "answers.h"
#include "base/macros.h"
#include "stripe/judge.h"

static const long statuses[] = { 200, 204, 302, 400, 401, 402, 403, 404, 405, 409, 429, 500, 503 };

static const char *const codes[] = {
        "",
        "api_key_expired",
        "platform_api_key_expired",
        "more_permissions_required",
        "account_invalid",
        "resource_missing",
        "parameter_missing",
        "parameter_unknown",
        "rate_limit",
        "lock_timeout",
        "not_found",
        "identity_api_invalid_application",
        "accounts_v2_access_blocked",
        "stripe_tax_inactive",
        "secret_key_required",
};

static const char *const types[] = { "",           "invalid_request_error", "api_error",
                                     "rate_limit", "feature_not_enabled",   "capability_not_enabled" };

#define DEAD_TEXT 0
static const char *const texts[] = {
        [DEAD_TEXT] = "Invalid API Key provided: rk_test_****lder",
        "Expired API Key provided: rk_test_****KtSz7X",
        "Oops. Invalid API Key provided: rk_test_****lder",
        "Your account is not set up to use Issuing. Please visit x to get started.",
        "No such issuing card: 'x'",
        "Issuing is only available in testmode for this account",
        "Unrecognized request URL (GET: /v1/treasury/x). (Hint: Have you onboarded to Treasury?)",
        "Account not eligible for Climate Orders",
        "This endpoint is only available in testmode",
        "Accounts v2 is not enabled for your platform",
        "You can only create new accounts if you've signed up for Connect",
        "The Sources API has been deprecated, and we are no longer allowing new integrations",
        "Invalid Stripe API version: 2031-01-01",
        "The provided key 'rk_test_***abcdef' does not have the required permissions for this endpoint.",
        "Having the 'rak_payment_intent_read', 'rak_checkout_session_read' permissions would allow this "
        "request "
        "to continue.",
        "This application does not have the required permissions for this endpoint on account 'acct_1AbC.",
        "The API key provided does not allow requests from your IP address.",
        "This request is not allowed by your IP access policy.",
        "We're sorry, but we're unable to serve your request.",
        "Test mode requests are temporarily disabled due to exceptionally high traffic",
        "Sorry, you're creating accounts too quickly. You should limit your requests to 5 per second.",
        "Must provide source or customer.",
        "",
};

static char v1_path[] = "/v1/treasury/transactions/{absent}", v2_path[] = "/v2/core/accounts/{absent}",
            listed_code[] = "parameter_unknown";
static const struct probe probes[] = {
        { .path = v1_path },
        { .path = v1_path, .gated = "treasury" },
        { .path = v1_path, .gated = "issuing" },
        { .path = v2_path },
        { .path = v1_path, .granted_codes = { listed_code }, .n_granted_codes = 1 },
};

struct combination {
        long status;
        const char *code, *type;
        size_t text;
        const struct probe *probe; /* NULL: none in particular */
};

static bool code_is(const struct combination *c, const char *code)
{
        return strcmp(c->code, code) == 0;
}

/* Everything that may be taken for the proof of a permission. */
static bool may_grant(const struct combination *c)
{
        bool lookup = c->status == 400 || c->status == 404;

        return (lookup && code_is(c, "resource_missing")) ||
               (c->status == 400 && code_is(c, "parameter_missing")) ||
               (lookup && c->probe && c->probe->n_granted_codes > 0 && code_is(c, listed_code)) ||
               (c->status == 404 && c->probe && probe_is_v2(c->probe) && code_is(c, "not_found"));
}

static bool says_permission(const struct combination *c)
{
        return strstr(texts[c->text], "required permissions") ||
               strstr(texts[c->text], "would allow this request to continue");
}

/* What the rules allow; NULL, or what was broken. */
static const char *broken(const struct combination *c, const struct judgement *j)
{
        bool expired = code_is(c, "api_key_expired"), dead = expired || c->text == DEAD_TEXT;

        if (answer_is_dead(j->answer) != (c->status == 401 && dead))
                return "dead by 401 and the two known forms, and by nothing else";
        if (j->answer == ANSWER_GRANTED && !may_grant(c))
                return "granted by what nobody lists";
        if (j->answer == ANSWER_REFUSED &&
            (c->status != 403 || (!code_is(c, "more_permissions_required") && !says_permission(c))))
                return "refused by what is about no permission";
        if (j->answer == ANSWER_REFUSED && code_is(c, "account_invalid"))
                return "an account that is refused is no permission";
        if (j->answer == ANSWER_BLOCKED && !strstr(texts[c->text], " IP "))
                return "blocked without a word of it";
        if (c->status == 401 && answer_is_healthy(j->answer))
                return "a 401 proves no life";
        if ((c->status == 429 || c->status == 409) && j->answer != ANSWER_THROTTLED)
                return "throttled is no verdict";
        if ((c->status >= 500 || c->status == 302 || c->status < 300) && j->answer != ANSWER_UNCLEAR)
                return "trouble is no verdict";
        if (answer_is_healthy(j->answer) && strncmp(texts[c->text], "Unrecognized request URL", 24) == 0 &&
            j->answer == ANSWER_FEATURE_OFF && c->type[0] != 'f' && c->type[0] != 'c' && c->code[0] == '\0')
                return "what is told before the key is looked at proves no life";
        if (j->stale_probe && c->status != 400 && c->status != 404)
                return "only what cannot be looked up is stale";
        return NULL;
}

static unsigned n_tried;

static void try(const struct combination *c)
{
        char body[1024];
        struct judgement j;

        snprintf(body, sizeof(body), "{\"error\":{\"message\":\"%s\"%s%s%s%s%s%s}}", texts[c->text],
                 c->code[0] ? ",\"code\":\"" : "", c->code, c->code[0] ? "\"" : "",
                 c->type[0] ? ",\"type\":\"" : "", c->type, c->type[0] ? "\"" : "");
        struct reply reply = reply_text(c->status, body);

        judge(&reply, c->probe, &j);
        const char *why = broken(c, &j);
        if (why)
                fail_msg("%s: %ld %s, answered %s", why, c->status, body, answer_name(j.answer));
        n_tried++;
}

static void no_combination_breaks_the_rules(void **state)
{
        (void) state;
        for (size_t s = 0; s < ELEMENTSOF(statuses); s++)
                for (size_t k = 0; k < ELEMENTSOF(codes); k++)
                        for (size_t t = 0; t < ELEMENTSOF(types); t++)
                                for (size_t m = 0; m < ELEMENTSOF(texts); m++)
                                        for (size_t p = 0; p <= ELEMENTSOF(probes); p++)
                                                try(&(struct combination){ .status = statuses[s],
                                                                           .code = codes[k],
                                                                           .type = types[t],
                                                                           .text = m,
                                                                           .probe = p == ELEMENTSOF(probes)
                                                                                            ? NULL
                                                                                            : &probes[p] });
        print_message("%u combinations\n", n_tried);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(no_combination_breaks_the_rules),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
