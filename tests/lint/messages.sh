#!/bin/sh
# The message ids in the code, in the journal's catalogue and in keyvigil.journal(7) are the same set, none twice; each
# has a subject and a text; each field that a text shows is described in the man page; journalctl takes the catalogue.
set -eu
root=${1:-${srcdir:-.}}
code=$root/src/model/incident.h
catalog=$root/systemd/keyvigil.catalog
man=$root/man/keyvigil.journal.7
for file in "$code" "$catalog" "$man"; do
        [ -f "$file" ] || { echo "$file is not here"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
complain() { echo "$*"; status=1; }

awk 'match($0, /X\([A-Z_]+, *"[a-z-]+", *"[0-9a-f]+"/) {
        split(substr($0, RSTART, RLENGTH), part, "\"")
        print part[4]
}' "$code" | sort >"$work/code"
sed -n 's/^-- \([0-9a-f]*\).*/\1/p' "$catalog" | sort >"$work/catalog"
grep -oE '\b[0-9a-f]{32}\b' "$man" | sort -u >"$work/man" # an example may name one again

[ -s "$work/code" ] || complain "$code: no message id found"
for place in code catalog man; do
        twice=$(uniq -d "$work/$place")
        [ -z "$twice" ] || complain "$place: twice:" $twice
        ! grep -vxE '[0-9a-f]{32}' "$work/$place" || complain "$place: not 128 bits in hex"
done
for place in catalog man; do
        diff "$work/code" "$work/$place" >"$work/diff" || {
                complain "ids in the code (<) and in the $place (>) differ:"
                cat "$work/diff"
        }
done

awk -v file="$catalog" '
function close_entry() {
        if (id != "" && (subject == 0 || text < 3)) {
                printf "%s: %s has no subject or hardly a text\n", file, id
                bad = 1
        }
}
/^-- [0-9a-f]/ { close_entry(); id = $2; subject = text = body = 0; next }
/^Subject: ./ && !body { subject = 1 }
/^$/ { body = 1; next }
body { text++ }
END { close_entry(); exit bad }' "$catalog" || status=1

for field in $(grep -oE '@[A-Z_]+@' "$catalog" | tr -d @ | sort -u); do
        sed 's/\\//g' "$man" | grep -qE "\\b$field\\b" || complain "$man does not describe $field"
done

if command -v journalctl >/dev/null; then
        mkdir -p "$work/root/usr/lib/systemd/catalog" "$work/root/var/lib/systemd/catalog"
        cp "$catalog" "$work/root/usr/lib/systemd/catalog/"
        journalctl --root="$work/root" --update-catalog
        journalctl --root="$work/root" --list-catalog >"$work/list"
        taken=$(grep -cE '^[0-9a-f]{32} ' "$work/list" || :)
        [ "$taken" = "$(wc -l <"$work/catalog")" ] || complain "journalctl took $taken entries of the catalogue"
fi
exit $status
