#!/bin/sh
# The routes in the code, in conf/openapi.yaml and in keyvigil-api(7) are the same, with the same parameters; each code of a
# problem is described.
set -eu
root=${1:-${srcdir:-.}}
code=$root/src/control/routes.c
[ -f "$code" ] || { echo "$code is not here"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

selector=$(sed -n 's/.*define SELECTOR_PARAMETERS "\(.*\)"/\1/p' "$root/src/control/selected.h")
# METHOD PATH PARAMETER..., sorted
tr '\n' ' ' <"$code" | sed 's/{ "/\n{ "/g' | awk -v selector="$selector" '
/^{ "(GET|POST|PUT|PATCH|DELETE)"/ {
        gsub(/SELECTOR_PARAMETERS/, "\"" selector "\"")
        sub(/BODY_.*/, "")
        n = split($0, part, "\"")
        line = part[2] " " part[4]
        for (i = 6; i <= n; i += 2)
                line = line " " part[i]
        gsub(/\*/, "X", line)
        print line
}' >"$work/raw"
normal() { while read -r method path rest; do echo "$method $path $(printf '%s\n' $rest | sort | tr '\n' ' ')"; done | sed 's/ *$//' | sort; }
normal <"$work/raw" >"$work/code"
awk '
/^  \/v1/ { path = $1; sub(/:$/, "", path); gsub(/{[a-z]+}/, "X", path) }
/^    (get|post|put|patch|delete):$/ { method = toupper($1); sub(/:/, "", method); key = method " " path; all[key] = "" }
/^ *- name: / { name = $3 }
/^ *in: query$/ { all[key] = all[key] " " name }
/^components:/ { exit }
END { for (key in all) print key all[key] }' "$root/conf/openapi.yaml" | normal >"$work/file"
awk '
/^\.Sh/ { inside = /ROUTES/ }
inside && /^\.It Li/ { if (key) print key; key = $3 " " $4; gsub(/{[a-z]+}/, "X", key); taking = 0 }
inside && /^Parameters:/ { taking = 1; next }
inside && taking && /^\.Li/ { key = key " " $2; if ($NF == ".") taking = 0 }
END { print key }' "$root/man/keyvigil-api.7" | normal >"$work/page"
[ "$(wc -l <"$work/code")" -gt 20 ] || { echo "too few routes found"; status=1; }
diff "$work/code" "$work/file" || { echo "routes in the code (<) and in conf/openapi.yaml (>) differ"; status=1; }
diff "$work/code" "$work/page" || { echo "routes in the code (<) and in keyvigil-api(7) (>) differ"; status=1; }

grep -hoE 'reply_(error|problem)\([^"]*"[a-z-]+"|_[A-Z]+, "[a-z]+(-[a-z]+)*", "[A-Z]|(return|: |\? )"[a-z]+(-[a-z]+)*"[;:]' "$root"/src/control/visit.c "$root"/src/control/ask.c "$root"/src/control/[f-s]*.c |
        grep -oE '"[a-z]+(-[a-z]+)*"' | tr -d '"' | grep -vE '^(well|findings|unclear|true|false)$' | sort -u >"$work/codes"
awk '/^\.Sh/ { inside = /PROBLEMS/ } inside && /^\.It Li/ { print $3 }' "$root/man/keyvigil-api.7" | sort >"$work/described"
comm -23 "$work/codes" "$work/described" >"$work/missing"
[ ! -s "$work/missing" ] || { echo "codes that keyvigil-api(7) does not have:"; cat "$work/missing"; status=1; }
exit $status
