#!/bin/sh
# The repository speaks of itself alone: no path of somebody's machine, no document that is not here.
set -eu
root=${1:-${srcdir:-.}}
cd "$root"
status=0
files=$(find src tests conf systemd man doc README.md HACKING.md NEWS bootstrap .ci configure.ac Makefile.am \
        -type f ! -name words.sh ! -name '*.png' 2>/dev/null | sort)

# forbid REASON PATTERN [EXCEPT]
forbid()
{
        hits=$(grep -nE "$2" $files /dev/null | grep -vE "${3:-^\$}" || :)
        [ -n "$hits" ] || return 0
        printf '%s\n' "$hits" | sed "s|\$|    <- $1|"
        status=1
}

forbid "a path of one machine" '(^|[^A-Za-z0-9_.])/(work|home|root)/[a-z]|/tmp/(wt|build)-'
forbid "a paragraph of which document?" '§' 'RFC|HTML|POSIX'
forbid "do it or drop it" '(TO''DO|FIX''ME)'
for document in $(grep -hoE '(^|[^A-Za-z0-9_./-])[A-Za-z][A-Za-z0-9_-]*\.md\b' $files /dev/null |
        sed 's/^[^A-Za-z]//' | sort -u); do
        [ -n "$(find . -name "$document" ! -path './.git/*' -print -quit)" ] ||
                forbid "no such document here" "$(printf '%s' "$document" | sed 's/\./\\./g')"
done
exit $status
