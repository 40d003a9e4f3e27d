/* Every outcome that Stripe is known to give, and what is made of it. */
#include "stripe/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "answers.h"
#include "base/macros.h"

#define ERROR(members)                                                                                       \
        "{\n  \"error\": {\n    " members ",\n    \"type\": \"invalid_request_error\"\n  }\n}\n"
#define MESSAGE(text) ERROR("\"message\": \"" text "\"")
#define CODED(code, text)                                                                                    \
        ERROR("\"code\": \"" code "\",\n    \"doc_url\": \"https://stripe.com/docs/error-codes/x\",\n    "   \
              "\"message\": \"" text "\"")

/* The numbers are those of a collection of published answers; P stands for its second part. */
#define CURRENT_403                                                                                          \
        CODED("more_permissions_required",                                                                   \
              "Permission denied. The provided key 'rk_live_***j4va7j' does not have the required "          \
              "permissions "                                                                                 \
              "for this endpoint on account 'acct_1AbCdEfGhIjKlMnO'. Enabling \\\"Prices Read\\\" "          \
              "('plan_read') "                                                                               \
              "permissions on this key would allow this request to continue. You can edit permissions at "   \
              "https://dashboard.stripe.com/b/"                                                              \
              "acct_1AbCdEfGhIjKlMnO?destination=%2Fapikeys%2Fmk_1QrStUvWxYz%2Fedit")

