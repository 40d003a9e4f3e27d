#!/bin/sh
# Everything is asked of a hundred keys at once, and no account sees more than five requests in a second. It takes a
# minute; unless KEYVIGIL_LONG is set, the first seconds of it have to do.
set -eu
. "$srcdir/tests/support/daemon.sh"
fs_start --http 127.0.0.1:0
kv_stripe="  account_concurrency: 2
  account_rate: 5"
kv_conf
sed -i '/account_concurrency: 10/d; /account_rate: 100/d' "$KEYVIGIL_CONFIG"
kv_start

# 90 keys on accounts of their own, and 10 that share five accounts.
lines=$fs_dir/import
for i in $(seq 100); do
        account=$i
        [ "$i" -le 90 ] || account=$((90 + (i - 1) % 5 + 1))
        key=$(new_key rk live)
        printf '{"key":"%s","account":"acct_%s","permissions":%s}\n' "$key" "$account" "$selgeo" >>"$fs_dir/made"
        printf '{"name":"key-%s","key":"%s","profile":"selgeo"}\n' "$i" "$key" >>"$lines"
done
fs_control PUT keys "$(cat "$fs_dir/made")" >/dev/null
kv import "$lines"
is "all keys are stored" "$rc:$err" "0:"
all_known() { [ "$("$builddir/keyvigil" --json list | jq '[.keys[] | select(.account != null)] | length')" = 100 ]; }
ok "their accounts are learned" kv_until 120 all_known

# Those that share an account shared no limit before it was known.
fs_control DELETE stats >/dev/null
seq 100 | while read -r i; do
        printf 'next\nurl = "http://keyvigil/v1/keys/key-%s/check?kind=excess"\nunix-socket = "%s"\n' "$i" "$kv/control.sock"
        printf 'request = POST\nsilent\noutput = "%s/check-%s"\n' "$fs_dir" "$i"
done | sed 1d >"$fs_dir/checks"
[ -n "${KEYVIGIL_LONG:-}" ] || sed -i 's/^silent$/max-time = 10\nsilent/' "$fs_dir/checks"
curl -Z --parallel-immediate --parallel-max 200 -K "$fs_dir/checks" 2>/dev/null || :
[ -z "${KEYVIGIL_LONG:-}" ] ||
        is "all was asked of all keys" "$(cat "$fs_dir"/check-* | jq -r .outcome | sort | uniq -c | tr -s ' ')" " 100 well"

fs_control GET stats >"$fs_dir/stats"
most=$(jq '[.accounts[].max_in_second] | max' "$fs_dir/stats")
flying=$(jq '[.accounts[].max_in_flight] | max' "$fs_dir/stats")
echo "# $(jq .requests "$fs_dir/stats") requests to $(jq '.accounts | length' "$fs_dir/stats") accounts," \
        "at most $most a second and $flying at a time to any"
ok "no account saw more than five requests in a second" test "$most" -le 5
ok "nor more than two at a time" test "$flying" -le 2
ok "and all were asked" test "$(jq '[.accounts[] | select(.requests >= 20)] | length' "$fs_dir/stats")" = 95

kv_stop
is "the daemon leaves in peace" "$rc" 0
kv_clean
fs_stop
tap_end
