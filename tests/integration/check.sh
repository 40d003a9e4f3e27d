#!/bin/sh
# 'keyvigil check' of one key, of some, of all: what is said, in which order, with which exit status.
set -eu
. "$srcdir/tests/support/daemon.sh"
keys=150

kv_open
for i in $(seq 101 $((100 + keys))); do
        key=$(new_key rk live)
        printf '{"key":"%s","account":"acct_c%s","permissions":%s}\n' "$key" "$i" "$(echo "$selgeo" | tr -d '\n')" >>"$fs_dir/keys.json"
        printf '{"name":"shop-%s","key":"%s","profile":"selgeo"}\n' "$i" "$key" >>"$fs_dir/import"
done
secret_of() { sed -n "s/.*\"name\":\"$1\",\"key\":\"\([^\"]*\)\".*/\1/p" "$fs_dir/import"; }
patch() { fs_control PATCH keys "{\"key\":\"$(secret_of "$1")\",$2}" >/dev/null; }
curl -s --fail-with-body -X PUT --data-binary @"$fs_dir/keys.json" "$fs/_fake/keys" >/dev/null
kv import "$fs_dir/import"
is "the keys are stored" "$rc" 0

kv check shop-101
is "a key that is well" "$rc:$(printf '%s' "$out" | grep -v account:):$err" "0:shop-101: The key is alive.:"
kv check --all --full
is "all are well: one line" "$rc:$out:$err" "0:$keys keys: $keys well, 0 with findings, 0 could not be told.:"

patch shop-120 '"revoke":["coupon_write"]'
patch shop-103 '"state":"expired"'
kv check --all --full
is "findings" "$rc" 1
is "each line that finds something names its key, in order" "$(printf '%s\n' "$out" | grep '^[^ ]' | cut -d: -f1 | tr '\n' ' ')" \
        "shop-103 shop-120 $keys keys "
like "what is wrong" "$out" "*shop-103: Stripe says that this key has expired*shop-120: STRIPE_PERMISSIONS_MISSING*Coupons: Write*"
is "and how many" "$(printf '%s\n' "$out" | tail -n 1)" "$keys keys: $((keys - 2)) well, 2 with findings, 0 could not be told."
kv check shop-102 shop-103
is "of some keys each is listed" "$rc:$(printf '%s\n' "$out" | grep '^[^ ]' | cut -d: -f1 | tr '\n' ' ')" "1:shop-102 shop-103 2 keys "
kv --json check --all
is "programs get all of them, in order" "$rc:$(printf '%s' "$out" | jq -r 'length, .[0].name, .[-1].name' | tr '\n' ' ')" \
        "1:$keys shop-101 shop-$((100 + keys)) "
is "and what came of them" "$(printf '%s' "$out" | jq -c '[group_by(.outcome)[] | [.[0].outcome, length]]')" \
        "[[\"findings\",2],[\"well\",$((keys - 2))]]"

fs_control POST faults '{"fault":"503-html","account":"acct_c110"}' >/dev/null
kv check shop-110
is "one that cannot be told" "$rc" 3
like "is named" "$out" "shop-110: Could not tell: *"
kv check nobody shop-101
is "not to be told is worse than well" "$rc" 3
kv check nobody shop-103
is "a finding is worse than that" "$rc" 1
fs_control DELETE faults >/dev/null
kv check shop-101 nobody shop-102
is "a name that is not there cannot be told" "$rc" 3
like "that is an error" "$err" "keyvigil: nobody: There is no key named 'nobody'*"
is "the others are checked" "$(printf '%s\n' "$out" | tail -n 1)" "3 keys: 2 well, 0 with findings, 1 could not be told."
kv --json check shop-101 nobody
is "programs get that, too" "$(printf '%s' "$out" | jq -c '[.[] | [.name, .outcome]]')" '[["shop-101","well"],["nobody","unclear"]]'
for usage in "" "--all shop-101" "--all --full --excess" "--nonsense"; do
        kv check $usage
        is "no such use: check $usage" "$rc" 2
done

# --- many at once, but never too many of one account

kv_stop
fs_control DELETE keys >/dev/null
sed 's/"account":"acct_c[0-9]*"/"account":"acct_shared"/' "$fs_dir/keys.json" |
        curl -s --fail-with-body -X PUT --data-binary @- "$fs/_fake/keys" >/dev/null
sqlite3 "$kv/state/keyvigil.db" "UPDATE key SET account = (SELECT min(id) FROM account)"
kv_start
fs_control DELETE stats >/dev/null
kv check --all
like "keys of one account" "$out" "*, 0 could not be told."
ok "no more at once than account_concurrency allows" test "$(fs_control GET stats | jq '[.accounts[].max_in_flight] | max')" -le 10
ok "no more in a second than account_rate allows" test "$(fs_control GET stats | jq '[.accounts[].max_in_second] | max')" -le 101

# --- the daemon goes away meanwhile

fs_control POST faults '{"fault":"hang","seconds":20}' >/dev/null
"$builddir/keyvigil" check --all >"$kv/said/all" 2>"$kv/said/all.err" &
client=$!
# The watch itself asks now and then; that dozens wait for their account's turn is the client's doing.
asked() { [ "$("$builddir/keyvigil" --json status | jq .waiting)" -ge 40 ]; }
ok "a check is under way" kv_until 10 asked
kill -KILL "$kv_pid"
kv_reap
rc=0
wait $client || rc=$?
is "its end is noticed" "$rc" 3
is "said once" "$(wc -l <"$kv/said/all.err")" 1
is "and counted" "$(tail -n 1 "$kv/said/all")" "$keys keys: 0 well, 0 with findings, $keys could not be told."
kv check --all
is "without it nothing can be told" "$rc" 3
kv_clean
fs_stop
tap_end
