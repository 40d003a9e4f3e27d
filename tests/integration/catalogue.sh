#!/bin/sh
# Every permission of the catalogue, as the daemon sees it: for each probe a key that has just that permission, so that
# every row is seen granted once and refused by all the others; then keys that have all, none, and all to read.
set -eu
. "$srcdir/tests/support/daemon.sh"
. "$srcdir/tests/support/catalogue.sh"
probes=$fs_dir/probes
catalogue_probes "$srcdir/conf/permissions.yaml" >"$probes"
ok "the catalogue was read" test "$(wc -l <"$probes")" -ge 100

fs_start --http 127.0.0.1:0
# A list that is read shows a person. Accounts have all products here; what they answer without is tried below.
fs_control POST options '{"samples":true,"products":"*"}' >/dev/null
mkdir "$kv/profiles"
cat >"$kv/profiles/anything.yaml" <<END
profile: anything
title: Requires nothing, reports everything
require: {}
excess: report
END
kv_conf "profiles_dir: $kv/profiles"
kv_start

# A key NAME in MODE with the permissions of the JSON array, on an account of its own.
lines=$fs_dir/import
make_key() # name, mode, permissions
{
        make_key=$(new_key rk "$2")
        printf '{"key":"%s","account":"acct_%s","permissions":%s,"quirks":["no-implied"]}\n' \
                "$make_key" "$(echo "$1" | tr -d _-)" "$3" >>"$fs_dir/made"
        printf '{"name":"%s","key":"%s","profile":"anything"}\n' "$1" "$make_key" >>"$lines"
}
while read -r permission rest; do
        make_key "only-$permission" test "[\"$permission\"]"
done <"$probes"
for mode in live test; do
        make_key all-$mode $mode '"*"'
        make_key none-$mode $mode '[]'
        make_key reads-$mode $mode "$(awk '{ print $1 }' "$probes" | grep '_read$' | jq -R . | jq -sc .)"
done
fs_control PUT keys "$(cat "$fs_dir/made")" >/dev/null
kv import "$lines"
is "all keys are stored" "$rc:$err" "0:"

jq -r .name "$lines" >"$fs_dir/names"

# Everything is asked with the keys of the file.
ask_all() # names
{
        while read -r name; do
                printf 'next\nurl = "http://keyvigil/v1/keys/%s/check?kind=excess"\nunix-socket = "%s"\n' "$name" "$kv/control.sock"
                printf 'request = POST\nsilent\noutput = "%s/check-%s"\n' "$fs_dir" "$name"
        done <"$1" | sed 1d >"$fs_dir/checks"
        curl -Z --parallel-immediate --parallel-max 200 -K "$fs_dir/checks" 2>/dev/null || :
        while read -r name; do
                jq -r 'select(.outcome == "well" or .outcome == "findings") | .name' "$fs_dir/check-$name"
        done <"$1" >"$fs_dir/judged"
        is "each key was asked everything" "$(diff "$fs_dir/judged" "$1")" ""
}

# What the view shows of the rows that can be probed, and what it ought to show: KEY PERMISSION GRANTED. With `lookup`,
# absent objects are looked up before the permission: then what the file marks by {absent} in a path is granted to all.
compare() # names, order
{
        kv_stop # what is seen for the first time waits to be written
        kv_start
        sqlite3 -readonly -separator ' ' "$kv/state/keyvigil.db" \
                "SELECT key, permission, replace(granted, ' ', '-') FROM v_permission" >"$fs_dir/view"
        awk -v names="$1" -v order="$2" '
{
        level = $1
        sub(/.*_/, "", level)
        row = substr($1, 1, length($1) - length(level) - 1)
        rows[row] = 1
        marked[row, level] = $3 ~ /\/\{absent\}/
        probed[row, level, "live"] = $5 ~ /live/
        probed[row, level, "test"] = $5 ~ /test/
}
# A permission brings itself, write brings read, and Balance cannot be told from the balance transactions.
function has(key, row, level) {
        if (order == "lookup" && marked[row, level])
                return 1
        if (row == "balance_transaction_source" && has(key, "balance", "read"))
                return 1
        if (row == "balance" && key == "only-balance_transaction_source_read")
                return 1
        if (key ~ /^only-/)
                return key == "only-" row "_" level || (level == "read" && key == "only-" row "_write")
        return key ~ /^all-/ || (key ~ /^reads-/ && level == "read")
}
END {
        while ((getline key <names) > 0)
                for (row in rows) {
                        mode = key ~ /-live$/ ? "live" : "test"
                        r = probed[row, "read", mode]
                        w = probed[row, "write", mode]
                        if (w && has(key, row, "write"))
                                print key, row, "write"
                        else if (r)
                                print key, row, has(key, row, "read") ? "read" : "none"
                        else if (w)
                                print key, row, "not-write"
                }
}' "$probes" | sort >"$fs_dir/wanted"
        awk 'NR == FNR { wanted[$1, $2] = 1; next } wanted[$1, $2]' "$fs_dir/wanted" "$fs_dir/view" | sort >"$fs_dir/got"
        while read -r name; do
                is "$name, $2: every verdict is as expected" "$(verdicts "$name" got)" "$(verdicts "$name" wanted)"
        done <"$1"
        echo "# $2: $(wc -l <"$fs_dir/wanted") verdicts on $(wc -l <"$1") keys, from $(fs_control GET stats | jq .requests) requests"
}
verdicts() { grep "^$1 " "$fs_dir/$2" || :; }
fs_control DELETE log >/dev/null
ask_all "$fs_dir/names"
compare "$fs_dir/names" permission

