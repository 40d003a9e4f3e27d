#!/bin/sh
# The fake Stripe asks for the right permission at each address: once by a table that was written from what is
# known of the real one, once over all rows of its own.
set -eu
. "$srcdir/tests/support/fakestripe.sh"
. "$srcdir/tests/support/tap.sh"

fs_start
fs_control POST options '{"products":"*"}' >/dev/null
fs_control PUT keys '{"key":"rk_test_51Nothing","account":"acct_1P","permissions":[]}' >/dev/null

# METHOD PATH PERMISSION STATUS, the status being that of a key with this permission alone.
cat >"$fs_dir/table" <<'TABLE'
GET /v1/apple_pay/domains apple_pay_domain_read 200
POST /v1/apple_pay/domains apple_pay_domain_write 400
GET /v1/balance balance_read 200
GET /v1/balance_transactions?limit=1 balance_read 200
GET /v1/charges charge_read 200
POST /v1/charges charge_write 400
GET /v1/refunds charge_read 200
POST /v1/refunds/X charge_write 404
GET /v1/confirmation_tokens/X confirmation_token_read 404
POST /v1/test_helpers/confirmation_tokens confirmation_token_client_write 400
GET /v1/customers customer_read 200
POST /v1/customers/X customer_write 404
POST /v1/customer_sessions customer_session_write 400
GET /v1/disputes dispute_read 200
POST /v1/disputes/X dispute_write 404
GET /v1/events event_read 200
POST /v1/ephemeral_keys ephemeral_key_write 400
GET /v1/files file_read 200
GET /v1/mandates/X mandate_read 404
GET /v1/payment_intents payment_intent_read 200
POST /v1/payment_intents payment_intent_write 400
POST /v1/payment_intents/X payment_intent_write 404
GET /v1/payment_methods payment_method_read 200
POST /v1/payment_methods/X payment_method_write 404
GET /v1/payment_method_domains payment_method_domain_read 200
POST /v1/payment_method_domains payment_method_domain_write 400
GET /v1/payouts payout_read 200
POST /v1/payouts payout_write 400
POST /v1/payouts/X payout_write 404
GET /v1/products product_read 200
POST /v1/products product_write 400
POST /v1/products/X product_write 404
GET /v1/setup_intents setup_intent_read 200
POST /v1/setup_intents/X setup_intent_write 404
GET /v1/setup_attempts setup_intent_read 400
GET /v1/shipping_rates shipping_rate_read 200
POST /v1/shipping_rates shipping_rate_write 400
GET /v1/sources/X source_read 400
POST /v1/sources/X source_write 404
GET /v1/tokens/X token_read 400
POST /v1/tokens token_write 400
GET /v1/test_helpers/test_clocks billing_clock_read 200
POST /v1/test_helpers/test_clocks billing_clock_write 400
GET /v1/checkout/sessions checkout_session_read 200
POST /v1/checkout/sessions checkout_session_write 400
POST /v1/checkout/sessions/X checkout_session_write 404
GET /v1/checkout/sessions/X checkout_session_read 404
GET /v1/coupons coupon_read 200
GET /v1/coupons/X coupon_read 404
POST /v1/coupons coupon_write 400
POST /v1/coupons/X coupon_write 404
DELETE /v1/coupons/X coupon_write 404
GET /v1/promotion_codes promotion_code_read 200
GET /v1/promotion_codes/X promotion_code_read 404
POST /v1/promotion_codes promotion_code_write 400
POST /v1/promotion_codes/X promotion_code_write 404
GET /v1/credit_notes credit_note_read 200
POST /v1/credit_notes/X credit_note_write 404
POST /v1/billing_portal/sessions customer_portal_write 400
GET /v1/invoices invoice_read 200
GET /v1/invoices/X invoice_read 404
GET /v1/invoiceitems invoice_read 200
GET /v1/invoice_payments invoice_read 200
POST /v1/invoices/X invoice_write 404
GET /v1/prices plan_read 200
POST /v1/prices plan_write 400
POST /v1/prices/X plan_write 404
GET /v1/plans plan_read 200
POST /v1/plans/X plan_write 404
GET /v1/subscriptions subscription_read 200
POST /v1/subscriptions subscription_write 400
GET /v1/subscription_items subscription_read 400
GET /v1/quotes quote_read 200
POST /v1/quotes/X quote_write 404
GET /v1/tax_ids tax_id_read 200
GET /v1/tax_rates tax_rate_read 200
GET /v1/subscription_items/X/usage_record_summaries usage_record_read 404
POST /v1/subscription_items/X/usage_records usage_record_write 404
GET /v1/billing/meters billing_meter_read 200
GET /v1/billing/meters/X/event_summaries billing_meter_event_read 400
POST /v1/billing/meter_events billing_meter_event_write 400
POST /v1/billing/meter_event_adjustments billing_meter_event_adjustment_write 400
GET /v1/accounts connected_account_read 200
POST /v1/account_links account_link_write 400
POST /v1/account/login_links edit_link_write 400
POST /v1/account_sessions account_session_write 400
GET /v1/application_fees application_fee_read 200
POST /v1/application_fees/X/refunds application_fee_write 404
GET /v1/topups topup_read 200
POST /v1/topups top_up_write 400
GET /v1/transfers transfer_read 200
POST /v1/transfers/X transfer_write 404
GET /v2/core/accounts v2_account_storer_read 200
GET /v1/issuing/authorizations/X issuing_authorization_read 404
POST /v1/issuing/cardholders issuing_cardholder_write 400
GET /v1/issuing/cards/X issuing_card_read 404
POST /v1/issuing/disputes/X issuing_dispute_write 404
GET /v1/issuing/tokens/X issuing_network_token_read 404
POST /v1/issuing/transactions/X issuing_transaction_write 404
GET /v1/reporting/report_runs financial_statement_read 200
GET /v1/identity/verification_sessions identity_product_read 200
GET /v1/webhook_endpoints webhook_read 200
GET /v1/webhook_endpoints/X webhook_read 404
POST /v1/webhook_endpoints webhook_write 400
POST /v1/webhook_endpoints/X webhook_write 404
GET /v1/payment_links payment_links_read 200
POST /v1/payment_links payment_links_write 400
POST /v1/terminal/configurations/X terminal_configuration_write 404
GET /v1/terminal/locations terminal_location_read 200
GET /v1/terminal/readers terminal_reader_read 200
GET /v1/tax/calculations/X/line_items tax_transaction_read 404
POST /v1/tax/calculations tax_calculations_and_transactions_write 400
GET /v1/tax/settings tax_settings_read 200
POST /v1/tax/registrations/X tax_settings_write 404
GET /v1/reviews review_read 200
POST /v1/reviews/X/approve review_write 404
GET /v1/climate/orders climate_order_read 200
TABLE

