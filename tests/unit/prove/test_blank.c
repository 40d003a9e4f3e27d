/* What may be published holds no id, whatever the texts were. */
#include "prove/blank.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macros.h"

static const struct {
        const char *from, *to;
} cases[] = {
        { "", "" },
        { "No such coupon: 'keyvigil_absent_abcdefghijklmnop'", "No such coupon: '[id]'" },
        { "on account 'acct_1AbCdEf'.", "on account '[id]'." },
        { "acct_abc", "[id]" },
        { "https://dashboard.stripe.com/b/acct_1A?destination=%2Fapikeys%2Fmk_1XyZ%2Fedit",
          "https://dashboard.stripe.com/b/[id]?destination=%[id]%[id]%[id]" },
        { "req_Abc123, cus_N1xyz and evt_1AAAbbb", "[id], [id] and [id]" },
        { "pi_3AbcDefGhi1234567_secret_abc", "[id]" },
        { "cus_abcdefghijklm, evt_test_abcdefgh, cs_live_a", "[id], [id], [id]" },
        { "pi_abcdefghijkl_secret_abc", "[id]" },
        { "rak_acct_1abcdef_read", "[id]" },
        { "123e4567-e89b-12d3-a456-426614174000", "[id]-[id]-[id]-[id]-[id]" },
        { "acct%5F1AbCdEf acct-1AbCdEfGh 'acct_ 1Abc'", "acct%[id] acct-[id] 'acct_ [id]'" },
        { "ends in ****abcd", "ends in ****[id]" },
        /* Names of things are no ids. */
        { "in_progress card_declined re_read rak_secret_read",
          "in_progress card_declined re_read rak_secret_read" },
        { "payment_method_microdeposit_verification_descriptor_code_mismatch",
          "payment_method_microdeposit_verification_descriptor_code_mismatch" },
        { "Having the 'rak_plan_read' permission", "Having the 'rak_plan_read' permission" },
        { "v2_account_storer_read", "v2_account_storer_read" },
        { "Unrecognized request URL (GET: /v1/treasury/transactions)",
          "Unrecognized request URL (GET: /v1/treasury/transactions)" },
        { "PaymentIntents in 2026 for V2", "PaymentIntents in 2026 for V2" },
        { "\xe2\x80\x9c"
          "acct_1A\xe2\x80\x9d",
          "\xe2\x80\x9c[id]\xe2\x80\x9d" },
};

static void table(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char to[256];

                blank(cases[i].from, to, sizeof(to));
                assert_string_equal(to, cases[i].to);
        }
}

static void what_does_not_fit_is_cut(void **state)
{
        char to[8];

        (void) state;
        blank("see acct_1AbCdEf", to, sizeof(to));
        assert_string_equal(to, "see [id");
        blank("0123456789", to, 1);
        assert_string_equal(to, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(table),
                cmocka_unit_test(what_does_not_fit_is_cut),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
