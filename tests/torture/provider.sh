#!/bin/sh
# A provider that means harm: some seventy ways to answer, each to a key of its own, all at once, beside keys that are
# answered well. The daemon goes on, takes none of it for a verdict that it is not, and no part of a key gets out. In the
# long form each way has ten keys and more turns.
set -eu
. "$srcdir/tests/support/daemon.sh"
command -v python3 >/dev/null || { echo "1..0 # SKIP there is no python3"; exit 77; }
turns=${KEYVIGIL_LONG:+3}
turns=${turns:-2}
copies=${KEYVIGIL_LONG:+10}
copies=${copies:-1}
hostile_pid=
trap '[ -z "$hostile_pid" ] || kill "$hostile_pid" 2>/dev/null; kv_cleanup; fs_cleanup' EXIT

# Bodies of both kinds: random, and of 99 characters that begin with the account's. Those eighteen are no secret.
mkdir -p "$kv/state"
: >"$fs_dir/ways" >"$fs_dir/log"
n=0
key_for() # way, name
{
        n=$((n + 1))
        if [ $((n % 2)) -eq 0 ]; then
                key=rk_live_$(random_text 24)
                echo "$key" >>"$kv_keys"
        else
                rest=$(random_text 81)
                key=rk_live_51$(random_text 16)$rest
                echo "rk_live_$rest" >>"$kv_keys"
        fi
        [ "$1" = well ] || echo "$key $1" >>"$fs_dir/ways"
        printf '{"name":"%s","key":"%s","profile":"selgeo"}\n' "$2" "$key" >>"$fs_dir/lines"
}
: >"$fs_dir/lines"
ways=$(python3 "$srcdir/tests/support/hostile.py")
for copy in $(seq "$copies"); do
        for way in $ways; do
                key_for "$way" "$way-$copy"
        done
done
for i in 1 2 3 4 5; do
        key_for well "well-$i"
done
python3 "$srcdir/tests/support/hostile.py" "$fs_dir/port" "$fs_dir/ways" "$fs_dir/log" &
hostile_pid=$!
kv_until 20 test -s "$fs_dir/port"

kv_base=http://127.0.0.1:$(cat "$fs_dir/port")
KV_TIMEOUT=2s
kv_pulse=10s
kv_conf
kv_start
rc=0
"$builddir/keyvigil" import "$fs_dir/lines" >"$kv/said/out" 2>"$kv/said/err" || rc=$?
is "the keys are stored" "$("$builddir/keyvigil" --json list | jq '.keys | length')" $n

# Some are met once and then left alone for long, as they ask for.
number=$(echo "$ways" | wc -l)
all_met()
{
        [ "$(wc -l <"$fs_dir/log")" -ge $((number * copies * turns)) ] && [ "$(cut -d ' ' -f 1 "$fs_dir/log" | sort -u | wc -l)" -gt "$number" ]
}
ok "each way is met" kv_until 300 all_met
echo "# $number ways, $(wc -l <"$fs_dir/log") requests; peak of the daemon: $(awk '/VmHWM/ { print $2, $3 }' "/proc/$kv_pid/status")"

verdicts() { "$builddir/keyvigil" --json list | jq -r '.keys[] | select(.state | IN("revoked", "expired", "rolled", "invalid")) | .name'; }
ok "the daemon is there" kv_answers
is "none of it is a verdict" "$(verdicts)" ""
is "keys that are answered well are well" "$("$builddir/keyvigil" --json list 'well-*' | jq -r '[.keys[].state] | unique | join(" ")')" healthy
for command in list "list --json" incidents "incidents --json" "events --json" status plan "coupons list"; do
        kv $command
        ok "'$command' has an answer" [ "$rc" -lt 2 ]
done
for way in $ways; do
        kv show "$way-1"
        [ "$rc" -lt 2 ] || is "'show' of the key that is answered by $way" "$rc" 0
done
steers() { LC_ALL=C grep -q "$(printf '\033')" "$1"; }
steered() { ! steers "$kv/said/client"; }
ok "nothing that steers a terminal reaches it" steered
kv_stop
is "the daemon leaves in peace" "$rc" 0
is "its database is whole" "$(sqlite3 "$kv/state/keyvigil.db" 'PRAGMA integrity_check')" ok
kv_clean
tap_end
