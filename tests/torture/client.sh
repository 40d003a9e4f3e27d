#!/bin/sh
# What the client allocates, reads and writes is denied once each: it says so, with a status that is not 0, or does what
# it was asked for all the same. It never says that all went well when it did not, and shows no half of a list as a whole.
set -eu
. "$srcdir/tests/support/daemon.sh"
. "$srcdir/tests/torture/deny.inc.sh"
seed=${KEYVIGIL_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "# seed $seed"

deny_open
for calls in alloc:ENOMEM write:ENOSPC read:EIO open:EMFILE socket:EMFILE send:EPIPE recv:ECONNRESET; do
        points=${KEYVIGIL_POINTS:-4}
        [ "$calls" != alloc:ENOMEM ] || points=$((points * 4))
        for scenario in ${KEYVIGIL_SCENARIOS:-list add import rotate}; do
                deny_all client "$scenario" "${calls%:*}" "${calls#*:}" "$points"
        done
done
deny_end
