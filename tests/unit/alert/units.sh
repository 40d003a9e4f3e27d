#!/bin/sh
# The watching unit denies what it can, and systemd understands it, its timer and the examples.
set -eu
root=${srcdir:-.}
build=${builddir:-.}
command -v systemd-analyze >/dev/null || { echo "systemd-analyze is not here"; exit 77; }
! grep -n '@[A-Za-z]*@' "$build"/systemd/keyvigil-watch.service
systemd-analyze security --offline=true --threshold=15 --no-pager "$build/systemd/keyvigil-watch.service"

# Started together with a daemon on a machine that has been up for long, it waits as it does after a boot.
timer=$root/systemd/keyvigil-watch.timer
if ! grep -q '^OnActiveSec=10min' "$timer" || grep '^OnBootSec=' "$timer"; then
        echo "$timer: OnBootSec= is past on a machine that has been up for long"
        exit 1
fi
grep -q '^Also=.*keyvigil-watch\.timer' "$build/systemd/keyvigild.service"

# verify complains of programs and pages that are not installed; all else is a fault.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$build/systemd/keyvigil-watch.service" "$root/systemd/keyvigil-watch.timer" "$root"/systemd/examples/*.service "$work/"
sed -i 's,^ExecStart=.*,ExecStart=/bin/true,; /^Documentation=/d' "$work"/*.service "$work"/*.timer
systemd-analyze verify --man=no "$work"/*.service "$work"/*.timer 2>&1 | grep -F "$work" >"$work/faults" || :
cat "$work/faults"
[ ! -s "$work/faults" ]