static const struct row {
        const char *name;
        long status;
        const char *body;
        enum answer answer;
        enum cause cause;
        bool stale;
        const char *code;
        const char *text; /* NULL: not looked at */
} rows[] = {
        { "1 no key", 401,
          MESSAGE("You did not provide an API key. You need to provide your API key in the Authorization "
                  "header, "
                  "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."),
          ANSWER_UNCLEAR, CAUSE_UNLISTED, false, "", "" },
        { "2 unusable Authorization", 401,
          MESSAGE("You did not provide an API key, though you did set your Authorization header to "
                  "\\\"null\\\"."),
          ANSWER_UNCLEAR, CAUSE_UNLISTED, false, "", "" },
        { "3 not recognised", 401, MESSAGE("Invalid API Key provided: sk_test_****lder"), ANSWER_DEAD_INVALID,
          CAUSE_NONE, false, "", "" },
        { "3b stray quotes, echoed unescaped", 401, MESSAGE("Invalid API Key provided: \"sk_test***M6F\""),
          ANSWER_UNCLEAR, CAUSE_FOREIGN, false, "", NULL },
        { "3 not at the start", 401, MESSAGE("Oops. Invalid API Key provided: sk_test_****lder"),
          ANSWER_UNCLEAR, CAUSE_UNLISTED, false, "", "" },
        { "4 expired", 401,
          CODED("api_key_expired", "Expired API Key provided: rk_test_*****************************KtSz7X"),
          ANSWER_DEAD_EXPIRED, CAUSE_NONE, false, "api_key_expired", "" },
        { "4 expired, platform", 401,
          CODED("api_key_expired",
                "Expired API Key provided: rk_test_******KtSz7X. Platform access may have been revoked."),
          ANSWER_DEAD_EXPIRED, CAUSE_NONE, false, "api_key_expired", "" },
        { "4 expired, text without code", 401, MESSAGE("Expired API Key provided: rk_test_******KtSz7X"),
          ANSWER_UNCLEAR, CAUSE_UNLISTED, false, "", "" },
        { "6 address", 401, MESSAGE("The API key provided does not allow requests from your IP address."),
          ANSWER_BLOCKED, CAUSE_NONE, false, "", "" },
        { "6 address, named", 401,
          MESSAGE("The API key provided does not allow requests from your IP address (192.0.2.4)."),
          ANSWER_BLOCKED, CAUSE_NONE, false, "", "" },
        { "7a missing permission, 2026", 403, CURRENT_403, ANSWER_REFUSED, CAUSE_NONE, false,
          "more_permissions_required", NULL },
        { "7a code alone", 403, CODED("more_permissions_required", "Permission denied."), ANSWER_REFUSED,
          CAUSE_NONE, false, "more_permissions_required", "Permission denied." },
        { "7b missing permission, until 2025", 403,
          MESSAGE("The provided key 'rk_test_******qs8Kgd' does not have the required permissions for this "
                  "endpoint on "
                  "account 'acct_1AbC'. Having the 'rak_accounts_kyc_id_numbers_read' permission would allow "
                  "this "
                  "request to continue."),
          ANSWER_REFUSED, CAUSE_NONE, false, "",
          "The provided key '[key]' does not have the required permissions for this endpoint on account "
          "'acct_1AbC'. "
          "Having the 'rak_accounts_kyc_id_numbers_read' permission would allow this request to continue." },
        { "7c not grantable", 403,
          MESSAGE("The provided key 'rk_test_******qs8Kgd' does not have the required permissions for this "
                  "endpoint on "
                  "account 'acct_1AbC'. This is a restricted API key, but the required permissions are not "
                  "available "
                  "for use by restricted keys."),
          ANSWER_REFUSED, CAUSE_NONE, false, "", NULL },
        { "7d older still", 403,
          MESSAGE("The provided key 'sk_test_***qPsl' does not have the required permissions. Having more "
                  "permission "
                  "would allow this request to continue."),
          ANSWER_REFUSED, CAUSE_NONE, false, "", NULL },
        { "7d its second sentence only", 403,
          MESSAGE("Having more permission would allow this request to continue."), ANSWER_REFUSED, CAUSE_NONE,
          false, "", NULL },
        { "7e permission as 401", 401,
          MESSAGE("The provided key 'rk_test_****' does not have the required permissions for this "
                  "endpoint."),
          ANSWER_UNCLEAR, CAUSE_UNLISTED, false, "", "" },
        { "8 no Connect permissions", 403,
          MESSAGE("You passed a restricted API key with the Stripe-Account header, but the restricted API "
                  "key does not "
                  "have any Connect permissions."),
          ANSWER_ACCOUNT_REFUSED, CAUSE_NONE, false, "", NULL },
        { "9 account", 403,
          CODED("account_invalid", "The provided key 'sk_test_***qPsl' does not have access to account "
                                   "'acct_1AbC' (or that account does "
                                   "not exist). Application access may have been revoked."),
          ANSWER_ACCOUNT_REFUSED, CAUSE_NONE, false, "account_invalid",
          "The provided key '[key]' does not have access to account 'acct_1AbC' (or that account does not "
          "exist). "
          "Application access may have been revoked." },
        { "10 not a platform", 403,
          CODED("platform_account_required", "Only Stripe Connect platforms can do this."),
          ANSWER_ACCOUNT_REFUSED, CAUSE_NONE, false, "platform_account_required", NULL },
        { "11 platform key expired", 401, CODED("platform_api_key_expired", "gone"), ANSWER_UNCLEAR,
          CAUSE_UNLISTED, false, "platform_api_key_expired", "" },
        { "12 generic refusal", 403, MESSAGE("We're sorry, but we're unable to serve your request."),
          ANSWER_ACCOUNT_REFUSED, CAUSE_NONE, false, "",
          "We're sorry, but we're unable to serve your request." },
        { "14 publishable", 401, CODED("secret_key_required", "x"), ANSWER_UNCLEAR, CAUSE_UNLISTED, false,
          "secret_key_required", "" },
        { "15 unknown object", 404, CODED("resource_missing", "No such coupon: 'NOPE123'"), ANSWER_GRANTED,
          CAUSE_NONE, false, "resource_missing", "No such coupon: 'NOPE123'" },
        { "15b unknown object as parameter", 400, CODED("resource_missing", "No such coupon: 'UNKNOWN1'"),
          ANSWER_GRANTED, CAUSE_NONE, false, "resource_missing", NULL },
        { "16 other mode", 404,
          CODED("resource_missing",
                "No such customer: cus_1; a similar object exists in live mode, but a test mode key "
                "was used to make this request."),
          ANSWER_GRANTED, CAUSE_NONE, false, "resource_missing", NULL },
        { "16 other mode, by code", 400, CODED("livemode_mismatch", "x"), ANSWER_UNCLEAR, CAUSE_UNLISTED,
          true, "livemode_mismatch", "x" },
        { "17 unknown URL", 404, MESSAGE("Unrecognized request URL (GET: /v1/nothing). See the docs."),
          ANSWER_UNCLEAR, CAUSE_UNLISTED, true, "", NULL },
        { "18 missing parameter", 400, CODED("parameter_missing", "Missing required param: promotion."),
          ANSWER_GRANTED, CAUSE_NONE, false, "parameter_missing", NULL },
        { "18 missing parameter as 404", 404, CODED("parameter_missing", "x"), ANSWER_UNCLEAR, CAUSE_UNLISTED,
          true, "parameter_missing", NULL },
        { "19 unknown parameter", 400, CODED("parameter_unknown", "Received unknown parameter: coupon"),
          ANSWER_UNCLEAR, CAUSE_UNLISTED, true, "parameter_unknown", NULL },
        { "20 bad version", 400, MESSAGE("Invalid Stripe API version: 2026-10-28.endive"), ANSWER_UNCLEAR,
          CAUSE_UNLISTED, true, "", NULL },
        { "21 rate", 429, CODED("rate_limit", "Request rate limit exceeded."), ANSWER_THROTTLED, CAUSE_NONE,
          false, "rate_limit", NULL },
        { "21 rate, before 2015", 400, CODED("rate_limit", "Request rate limit exceeded."), ANSWER_THROTTLED,
          CAUSE_NONE, false, "rate_limit", NULL },
        { "22 lock", 429, CODED("lock_timeout", "This object cannot be accessed right now."),
          ANSWER_THROTTLED, CAUSE_NONE, false, "lock_timeout", NULL },
        { "23 conflict", 409, CODED("idempotency_key_in_use", "x"), ANSWER_THROTTLED, CAUSE_NONE, false,
          "idempotency_key_in_use", NULL },
        { "24 misuse", 400, "{\"error\":{\"type\":\"idempotency_error\",\"message\":\"x\"}}", ANSWER_UNCLEAR,
          CAUSE_UNLISTED, true, "", "x" },
        { "25 server error", 500,
          "{\"error\":{\"type\":\"api_error\",\"message\":\"An unknown error occurred\"}}", ANSWER_UNCLEAR,
          CAUSE_SERVER_ERROR, false, "", "An unknown error occurred" },
        { "25 gateway", 502, "<html>bad gateway</html>", ANSWER_UNCLEAR, CAUSE_SERVER_ERROR, false, "",
          NULL },
        { "25 looks like an answer", 503, "{\"object\":\"list\"}", ANSWER_UNCLEAR, CAUSE_SERVER_ERROR, false,
          "", NULL },
        { "25 expired in a 500", 500, CODED("api_key_expired", "x"), ANSWER_UNCLEAR, CAUSE_SERVER_ERROR,
          false, "api_key_expired", NULL },
        { "26 not activated", 402, CODED("testmode_charges_only", "x"), ANSWER_UNCLEAR, CAUSE_UNLISTED, false,
          "testmode_charges_only", NULL },
        { "card error", 402,
          "{\"error\":{\"type\":\"card_error\",\"code\":\"card_declined\",\"message\":\"x\"}}",
          ANSWER_UNCLEAR, CAUSE_UNLISTED, false, "card_declined", NULL },
        { "method not allowed", 405, MESSAGE("x"), ANSWER_UNCLEAR, CAUSE_UNLISTED, false, "", NULL },
        { "list", 200, "{\"object\":\"list\",\"url\":\"/v1/coupons\",\"has_more\":false,\"data\":[]}",
          ANSWER_GRANTED, CAUSE_NONE, false, "", "" },
        { "object", 200, "{\"id\":\"x\",\"object\":\"coupon\",\"deleted\":true}", ANSWER_GRANTED, CAUSE_NONE,
          false, "", "" },
        { "created", 201, "{\"object\":\"coupon\"}", ANSWER_GRANTED, CAUSE_NONE, false, "", "" },
        { "redirect", 302, "{\"object\":\"list\"}", ANSWER_UNCLEAR, CAUSE_REDIRECT, false, "", "" },
        { "not modified", 304, "", ANSWER_UNCLEAR, CAUSE_REDIRECT, false, "", "" },
        /* Texts that say that the account lacks a product, with the numbers of their collection. */
        { "P1 Issuing, list", 400,
          MESSAGE("Your account is not set up to use Issuing. Please visit "
                  "https://dashboard.stripe.com/issuing/overview to get started."),
          ANSWER_FEATURE_OFF, CAUSE_NONE, false, "", NULL },
        { "P2 Issuing, absent id: the gate is skipped", 404,
          CODED("resource_missing", "No such issuing card: 'keyvigil_absent_x'"), ANSWER_GRANTED, CAUSE_NONE,
          false, "resource_missing", NULL },
        { "P3 Issuing, live", 400, MESSAGE("Issuing is only available in testmode for this account"),
          ANSWER_FEATURE_OFF, CAUSE_NONE, false, "", NULL },
        { "P4 Treasury on another row", 400,
          MESSAGE("Unrecognized request URL (GET: /v1/treasury/transactions). Please see "
                  "https://stripe.com/docs. (Hint: Have you onboarded to Treasury? You can do so at x.)"),
          ANSWER_UNCLEAR, CAUSE_UNLISTED, true, "", NULL },
        { "P5 Crypto onramp", 404, MESSAGE("Unrecognized request URL (GET: /v1/crypto/onramp_sessions)."),
          ANSWER_UNCLEAR, CAUSE_UNLISTED, true, "", NULL },
        { "P6 Identity, list", 400,
          MESSAGE("Your account is not set up to use Identity. Please have an account admin visit "
                  "https://dashboard.stripe.com/identity/application to get started."),
          ANSWER_FEATURE_OFF, CAUSE_NONE, false, "", NULL },
        { "P7 Identity, create", 400, CODED("identity_api_invalid_application", "x"), ANSWER_FEATURE_OFF,
          CAUSE_NONE, false, "identity_api_invalid_application", NULL },
        { "P8 Identity, absent id", 404, CODED("resource_missing", "No such VerificationSession: 'x'"),
          ANSWER_GRANTED, CAUSE_NONE, false, "resource_missing", NULL },
        { "P9 Climate, list", 400, MESSAGE("Account not eligible for Climate Orders"), ANSWER_FEATURE_OFF,
          CAUSE_NONE, false, "", NULL },
        { "P10 Forwarding, live list", 400,
          MESSAGE("Your account is not authorized to send Forwarding requests in livemode"),
          ANSWER_FEATURE_OFF, CAUSE_NONE, false, "", NULL },
        { "P11 test clocks, live", 400, MESSAGE("This endpoint is only available in testmode"),
          ANSWER_FEATURE_OFF, CAUSE_NONE, false, "", NULL },
        { "P12 Sigma, test", 400, MESSAGE("This API surface is not enabled for testmode usage"),
          ANSWER_FEATURE_OFF, CAUSE_NONE, false, "", NULL },
        { "P13 Accounts v2", 400, MESSAGE("Accounts v2 is not enabled for your platform"), ANSWER_FEATURE_OFF,
          CAUSE_NONE, false, "", NULL },
        { "P13 Accounts v2, merchant", 400,
          MESSAGE("Accounts v2 is not enabled for your livemode merchant acct_1AbC"), ANSWER_FEATURE_OFF,
          CAUSE_NONE, false, "", NULL },
        { "P13 Accounts v2, test", 400, MESSAGE("Accounts v2 isn't available in test mode"),
          ANSWER_FEATURE_OFF, CAUSE_NONE, false, "", NULL },
        { "P13 Accounts v2, code", 400, CODED("accounts_v2_access_blocked", "x"), ANSWER_FEATURE_OFF,
          CAUSE_NONE, false, "accounts_v2_access_blocked", NULL },
        { "P13 Accounts v2, code, 403", 403, CODED("non_connect_platform_accounts_v2_access_blocked", "x"),
          ANSWER_FEATURE_OFF, CAUSE_NONE, false, "non_connect_platform_accounts_v2_access_blocked", NULL },
        { "P14 Connect", 400,
          MESSAGE("You can only create new accounts if you've signed up for Connect, which you can do at "
                  "https://dashboard.stripe.com/connect."),
          ANSWER_FEATURE_OFF, CAUSE_NONE, false, "", NULL },
        { "P14 Connect, as a printer sets it", 400,
          MESSAGE("You can only create new accounts if you\xe2\x80\x99ve signed up for Connect"),
          ANSWER_FEATURE_OFF, CAUSE_NONE, false, "", NULL },
        { "P13 Accounts v2, test, escaped", 400, MESSAGE("Accounts v2 isn\\u2019t available in test mode"),
          ANSWER_FEATURE_OFF, CAUSE_NONE, false, "", NULL },
        { "P15 Sources", 400,
          MESSAGE("The Sources API has been deprecated, and we are no longer allowing new integrations"),
          ANSWER_FEATURE_OFF, CAUSE_NONE, false, "", NULL },
        { "P16 Tax", 400, CODED("stripe_tax_inactive", "x"), ANSWER_FEATURE_OFF, CAUSE_NONE, false,
          "stripe_tax_inactive", NULL },
        { "P17 v2 feature", 400, "{\"error\":{\"type\":\"feature_not_enabled\",\"message\":\"x\"}}",
          ANSWER_FEATURE_OFF, CAUSE_NONE, false, "", "x" },
        { "P17 v2 capability, 403", 403,
          "{\"error\":{\"type\":\"capability_not_enabled\",\"code\":\"x\",\"message\":\"x\"}}",
          ANSWER_FEATURE_OFF, CAUSE_NONE, false, "x", "x" },
        { "P1 in other capitals", 404, MESSAGE("your ACCOUNT is Not Set Up To Use Capital."),
          ANSWER_FEATURE_OFF, CAUSE_NONE, false, "", NULL },
        { "P18 a list without the product", 200,
          "{\"object\":\"list\",\"url\":\"/v1/transfers\",\"has_more\":false,\"data\":[]}", ANSWER_GRANTED,
          CAUSE_NONE, false, "", "" },
        { "P19 the permission comes first", 403,
          MESSAGE("The provided key 'rk_test_***abcdef' does not have the required permissions for this "
                  "endpoint on account 'acct_1AbC'. Your account is not set up to use Issuing."),
          ANSWER_REFUSED, CAUSE_NONE, false, "", NULL },
        { "P20 no verdict about a key that was not accepted", 401,
          MESSAGE("Your account is not set up to use Issuing."), ANSWER_UNCLEAR, CAUSE_UNLISTED, false, "",
          "" },
        { "P24 absent cursor", 400, CODED("resource_missing", "No such customer: 'cus_aaa'"), ANSWER_GRANTED,
          CAUSE_NONE, false, "resource_missing", NULL },
        { "P25 both cursors", 400,
          MESSAGE("You cannot parameterize with both starting_after and ending_before."), ANSWER_UNCLEAR,
          CAUSE_UNLISTED, true, "", NULL },
        { "P25 missing parameter that is not named", 400,
          CODED("parameter_missing", "Must provide source or customer."), ANSWER_GRANTED, CAUSE_NONE, false,
          "parameter_missing", NULL },
        { "P26 bad version", 400,
          "{\"error\":{\"message\":\"Invalid Stripe API version: 2031-01-01\",\"type\":"
          "\"invalid_request_error\"}}",
          ANSWER_UNCLEAR, CAUSE_UNLISTED, true, "", NULL },
        { "P28 v2, permission", 403,
          MESSAGE("The provided key 'rk_test_***abcdef' does not have the required permissions for this "
                  "endpoint on account 'acct_1AbC'. Having the 'rak_v2_account_storer_read' permission would "
                  "allow this request to continue."),
          ANSWER_REFUSED, CAUSE_NONE, false, "", NULL },
        { "P28 v2 list on a row of v1", 200, "{\"data\":[],\"next_page_url\":null}", ANSWER_UNCLEAR,
          CAUSE_FOREIGN, false, "", NULL },
        { "P28 v2 code on a row of v1", 404, CODED("not_found", "x"), ANSWER_UNCLEAR, CAUSE_UNLISTED, true,
          "not_found", NULL },
        { "P29 balance transaction", 404,
          CODED("resource_missing", "No such balance transaction: 'txn_nope'"), ANSWER_GRANTED, CAUSE_NONE,
          false, "resource_missing", NULL },
        { "P31 long mask", 403,
          MESSAGE("The provided key 'rk_live_*********************************************************"
                  "************************************abcdef' does not have the required permissions for "
                  "this endpoint on account 'acct_1AbC'."),
          ANSWER_REFUSED, CAUSE_NONE, false, "",
          "The provided key '[key]' does not have the required permissions for this endpoint on account "
          "'acct_1AbC'." },
#define MASKED(key)                                                                                          \
        MESSAGE("Permission denied. The provided key '" key                                                  \
                "' does not have the required permissions for this endpoint on account 'acct_1AbC'."),       \
                ANSWER_REFUSED, CAUSE_NONE, false, "",                                                       \
                "Permission denied. The provided key '[key]' does not have the required permissions for "    \
                "this endpoint on account 'acct_1AbC'."
        { "P31 three stars and four", 403, MASKED("rk_live_***SYT3") },
        { "P31 four stars and six", 403, MASKED("rk_live_****BuW4ie") },
        { "P31 dots", 403, MASKED("rk_live_...SYT3") },
        { "P31 dots and six", 403, MASKED("rk_test_...BuW4ie") },
        { "P31 one character for the dots", 403, MASKED("rk_live_\xe2\x80\xa6j4va7j") },
        { "P32 leading characters can show", 403,
          MESSAGE("The provided key 'ek_test_YW***************_******ZRhu' does not have the required "
                  "permissions."),
          ANSWER_REFUSED, CAUSE_NONE, false, "",
          "The provided key '[key]' does not have the required permissions." },
        { "P33 several names", 403,
          MESSAGE("The provided key 'rk_test_***abcdef' does not have the required permissions for this "
                  "endpoint on account 'acct_1AbC'. Having the 'rak_payment_intent_read', "
                  "'rak_checkout_session_read' permissions would allow this request to continue."),
          ANSWER_REFUSED, CAUSE_NONE, false, "", NULL },
        { "P34 app", 403,
          MESSAGE("This application does not have the required permissions for this endpoint on account "
                  "'acct_1AbC. Having the 'read_only' scope would allow this request to continue."),
          ANSWER_REFUSED, CAUSE_NONE, false, "", NULL },
        { "P34 ephemeral key", 403,
          MESSAGE("The provided key 'ek_test_***abc' does not have the required permissions. Having more "
                  "permissions would allow this request to continue."),
          ANSWER_REFUSED, CAUSE_NONE, false, "", NULL },
        { "P36 access policy, 403", 403, MESSAGE("This request is not allowed by your IP access policy."),
          ANSWER_BLOCKED, CAUSE_NONE, false, "", NULL },
        { "P36 access policy, 403, with the code of a refusal", 403,
          CODED("more_permissions_required",
                "This API key's IP access policy does not allow requests from your IP address."),
          ANSWER_BLOCKED, CAUSE_NONE, false, "more_permissions_required", NULL },
        { "P36 access policy, 401", 401, MESSAGE("Denied by an IP access policy of this key."),
          ANSWER_BLOCKED, CAUSE_NONE, false, "", "" },
        { "P36 the known text as 403", 403,
          MESSAGE("The API key provided does not allow requests from your IP address."), ANSWER_BLOCKED,
          CAUSE_NONE, false, "", NULL },
        { "P37 test mode alone is off", 503,
          MESSAGE("Test mode requests are temporarily disabled due to exceptionally high traffic"),
          ANSWER_UNCLEAR, CAUSE_SERVER_ERROR, false, "", NULL },
        { "P38 no JSON, with a status that would be a verdict", 404, "resource_missing", ANSWER_UNCLEAR,
          CAUSE_FOREIGN, false, "", NULL },
        { "P39 rate in test mode", 429,
          CODED("rate_limit", "Testmode request rate limit exceeded, the rate limits in testmode are lower "
                              "than livemode."),
          ANSWER_THROTTLED, CAUSE_NONE, false, "rate_limit", NULL },
        { "P39 too quickly", 400,
          MESSAGE("Sorry, you're creating accounts too quickly. You should limit your requests to 5 per "
                  "second."),
          ANSWER_THROTTLED, CAUSE_NONE, false, "", NULL },
        { "P41 platform key expired", 401, CODED("platform_api_key_expired", "x"), ANSWER_UNCLEAR,
          CAUSE_UNLISTED, false, "platform_api_key_expired", "" },
        { "members that are null", 404,
          "{\"error\":{\"code\":\"resource_missing\",\"message\":null,\"type\":null,\"param\":null}}",
          ANSWER_GRANTED, CAUSE_NONE, false, "resource_missing", "" },
};

