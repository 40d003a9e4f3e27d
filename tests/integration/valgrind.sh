#!/bin/sh
# The integration tests with the daemon under valgrind: no error, no leak, no descriptor left open. Slow.
set -eu
command -v valgrind >/dev/null || { echo "valgrind is not here"; exit 77; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
KV_RUN="valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite
        --log-file=$log.%p --suppressions=$srcdir/tests/support/valgrind.supp"
# With these the programs need not execute themselves again, which valgrind would not follow.
GLIBC_TUNABLES=glibc.malloc.perturb=85:glibc.malloc.tcache_count=0
LD_BIND_NOW=1
export GLIBC_TUNABLES LD_BIND_NOW
KEYVIGIL_IMPORT=100
KV_TIMEOUT=20s
export KV_RUN KEYVIGIL_IMPORT KV_TIMEOUT
status=0
for name in ${*:-keys import control reload tls}; do
        echo "== $name"
        sh "$srcdir/tests/integration/$name.sh" || status=1
done
cat "$log".*
rm -f "$log".*
exit $status
