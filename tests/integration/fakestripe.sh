#!/bin/sh
# The fake Stripe keeps its word: keys, permissions, order of checks, coupons, promotion codes, clock, log.
# Troubles on demand: fakestripe-faults.sh.
set -eu
. "$srcdir/tests/support/fakestripe.sh"
. "$srcdir/tests/support/tap.sh"

filler=$(printf '%087d' 0 | tr 0 x)                # modern keys have 107 characters
full=rk_test_51Full${filler}KtSz7X
live=rk_live_51Full${filler}j4va7j
none=rk_test_51None${filler}aaaaaa

fs_start --strict-version
v='Stripe-Version: 2026-10-28.endive'
ask() { fs_ask "$@" -H "$v"; }
code() { printf '%s' "$body" | jq -r '.error.code // "none"' 2>/dev/null; }
message() { printf '%s' "$body" | jq -r .error.message 2>/dev/null; }
param() { printf '%s' "$body" | jq -r '.error.param // "none"' 2>/dev/null; }
header() { tr -d '\r' <"$headers" | sed -n "s/^$1: //Ip"; }
get() { printf '%s' "$body" | jq -r "$1"; }

fs_control PUT keys "[{\"key\":\"$full\",\"account\":\"acct_1One\",\"permissions\":\"*\"},
        {\"key\":\"$none\",\"account\":\"acct_1One\",\"permissions\":[]}]
        {\"key\":\"$live\",\"account\":\"acct_1One\",\"permissions\":\"*\"}" >/dev/null

# --- keys

fs_key=
ask GET /v1/charges
is "no key" "$status" 401
like "no key: text" "$(message)" 'You did not provide an API key. You need to provide*'
ask GET /v1/charges -H 'Authorization: null'
like "useless header: text" "$(message)" '*though you did set your Authorization header to "null"*'

fs_key=rk_test_placeholder
ask GET /v1/charges
is "unknown key" "$status" 401
is "unknown key: text" "$(message)" 'Invalid API Key provided: rk_test_*******lder'
is "unknown key: no code" "$(code)" none
is "unknown key: fields" "$(get '.error | keys | join(",")')" message,type
is "unknown key: type" "$(get .error.type)" invalid_request_error
is "unknown key: size" "$(header content-length)" 121
is "unknown key: asks for Bearer" "$(header www-authenticate)" 'Bearer realm="Stripe"'
is "unknown key: no request id" "$(header request-id)" ''
fs_key=not-a-key
ask GET /v1/charges
is "no key at all is echoed" "$(message)" 'Invalid API Key provided: not-a-key'

fs_key=$full
ask GET /v1/charges
is "good key" "$status" 200
like "good key: request id" "$(header request-id)" 'req_??????????????'
is "good key: version echoed" "$(header stripe-version)" 2026-10-28.endive
is "good key: tier" "$(header x-stripe-routing-context-priority-tier)" api-testmode
is "good key: list" "$(get '[.object, .url, .has_more, (.data | length)] | join(" ")')" 'list /v1/charges false 0'
is "body is pretty-printed" "$(printf '%s' "$body" | sed -n 2p)" '  "object": "list",'
fs_key=
ask GET /v1/charges -u "$full:"
is "Basic" "$status" 200
fs_key=$live
ask GET /v1/charges
is "live key: tier" "$(header x-stripe-routing-context-priority-tier)" livemode-critical

stars=$(printf '%093d' 0 | tr 0 '*')
state() { fs_control PATCH keys "{\"key\":\"$full\",\"state\":\"$1\"}" >/dev/null; }
fs_key=$full
state expired
ask GET /v1/charges
is "expired" "$status $(code)" '401 api_key_expired'
is "expired: text" "$(message)" "Expired API Key provided: rk_test_${stars}KtSz7X"
is "expired: doc" "$(get .error.doc_url)" https://stripe.com/docs/error-codes/api-key-expired
like "expired: has a request id" "$(header request-id)" 'req_*'
state disconnected
ask GET /v1/charges
like "disconnected" "$(code) $(message)" 'api_key_expired *KtSz7X Platform access may have been revoked.'
state unknown
ask GET /v1/charges
like "made unknown" "$status $(code) $(message)" '401 none Invalid API Key provided: rk_test_*Sz7X'
state blocked
ask GET /v1/charges
is "blocked" "$status $(code) $(message)" \
        '401 none The API key provided does not allow requests from your IP address.'
state blocked-with-address
ask GET /v1/charges
is "blocked, address" "$(message)" \
        'The API key provided does not allow requests from your IP address (127.0.0.1).'
state refused
ask GET /v1/charges
like "refused" "$status $(code) $(message)" \
        "403 account_invalid *does not have access to account 'acct_1One' (or that*"
state unserved
ask GET /v1/charges
is "unserved" "$status $(code) $(message)" "403 none We're sorry, but we're unable to serve your request."
state alive

# --- wording of a 403

fs_key=$none
refusal() { fs_control PATCH keys "{\"key\":\"$none\",\"format\":\"$1\",\"quirks\":[$2]}" >/dev/null; ask GET /v1/prices; }
tail="does not have the required permissions for this endpoint on account 'acct_1One'."
refusal 2026 ''
is "403 of 2026" "$status $(code)" '403 more_permissions_required'
like "403 of 2026: text" "$(message)" "Permission denied. The provided key 'rk_test_???aaaaaa' $tail Enabling \"Prices Read\" ('plan_read') permissions on this key would allow this request to continue. You can edit permissions at https://dashboard.stripe.com/b/acct_1One?destination=%2Fapikeys%2Fmk_1??????????%2Fedit"
like "403 of 2026: request id" "$(header request-id)" 'req_*'
refusal 2026 '"no-label-quotes"'
like "403 without quotes" "$(message)" "*Enabling Prices Read ('plan_read') permissions*"
refusal 2026 '"wrong-name"'
like "403 with a wrong name" "$(message)" "*Enabling \"Disputes Write\" ('dispute_write')*"
refusal 2019 ''
is "403 of 2019" "$status $(code)" '403 none'
like "403 of 2019: text" "$(message)" "The provided key 'rk_test_????*aaaaaa' $tail Having the 'rak_plan_read' permission would allow this request to continue."
refusal 2017 ''
like "403 of 2017: text" "$(message)" "*$tail Having more permission would allow this request to continue."
refusal 2026 ''

# --- order of checks: 401, 403, then 400 and 404

fs_key=rk_test_whoever
ask GET /v1/nonsense
is "401 before the address" "$status" 401
fs_key=$none
ask POST /v1/coupons -d nonsense=1
is "403 before parameters" "$status" 403
ask GET /v1/customers/nowaythiscanexist
is "403 before objects" "$status" 403
fs_ask GET /v1/charges
is "403 before the version" "$status" 403
fs_key=$full
ask GET /v1/nonsense
is "no such address" "$status $(code)" '404 none'
like "no such address: text" "$(message)" 'Unrecognized request URL (GET: /v1/nonsense).*'
ask PUT /v1/charges
is "no such method" "$status" 404
fs_ask GET /v1/charges
is "version missing" "$status $(message)" '400 Invalid Stripe API version: '
fs_ask GET /v1/charges -H 'Stripe-Version: yesterday'
is "version wrong" "$status $(code) $(message)" '400 none Invalid Stripe API version: yesterday'
fs_control POST options '{"strict_version":false}' >/dev/null
fs_ask GET /v1/charges
is "version not asked for" "$status" 200
ask GET '/v1/charges?limit=1'
is "limit" "$status" 200
ask GET '/v1/charges?limit=101'
is "limit too large" "$status $(param)" '400 limit'

# --- general calls

ask GET /v1/customers/nowaythiscanexist
is "no such object" "$status $(code) $(param)" '404 resource_missing id'
is "no such object: text" "$(message)" "No such customer: 'nowaythiscanexist'"
ask GET /v1/prices/a%2Fb%27c
is "no such object: id decoded" "$(message)" "No such price: 'a/b'c'"
ask GET /v1/sources/nowaythiscanexist
is "no such object, 400" "$status $(code)" '400 resource_missing'
ask POST /v1/products
is "parameter missing" "$status $(code) $(param) $(message)" \
        '400 parameter_missing name Missing required param: name.'
ask POST /v1/products --data-binary '""'
is "the two bytes that some probes send" "$status $(code)" '400 parameter_missing'
ask POST /v1/products -d selgeo_probe=1
is "parameter unknown" "$status $(code) $(message)" \
        '400 parameter_unknown Received unknown parameter: selgeo_probe'
ask POST /v1/products -d a=1 -d b=2
is "parameters unknown" "$(message)" 'Received unknown parameters: a, b'
ask GET /v1/account
is "own account" "$status $(get .id)" '200 acct_1One'
fs_key=$none
ask GET /v1/account
like "own account needs a right" "$status $(message)" "403 *('accounts_kyc_basic_read')*"
fs_control PATCH keys "{\"key\":\"$none\",\"grant\":[\"accounts_kyc_basic_read\"]}" >/dev/null
ask GET /v1/account
like "and then another" "$status $(message)" "403 *('connected_account_read')*"
fs_control PATCH keys "{\"key\":\"$none\",\"grant\":[\"rak_connected_account_write\"]}" >/dev/null
ask GET /v1/account
is "write includes read" "$status" 200
fs_control PATCH keys "{\"key\":\"$none\",\"revoke\":[\"connected_account_read\"]}" >/dev/null
ask POST /v1/accounts/acct_x
is "no read, no write" "$status" 403
fs_control PATCH keys "{\"key\":\"$none\",\"permissions\":[\"plan_write\"]}" >/dev/null
ask GET /v1/products
is "an implied permission" "$status" 200
ask POST /v1/products/x
is "implied is read only" "$status" 403
fs_control PATCH keys "{\"key\":\"$none\",\"quirks\":[\"no-implied\"]}" >/dev/null
ask GET /v1/products
is "not implied on demand" "$status" 403

# --- an empty create that creates is told in the log

fs_control DELETE log >/dev/null
fs_key=$full
ask POST /v1/customers
is "an empty create" "$status" 200
is "is in the log" "$(fs_control GET 'log?effect=created' | jq -r '.entries[0] | [.method, .path, .account, .mode] | join(" ")')" \
        'POST /v1/customers acct_1One test'
ask GET '/v1/customers?limit=1' -A 'someone/1'
is "what the log knows" "$(fs_control GET log | jq -r '.entries[-1] | [.n > 0, .path, .status, .effect, .user_agent, .stripe_version, (.key | length)] | join(" ")')" \
        'true /v1/customers?limit=1 200 read someone/1 2026-10-28.endive 16'
is "no key in the log" "$(fs_control GET log | grep -c "$filler" || :)" 0
n=$(fs_control GET log | jq .next)
ask GET /v1/charges
is "log since" "$(fs_control GET "log?since=$n" | jq .count)" 1

. "$srcdir/tests/integration/fakestripe-coupons.inc.sh"

# --- the rest of the control

is "clock" "$(fs_control POST clock '{"offset":86400}' | jq .offset)" 86400
ask GET /v1/charges
ahead=$(($(date -d "$(header date)" +%s) - $(date +%s)))
ok "Date is ours ($ahead s ahead)" test $ahead -gt 86000 -a $ahead -lt 86800
fs_control POST clock '{"offset":0,"date":false}' >/dev/null
ask GET /v1/charges
is "no Date" "$(header date)" ''
fs_control POST clock '{"date":true}' >/dev/null
fs_control POST options '{"samples":true}' >/dev/null
ask GET /v1/customers
is "lists with somebody in them" "$(get '.data[0].email')" canary.person@example.com
fs_control POST options '{"samples":false}' >/dev/null

fs_control POST schedule "[{\"after_ms\":50,\"key\":\"$full\",\"state\":\"expired\"}]" >/dev/null
turns=0
while ask GET /v1/charges && [ "$status" = 200 ] && [ $turns -lt 300 ]; do
        turns=$((turns + 1))
        sleep 0.05
done
is "a planned change" "$status $(code)" '401 api_key_expired'
state alive

fs_control DELETE stats >/dev/null
fs_control POST options '{"rate":0.001}' >/dev/null
ask GET /v1/charges
is "one fits" "$status" 200
ask GET /v1/nonsense
is "the rate limit comes first" "$status $(code)" '429 rate_limit'
is "rate limit: reason" "$(header stripe-rate-limited-reason)" global-rate
is "rate limit: no retry" "$(header stripe-should-retry)" false
is "statistics" "$(fs_control GET stats | jq -r '.accounts[] | select(.mode == "test") | [.account, .requests] | join(" ")')" \
        "acct_1One 2"
ok "most in a second" test "$(fs_control GET stats | jq '.accounts[0].max_in_second')" -ge 1
fs_control POST options '{"rate":0}' >/dev/null

fs_control PUT keys '{"generate":1000,"prefix":"rk_test_51Load","account_prefix":"acct_1Load","per_account":2,"permissions":["coupon_read"]}' >/dev/null
fs_key=rk_test_51Load0000000999
ask GET /v1/coupons
is "generated keys" "$status" 200
is "their accounts" "$(fs_control GET 'keys?account=acct_1Load0000000499' | jq -r '[.keys[].permissions[0]] | join(" ")')" \
        'coupon_read coupon_read'
fs_control PATCH keys '{"prefix":"rk_test_51Load","generate":10,"first":990,"state":"expired"}' >/dev/null
ask GET /v1/coupons
is "ten of them expired" "$status $(fs_control GET keys | jq '[.keys[] | select(.state == "expired")] | length')" '401 10'
fs_control PATCH keys '{"prefix":"rk_test_51Load","state":"alive"}' >/dev/null
ask GET /v1/coupons
is "all alive again" "$status $(fs_control GET keys | jq '[.keys[] | select(.state == "expired")] | length')" '200 0'
fs_control DELETE keys '{"key":"rk_test_51Load0000000999"}' >/dev/null
ask GET /v1/coupons
is "a removed key" "$status" 401
ok "a wrong permission is noticed" test "$(fs_control PUT keys '{"key":"rk_test_1","permissions":["coupons_read"]}' | jq -r .problem)" = "there is no permission 'coupons_read'"
is "an absurd clock is refused" "$(fs_control POST clock '{"offset":1e30}' | jq -r .problem)" 'the clock is beyond all bounds'
fs_key=$full
ask GET '/v1/coupons?created[gt]=9223372036854775807'
is "an absurd bound" "$status" 200
ok "a wrong member is noticed" test "$(fs_control POST faults '{"fault":"500","counts":1}' | jq -r .problem)" = "unknown member 'counts'"

ok "ends cleanly" fs_stop
tap_end