static void every_row(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const struct row *row = &rows[i];
                struct reply reply = reply_text(row->status, row->body);
                struct judgement j;

                judge(&reply, NULL, &j);
                if (j.answer != row->answer || j.cause != row->cause)
                        fail_msg("%s: %s/%s", row->name, answer_name(j.answer), cause_name(j.cause));
                if (j.stale_probe != row->stale)
                        fail_msg("%s: stale_probe", row->name);
                assert_int_equal(j.status, row->status);
                assert_int_equal(j.everyone, row->status >= 500);
                assert_string_equal(j.code, row->code);
                if (row->text)
                        assert_string_equal(j.text, row->text);
                assert_string_equal(j.request_id, "req_Abc123");
        }
}

/* The collection numbers its facts; these are the ones that are answers. */
static void every_recorded_answer_is_there(void **state)
{
        static const unsigned recorded[] = { 1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                                             13, 14, 15, 16, 17, 18, 19, 20, 24, 25, 26, 28,
                                             29, 31, 32, 33, 34, 36, 37, 38, 39, 41 };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(recorded); i++) {
                char name[8];
                size_t k = 0;

                snprintf(name, sizeof(name), "P%u ", recorded[i]);
                while (k < ELEMENTSOF(rows) && strncmp(rows[k].name, name, strlen(name)) != 0)
                        k++;
                if (k == ELEMENTSOF(rows))
                        fail_msg("%sis missing", name);
        }
}

