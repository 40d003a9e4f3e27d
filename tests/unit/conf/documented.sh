#!/bin/sh
# Every setting of the commented default has an entry in keyvigil.yaml(5), and no other has one; every field of the
# profiles and permissions that ship has one, too.
set -eu
root=${srcdir:-.}
man=$root/man/keyvigil.yaml.5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

awk '/^[a-z_]+:/ { section = $1; sub(":", "", section) }
        /^[a-z_]+: *[^ #]/ { print section }
        /^  [a-z_]+:/ { name = $1; sub(":", "", name); print section "." name }' "$root/conf/keyvigil.yaml" |
        sort >"$work/settings"
awk '/^\.Sh/ { inside = /SETTINGS/ } inside && /^\.It Ic/ { for (i = 3; i <= NF; i++) if ($i != ",") print $i }' "$man" |
        sort >"$work/described"
[ "$(wc -l <"$work/settings")" -gt 20 ] || { echo "too few settings found"; status=1; }
diff "$work/settings" "$work/described" || { echo "settings (<) and keyvigil.yaml(5) (>) differ"; status=1; }

# described SECTION FILE...: the names at the deepest level that these files use are in that section.
described()
{
        section=$1
        shift
        awk -v section="$section" '/^\.Sh/ { inside = index($0, section) }
                inside && /^\.It Ic/ { for (i = 3; i <= NF; i++) if ($i != ",") print $i }' "$man" | sort -u >"$work/described"
        [ -s "$work/described" ] || { echo "keyvigil.yaml(5): nothing in $section"; status=1; }
        sort -u | while read -r name; do
                grep -qx "$name" "$work/described" || echo "keyvigil.yaml(5): “$name” is not in $section"
        done >"$work/missing"
        [ ! -s "$work/missing" ] || { cat "$work/missing"; status=1; }
}
sed -n 's/^\([a-z_]*\):.*/\1/p' "$root"/conf/profiles/*.yaml >"$work/fields"
described PROFILES <"$work/fields"
sed -n 's/^ \{4,6\}\([a-z_]*\):.*/\1/p; s/^\([a-z_]*\):.*/\1/p' "$root/conf/permissions.yaml" >"$work/fields"
described PERMISSIONS <"$work/fields"
exit $status
