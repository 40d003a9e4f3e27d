#!/bin/sh
# fakestripe behind its front: HTTP/2 for the client, and troubles that arrive as they are.
set -eu
. "$srcdir/tests/support/daemon.sh"
command -v nginx >/dev/null || { echo "1..0 # SKIP there is no nginx"; exit 77; }
fs_start --http 127.0.0.1:0
fs_front

fs_control PUT keys '{"key":"rk_test_front0001","account":"acct_front","permissions":["coupon_write"]}' >/dev/null
ask() # path, curl options: prints version, status, curl's own result
{
        ask_path=$1
        shift
        curl -s --http2 --cacert "$fs_ca" -H "Authorization: Bearer rk_test_front0001" -o "$fs_dir/body" -D "$fs_dir/headers" \
                -w '%{http_version} %{http_code} ' "$@" "$fs_h2$ask_path" || printf 'failed '
}
is "a list over HTTP/2" "$(ask /v1/coupons)" "2 200 "
is "with its body" "$(jq -r .object "$fs_dir/body")" list
is "and its headers" "$(grep -ci '^request-id: req_' "$fs_dir/headers")" 1
is "a refusal" "$(ask /v1/customers)" "2 403 "
is "a create" "$(ask /v1/coupons -d percent_off=1 -d duration=once)" "2 200 "
is "two requests come on one connection" "$(fs_control DELETE log >/dev/null; ask /v1/coupons "$fs_h2/v1/prices" >/dev/null
        fs_control GET log | jq -c '[.entries[].connection] | [length, (unique | length)]')" "[2,1]"
is "the next client has another" "$(ask /v1/coupons >/dev/null; fs_control GET log | jq -c '[.entries[].connection] | unique | length')" 2

trouble() # what, fault, wanted
{
        fs_control POST faults "$2" >/dev/null
        is "$1" "$(ask /v1/coupons)" "$3"
        fs_control DELETE faults >/dev/null
}
trouble "no answer is none here either" '{"fault":"close"}' "0 000 failed "
trouble "nor after a while" '{"fault":"hang","seconds":0.2}' "0 000 failed "
trouble "a page of a gateway comes through" '{"fault":"502-html"}' "2 502 "
trouble "a body that is cut off" '{"fault":"body-cut","bytes":10}' "2 200 failed "
is "and its beginning arrives" "$(wc -c <"$fs_dir/body")" 10
trouble "one that dribbles" '{"fault":"slow","seconds":0.3}' "2 200 "

# --- the daemon through it

key=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_one\",\"permissions\":$selgeo}" >/dev/null
fs_control DELETE log >/dev/null
kv_base=$fs_h2
kv_stripe="  ca_file: $fs_ca"
kv_conf
kv_start
kv_with "$key" add one
is "a key is stored" "$rc:$err" "0:"
is "all its questions came on one connection" \
        "$(fs_control GET log | jq -c '[.entries[].connection] | [length >= 8, (unique | length)]')" "[true,1]"
kv_stop
is "the daemon leaves in peace" "$rc" 0
kv_clean

fs_front_stop
fs_stop
tap_end