static void unclear_and_cause_go_together(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_int_equal(rows[i].answer == ANSWER_UNCLEAR, rows[i].cause != CAUSE_NONE);
}

static void hints_of_a_refusal(void **state)
{
        struct reply reply = reply_text(403, CURRENT_403);
        struct judgement j;

        (void) state;
        judge(&reply, NULL, &j);
        assert_string_equal(j.account, "acct_1AbCdEfGhIjKlMnO");
        assert_string_equal(j.key_object, "mk_1QrStUvWxYz");
        assert_string_equal(j.permission, "plan_read");
        assert_string_equal(j.label, "Prices Read");
        assert_null(strstr(j.text, "j4va7j"));
}

static void account_invalid_teaches_no_account(void **state)
{
        struct reply reply =
                reply_text(403, CODED("account_invalid",
                                      "The provided key 'x' does not have access to account 'acct_1AbC'"));
        struct judgement j;

        (void) state;
        judge(&reply, NULL, &j);
        assert_string_equal(j.account, "");
}

static void listed_codes_of_a_row_grant(void **state)
{
        char code[] = "parameter_unknown", empty[] = "";
        struct probe probe = { .granted_codes = { code, empty }, .n_granted_codes = 2 };
        static const struct {
                long status;
                const char *body;
                enum answer answer;
        } cases[] = {
                { 400, CODED("parameter_unknown", "x"), ANSWER_GRANTED },
                { 404, CODED("parameter_unknown", "x"), ANSWER_GRANTED },
                { 400, CODED("parameter_invalid", "x"), ANSWER_UNCLEAR },
                { 400, MESSAGE("no code is no listed code"), ANSWER_UNCLEAR },
                { 400, CODED("rate_limit", "x"), ANSWER_THROTTLED },
                { 402, CODED("parameter_unknown", "x"), ANSWER_UNCLEAR },
                { 401, CODED("parameter_unknown", "x"), ANSWER_UNCLEAR },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct reply reply = reply_text(cases[i].status, cases[i].body);
                struct judgement j;

                judge(&reply, &probe, &j);
                assert_int_equal(j.answer, cases[i].answer);
        }
}

