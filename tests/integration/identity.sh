#!/bin/sh
# What a key is: its sort and mode, before anybody is asked; its name; its account; its age; and what it may do over time.
set -eu
. "$srcdir/tests/support/daemon.sh"
fs_start --http 127.0.0.1:0
mkdir "$kv/profiles.d"
profile() # name, lines
{
        printf 'profile: %s\ntitle: A test\n%s\n' "$1" "$2" >"$kv/profiles.d/$1.yaml"
}
profile live-only 'modes: [live]
require: { Customers: read }'
profile test-only 'modes: [test]
require: { Customers: read }'
profile tolerant 'kind: any
require: { Customers: read, Charges: read }'
profile named 'require: { Customers: read }
name_pattern: ^agent-[a-z]+-[0-9]+$'
profile dear 'require: { Customers: read }
pulse: 30s'
kv_conf "profiles_dir: $kv/profiles.d"
kv_start
db=$kv/state/keyvigil.db

put() { fs_control PUT keys "{\"key\":\"$1\",\"account\":\"$2\",\"permissions\":$3}" >/dev/null; }
grant() { fs_control PATCH keys "{\"key\":\"$1\",\"$2\":[\"$3\"]}" >/dev/null; }
sql() { sqlite3 -cmd '.timeout 5000' "$db" "$1"; }
events() { sql "SELECT count(*) FROM event e JOIN key k ON k.id = e.key WHERE k.name = '$1' AND e.kind = '$2'"; }
happens() { [ "$(events "$1" "$2")" -ge 1 ]; }
open_of() { "$builddir/keyvigil" --json incidents --open --key "$1" | jq -c '[.incidents[].kind] | sort'; }

# --- sort and mode: nobody is asked about what the profile excludes

refused() # what, secret, profile, pattern
{
        kv_with "$2" add x --profile "$3"
        is "$1 is refused" "$rc" 1
        like "$1: why" "$err" "$4"
        printf '{"name":"x","key":"%s","profile":"%s"}' "$2" "$3" >"$fs_dir/line"
        kv import "$fs_dir/line"
        is "$1 is not imported" "$rc" 1
        like "$1: why, with the line" "$err" "*line 1: $4"
}
refused "a test key for a live profile" "$(new_key rk test)" live-only "*test mode key*live-only*not for that mode*"
refused "a live key for a test profile" "$(new_key rk live)" test-only "*live mode key*test-only*not for that mode*"
refused "a full key for restricted ones" "$(new_key sk test)" test-only "*full secret key*restricted*keyvigil link test-only*"
refused "a full key of the wrong mode" "$(new_key sk test)" live-only "*"
is "Stripe has not heard of them" "$(fs_control GET stats | jq .requests)" 0

good=$(new_key rk live)
put "$good" acct_good '["customer_read"]'
kv_with "$good" add good --profile live-only
is "what the profile is for is stored" "$rc:$err" "0:"
requests=$(fs_control GET stats | jq .requests)
kv set good --profile test-only
is "nor can a stored key come to a profile of the other mode" "$rc" 1
is "which nobody is asked about" "$(fs_control GET stats | jq .requests)" "$requests"

# --- a full key where it is tolerated

full=$(new_key sk live)
put "$full" acct_full '"*"'
fs_control DELETE log >/dev/null
kv_with "$full" add full --profile tolerant
is "it is stored" "$rc" 0
like "with a note" "$out" "*note: This is a full secret key*'tolerant'*"
ok "and told" kv_until 30 happens full key-unrestricted
kv check full --excess
like "there is nothing to look for, but something is open" "$rc:$out" "1:full: The key is alive, but not all is well: key-unrestricted (incident *"
is "so only what the profile requires is asked" "$(fs_control GET 'log?account=acct_full' |
        jq -r '[.entries[].path | split("?")[0] | split("/")[2]] | unique | join(" ")')" "charges customers"
kv_stop
kv_start
sleep 1
is "told once, over a restart" "$(events full key-unrestricted):$(open_of full)" '1:["key-unrestricted"]'
restricted=$(new_key rk live)
put "$restricted" acct_full '["customer_read","charge_read"]'
kv_with "$restricted" rotate full
is "a restricted key takes its place" "$rc" 0
is "then it is over" "$(open_of full)" '[]'
kv --json show full
is "and it is what it is" "$(printf '%s' "$out" | jq -r .kind)" restricted

