#!/bin/sh
# Faults that were in the program once are put back, one at a time, and each must be found: by one of 200 worlds, or by
# the test that its file names. KEYVIGIL_LONG or names (faults.sh early-hold ...): that is tried; else only whether each
# can be put back at all, for a fault that fits the code no more proves nothing.
set -eu
root=$(cd "${srcdir:-.}" && pwd)
build=$(cd "${builddir:-.}" && pwd)
faults=$root/tests/sim/faults
command -v patch >/dev/null || { echo "there is no patch"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
said() { sed -n "s/^$2: //p" "$faults/$1.patch"; }
of_make() { sed -n "s/^$1 = //p" "$build/Makefile"; }

put_back()
{
        rm -rf "$work/tree"
        mkdir -p "$work/tree/tests"
        cp -R "$root/src" "$root/systemd" "$work/tree/"
        cp -R "$root/tests/sim" "$work/tree/tests/"
        patch -s -p1 -d "$work/tree" <"$faults/$1.patch"
}

# The program of a test as it was linked, but for what was changed.
program()
{
        set -- "$1" "$2"
        changed=$(sed -n 's,^+++ b/\([^[:space:]]*\.c\).*,\1,p' "$faults/$1.patch")
        rm -rf "$work/objects"
        mkdir "$work/objects"
        find "$build/$(dirname "$2")" -maxdepth 1 -name '*.o' ! -name 'test_*' -exec cp '{}' "$work/objects/" ';'
        cp "$build/$2.o" "$work/objects/"
        for file in $changed; do
                # shellcheck disable=SC2086
                ${CC:-cc} -std=gnu17 -g -O2 $(of_make SAN_FLAGS) $(of_make DEPS_CFLAGS) -I"$work/tree/src" -I"$build" -include config.h \
                        -DSYSCONFDIR='"/etc"' -DPKGDATADIR='"/usr/share/keyvigil"' -c "$work/tree/$file" \
                        -o "$work/objects/$(basename "$file" .c).o"
        done
        # shellcheck disable=SC2046
        ${CC:-cc} $(of_make SAN_FLAGS) -o "$work/program" "$work"/objects/*.o "$build/libkeyvigil.a" $(of_make DEPS_LIBS) $(of_make CMOCKA_LIBS)
}

# Succeeds if the test does not.
fails()
{
        case $2 in
        *.sh) ! srcdir=$work/tree builddir=$build sh "$root/$2" >"$work/out" 2>&1 ;;
        *) program "$1" "$2" && ! "$work/program" >"$work/out" 2>&1 ;;
        esac
}

# The seed that is known to break it may have become a harmless one.
fails_in_worlds()
{
        export KEYVIGIL_SEED KEYVIGIL_SEEDS KEYVIGIL_WORLDS
        KEYVIGIL_SEED=$(said "$1" Seed) KEYVIGIL_SEEDS=1 KEYVIGIL_WORLDS=1
        program "$1" tests/sim/test_worlds
        ! "$work/program" >"$work/out" 2>&1 && return
        KEYVIGIL_SEED=1 KEYVIGIL_SEEDS=1 KEYVIGIL_WORLDS=200
        ! "$work/program" >"$work/out" 2>&1
}

find_out()
{
        by=$(said "$1" Test)
        if [ "$by" = tests/sim/test_worlds ]; then fails_in_worlds "$1"; else fails "$1" "$by"; fi || return 1
        [ "$by" != tests/sim/test_worlds ] || sed -n '/^--- broken/p; /^--- the shortest/,/^ *[0-9]* worlds had/p' "$work/out" | grep -v 'worlds had'
        grep -qF "$(said "$1" Finds)" "$work/out"
}

missed=0
names=${*:-$(cd "$faults" && ls -- *.patch | sed 's/\.patch$//')}
for name in $names; do
        echo "# $name: $(sed -n 1p "$faults/$name.patch")"
        if ! put_back "$name"; then
                echo "not ok - $name cannot be put back any more"
                missed=$((missed + 1))
        elif [ -z "${KEYVIGIL_LONG:-}$*" ]; then
                echo "ok - $name can be put back"
        elif find_out "$name"; then
                echo "ok - $(said "$name" Test) finds $name: $(said "$name" Finds)"
        else
                echo "not ok - $(said "$name" Test) does not find $name: $(said "$name" Finds)"
                tail -n 5 "$work/out"
                missed=$((missed + 1))
        fi
done
[ $missed -eq 0 ]