/* What counts on the rows of one product, or of one version of the API, only. */
static void some_answers_count_on_their_rows_only(void **state)
{
        static const char v2[] = "/v2/core/accounts/{absent}", v1[] = "/v1/treasury/transactions/{absent}";
        static const struct {
                const char *path, *gated;
                long status;
                const char *body;
                enum answer answer;
        } cases[] = {
                { v1, "treasury", 404,
                  MESSAGE("Unrecognized request URL (GET: /v1/treasury/x). Please see x."),
                  ANSWER_FEATURE_UNROUTED },
                { v1, "treasury", 400,
                  MESSAGE("Unrecognized request URL (GET: x). (Hint: Have you onboarded to Treasury?)"),
                  ANSWER_FEATURE_UNROUTED },
                { v1, "issuing", 404, MESSAGE("Unrecognized request URL (GET: x)."), ANSWER_UNCLEAR },
                { v1, "treasury", 401, MESSAGE("Unrecognized request URL (GET: x)."), ANSWER_UNCLEAR },
                { v1, "treasury", 404, MESSAGE("Oops. Unrecognized request URL (GET: x)."), ANSWER_UNCLEAR },
                { v2, NULL, 200, "{\"data\":[],\"next_page_url\":null}", ANSWER_GRANTED },
                { v2, NULL, 200, "{\"data\":{}}", ANSWER_UNCLEAR },
                { v2, NULL, 404, CODED("not_found", "x"), ANSWER_GRANTED },
                { v2, NULL, 400, CODED("not_found", "x"), ANSWER_UNCLEAR },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct reply reply = reply_text(cases[i].status, cases[i].body);
                struct probe probe = { .path = (char *) cases[i].path, .gated = cases[i].gated };
                struct judgement j;

                judge(&reply, &probe, &j);
                if (j.answer != cases[i].answer)
                        fail_msg("case %zu: %s", i, answer_name(j.answer));
                assert_int_equal(answer_is_healthy(j.answer), cases[i].answer == ANSWER_GRANTED);
        }
}