# Rows that cannot be asked about are said to be so, of every key that was not seen to have them.
sed -n 's/^  \([a-z0-9_]*\):$/\1/p' "$srcdir/conf/permissions.yaml" | sort >"$fs_dir/rows"
for mode in live test; do
        awk -v mode=$mode '$5 ~ mode { sub(/_(read|write)$/, "", $1); print $1 }' "$probes" | sort -u >"$fs_dir/asked"
        for name in all none reads; do
                is "$name-$mode: what cannot be probed is not called none" \
                        "$(awk -v key=$name-$mode '$1 == key && $3 == "cannot-be-probed" { print $2 }' "$fs_dir/view" | sort)" \
                        "$(comm -23 "$fs_dir/rows" "$fs_dir/asked")"
        done
done
kv show none-live
like "that is said to people" "$out" "*more permissions cannot be probed*"

# --- and nothing was done

fs_control GET log | jq -r '.entries[] | "\(.method) \(.path) \(.effect)"' |
        sed 's/keyvigil_absent_[A-Za-z0-9]*/{absent}/' | sort -u >"$fs_dir/asked"
is "nothing was created, changed or deleted" "$(awk '$3 != "none" && $3 != "read"' "$fs_dir/asked")" ""
is "nothing was read" "$(awk '$3 == "read"' "$fs_dir/asked")" ""
is "each probe was asked, and nothing else" "$(awk '{ print $1, $2 }' "$fs_dir/asked" | sort -u)" \
        "$(awk '{ print $2, $3 }' "$probes" | sort -u)"
is "no answer went without verdict" "$(sqlite3 -readonly "$kv/state/keyvigil.db" 'SELECT count(*) FROM answer')" 0

# --- the other order: permissions that were seen refused seem granted, and just those that the file marks

grep -E '^(none|reads)-' "$fs_dir/names" >"$fs_dir/few"
fs_control POST options '{"order":"lookup"}' >/dev/null
ask_all "$fs_dir/few"
ask_all "$fs_dir/few"
compare "$fs_dir/few" lookup
fs_control POST options '{"order":"permission"}' >/dev/null

# --- without any product, told before the permission and behind it: that is no verdict, in either order

grep -E '^(all|none)-(live|test)' "$fs_dir/names" >"$fs_dir/few"
ask_all "$fs_dir/few"
ask_all "$fs_dir/few" # what the other order granted is gone again
for gate in after before; do
        fs_control POST options "{\"products\":[],\"gate\":\"$gate\",\"gate_ids\":true}" >/dev/null
        fs_control DELETE log >/dev/null
        while read -r name; do kv check "$name" --excess || :; done <"$fs_dir/few"
        ok "the product $gate the permission: that was met" test \
                "$(fs_control GET log | jq '[.entries[] | select(.path | test("issuing|climate|identity")) | select(.status == 400)] | length')" -gt 10
        compare "$fs_dir/few" permission
done
is "no endpoint seems retired" "$("$builddir/keyvigil" --json incidents | jq -c '[.incidents[] | select(.kind == "catalogue-stale")]')" '[]'
fs_control POST options '{"products":"*","gate":"after","gate_ids":false}' >/dev/null

kv_stop
is "the daemon leaves in peace" "$rc" 0
kv_clean
fs_stop
tap_end
