#!/bin/sh
# What the client allocates, reads and writes is denied once each: it says so, with a status that is not 0, or does what
# it was asked for all the same. It never says that all went well when it did not, and shows no half of a list as a whole.
set -eu
. "$srcdir/tests/support/daemon.sh"
. "$srcdir/tests/torture/deny.inc.sh"
seed=${KEYVIGIL_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "# seed $seed"
[ -z "${KEYVIGIL_LONG:-}" ] || KEYVIGIL_SCENARIOS=${KEYVIGIL_SCENARIOS:-list add import rotate reload people sweep}

deny_open
for calls in alloc:ENOMEM read:EIO open:EMFILE socket:EMFILE send:EPIPE recv:ECONNRESET; do
        points=${KEYVIGIL_POINTS:-1}
        [ "$calls" != alloc:ENOMEM ] || points=$((points * 4))
        for scenario in ${KEYVIGIL_SCENARIOS:-list add}; do
                deny_all client "$scenario" "${calls%:*}" "${calls#*:}" "$points"
        done
done
# An answer of many pieces that is cut off at any of them is an error, with a line.
: >"$fs_dir/many" >"$fs_dir/many.keys"
for i in $(seq 200); do
        key=$(new_key rk live)
        printf '{"name":"many-%s","key":"%s","profile":"selgeo"}\n' "$i" "$key" >>"$fs_dir/many"
        printf '{"key":"%s","account":"acct_many%s","permissions":%s}\n' "$key" "$i" "$selgeo" >>"$fs_dir/many.keys"
done
fs_control PUT keys "$(jq -sc . "$fs_dir/many.keys")" >/dev/null
"$builddir/keyvigil" import "$fs_dir/many" >/dev/null 2>&1
for what in "list" "--json list"; do
        n=0 cut=0 told=0 fired=1
        while [ "$fired" -eq 1 ] && [ $n -lt 100 ]; do
                n=$((n + 1)) rc=0
                arm "$deny_dir/client" recv $n ECONNRESET
                LD_PRELOAD="$deny_so" KEYVIGIL_DENY="$deny_dir/client" "$builddir/keyvigil" $what >"$kv/said/out" 2>"$kv/said/err" </dev/null || rc=$?
                fired=$(arm "$deny_dir/client" off)
                fired=${fired#* }
                cut=$((cut + fired))
                [ "$fired" -eq 0 ] || [ $rc -eq 0 ] || [ ! -s "$kv/said/err" ] || told=$((told + 1))
        done
        is "'$what' says each of $cut times that it was cut off" $told $cut
        ok "which is more than once" [ $cut -gt 1 ]
done
# The C library writes standard output past what can be denied here; a full disk is one all the same.
for what in "list" "--json list" "status" "incidents" "profiles" "plan"; do
        rc=0
        "$builddir/keyvigil" $what >/dev/full 2>"$kv/said/err" || rc=$?
        ok "'$what' on a full disk is no success" [ "$rc" -ne 0 -a "$rc" -lt 126 -a -s "$kv/said/err" ]
done
deny_end
