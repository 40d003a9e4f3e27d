#!/bin/sh
# Each call of the daemon's into the kernel that can fail is let fail once: disk full or broken, no descriptor left,
# interrupted, nothing there after all, connection lost. It ends with a line, or goes on; nothing is lost, nothing told
# twice, no database harmed.
set -eu
. "$srcdir/tests/support/daemon.sh"
. "$srcdir/tests/torture/deny.inc.sh"
seed=${KEYVIGIL_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "# seed $seed"

# In the short form one scenario for each kind of call, not always the same.
all=${KEYVIGIL_SCENARIOS:-add check sweep start}
[ -z "${KEYVIGIL_LONG:-}" ] || all=${KEYVIGIL_SCENARIOS:-add import check rotate sweep reload list people start stop}
some_of()
{
        [ -z "${KEYVIGIL_LONG:-}${KEYVIGIL_SCENARIOS:-}" ] || { some=$all; return; }
        set -- $all
        random $#
        shift $random
        some=$1
}

deny_open
for calls in write:ENOSPC write:EIO write:EINTR sync:EIO open:EMFILE socket:EMFILE read:EIO send:EAGAIN send:EPIPE \
        recv:EAGAIN recv:ECONNRESET epoll:ENOMEM; do
        some_of
        for scenario in $some; do
                deny_all daemon "$scenario" "${calls%:*}" "${calls#*:}" "${KEYVIGIL_POINTS:-1}"
        done
done
deny_end
