#!/bin/sh
# The control socket takes whatever comes and answers in JSON; nothing of it harms the daemon.
set -eu
. "$srcdir/tests/support/daemon.sh"
kv_open
key=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_one\",\"permissions\":$selgeo}" >/dev/null

code() { printf '%s' "$body" | jq -r .code; }
# answers WHAT STATUS CODE METHOD PATH [CURL-OPTION...]
answers()
{
        what=$1 wanted="$2 $3"
        shift 3
        kv_route "$@"
        is "$what" "$status $(code 2>/dev/null)" "$wanted"
}

printf '%s' "$key" >"$fs_dir/secret"
kv_route POST "/v1/keys?name=one&label=a%3Db" -H 'Content-Type: text/plain' --data-binary "@$fs_dir/secret"
is "a key is added by hand" "$status $(printf '%s' "$body" | jq -c '[.stored,.name,.outcome]')" '201 [true,"one","well"]'
kv_route GET /v1/keys
is "a list is JSON" "$status $(printf '%s' "$body" | jq -c '[.keys[].name]')" '200 ["one"]'
kv_route GET /v1/keys/one
is "a key is an object" "$status $(printf '%s' "$body" | jq -r '.state,.labels.a' | tr '\n' ' ')" "200 healthy b "
for path in /v1/status /v1/plan /v1/incidents /v1/keys/one/history; do
        kv_route GET $path
        is "GET $path" "$status $(printf '%s' "$body" | jq -r type)" "200 object"
done

answers "no such path" 404 not-found GET /
answers "no such path" 404 not-found GET /v1/keys/one/nothing
answers "no such key" 404 not-found GET /v1/keys/nobody
answers "a key instead of a name" 404 not-found GET "/v1/keys/rk_live_0000000000aaaaaaaaaaAAAA"
answers "no such incident" 404 not-found GET /v1/incidents/77
answers "an incident that is no number" 404 not-found GET /v1/incidents/abc
answers "a method that is not known" 405 bad-method PUT /v1/keys
answers "a method of another path" 405 bad-method DELETE /v1/status
like "405 says what is known" "$(curl -s -D- -o /dev/null -X PUT --unix-socket "$kv/control.sock" http://k/v1/keys)" "*llow: GET, POST*"
answers "a parameter that is not known" 400 bad-parameter GET "/v1/keys?colour=red"
answers "a state that is none" 400 bad-parameter GET "/v1/keys?state=red"
answers "a number that is none" 400 bad-parameter GET "/v1/keys/one/history?limit=ten"
answers "a date that is none" 400 bad-parameter POST "/v1/keys/one/pause?until=soon"
answers "a check that is none" 400 bad-parameter POST "/v1/keys/one/check?kind=all"
answers "a flag that is none" 400 bad-parameter DELETE "/v1/keys/one?force=perhaps"
answers "no name" 400 bad-parameter POST /v1/keys -H 'Content-Type: text/plain' --data-binary "@$fs_dir/secret"
answers "no secret" 400 no-secret POST "/v1/keys?name=two" -H 'Content-Type: text/plain' --data ""
answers "a secret as a form" 415 bad-type POST "/v1/keys?name=two" --data-binary "@$fs_dir/secret"
answers "a name that is taken" 409 exists POST "/v1/keys?name=one" -H 'Content-Type: text/plain' --data rk_live_AAAAAAAAAAaaaaaaaaaa0000
answers "a secret that is taken" 409 already-stored POST "/v1/keys?name=two" -H 'Content-Type: text/plain' --data-binary "@$fs_dir/secret"
answers "a secret that is none" 422 bad-key POST "/v1/keys?name=two" -H 'Content-Type: text/plain' --data hello
head -c 600 /dev/zero | tr '\0' a >"$fs_dir/large"
answers "a secret that is too large" 413 too-large POST "/v1/keys?name=two" -H 'Content-Type: text/plain' --data-binary "@$fs_dir/large"
answers "a body where none belongs" 413 too-large POST "/v1/keys/one/resume" -H 'Content-Type: text/plain' --data-binary "@$fs_dir/large"
answers "an ack without a reason" 400 bad-parameter POST /v1/incidents/1/ack

# --- selectors

for name in two three; do
        kv_add $name --label team=$name --expires 2h
done
kv pause two --until 1h
names() { kv_route GET "/v1/keys?$1"; printf '%s' "$body" | jq -c '[.keys[].name]'; }
is "by pattern" "$(names 'name=t*')" '["two","three"]'
is "by several" "$(names 'name=one,th*')" '["one","three"]'
is "by state" "$(names 'state=paused,revoked')" '["two"]'
is "by label" "$(names 'label=team=three')" '["three"]'
is "by account" "$(names 'account=acct_two')" '["two"]'
is "by mode" "$(names 'mode=test')" '[]'
is "by what is missing" "$(names 'missing=coupon_write')" '[]'
is "by the end" "$(names 'expiring=1d')" '["two","three"]'
is "by the end, later" "$(names 'expiring=1h')" '[]'
is "not well" "$(names 'not_well=1&name=t*')" '["two","three"]'
is "not more than" "$(names 'limit=2')" '["one","two"]'
kv_route GET "/v1/keys?label=team=two&label=plan=pro"
is "of two labels only one would count" "$status $(printf '%s' "$body" | jq -r .detail)" "400 'label' is given twice"
kv_route GET "/v1/keys?columns=name,state&name=two"
is "some columns" "$(printf '%s' "$body" | jq -c .keys)" '[{"name":"two","state":"paused"}]'
answers "a column that is none" 400 bad-parameter GET "/v1/keys?columns=secret"
answers "text that is no column" 400 bad-parameter GET "/v1/keys?columns=(select+1)"
answers "a mode that is none" 400 bad-parameter GET "/v1/keys?mode=dead"
kv_route GET "/v1/incidents?open=1&label=team=two"
is "incidents of them" "$(printf '%s' "$body" | jq -c '[.incidents[] | [.key, .kind]]')" '[["two","key-rotation-due"]]'
kv list 't*' --columns name,state --sort state
is "the client sorts" "$(printf '%s' "$out" | awk '{ print $1, $2 }' | tr '\n' ' ')" "NAME STATE three healthy two paused "
kv --json list --label team=two
is "and gives JSON" "$(printf '%s' "$out" | jq -c '[.keys[].name]')" '["two"]'

