#!/bin/sh
# The fake Stripe's troubles on demand: what each looks like from outside, where it applies and how often.
set -eu
. "$srcdir/tests/support/fakestripe.sh"
. "$srcdir/tests/support/tap.sh"

sh "$srcdir/tests/support/certs.sh" "$fs_dir/certs"
certs=$fs_dir/certs
key=rk_test_51Faults000000KtSz7X
other=rk_live_51Faults000000KtSz7X
cat >"$fs_dir/state" <<EOF
{"keys": [{"key": "$key", "account": "acct_1F", "permissions": ["coupon_write", "charge_read"]},
          {"key": "$other", "account": "acct_1G", "permissions": ["coupon_write"]}],
 "coupons": [{"account": "acct_1F", "id": "selgeo_probe_1", "created": 1700000000}]}
EOF
fs_start --http 127.0.0.1:0 --https 127.0.0.1:0 --cert "$certs/good.pem" --key "$certs/good.key" \
        --https 127.0.0.1:0 --cert "$certs/expired.pem" --key "$certs/expired.key" \
        --https 127.0.0.1:0 --cert "$certs/wrong-host.pem" --key "$certs/wrong-host.key" \
        --https 127.0.0.1:0 --cert "$certs/self-signed.pem" --key "$certs/self-signed.key" \
        --state "$fs_dir/state" --log "$fs_dir/log"
fs_key=$key

code() { printf '%s' "$body" | jq -r '.error.code // "none"' 2>/dev/null || echo "no JSON"; }
header() { tr -d '\r' <"$headers" | sed -n "s/^$1: //Ip"; }
clear() { fs_control DELETE faults >/dev/null; }
fault() { clear && fs_control POST faults "$1" >/dev/null; }
curl_says() { # the exit status of curl
        rc=0
        curl -s -o "$fs_dir/body" -H "Authorization: Bearer $key" "$@" || rc=$?
        echo $rc
}

is "state: a key" "$(fs_ask GET /v1/charges; echo "$status")" 200
is "state: a coupon" "$(fs_control GET 'coupons?account=acct_1F' | jq -r '.coupons[0].id')" selgeo_probe_1

# --- answers that say nothing about the key: FAULT STATUS CODE CONTENT-TYPE
while read -r name want_status want_code want_type; do
        fault "{\"fault\":\"$name\"}"
        fs_ask GET /v1/charges
        is "$name" "$status $(code | tr ' ' -) $(header content-type)" "$want_status $want_code $want_type"
done <<'EOF'
500 500 none application/json
502-html 502 no-JSON text/html
503 503 none application/json
503-html 503 no-JSON text/html
504-html 504 no-JSON text/html
401-html 401 no-JSON text/html
403-html 403 no-JSON text/html
407-html 407 no-JSON text/html
200-html 200 no-JSON text/html
deleted-key-html 401 no-JSON text/html
unescaped-quote 401 no-JSON application/json
array 200 no-JSON application/json
unrecognized-url 404 none application/json
invalid-version 400 none application/json
429 429 rate_limit application/json
429-lock 429 lock_timeout application/json
409 409 idempotency_key_in_use application/json
400-rate_limit 400 rate_limit application/json
expired-all 401 api_key_expired application/json
invalid-all 401 none application/json
blocked-all 401 none application/json
unserved-all 403 none application/json
string-error 400 no-JSON application/json
EOF
fault '{"fault":"empty"}'
fs_ask GET /v1/charges
is "empty" "$status [$body]" '200 []'
fault '{"fault":"empty","status":401}'
fs_ask GET /v1/charges
is "empty, with a status" "$status [$body]" '401 []'
fault '{"fault":"429-lock"}'
fs_ask GET /v1/charges
is "lock: retry, no reason, no id" "$(header stripe-should-retry) $(header stripe-rate-limited-reason)$(header request-id)" 'true '
fault '{"fault":"429","headers":{"Retry-After":"7","Stripe-Should-Retry":"true"}}'
fs_ask GET /v1/charges
is "headers of a fault" "$(header retry-after) $(header stripe-should-retry)" '7 true'
fault '{"fault":"headers","headers":{"Stripe-Notice":"hello"}}'
fs_ask GET /v1/charges
is "headers alone" "$status $(header stripe-notice)" '200 hello'
fault '{"fault":"redirect","url":"https://elsewhere.example/x"}'
fs_ask GET /v1/charges
is "redirect" "$status $(header location)" '302 https://elsewhere.example/x'
fault '{"fault":"expired-all"}'
fs_key=rk_test_51Unheard0000000of
fs_ask GET /v1/charges
is "everyone's key" "$status $(code)" '401 api_key_expired'
fs_key=$key

