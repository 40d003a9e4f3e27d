#!/bin/sh
# A function or object that is no file's own is used by another file of src/: what only tests would use is dead. Two of
# one name are an error, for the linker takes whichever it finds first.
# A seam that tests need to reach a part is named here, with what it is for.
set -eu
build=${1:-${builddir:-.}}
seams='
agenda_size             the order of alarms
batch_meta              a full disk in the middle of a batch
cause_class             every code of libcurl has a cause
journald_new_with       a journal of the test instead of the machine'\''s
ledger_scan_put         listings of an earlier run
log_set_level           what is dropped
store_is_open           a transaction that was left open
row_json                one row without a database
store_secret_write      blobs that no vault made
'
{
        nm -A "$build/libkeyvigil.a" "$build"/src/keyvigil.o "$build"/src/keyvigild.o
} | sed "s#^$build/##" | awk -v seams="$seams" '
BEGIN {
        n = split(seams, lines, "\n")
        for (i = 1; i <= n; i++) {
                split(lines[i], words, " ")
                allowed[words[1]] = 1
        }
}
NF < 3 { next }
{
        file = $1
        sub(/:[0-9a-f]*$/, "", file)
}
$(NF - 1) ~ /^[TDBR]$/ {
        if ($NF in home && $NF != "main") {
                printf "%s: there is another %s in %s: name one of them otherwise\n", file, $NF, home[$NF]
                bad = 1
        }
        home[$NF] = file
}
$(NF - 1) == "U" { used[$NF] = 1 }
END {
        for (name in home)
                if (!(name in used) && !(name in allowed) && name != "main" && name !~ /^_/) {
                        printf "%s: %s is used by no other file: make it static, or remove it\n", home[name], name
                        bad = 1
                }
        exit bad
}'
