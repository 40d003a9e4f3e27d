#!/bin/sh
# Every header compiles alone, and twice.
set -eu
root=${1:-${srcdir:-.}}
build=${builddir:-.}
find "$root/src" "$root/tests/support" -name '*.h' 2>/dev/null | sort |
        xargs -r -P 2 -I '{}' sh -c 'printf "#include \"%s\"\n#include \"%s\"\n" "$1" "$1" |
                $2 -std=gnu17 -fsyntax-only -Wall -Wextra -Werror -I"$3/src" -I"$4" -include config.h $5 -x c -' \
                headers '{}' "${CC:-cc}" "$root" "$build" "${DEPS_CFLAGS:-} ${CMOCKA_CFLAGS:-}"
