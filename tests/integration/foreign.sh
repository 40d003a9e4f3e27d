#!/bin/sh
# What people, programs and files say is looked at where it enters, and nothing that is stored can make an answer fail.
set -eu
. "$srcdir/tests/support/daemon.sh"
kv_open

code() { printf '%s' "$body" | jq -r .code; }
secret() { printf '%s' "$1" >"$fs_dir/secret"; }
# add QUERY: by hand, with the secret in $fs_dir/secret
add() { kv_route POST "/v1/keys?force=1&$1" -H 'Content-Type: text/plain' --data-binary "@$fs_dir/secret"; }
# refused WHAT: the answer is one for people, of good form
refused() { is "$1" "$status $(code)" "422 invalid"; }
odd() { is "$1" "$status $(code)" "400 bad-parameter"; }

key=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_one\",\"permissions\":$selgeo}" >/dev/null
piece=$(printf '%s' "$key" | cut -c 15-28)
body24=$(printf '%s' "$key" | cut -c 9-)
long=$(head -c 257 /dev/zero | tr '\0' a)
secret "$key"

add "name=one&label=team%3Da%00b"
odd "a NUL in a label"
add "name=one&label=team%3D%ff"
odd "a label that is not UTF-8"
add "name=one&label=team%3D%1b%5b2J"
odd "a control character"
add "name=one&label=team%3D%e2%80%8ba"
odd "a character without width"
add "name=one&label=team%3D%e2%80%aea"
odd "a turn of the direction of writing"
add "name=one&label=Team%3Da"
refused "a label whose name cannot be a field's"
add "name=one&label=team%3D$long"
refused "a label that is too long"
add "name=one&label=team%3D$piece"
refused "a label that is part of the key"
add "name=$piece"
refused "a name that is part of the key"
add "name=one&account=acct_$body24"
refused "an account that is the key's body"
add "name=one&account=acct_%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc"
refused "an account that is cut within a character for the answer"
add "name=one&profile=a%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc"
is "a profile that is cut within a character for the answer" "$status $(code)" "404 not-found"
add "name=one&created=1999-01-01"
refused "a date before Stripe"
add "name=one&expires=9999-12-31T23:59:59-23:59"
odd "a date after all dates"
add "name=one&label=team%3DZo%c3%ab"
is "a label of letters that are not ours is stored" "$status" 201

# --- what is changed is looked at as what is added is

change() { kv_route PATCH "/v1/keys/one?$1"; }
change "label=team%3D$piece"
refused "set: a label that is part of the key"
change "label=team%3D%e2%80%8ba"
odd "set: a character without width"
change "label=Team%3Da"
refused "set: a label whose name cannot be a field's"
change "label=team%3D$long"
refused "set: a label that is too long"
change "account=acct_$body24"
refused "set: an account that is the key's body"
change "expires=1999-01-01"
refused "set: a date before Stripe"
change "profile=stackone&label=team%3D$piece"
kv_route GET /v1/keys/one
is "what is refused changes nothing" "$(printf '%s' "$body" | jq -r '.profile,.labels.team' | tr '\n' ' ')" "selgeo Zoë "
labels=$(awk 'BEGIN { for (i = 0; i < 31; i++) printf "label=l%d%%3Dx&", i }')
change "${labels}label=team%3Db"
is "set: thirty-two labels" "$status" 200
change "label=one%3Dmore"
refused "set: one label more than there may be"
change "label=l7%3D&label=one%3Dmore"
is "set: one for another" "$status" 200
kv_route POST "/v1/keys/one/pause?reason=$piece"
refused "pause: a reason that is part of the key"
kv_route POST "/v1/keys/one/pause?reason=$long$long"
refused "pause: a reason that is too long"
kv_route POST "/v1/keys/one/pause?reason=a%0ab"
odd "pause: a reason of two lines"
printf '{"name":"two","key":"%s","profile":"selgeo","labels":{"team":"a\\u202eb"}}
{"name":"three","key":"%s","profile":"selgeo","created":253402300800}
{"name":"four","key":"%s","profile":"selgeo","created":1}
{"name":"five","key":"%s","profile":"selgeo","expires":9223372036854775807}\n' "$(new_key rk live)" "$(new_key rk live)" \
        "$(new_key rk live)" "$(new_key rk live)" >"$fs_dir/lines"
kv import - <"$fs_dir/lines"
kv_route POST /v1/import -H 'Content-Type: text/plain' --data-binary "@$fs_dir/lines"
is "import: none of these lines" "$(printf '%s' "$body" | jq -c '[.imported,.refused]')" "[0,4]"

# --- somebody else wrote into the file

kv_stop
sqlite3 "$kv/state/keyvigil.db" "
        update label set value = cast(x'ff1b5b324ae280ae00c3' as text) where name = 'team';
        update label set name = cast(x'fe1b' as text) where name = 'l1';
        update key set created = 9223372036854775807, expires = 9223372036854775806, life_since = 9223372036854775807,
                last_full = -9223372036854775808, last_checked = 9223372036854775807, paused_until = -1;
        insert into incident (kind, key, opened, cleared, reminded, reminders, acknowledged, acknowledged_until,
                acknowledged_uid, priority, count, event_id, reason, detail, message, acknowledgement)
                select 'key-unverified', id, 9223372036854775807, 0, -1, -1, 0, 0, 9999999999, 77, -1, 'x', cast(x'ff' as text),
                        cast(x'ff' as text), cast(x'1b5b324ae280aeff' as text), '' from key where name = 'one';" >"$kv/said/sql" 2>&1 || cat "$kv/said/sql"
kv list
ok "no database makes a list fail that nobody serves" [ "$rc" = 0 ]
kv show one
ok "nor a key" [ "$rc" = 0 ]
kv_start
for path in /v1/keys /v1/keys/one /v1/keys/one/history /v1/incidents /v1/status /v1/plan /v1/coupons; do
        kv_route GET $path
        is "GET $path, whatever is stored" "$status $(printf '%s' "$body" | jq -r type)" "200 object"
done
kv_route GET /v1/keys/one
like "what cannot be shown is replaced" "$(printf '%s' "$body" | jq -r .labels.team)" "[?][?][[]2J[?]*"
kv show one
kv incidents
kv list
steers() { LC_ALL=C grep -q "[[:cntrl:]]\|$(printf '\342\200\256')" "$1"; }
printf 'a\033b\n' >"$fs_dir/steering"
ok "what steers a terminal would be found" steers "$fs_dir/steering"
steered() { ! steers "$kv/said/client"; }
ok "nothing that steers a terminal reaches it" steered
kv_stop
is "the daemon lived through it" "$rc" 0
kv_clean
tap_end
