#!/bin/sh
# The layout is what clang-format 14 makes of it; other versions differ in details, so they are no judge.
set -eu
root=${1:-${srcdir:-.}}
for tool in clang-format-14 clang-format; do
        $tool --version 2>/dev/null | grep -q 'version 14\.' && break
        tool=
done
[ -n "$tool" ] || { echo "clang-format 14 is not here"; exit 77; }
find "$root/src" "$root/tests" -name '*.[ch]' | sort | xargs -r "$tool" --dry-run -Werror --style=file
