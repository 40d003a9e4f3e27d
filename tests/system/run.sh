#!/bin/sh
# Install the build into a Debian tree, boot it with a real systemd once per test, run the test inside, count its points.
#
#   run.sh BUILDDIR [TEST...]    as root; TEST is the name of a t-*.sh without t- and .sh; without one those in list are run
#
# The last line is "N passed, N failed"; exit 0 only if something passed and nothing failed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" -eq 0 ] || { echo "run.sh: needs root"; exit 77; }
# Mounts and processes of its own: whatever ends this script, nothing of it is left behind.
[ -n "${KEYVIGIL_OWN_WORLD:-}" ] ||
        KEYVIGIL_OWN_WORLD=1 exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
                sh "$here/run.sh" "$@"
build=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- $(sed 's/#.*//' "$here/list")
. "$here/machine.sh"

at_once=4                       # the machines mostly wait
work=$(mktemp -d)
tree=
trap 'rm -rf --one-file-system "$work" 2>/dev/null' EXIT
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
        cp "$here"/lib.sh "$here"/world.sh "$here"/t-*.sh "$build/tests/support/fakestripe/fakestripe" \
                "$work/install/root/test/"
        [ -z "${KEYVIGIL_LONG:-}" ] || : >"$work/install/root/test/long"
        umount "$work/install/root"
}

# A machine into which nothing was installed, with the packages at hand.
package_layer()
{
        debs=${KEYVIGIL_DEBS:-$here/../../build/deb}
        machine_layer "$tree" "$work/package-files"
        mkdir "$work/package-files/root/test"
        cp "$here"/lib.sh "$here"/world.sh "$here"/t-package.sh "$here"/../../debian/tests/watch \
                "$here"/../../debian/tests/smoke "$build/tests/support/fakestripe/fakestripe" "$debs"/*.deb \
                "$work/package-files/root/test/" || return
        [ ! -d "$debs/before" ] || cp -r "$debs/before" "$work/package-files/root/test/"
        umount "$work/package-files/root"
}

# Two machines, in a network that is not this host's.
run_failover()
{
        mkdir "$work/failover"
        cp "$build/tests/support/fakestripe/fakestripe" "$work/failover/"
        unshare --net sh "$here/failover.sh" "$work/install/upper:$tree" "$work/failover" ||
                echo "not ok - failover.sh came to its end"
}

run_one()
{
        layer=install
        case $1 in
        failover)
                run_failover 2>&1
                return
                ;;
        package)
                package_layer || {
                        echo "not ok - there are packages; ./bootstrap deb makes them"
                        return
                }
                layer=package-files
                ;;
        esac
        machine_layer "$work/$layer/upper:$tree" "$work/$1"
        if machine_boot "$work/$1"; then
                machine_enter sh "/test/t-$1.sh" 2>&1 || echo "not ok - t-$1.sh came to its end"
        else
                echo "not ok - t-$1.sh had a machine to run in"
        fi
        machine_off
}

install_layer
running=0
for name in "$@"; do
        run_one "$name" >"$work/$name.out" 2>&1 &
        running=$((running + 1))
        [ $((running % at_once)) -ne 0 ] || wait
done
wait

passed=0
failed=0
for name in "$@"; do
        echo "# $name"
        cat "$work/$name.out"
        passed=$((passed + $(grep -c '^ok - ' "$work/$name.out" || :)))
        failed=$((failed + $(grep -c '^not ok - ' "$work/$name.out" || :)))
        grep -q '^\(not \)\{0,1\}ok - ' "$work/$name.out" || failed=$((failed + 1))
done
umount -l "$work"/* 2>/dev/null || :
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