# A key for each permission in standard input: rk_test_51Only_PERMISSION.
only_keys() { sort -u | jq -R '{key: ("rk_test_51Only_" + .), account: "acct_1P", permissions: [.], quirks: ["no-implied"]}'; }

# One curl for all: METHOD PATH KEY lines to STATUS lines; the answers go to numbered files.
ask_all()
{
        awk -v fs="$fs" -v dir="$fs_dir" '{
                if (NR > 1)
                        print "next"
                printf "url = \"%s%s\"\nrequest = \"%s\"\nheader = \"Authorization: Bearer %s\"\n", fs, $2, $1, $3
                printf "output = \"%s/answer.%d\"\nwrite-out = \"%%{http_code}\\n\"\nsilent\n", dir, NR
        }' | curl -s -K -
}

awk '{ print $3 }' "$fs_dir/table" | only_keys >"$fs_dir/keys"
fs_control PUT keys "$(cat "$fs_dir/keys")" >/dev/null

awk '{ print $1, $2, "rk_test_51Nothing" }' "$fs_dir/table" | ask_all >"$fs_dir/without"
for file in $(seq -f "$fs_dir/answer.%g" "$(wc -l <"$fs_dir/table")"); do
        jq -r '.error.message // "-"' <"$file" | sed -n "s/.*('\([a-z0-9_]*\)').*/\1/p"
done >"$fs_dir/named"
awk '{ print $1, $2, "rk_test_51Only_" $3 }' "$fs_dir/table" | ask_all >"$fs_dir/with"

paste -d ' ' "$fs_dir/table" "$fs_dir/without" "$fs_dir/named" "$fs_dir/with" >"$fs_dir/all"
while read -r method path permission wanted without named with; do
        case $permission in             # older spellings
        topup_*) permission=top_up_${permission#topup_} ;;
        issuing_network_token_*) permission=issuing_token_${permission#issuing_network_token_} ;;
        financial_statement_*) permission=report_runs_and_report_types_${permission#financial_statement_} ;;
        tax_transaction_*) permission=tax_calculations_and_transactions_${permission#tax_transaction_} ;;
        esac
        is "$method $path" "$without $named $with" "403 $permission $wanted"
done <"$fs_dir/all"
is "all rows were asked" "$(wc -l <"$fs_dir/all")" "$(wc -l <"$fs_dir/table")"

# What an empty request would really do must be known to those who choose probes.
fs_control GET routes | jq -r '.routes[] | select(.empty_creates) | .path' | sort | tr '\n' ' ' >"$fs_dir/creates"
is "empty creates that create" "$(cat "$fs_dir/creates")" "/v1/accounts /v1/balance_settings /v1/customers /v1/issuing/disputes /v1/payment_method_configurations /v1/quotes /v1/setup_intents /v1/subscription_schedules /v1/tax/settings /v1/terminal/configurations /v1/terminal/connection_tokens "

# Its own rows: 403 without the permissions, no 403 with them alone, and nothing created but there.
fs_control GET routes | jq -r '.routes[] | [.method, (.path | sub("{id}"; "absent")), .permissions[0], .permissions[1] // empty] | join(" ")' \
        >"$fs_dir/own"
awk '{ print $1, $2, "rk_test_51Nothing" }' "$fs_dir/own" | ask_all | sort | uniq -c >"$fs_dir/without"
is "all own rows refuse" "$(awk '{ print $1, $2 }' "$fs_dir/without")" "$(wc -l <"$fs_dir/own") 403"
jq -nR '[inputs | split(" ") | {key: ("rk_test_51Row" + (input_line_number | tostring)), account: "acct_1P",
        permissions: .[2:], quirks: ["no-implied"]}]' <"$fs_dir/own" >"$fs_dir/keys"
fs_control PUT keys "$(cat "$fs_dir/keys")" >/dev/null
fs_control DELETE log >/dev/null
awk '{ print $1, $2, "rk_test_51Row" NR }' "$fs_dir/own" | ask_all >"$fs_dir/with"
is "all own rows grant" "$(grep -vcE '^(200|400|404)$' "$fs_dir/with" || :)" 0
is "created" "$(fs_control GET 'log?effect=created' | jq -r '.entries[].path' | sort | tr '\n' ' ')" "$(cat "$fs_dir/creates")"
is "names that mislead on purpose" "$(fs_key=rk_test_51Nothing; fs_ask POST /v1/files; printf '%s' "$body" | grep -c "('dispute_write')")" 1

ok "ends cleanly" fs_stop
tap_end
