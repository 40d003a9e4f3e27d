#!/bin/sh
# Each allocation of the daemon is denied once, in everything that it does: it says so and ends, to start anew, or refuses
# what was asked and goes on. Nothing is lost, nothing told twice, no database harmed.
set -eu
. "$srcdir/tests/support/daemon.sh"
. "$srcdir/tests/torture/deny.inc.sh"
seed=${KEYVIGIL_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "# seed $seed"

deny_open
for scenario in ${KEYVIGIL_SCENARIOS:-add import check rotate sweep reload list people stop start}; do
        deny_all daemon "$scenario" alloc ENOMEM "${KEYVIGIL_POINTS:-8}"
done
deny_end