# --- answers that do not arrive whole
fault '{"fault":"truncated"}'
fs_ask GET /v1/charges
is "truncated: valid HTTP, no valid JSON" "$status $(code) $(header content-length)" "200 no JSON $(wc -c <"$fs_dir/body")"
fault '{"fault":"truncated","bytes":1}'
fs_ask GET /v1/charges
is "truncated to a length" "$body" '{'
fault '{"fault":"close"}'
is "close" "$(curl_says "$fs/v1/charges")" 52
is "close, TLS" "$(curl_says --cacert "$certs/ca.pem" "$fs_tls/v1/charges" | grep -cE '^(52|56)$')" 1
fault '{"fault":"cut","bytes":30}'
fs_ask GET /v1/charges
is "cut within the headers" "$status [$(header content-type)] [$body]" '200 [] []'
is "the same, TLS" "$(curl_says --cacert "$certs/ca.pem" -w '%{http_code} %{size_header} ' "$fs_tls/v1/charges" | cut -d ' ' -f 1)" 200
fault '{"fault":"cut","bytes":0}'
is "cut before the first byte" "$(curl_says "$fs/v1/charges")" 52
fault '{"fault":"body-cut","bytes":20}'
is "cut within the body" "$(curl_says "$fs/v1/charges") $(wc -c <"$fs_dir/body")" '18 20'
fault '{"fault":"cut","seed":7}'
for i in 1 2 3 4 5 6 7 8 9 10; do curl_says "$fs/v1/charges" >/dev/null; done
fs_ask GET /_fake/clock
is "cut anywhere does no harm" "$status" 200
fault '{"fault":"huge","mib":3}'
fs_ask GET /v1/charges
is "huge" "$status $(wc -c <"$fs_dir/body") $(jq -r .object <"$fs_dir/body")" "200 $((3 * 1048576 + 82)) list"
fault '{"fault":"slow","seconds":0.3}'
fs_ask GET /v1/charges
is "slow, but whole" "$status $(printf '%s' "$body" | jq -r .object)" '200 list'
is "slow" "$(curl_says -m 0.05 "$fs/v1/charges")" 28
fault '{"fault":"delay","seconds":0.2}'
fs_ask GET /v1/charges
is "late, but whole" "$status $(printf '%s' "$body" | jq -r .object)" '200 list'
fault '{"fault":"hang","seconds":0.1}'
is "hang, then close" "$(curl_says "$fs/v1/charges")" 52
fault '{"fault":"hang","seconds":60}'
is "hang" "$(curl_says -m 0.1 "$fs/v1/charges")" 28

# --- carried out, but the answer is lost
fault '{"fault":"lose-answer","method":"DELETE"}'
is "lost answer" "$(curl_says -X DELETE "$fs/v1/coupons/selgeo_probe_1")" 52
is "but done" "$(fs_control GET 'coupons?account=acct_1F' | jq -c '[.count, .deleted]')" '[0,["selgeo_probe_1"]]'
is "as the log knows" "$(fs_control GET 'log?effect=deleted' | jq -r '.entries[0] | [.status, .fault] | join(" ")')" '200 lose-answer'
fault '{"fault":"close","method":"POST"}'
is "closed" "$(curl_says -d percent_off=1 "$fs/v1/coupons")" 52
is "and not done" "$(fs_control GET 'coupons?account=acct_1F' | jq -c .count)" 0
is "the log has no answer" "$(fs_control GET log | jq -r '.entries[-1] | [.status, .effect, .fault] | join(" ")')" '0 none close'

