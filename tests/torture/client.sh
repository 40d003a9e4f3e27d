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
for calls in alloc:ENOMEM read:EIO open:EMFILE socket:EMFILE send:EPIPE ${KEYVIGIL_LONG:+recv:ECONNRESET}; do
        points=${KEYVIGIL_POINTS:-1}
        [ "$calls" != alloc:ENOMEM ] || points=$((points * 4))
        for scenario in ${KEYVIGIL_SCENARIOS:-list add}; do
                deny_all client "$scenario" "${calls%:*}" "${calls#*:}" "$points"
        done
done
# The C library writes standard output past what can be denied here; a full disk is one all the same.
for what in "list" "--json list" "status" "incidents" "profiles" "plan"; do
        rc=0
        "$builddir/keyvigil" $what >/dev/full 2>"$kv/said/err" || rc=$?
        ok "'$what' on a full disk is no success" [ "$rc" -ne 0 -a "$rc" -lt 126 -a -s "$kv/said/err" ]
done
deny_end
