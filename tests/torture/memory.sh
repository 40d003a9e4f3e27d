#!/bin/sh
# Each allocation of the daemon is denied once, in everything that it does: it says so and ends, to start anew, or refuses
# what was asked and goes on. Nothing is lost, nothing told twice, no database harmed.
set -eu
. "$srcdir/tests/support/daemon.sh"
. "$srcdir/tests/torture/deny.inc.sh"
seed=${KEYVIGIL_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "# seed $seed"

scenarios="add rotate list people check stop start"
[ -z "${KEYVIGIL_LONG:-}" ] || scenarios="$scenarios import death sweep reload"

deny_open
for scenario in ${KEYVIGIL_SCENARIOS:-$scenarios}; do
        deny_all daemon "$scenario" alloc ENOMEM "${KEYVIGIL_POINTS:-3}"
done
deny_end
