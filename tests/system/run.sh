#!/bin/sh
# Install the build into a Debian tree, boot it with a real systemd once per test, run the test inside, count its points.
#
#   run.sh BUILDDIR [TEST...]    as root; TEST is the name of a t-*.sh without t- and .sh; without one all are run
#
# The last line is "N passed, N failed"; exit 0 only if something passed and nothing failed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" -eq 0 ] || { echo "run.sh: needs root"; exit 77; }
[ -n "${KEYVIGIL_OWN_MOUNTS:-}" ] ||
        KEYVIGIL_OWN_MOUNTS=1 exec unshare --mount --propagation private sh "$here/run.sh" "$@"
build=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- $(sed 's/#.*//' "$here/list")
. "$here/machine.sh"

work=$(mktemp -d)
passed=0
failed=0
finish()
{
        machine_off
        umount "$work/install/root" "$work/install" 2>/dev/null || :
        rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# What is installed is one layer below each machine's own, so it is made once.
install_layer()
{
        tree=$(machine_tree)
        machine_layer "$tree" "$work/install"
        make -s -C "$build" install DESTDIR="$work/install/root" >"$work/install.log" 2>&1 || {
                cat "$work/install.log"
                exit 1
        }
        mkdir "$work/install/root/test"
        cp "$here"/lib.sh "$here"/t-*.sh "$work/install/root/test/"
        [ ! -x "$build/tests/support/fakestripe/fakestripe" ] ||
                cp "$build/tests/support/fakestripe/fakestripe" "$work/install/root/test/"
        umount "$work/install/root"
}

run_one()
{
        machine_layer "$work/install/upper:$tree" "$work/$1"
        machine_boot "$work/$1"
        machine_enter sh "/test/t-$1.sh" >"$work/$1.out" 2>&1 || echo "not ok - t-$1.sh came to its end" >>"$work/$1.out"
        machine_off
}

install_layer
for name in "$@"; do
        echo "# $name"
        run_one "$name" || echo "not ok - t-$name.sh had a machine to run in" >>"$work/$name.out"
        cat "$work/$name.out"
        passed=$((passed + $(grep -c '^ok - ' "$work/$name.out" || :)))
        failed=$((failed + $(grep -c '^not ok - ' "$work/$name.out" || :)))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
