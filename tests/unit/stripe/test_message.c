#include "stripe/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"

static const struct {
        const char *message;
        struct hints hints; /* account, key object, permission, label */
} cases[] = {
        { "", { "", "", "", "" } },
        { "Permission denied. The provided key 'rk_live_***j4va7j' does not have the required permissions "
          "for this "
          "endpoint on account 'acct_1AbC'. Enabling \"Prices Read\" ('plan_read') permissions on this key "
          "would allow "
          "this request to continue. You can edit permissions at "
          "https://dashboard.stripe.com/b/acct_1AbC?destination=%2Fapikeys%2Fmk_1XyZ%2Fedit",
          { "acct_1AbC", "mk_1XyZ", "plan_read", "Prices Read" } },
        /* the label without its quotes, as several reports show it */
        { "... on account 'acct_1AbC'. Enabling Charges and Refunds Write ('charge_write') permissions",
          { "acct_1AbC", "", "charge_write", "Charges and Refunds Write" } },
        { "Enabling \"Basic Business Contact Information Read\" (accounts_kyc_basic_read) permissions",
          { "", "", "accounts_kyc_basic_read", "Basic Business Contact Information Read" } },
        { "Enabling \"Coupons Write\" ('rak_coupon_write') permissions",
          { "", "", "coupon_write", "Coupons Write" } },
        { "Enabling \"A, B (C) Read\" ('a_read')", { "", "", "a_read", "A, B (C) Read" } },
        { "Enabling \"Confirmation tokens (client) Write\" ('confirmation_token_client_write') permissions",
          { "", "", "confirmation_token_client_write", "Confirmation tokens (client) Write" } },
        { "Enabling \"Prices Read\" ('plan_read'), \"Products Read\" ('product_read') permissions on this "
          "key",
          { "", "", "plan_read product_read", "Prices Read" } },
        { "Enabling A (b) Read ('a_read') and C Write ('c_write') permissions (see the documentation)",
          { "", "", "a_read c_write", "A (b) Read" } },
        { "Enabling \"A (b) Read\" permissions", { "", "", "", "A" } },
        { "The provided key 'rk_test_***qs8Kgd' does not have the required permissions for this endpoint on "
          "account "
          "'acct_1AbC'. Having the 'rak_accounts_kyc_id_numbers_read' permission would allow this request to "
          "continue.",
          { "acct_1AbC", "", "accounts_kyc_id_numbers_read", "" } },
        { "The provided key 'x' does not have the required permissions for this endpoint on account "
          "'acct_1AbC'. This is "
          "a restricted API key, but the required permissions are not available for use by restricted keys.",
          { "acct_1AbC", "", "", "" } },
        { "Having more permission would allow this request to continue.", { "", "", "", "" } },
        { "Having the 'rak_payment_intent_read', 'rak_checkout_session_read' permissions would allow",
          { "", "", "payment_intent_read checkout_session_read", "" } },
        { "Having the 'rak_a_read' and 'rak_b_write' permissions", { "", "", "a_read b_write", "" } },
        { "Having the 'rak_a_read', 'rk_live_abc_read' permissions", { "", "", "a_read", "" } },
        { "endpoint on account 'acct_1AbC. Having the 'read_only' scope would allow",
          { "acct_1AbC", "", "", "" } },
        { "Having the 'rak_bucket_connect' permission", { "", "", "", "" } },
        { "see https://dashboard.stripe.com/b/acct_1AbC?destination=/apikeys/mk_9/edit",
          { "acct_1AbC", "mk_9", "", "" } },
        { "destination=%2fapikeys%2fmk_9%2fedit", { "", "mk_9", "", "" } },
        { "does not have access to account 'acct_1AbC' (or that account does not exist)",
          { "", "", "", "" } },
        { "on account 'cus_1'", { "", "", "", "" } },
        { "endpoint on account 'acct_'", { "", "", "", "" } },
        { "apikeys%2Fmk_%2Fedit", { "", "", "", "" } },
        /* longer than any real one: not cut, left out */
        { "endpoint on account 'acct_0123456789012345678901234567890123456789012345678901234567890123456789'",
          { "", "", "", "" } },
        { "apikeys%2Fmk_0123456789012345678901234567890123456789012345678901234567890123456789%2F",
          { "", "", "", "" } },
        { "Having the 'rak_a01234567890123456789012345678901234567890123456789012345678901234_read' "
          "permission",
          { "", "", "", "" } },
        { "Enabling "
          "\"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234\" "
          "('a_read')",
          { "", "", "a_read", "" } },
        /* keys in the place of names */
        { "Enabling \"rk_live_abc\" ('rk_live_abc_read')", { "", "", "", "[key]" } },
        { "Enabling \"Coupons\x1b[2J\" ('coupon_read')", { "", "", "coupon_read", "Coupons?[2J" } },
        { "Enabling ", { "", "", "", "" } },
        { "Enabling \"", { "", "", "", "" } },
        { "Enabling  (", { "", "", "", "" } },
        { "Enabling \" (", { "", "", "", "" } },
        { "Enabling \"\" (''", { "", "", "", "" } },
};

static void table(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct hints hints;

                memset(&hints, 0x55, sizeof(hints));
                message_hints(cases[i].message, &hints);
                assert_string_equal(hints.account, cases[i].hints.account);
                assert_string_equal(hints.key_object, cases[i].hints.key_object);
                assert_string_equal(hints.permission, cases[i].hints.permission);
                assert_string_equal(hints.label, cases[i].hints.label);
        }
}

static void wordings_of_a_missing_permission(void **state)
{
        (void) state;
        assert_true(message_says_permission("x does not have the required permissions for this endpoint"));
        assert_true(message_says_permission(
                "the required permissions are not available for use by restricted keys."));
        assert_true(message_says_permission("Having more permission would allow this request to continue."));
        assert_false(message_says_permission("We're sorry, but we're unable to serve your request."));
        assert_false(message_says_permission("does not have any Connect permissions."));
        assert_false(message_says_permission(""));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(table),
                cmocka_unit_test(wordings_of_a_missing_permission),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
