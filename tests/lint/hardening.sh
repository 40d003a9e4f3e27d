#!/bin/sh
# What is built and installed is position-independent, bound at once, read-only after it, fortified, and built
# for control-flow enforcement. A build with a sanitizer or without optimisation says nothing about what ships.
set -eu
build=${builddir:-.}
command -v readelf >/dev/null || { echo "readelf is not here"; exit 77; }
rc=0
missing()
{
        echo "$program: $1"
        rc=1
}

# holds WHAT PATTERN ARGUMENT...: readelf with these arguments shows the pattern.
holds()
{
        what=$1 pattern=$2
        shift 2
        readelf -W "$@" "$program" | grep -Eq "$pattern" || missing "$what"
}

for program in "$build/keyvigild" "$build/keyvigil"; do
        [ -x "$program" ] || { missing "is not built"; continue; }
        if readelf -W --dyn-syms "$program" | grep -q -e __asan_init -e __ubsan -e __gcov; then
                echo "$program: built with a sanitizer or for coverage"
                exit 77
        fi
        holds "not position-independent" 'FLAGS_1.*PIE' -d
        holds "bound lazily" 'BIND_NOW|FLAGS_1.*NOW' -d
        holds "its tables stay writable" 'GNU_RELRO' -l
        holds "its stack is executable" 'GNU_STACK.* RW ' -l
        holds "not protected against an overrun stack" '__stack_chk_fail' --dyn-syms
        grep -q _FORTIFY_SOURCE "$build/Makefile" && holds "not fortified" '__[a-z]+_chk@' --dyn-syms
        if readelf -h "$program" | grep -q X86-64 && grep -q 'HARDEN_CFLAGS = .*-fcf-protection' "$build/Makefile"; then
                # Debian's start files carry no mark, so that the whole cannot; its functions have their landing places.
                [ "$(objdump -d "$program" | grep -c endbr64)" -gt 100 ] || missing "not built for control-flow enforcement"
        fi
done
exit $rc