# --- names

for name in agent-refund-1 Agent\ key; do
        odd=$(new_key rk live)
        put "$odd" acct_named '["customer_read"]'
        kv_with "$odd" add "$name" --profile named
        echo "$rc:$out:$err" >>"$fs_dir/named"
done
like "a name as it should be" "$(sed -n 1,9p "$fs_dir/named")" "0:*agent-refund-1 is stored*"
is "no word about it" "$(grep -c note: "$fs_dir/named")" 0
odd=$(new_key rk live)
put "$odd" acct_named '["customer_read"]'
kv_with "$odd" add agent3 --profile named
is "another name is taken" "$rc" 0
like "with a note" "$out" "*note: The name 'agent3' does not match the name_pattern of 'named': ^agent-*"
: >"$fs_dir/import"
for name in agent-import-7 agent8 agent-9; do
        odd=$(new_key rk live)
        put "$odd" acct_named '["customer_read"]'
        printf '{"name":"%s","key":"%s","profile":"named"}\n' "$name" "$odd" >>"$fs_dir/import"
done
kv import "$fs_dir/import" --dry-run
is "an import would take all" "$rc:$(printf '%s\n' "$err" | grep -c note:)" "0:2"
kv import "$fs_dir/import"
is "and does" "$rc:$out" "0:3 keys are stored and will be checked soon, 0 lines refused."
is "with notes that name line and key" "$(printf '%s\n' "$err" | sed 's/ does not.*//')" "keyvigil: note: line 2: The name 'agent8'
keyvigil: note: line 3: The name 'agent-9'"

# --- what a watch costs

dear=$(new_key rk live)
put "$dear" acct_dear '["customer_read"]'
kv_with "$dear" add dear --profile dear
like "a dear profile is warned of when a key is added" "$out" "*note: An account of this profile is read more than 5000 times*pulse of 30s*'dear'*"
kv plan
like "in the plan" "$out" "*Warning: 1 of * accounts is read more than 5000 times a month (at most 86*'dear'*"
kv_stop
: >"$kv/said/daemon"
kv_start
like "and at the start" "$(cat "$kv/said/daemon")" "*1 of * accounts is read more than 5000 times*'dear' has: 10m or longer*"
sed -i 's/^pulse: 30s/pulse: 10m/' "$kv/profiles.d/dear.yaml"
: >"$kv/said/daemon"
kv reload
is "the remedy is taken" "$rc" 0
kv plan
is "and helps" "$(printf '%s' "$out" | grep -c Warning)$(grep -c 'read more than' "$kv/said/daemon")" 00

shop=$(new_key rk live)
put "$shop" acct_shop "$selgeo"
kv_with "$shop" add shop
fs_control PUT coupons '{"account":"acct_shop","mode":"live","generate":2500,"prefix":"sale_","created":1700000000,"step":60}' >/dev/null
kv coupons sweep shop
is "the coupons of an account are counted" "$(sql "SELECT coupons_seen FROM scan WHERE coupons_seen > 0")" 2500
kv --json plan
is "the plan goes by that" "$(printf '%s' "$out" | jq '.profiles[] | select(.profile == "selgeo") | .coupons.gets')" 827
kv_stop
kv --json plan
is "also without a daemon" "$(printf '%s' "$out" | jq '.profiles[] | select(.profile == "selgeo") | .coupons.gets')" 827
kv_start

# --- accounts

