#!/bin/sh
# No function over 60 lines or a McCabe complexity of 15, no file over 400 lines. A table or an argument parser may be
# excepted by a comment on the line before it: /* lint-ok: length */ or /* lint-ok: complexity */.
set -eu
here=$(dirname "$0")
root=${1:-${srcdir:-.}}
status=0
for file in $(find "$root/src" "$root/tests/support" -name '*.[ch]' 2>/dev/null); do
        awk -f "$here/strip.awk" "$file" |
                awk -v file="$file" -v max_lines=60 -v max_score=15 -v max_file=400 -f "$here/size.awk" || status=1
done
exit $status