# --- where and how often
asks() { # status of one request with the key $1 to the path $2
        fs_key=$1
        fs_ask GET "$2"
        fs_key=$key
        printf '%s ' "$status"
}
each() { echo "$(asks $key /v1/coupons)$(asks $other /v1/coupons)$(asks $key /v1/charges)"; }
fault "{\"fault\":\"500\",\"key\":\"$key\"}"
is "one key" "$(each)" '500 200 500 '
fault '{"fault":"500","account":"acct_1G"}'
is "one account" "$(each)" '200 500 200 '
fault '{"fault":"500","mode":"live"}'
is "one mode" "$(each)" '200 500 200 '
fault '{"fault":"500","path":"/v1/cou"}'
is "one path" "$(each)" '500 500 200 '
fault '{"fault":"500","method":"POST"}'
is "one method" "$(each)" '200 200 200 '
fault '{"fault":"500","count":2}'
is "the first two" "$(each)" '500 500 200 '
is "used up" "$(fs_control GET faults | jq -c '[.faults[0].hits, .faults[0].left]')" '[2,0]'
fault '{"fault":"500","skip":1,"count":1}'
is "the second" "$(each)" '200 500 200 '
fault '[{"fault":"500","count":1},{"fault":"502-html","count":1}]'
is "one after the other" "$(each)" '500 502 200 '
fault '{"fault":"500","probability":0}'
is "never" "$(each)" '200 200 200 '
drawn() { for i in 1 2 3 4; do each; done; }
fault '{"fault":"500","probability":0.5,"seed":3}'
first=$(drawn)
fault '{"fault":"500","probability":0.5,"seed":3}'
is "the same seed, the same faults" "$(drawn)" "$first"
like "some are hit" "$first" '*500*'
like "some are not" "$first" '*200*'
id=$(fs_control GET faults | jq '.faults[0].id')
fs_control DELETE "faults?id=$id" >/dev/null
is "removed" "$(each)" '200 200 200 '

# --- connections
clear
fs_control DELETE stats >/dev/null
curl -s -o /dev/null -H "Authorization: Bearer $key" "$fs/v1/charges?limit=[1-5]"
is "one connection for many requests" "$(fs_control GET stats | jq -r '[.connections < 4, .requests] | join(" ")')" 'true 5'
clear

set -- $(sed -n 's|^https:||p' "$fs_dir/out")
is "https" "$(curl_says --cacert "$certs/ca.pem" "https:$1/v1/charges")" 0
is "https, by address" "$(curl_says --cacert "$certs/ca.pem" "$(echo "https:$1" | sed s/localhost/127.0.0.1/)/v1/charges")" 0
is "not trusted" "$(curl_says "https:$1/v1/charges")" 60
is "expired certificate" "$(curl_says --cacert "$certs/ca.pem" "https:$2/v1/charges")" 60
is "another host's" "$(curl_says --cacert "$certs/ca.pem" "https:$3/v1/charges")" 60
is "self-signed" "$(curl_says --cacert "$certs/ca.pem" "https:$4/v1/charges")" 60

is "log file" "$(tail -n 1 "$fs_dir/log" | jq -r '[.method, .status, .effect] | join(" ")')" 'GET 200 read'
ok "log file is of JSON lines" jq -e . "$fs_dir/log" >"$fs_dir/parsed"
is "no key in it" "$(grep -c 51Faults "$fs_dir/log" || :)" 0

fault '{"fault":"hang","seconds":600}'
fs_control DELETE stats >/dev/null
curl -s -Z --parallel-immediate --parallel-max 4 -o /dev/null -H "Authorization: Bearer $other" \
        "$fs/v1/coupons?limit=[1-4]" 2>/dev/null &
waiting=$!
together() { fs_control GET stats | jq -r '[.accounts[] | select(.mode == "live") | .max_in_flight] | add'; }
turns=0
while [ "$(together)" != 4 ] && [ $turns -lt 200 ]; do
        turns=$((turns + 1))
        sleep 0.05
done
is "in flight together" "$(together)" 4
ok "ends cleanly, with somebody waiting" fs_stop
wait $waiting || :
tap_end