lost=$(new_key rk live)
put "$lost" acct_found "$selgeo"
kv_with "$lost" add lost --account acct_wanted
is "a key of another account than declared is not stored" "$rc" 1
like "that is said" "$err" "*another account than the one that was declared*"
like "and which it is" "$out" "*account: acct_found*"
kv_with "$lost" add lost --account acct_wanted --force
is "unless it is forced" "$rc" 0
is "then that is wrong" "$(open_of lost)" '["key-wrong-account"]'
kv incidents --open
like "with both accounts" "$out" "*Stripe names acct_found, declared is acct_wanted*"
kv_stop
kv_start
kv check lost --excess
is "told once, over a restart" "$(events lost key-wrong-account)" 1
kv set lost --account acct_found
is "until it is declared right" "$(open_of lost)" '[]'
kv check lost --excess
is "and stays so" "$(open_of lost):$(events lost key-wrong-account)" '[]:1'
kv set lost --account acct_wanted
kv check lost --excess
is "or is wrong again" "$(open_of lost)" '["key-wrong-account"]'
found=$(new_key rk live)
put "$found" acct_wanted "$selgeo"
kv_with "$found" rotate lost
is "a key of the declared account is let in" "$rc" 0
is "which mends it" "$(open_of lost)" '[]'
kv set good --account nonsense
is "what is no account is refused" "$rc" 1

# --- age

aged=$(new_key rk live)
put "$aged" acct_aged '["customer_read"]'
kv_with "$aged" add aged --profile live-only --created 2020-01-01
ok "an old secret is due" kv_until 60 happens aged key-rotation-due
kv --json incidents --open --key aged
like "why is said" "$out" "*in use for so long*"
kv set aged --expires 7d
ending() { [ "$(events aged key-rotation-due)" = 2 ]; }
ok "an end within two weeks is told, too" kv_until 60 ending
kv --json incidents --open --key aged
is "of the same incident" "$(printf '%s' "$out" | jq '.incidents | length')" 1
like "with the date" "$out" "*because it expires on*"
kv_stop
kv_start
younger=$(new_key rk live)
put "$younger" acct_aged '["customer_read"]'
kv_with "$younger" rotate aged
is "a new secret is not due" "$rc:$(open_of aged)" '0:[]'
for dates in "--created nonsense" "--expires 2020-13-45" "--created"; do
        kv_with "$aged" add x --profile live-only $dates
        is "no date: $dates" "$rc" 2
done

# --- gained and lost: something out of the profile, of which one answer is enough

shows() { "$builddir/keyvigil" --json show shop | jq -r ".permissions[] | select(.permission == \"$1\") | .$2"; }
kv check shop --excess
is "it may do what the profile requires" "$rc:$(shows coupon required):$(shows coupon granted)" "0:write:write"
is "and nothing else" "$(shows dispute required):$(shows dispute granted)" "null:none"
before=$(shows coupon since)
like "since when is shown" "$before" "20??-??-??T??:??:??Z"
sleep 1.1
grant "$shop" grant dispute_read
kv check shop --excess
is "a permission is gained" "$rc:$(shows dispute granted)" "1:read"
gained=$(shows dispute since)
ok "since then" test "$gained" \> "$before"
is "of the others nothing changed" "$(shows coupon since)" "$before"
sleep 1.1
grant "$shop" revoke dispute_read
kv check shop --excess
is "and lost" "$rc:$(shows dispute granted)" "0:none"
ok "since then" test "$(shows dispute since)" \> "$gained"
kv --json history shop
is "both are history" "$(printf '%s' "$out" | jq -c '[.history[] | select(.permission == "dispute") | [.before, .after, .change]] | reverse')" \
        '[["none","read","gained"],["read","none","lost"]]'
kv history shop
like "for people, too" "$out" "*lost*Disputes*read*none*gained*Disputes*none*read*"
is "the view says the same" "$(sql "SELECT granted || ' ' || since FROM v_permission WHERE key = 'shop' AND permission = 'dispute'")" \
        "none $(shows dispute since)"
kv show shop
like "as a table" "$out" "*PERMISSION*REQUIRED*GRANTED*SINCE*Coupons*write*write*"
after=$(new_key rk live)
put "$after" acct_shop "$selgeo"
grant "$after" revoke coupon_write
sleep 1.1
kv_with "$after" rotate shop --force
is "what a new secret lacks is lost" "$(shows coupon granted)" "not write"
is "since it is there" "$(shows coupon since)" "$(kv --json show shop; printf '%s' "$out" | jq -r .secret_since)"
is "as are all others" "$(shows customer since)" "$(shows coupon since)"
kv --json history shop
is "and that is history" "$(printf '%s' "$out" | jq -c '[.history[] | select(.permission == "coupon") | .change]')" '["lost"]'
kv_clean
fs_stop
tap_end
