#!/bin/sh
# Looks for keys where none may be: any 12 characters in a row of a key's body, in all files below DIRECTORY and in the
# command lines and environments of the given processes. Names what it found, without showing it; fails then.
# Usage: leakscan.sh DIRECTORY FILE-WITH-KEYS [PID...]
set -eu

dir=${1:?usage: leakscan.sh DIRECTORY FILE-WITH-KEYS [PID...]}
keys=${2:?usage: leakscan.sh DIRECTORY FILE-WITH-KEYS [PID...]}
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk '{
        body = $0
        sub(/^[a-z]+_([a-z]+_)?/, "", body)
        for (i = 1; i + 11 <= length(body); i++)
                print substr(body, i, 12)
}' "$keys" | sort -u >"$work/pieces"
[ -s "$work/pieces" ] || { echo "leakscan: no keys to look for in $keys"; exit 1; }

found=$(grep -rlaF -f "$work/pieces" "$dir" || :)
for pid in "$@"; do
        for place in cmdline environ; do
                # Not a pipe: the name of the place is all that may be said of it.
                cat "/proc/$pid/$place" >"$work/place" 2>/dev/null || continue
                ! grep -qaF -f "$work/pieces" "$work/place" || found="$found /proc/$pid/$place"
        done
done
[ -z "$found" ] || {
        echo "leakscan: a part of a key is in:" $found
        exit 1
}
