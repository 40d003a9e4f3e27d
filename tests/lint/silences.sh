#!/bin/sh
# What keeps an event back, lowers its priority or stops questions stands in src/model/silence.h: the table of doc/design.md
# is the same, each line of it is used by the code, and whatever in the engine does one of the three names its line.
set -eu
root=${1:-${srcdir:-.}}
table=$root/src/model/silence.h
[ -f "$table" ] || { echo "$table is not here"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
complain() { echo "$*"; status=1; }

# NAME, and the line of the document that it should be: three texts, each perhaps in pieces.
tr '\n' ' ' <"$table" | sed 's/\\/ /g; s/  *X(/\nX(/g; s/#define X(/\n/' | sed -n 's/^X(\([A-Z_]*\), \(.*\)/\1 \2/p' | awk '
{
        name = $1
        line = $0
        gsub(/" +"/, "", line)
        n = split(line, part, "\"")
        if (n >= 7)
                print name "\t| " part[2] " | " part[4] " | " part[6] " |"
}' >"$work/table"
[ -s "$work/table" ] || complain "$table: no silence found"

if [ -f "$root/doc/design.md" ]; then
        cut -f2 "$work/table" | sort >"$work/code"
        awk '/^## / { inside = /Every silence/ } inside && /^\| / && !/^\| what keeps/ && !/^\|---/' "$root/doc/design.md" |
                sort >"$work/document"
        diff "$work/code" "$work/document" || complain "src/model/silence.h (<) and doc/design.md (>) differ"
fi

sources=$(find "$root/src/model" "$root/src/engine" -name '*.[ch]' ! -name silence.h)
cut -f1 "$work/table" | while read -r name; do
        cat $sources </dev/null | grep -q "SILENCE_${name}_MAX" || echo "$name: no code names it"
done >"$work/unused"
[ ! -s "$work/unused" ] || complain "$(cat "$work/unused")"
grep -hoE 'SILENCE_[A-Z_]+_MAX' $sources | sort -u | sed 's/^SILENCE_//; s/_MAX$//' >"$work/named"
cut -f1 "$work/table" | sort >"$work/names"
unknown=$(comm -23 "$work/named" "$work/names")
[ -z "$unknown" ] || complain "not in the table:" $unknown

# Where it happens: how events are lowered, left out or kept back, and how questions are put off.
doing='PRIORITY_QUIET|NOTICE_LISTED|SEND_SUMMARISED|(quiet|paused_until|held_until|acknowledged_until|backed_off) = [^=]'
doing="$doing|[?] schedule_dead_period\(|_silences\(struct"
for file in $(find "$root/src/engine" -name '*.c'); do
        if grep -qE "$doing" "$file" && ! grep -q 'SILENCE_[A-Z_]*_MAX' "$file"; then
                complain "$file: keeps something back, and names no silence:" "$(grep -nE "$doing" "$file" | head -n 1)"
        fi
done
exit $status
