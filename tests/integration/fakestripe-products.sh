#!/bin/sh
# fakestripe: products that an account lacks, rows that are different, versions, other accounts, and changes that spread.
set -eu
. "$srcdir/tests/support/tap.sh"
. "$srcdir/tests/support/fakestripe.sh"
fs_start

for mode in live test; do
        fs_control PUT keys "{\"key\":\"rk_${mode}_all\",\"account\":\"acct_a\",\"permissions\":\"*\"}" >/dev/null
        fs_control PUT keys "{\"key\":\"rk_${mode}_none\",\"account\":\"acct_a\"}" >/dev/null
done
said() # key, method, path, curl options: STATUS CODE MESSAGE
{
        fs_key=rk_$1
        shift
        fs_ask "$@"
        printf '%s %s' "$status" "$(printf '%s' "$body" | jq -r '.error | "\(.code // "-") \(.message // "-")"')"
}

# --- without a product

like "Issuing, list" "$(said test_all GET /v1/issuing/cards)" "400 - Your account is not set up to use Issuing.*"
like "Issuing, absent id" "$(said test_all GET /v1/issuing/cards/x)" "404 resource_missing No such issuing.card*"
like "Issuing, without the permission" "$(said test_none GET /v1/issuing/cards)" "403 more_permissions_required *"
like "Treasury" "$(said test_all GET /v1/treasury/transactions/x)" "404 - Unrecognized request URL*onboarded to Treasury*"
like "Treasury, before the permission" "$(said test_none GET /v1/treasury/transactions/x)" "404 - Unrecognized request URL*"
like "Identity, list" "$(said test_all GET /v1/identity/verification_sessions)" "400 - *not set up to use Identity*"
like "Identity, create" "$(said test_all POST /v1/identity/verification_sessions)" "400 identity_api_invalid_application *"
like "Climate" "$(said test_all GET /v1/climate/orders)" "400 - Account not eligible*"
is "Forwarding, test" "$(said test_all GET /v1/forwarding/requests)" "200 - -"
like "Forwarding, live" "$(said live_all GET /v1/forwarding/requests)" "400 - *not authorized to send Forwarding*"
like "Connect" "$(said test_all POST /v1/accounts)" "400 - *signed up for Connect*"
like "Sources" "$(said test_all POST /v1/sources/x)" "404 resource_missing *"
like "Tax" "$(said test_all POST /v1/tax/calculations)" "400 stripe_tax_inactive *"
like "Accounts v2" "$(said test_all GET /v2/core/accounts)" "400 accounts_v2_access_blocked *"
fs_control PUT accounts '{"account":"acct_a","products":["issuing","accounts_v2"]}' >/dev/null
is "with Issuing" "$(said test_all GET /v1/issuing/cards)" "200 - -"
like "but not the others" "$(said test_all GET /v1/climate/orders)" "400 - *"
is "a list of v2" "$(said test_all GET /v2/core/accounts >/dev/null; printf '%s' "$body" | jq -c 'has("object"), has("data")' | tr '\n' ' ')" "false true "
like "an absent object of v2" "$(said test_all GET /v2/core/accounts/x)" "404 not_found *"
is "an unknown product" "$(fs_control PUT accounts '{"account":"acct_a","products":["things"]}' 2>&1 | jq -r .problem | cut -c 1-13)" "item 1 needs "

# --- absent cursors

like "an absent cursor" "$(said test_all GET '/v1/customers?limit=1&starting_after=cus_aaa')" \
        "400 resource_missing No such *: 'cus_aaa'"
like "both cursors" "$(said test_all GET '/v1/customers?starting_after=a&ending_before=b')" "400 - *"
is "neither reads" "$(fs_control GET log | jq -r '.entries[-1].effect')" none

# --- rows that are different

rows() { fs_control PUT rows "$1" >/dev/null; }
rows '{"method":"GET","path":"/v1/charges/{id}","order":"lookup"}'
like "the object first" "$(said test_none GET /v1/charges/keyvigil_absent_x)" "404 resource_missing *"
like "the next row as ever" "$(said test_none GET /v1/coupons/keyvigil_absent_x)" "403 *"
rows '{"method":"POST","path":"/v1/climate/orders/{id}","gate":"before"}'
like "the product first" "$(said test_none POST /v1/climate/orders/x)" "400 - Account not eligible*"
rows '[{"method":"GET","path":"/v1/events/{id}","gone":true},{"method":"GET","path":"/v1/files/{id}","off":true}]'
like "a row that is gone" "$(said test_none GET /v1/events/x)" "404 - Unrecognized request URL*"
like "a product that lacks" "$(said test_all GET /v1/files/x)" "400 - *not set up to use*"
rows '{"method":"GET","path":"/v1/quotes/{id}","code":"quote_odd","says":"brand_new_read"}'
like "another code" "$(said test_all GET /v1/quotes/x)" "404 quote_odd *"
like "another name" "$(said test_none GET /v1/quotes/x)" "403 *('brand_new_read')*"
fs_control DELETE rows >/dev/null
like "all as before" "$(said test_all GET /v1/quotes/x)" "404 resource_missing *"
fs_control POST options '{"order":"lookup"}' >/dev/null
like "the object first, everywhere" "$(said test_none POST /v1/coupons/keyvigil_absent_x)" "404 resource_missing *"
like "but not for lists" "$(said test_none GET '/v1/customers?starting_after=keyvigil_absent_x')" "403 *"
fs_control POST options '{"order":"permission"}' >/dev/null

# --- versions, and other accounts

like "a version that never was" "$(said test_all GET /v1/coupons -H 'Stripe-Version: 2031-01-01')" "400 - Invalid Stripe API version: 2031-01-01"
is "the newest" "$(said test_all GET /v1/coupons -H 'Stripe-Version: 2026-10-28.endive')" "200 - -"
like "a row that came later" "$(said test_all GET /v1/tax/locations/x -H 'Stripe-Version: 2026-08-26.dahlia')" "404 - Unrecognized*"
like "another account" "$(said test_all GET /v1/coupons -H 'Stripe-Account: acct_b')" "403 account_invalid *'acct_b'*"
is "its own account" "$(said test_all GET /v1/coupons -H 'Stripe-Account: acct_a')" "200 - -"

# --- a change that spreads

fs_control PATCH keys '{"key":"rk_test_all","state":"expired","spread_ms":600000}' >/dev/null
is "it begins slowly" "$(said test_all GET /v1/coupons)" "200 - -"
fs_control PATCH keys '{"key":"rk_test_all","state":"alive"}' >/dev/null
fs_control PATCH keys '{"key":"rk_test_all","state":"expired","spread_ms":1}' >/dev/null
sleep 0.1
like "and ends" "$(said test_all GET /v1/coupons)" "401 api_key_expired *"

ok "ends cleanly" fs_stop
tap_end