static void several_names_of_one_refusal(void **state)
{
        struct reply reply = reply_text(
                403,
                MESSAGE("x does not have the required permissions. Having the 'rak_payment_intent_read', "
                        "'rak_checkout_session_read' permissions would allow this request to continue."));
        struct judgement j;

        (void) state;
        judge(&reply, NULL, &j);
        assert_string_equal(j.permission, "payment_intent_read checkout_session_read");
}

static void silence_has_its_cause(void **state)
{
        static const struct {
                enum transport_error error;
                enum cause cause;
        } cases[] = {
                { TRANSPORT_RESOLVE, CAUSE_RESOLVE }, { TRANSPORT_CONNECT, CAUSE_CONNECT },
                { TRANSPORT_TLS, CAUSE_TLS },         { TRANSPORT_CERTIFICATE, CAUSE_TLS },
                { TRANSPORT_TIMEOUT, CAUSE_TIMEOUT }, { TRANSPORT_BROKEN, CAUSE_BROKEN },
                { TRANSPORT_LOCAL, CAUSE_LOCAL },     { TRANSPORT_TOO_LARGE, CAUSE_FOREIGN },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                /* What is left of a body says nothing: it may have been cut. */
                struct reply reply = reply_text(401, CODED("api_key_expired", "x"));
                struct judgement j;

                reply.error = cases[i].error;
                reply.detail = "host 192.0.2.1 port 443";
                judge(&reply, NULL, &j);
                assert_int_equal(j.answer, ANSWER_UNCLEAR);
                assert_int_equal(j.cause, cases[i].cause);
                assert_int_equal(j.status, 0);
                assert_string_equal(j.code, "");
                assert_ptr_equal(strstr(j.text, transport_error_text(cases[i].error)), j.text);
                assert_non_null(strstr(j.text, ": host 192.0.2.1 port 443"));
        }
}

