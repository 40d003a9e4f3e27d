#!/bin/sh
# The feed of events: each once, in order, waited for, gone on from a cursor; and the socket for those who may only look.
set -eu
. "$srcdir/tests/support/daemon.sh"
kv_open

field() { printf '%s' "$body" | jq -c "$1"; }
feed() { kv_route GET "/v1/events?$1"; }
journal() { sqlite3 -readonly "$kv/state/keyvigil.db" "SELECT $1 FROM event ORDER BY seq"; }

feed "after=now"
is "now is empty, and has a cursor" "$status $(field '[.data, .has_more, (.next | length > 9)]')" '200 [[],false,true]'
now=$(printf "%s" "$body" | jq -r .next)

for name in one two three; do
        kv_add $name --label team=$name --label x_note=secret
        eval "key_$name=\$key"
done

# Somebody waits while a key dies.
curl -s --unix-socket "$kv/control.sock" "http://k/v1/events?after=$now&wait=60&kind=key-revoked" >"$kv/said/waited" &
waiting=$!
fs_control PATCH keys "{\"key\":\"$key_one\",\"state\":\"expired\"}" >/dev/null
kv check one
kv_until 60 key_is one revoked || :
wait $waiting || :
is "who waits is given what is wanted" \
        "$(jq -c '[.data[] | [.kind, .key, .account, .mode, .priority, .cleared, .parent]]' <"$kv/said/waited")" \
        '[["key-revoked","one","acct_one","live",2,null,null]]'
is "with the labels of the key" "$(jq -c '.data[0].labels' <"$kv/said/waited")" '{"team":"one"}'
is "with its incident" "$(jq '.data[0].incident' <"$kv/said/waited")" \
        "$(sqlite3 -readonly "$kv/state/keyvigil.db" "SELECT id FROM v_incident WHERE kind = 'key-revoked'")"
is "it is the entry of the journal" "$(jq -r '.data[0] | .fields.KEYVIGIL_EVENT_ID, .fields.MESSAGE' <"$kv/said/waited")" \
        "$(jq -r '.data[0] | .id, .message' <"$kv/said/waited")"

kv ack "$(jq '.data[0].incident' <"$kv/said/waited")" --reason known
fs_control PATCH keys "{\"key\":\"$key_one\",\"state\":\"alive\"}" >/dev/null
cleared() { feed "kind=incident-cleared&key=one" && [ "$(field '.data | length')" = 1 ]; }
kv check one
kv_until 60 cleared || :
is "what is over says what it was" "$(field '[.data[] | [.kind, .cleared, .key]]')" '[["incident-cleared","key-revoked","one"]]'

# All of it, in pages of one, is what the store holds.
all()
{
        cursor=0
        while :; do
                feed "limit=1&after=$cursor"
                printf '%s' "$body" | jq -r '.data[] | "\(.seq) \(.id)"'
                cursor=$(printf '%s' "$body" | jq -r .next)
                [ "$(field .has_more)" = true ] || break
        done
}
is "every event is there once, in order" "$(all)" "$(journal "seq || ' ' || id")"
kv events
is "the client prints one line each" "$rc:$(printf '%s\n' "$out" | wc -l)" "0:$(journal seq | wc -l)"
like "with what happened" "$out" "*  2  key-revoked  one  *"
kv --json events --key one --kind key-revoked
is "or an object a line" "$(printf '%s' "$out" | jq -r .kind)" key-revoked

# --- bad questions

feed "after=nonsense"
is "a cursor that is none" "$status $(field .code)" '400 "bad-parameter"'
feed "kind=nonsense"
is "a kind that is none" "$status $(field .code)" '400 "bad-parameter"'
feed "after=00000001-1"
is "a cursor of another database" "$status $(field .code)" '410 "cursor-gone"'
first=$(printf '%s' "$body" | jq -r .first)
feed "after=$first"
is "what is said then is good" "$status" 200
feed "after=${first%-*}-999999"
is "a cursor that never was" "$status $(field .code)" '410 "cursor-gone"'
kv events --after 00000001-1
like "the client says where to go on" "$rc:$err" "1:*go on from $first*"
is "a problem says what it is" "$(curl -s -D- -o /dev/null --unix-socket "$kv/control.sock" "http://k/v1/keys/nobody" | tr -d '\r' | sed -n 's/^Content-Type: //p')" "application/problem+json"

# --- through restarts, a restore included

"$builddir/keyvigil" --json events --follow >"$kv/said/followed" 2>"$kv/said/follower" &
follower=$!
sleep 1
kv_stop
kv_start
fs_control PATCH keys "{\"key\":\"$key_two\",\"state\":\"expired\"}" >/dev/null
kv check two
followed() { grep -q '"kind":"key-revoked"' "$kv/said/followed"; }
ok "who follows goes on after a restart" kv_until 60 followed
kill $follower
wait $follower 2>/dev/null || :
is "and hears of it once" "$(jq -s -c '[.[] | select(.kind == "key-revoked") | .key]' <"$kv/said/followed")" '["two"]'
feed "after=now"
last=$(printf '%s' "$body" | jq -r .next)
kv_stop
cp "$kv/state/keyvigil.db" "$fs_dir/copy.db"
mv "$fs_dir/copy.db" "$kv/state/keyvigil.db"
kv_start
feed "after=$last"
is "another file is another epoch" "$status $(field .code)" '410 "cursor-gone"'

# --- what is not kept any more

sqlite3 "$kv/state/keyvigil.db" "DELETE FROM event WHERE seq < 3"
feed "after=$(printf '%s' "$body" | jq -r .first | sed 's/-.*/-1/')"
is "what was forgotten is not passed over silently" "$status $(field .first | tr -d '"' | sed 's/.*-//')" '410 2'

# --- who may only look

reading() { curl -s -g -o "$kv/said/body" -w '%{http_code}' --unix-socket "$kv/read/read.sock" -X "$@" && printf ' %s' "$(jq -r '.code // ""' <"$kv/said/body")"; }
for path in /v1/status /v1/plan /v1/keys /v1/keys/two /v1/keys/two/history /v1/incidents /v1/coupons /v1/events; do
        is "GET $path is answered" "$(reading GET "http://k$path" | cut -c 1-3)" 200
done
for route in "POST /v1/reload" "POST /v1/keys?name=x" "POST /v1/import" "PATCH /v1/keys/two?profile=selgeo" "DELETE /v1/keys/two" \
        "POST /v1/keys/two/check" "POST /v1/keys/two/rotate" "POST /v1/keys/two/pause" "POST /v1/keys/two/resume" \
        "POST /v1/coupons?key=two" "POST /v1/coupons/sweep" "POST /v1/incidents/replay?since=2026-01-01" "POST /v1/incidents/1/ack?reason=x"; do
        is "$route is not" "$(reading "${route% *}" "http://k${route#* }" </dev/null)" "403 read-only"
done
is "anybody may connect who comes that far" "$(stat -c %a "$kv/read/read.sock") $(stat -c %a "$kv/read")" "666 750"

kv_stop
kv_clean
fs_stop
tap_end
