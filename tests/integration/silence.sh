#!/bin/sh
# Over TLS and HTTP/2: a connection that goes silent is left, and an outage is over soon after its end, with everything
# that happened meanwhile. How long that took is printed. KEYVIGIL_LONG: with the timeout and the outage of real life.
set -eu
. "$srcdir/tests/support/daemon.sh"
command -v nginx >/dev/null || { echo "1..0 # SKIP there is no nginx"; exit 77; }
command -v python3 >/dev/null || { echo "1..0 # SKIP there is no python3"; exit 77; }
KV_TIMEOUT=3s
span=20
patience=120
[ -z "${KEYVIGIL_LONG:-}" ] || { KV_TIMEOUT=20s; span=180; }

fs_start --http 127.0.0.1:0
fs_front
python3 "$srcdir/tests/support/gap.py" "$fs_dir/gap" "$fs_port" &
gap_pid=$!
trap 'kill $gap_pid 2>/dev/null || :; kv_cleanup; fs_cleanup' EXIT
kv_until 30 test -s "$fs_dir/gap"

mkdir -p "$kv/profiles"
cat >"$kv/profiles/quick.yaml" <<'END'
profile: quick
title: Often asked
kind: restricted
modes: [live]
require:
  Coupons: write
excess: allow
pulse: 10s
coupons: off
END
kv_base=https://localhost:$(cat "$fs_dir/gap")
kv_stripe="  ca_file: $fs_ca"
kv_conf "profiles_dir: $kv/profiles"
kv_start
for i in 1 2 3 4 5 6 7 8; do
        eval "key_$i=$(new_key rk live)"
        eval "key=\$key_$i"
        fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_gap$i\",\"permissions\":[\"coupon_write\"]}" >/dev/null
        printf '{"name":"gap%s","key":"%s","profile":"quick"}\n' "$i" "$key"
done >"$fs_dir/lines"
kv import "$fs_dir/lines"
is "eight keys are taken" "$rc" 0

now() { date +%s; }
all_healthy() { [ "$("$builddir/keyvigil" list --json 2>/dev/null | jq '[.. | objects | select(.state? == "healthy")] | length')" = 8 ]; }
requests() { fs_control GET stats | jq .requests; }
answered_again() { [ "$(requests)" -ge $((before + 8)) ]; }
connections() { fs_control GET log | jq '[.entries[].connection] | unique | length'; }
outage() { "$builddir/keyvigil" --json status | jq -r .outage; }
is_outage() { [ "$(outage)" = "$1" ]; }

kv_until $patience all_healthy
is "and healthy" "$(all_healthy && echo yes)" yes

# --- a connection goes silent
kill -USR1 $gap_pid
before=$(requests)
since=$(now)
kv_until $patience answered_again
is "who shared the silent connection is asked on another one" "$(answered_again && echo yes)" yes
echo "# eight answers $(($(now) - since)) s after the connection went silent (timeout: $KV_TIMEOUT)"
kv_until $patience is_outage false
kv_until $patience all_healthy
is "nothing is thought of any key for it" "$(all_healthy && echo yes)" yes

# --- an outage, and a death in it
fs_control POST faults '{"fault":"500"}' >/dev/null
kv_until $patience is_outage true
is "an outage is told" "$(outage)" true
sleep "$span"
fs_control PUT keys "{\"key\":\"$key_3\",\"account\":\"acct_gap3\",\"state\":\"expired\"}" >/dev/null
fs_control DELETE faults >/dev/null
since=$(now)
kv_until $patience is_outage false
is "its end is seen" "$(outage)" false
echo "# cleared $(($(now) - since)) s after its end"
is_dead() { [ "$(key_state gap3)" = revoked ]; }
kv_until $patience is_dead
is "who died meanwhile is told" "$(key_state gap3)" revoked
echo "# dead $(($(now) - since)) s after its end"
is "nobody else" "$("$builddir/keyvigil" incidents --open --json | jq '[.. | objects | select(.kind? != null and .cleared? == null)] | length')" 1
kv_stop
is "the daemon ends well" "$rc" 0
kv_clean
fs_stop
tap_end