/* What is cut would be another code. */
static void codes_are_whole_or_not_there(void **state)
{
        static const char
                longest[] = "payment_method_microdeposit_verification_descriptor_code_mismatch",
                too_long[] =
                        "a23456789b23456789c23456789d23456789e23456789f23456789g23456789h23456789i2345678";
        static const char *const cases[][2] = {
                { longest, longest }, { too_long, "" }, { "Sk_test", "" },
                { "two words", "" },  { "404", "404" },
        };

        (void) state;
        assert_int_equal(strlen(too_long), CODE_SIZE);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char body[256];
                struct judgement j;

                snprintf(body, sizeof(body), "{\"error\":{\"type\":\"x\",\"code\":\"%s\"}}", cases[i][0]);
                struct reply reply = reply_text(400, body);
                judge(&reply, NULL, &j);
                assert_string_equal(j.code, cases[i][1]);
        }
}

static void headers_are_handed_on(void **state)
{
        struct reply reply = reply_text(429, CODED("rate_limit", "x"));
        struct judgement j;

        (void) state;
        reply.retry_after = 7;
        reply.should_retry = 1;
        judge(&reply, NULL, &j);
        assert_int_equal(j.retry_after, 7);
        assert_int_equal(j.should_retry, 1);
        assert_int_equal(j.date_wall, 1795230000);
        assert_false(j.everyone);

        reply.retry_after = -5;
        reply.date_wall = -9;
        judge(&reply, NULL, &j);
        assert_int_equal(j.retry_after, -1);
        assert_int_equal(j.date_wall, -1);
}