kv pause 't*'
like "many are asked about" "$rc:$err" "1:*that would be 2 keys; --yes does it*"
kv pause --label team=three --dry-run
is "which they are" "$rc:$out" "0:pause 1 key: three; nothing was done."
kv pause 't*' --reason holidays --yes
is "all of them" "$rc:$out" "0:pause: 2 of 2 keys."
kv resume --state paused --yes
is "and back" "$rc:$(names 'state=paused')" "0:[]"
kv set 't*' --label seen=yes --yes
is "labels for many" "$(names 'label=seen=yes')" '["two","three"]'
kv ack --label team=two --reason known
is "incidents of a selector" "$rc:$(printf '%s' "$out" | cut -d' ' -f1,3-)" "0:incident is acknowledged; there are no more reminders."
kv ack --label team=two --reason known
like "once" "$rc:$err" "1:*nothing is chosen by that*"
kv check 't*'
is "a check says what is open and not known yet" "$rc:$(printf '%s' "$out" | tail -n 1)" "1:2 keys: 1 well, 1 with findings, 0 could not be told."
kv remove --state revoked --yes
like "nothing chosen is nothing done" "$rc:$err" "1:*nothing is chosen by that*"
kv_route GET "/v1/events?kind=operator-action&limit=1000"
is "each of it is an event" "$(printf '%s' "$body" | jq -r '.data[] | select(.key == "three") | .fields.KEYVIGIL_ACTION' | tr '\n' ' ')" \
        "added paused resumed set "

# --- abuse; python would be shorter, but is not everywhere

send() { curl -s -m 5 --unix-socket "$kv/control.sock" "$@" >"$kv/said/abuse" 2>&1 || :; }
raw() { timeout 5 sh -c 'exec 3<&0; "$1/tests/support/unixcat" "$2" <&3 >"$3" 2>&1' raw "$builddir" "$kv/control.sock" "$kv/said/abuse" || :; }

printf 'nonsense\r\n\r\n' | raw
printf 'GET /v1/status HTTP/9.9\r\n\r\n' | raw
printf 'GET /v1/keys/%%00%%ff%%zz HTTP/1.1\r\nHost: k\r\n\r\n' | raw
printf 'GET /v1/%s HTTP/1.1\r\nHost: k\r\n\r\n' "$(head -c 200000 /dev/zero | tr '\0' a)" | raw
printf 'GET /v1/status HTTP/1.1\r\nX: %s\r\n\r\n' "$(head -c 200000 /dev/zero | tr '\0' a)" | raw
printf 'POST /v1/keys?name=x HTTP/1.1\r\nHost: k\r\nContent-Length: -5\r\n\r\nabc' | raw
printf 'POST /v1/keys?name=x HTTP/1.1\r\nHost: k\r\nContent-Length: 99999999999999999999\r\n\r\nabc' | raw
printf 'POST /v1/import HTTP/1.1\r\nHost: k\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc' | raw
printf 'POST /v1/import HTTP/1.1\r\nHost: k\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab' | raw
head -c 300000 /dev/urandom | raw
head -c 3000000 /dev/zero >"$fs_dir/huge"
send -X POST -H 'Content-Type: text/plain' --data-binary "@$fs_dir/huge" "http://k/v1/keys?name=x"
send -X POST -H 'Content-Type: text/plain' --data-binary "@$fs_dir/huge" http://k/v1/import
send -X GET --data-binary "@$fs_dir/huge" http://k/v1/status
kv_route GET /v1/status
is "none of that harmed it" "$status" 200

# Slow ones are let wait, and others are served meanwhile.
slow=
for i in 1 2 3 4 5 6 7 8; do
        { printf 'POST /v1/keys?name=x HTTP/1.1\r\nHost: k\r\nContent-Length: 30\r\n\r\nrk_'; sleep 5; } |
                "$builddir/tests/support/unixcat" "$kv/control.sock" >/dev/null 2>&1 &
        slow="$slow $!"
done
kv_route GET /v1/status
is "slow ones hinder nobody" "$status" 200

# A check that hangs: the daemon is stopped meanwhile, and says so.
fs_control POST faults '{"fault":"hang","seconds":60}' >/dev/null
curl -s -X POST --unix-socket "$kv/control.sock" -o "$kv/said/waiting" http://k/v1/keys/one/check &
waiting=$!
kv_until 10 sh -c 'curl -s "$1/_fake/stats" | jq -e ".in_flight > 0" >/dev/null' waits "$fs" || :
kv_stop
is "it stops although somebody waits" "$rc" 0
wait $waiting || :
is "who waits is told" "$(jq -r .code <"$kv/said/waiting")" stopping
wait $slow 2>/dev/null || :
kv_clean
fs_stop
tap_end