static void somebody_in_front_throttles_everyone(void **state)
{
        struct reply reply = reply_text(429, "<html>slow down</html>");
        struct judgement j;

        (void) state;
        judge(&reply, NULL, &j);
        assert_int_equal(j.answer, ANSWER_UNCLEAR);
        assert_int_equal(j.cause, CAUSE_FOREIGN);
        assert_true(j.everyone);
}

static void request_ids_are_cleaned(void **state)
{
        static const struct {
                const char *given, *kept;
        } cases[] = {
                { "", "" },
                { "req_1", "req_1" },
                { "req_1, req_2", "req_1" },
                { "req_1\x1b[31m", "req_1" },
                { "<b>", "" },
                { "req_0123456789012345678901234567890123456789012345678901234567890123456789",
                  "req_01234567890123456789012345678901234567890123456789012345678" },
                { "rk_live_abcdefghijkl", "" },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct reply reply = reply_text(200, "{\"object\":\"list\"}");
                struct judgement j;

                reply.request_id = cases[i].given;
                judge(&reply, NULL, &j);
                assert_string_equal(j.request_id, cases[i].kept);
        }
}

static void names_are_the_contract(void **state)
{
        (void) state;
        assert_string_equal(answer_name(ANSWER_DEAD_EXPIRED), "dead-expired");
        assert_string_equal(answer_name(ANSWER_ACCOUNT_REFUSED), "account-refused");
        for (int i = 0; i < _ANSWER_MAX; i++)
                assert_non_null(answer_name((enum answer) i));
        for (int i = 0; i < _CAUSE_MAX; i++)
                assert_non_null(cause_name((enum cause) i));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_row),
                cmocka_unit_test(every_recorded_answer_is_there),
                cmocka_unit_test(unclear_and_cause_go_together),
                cmocka_unit_test(hints_of_a_refusal),
                cmocka_unit_test(account_invalid_teaches_no_account),
                cmocka_unit_test(listed_codes_of_a_row_grant),
                cmocka_unit_test(some_answers_count_on_their_rows_only),
                cmocka_unit_test(several_names_of_one_refusal),
                cmocka_unit_test(silence_has_its_cause),
                cmocka_unit_test(codes_are_whole_or_not_there),
                cmocka_unit_test(headers_are_handed_on),
                cmocka_unit_test(somebody_in_front_throttles_everyone),
                cmocka_unit_test(request_ids_are_cleaned),
                cmocka_unit_test(names_are_the_contract),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
