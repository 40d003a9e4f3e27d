#!/bin/sh
# Many keys at once, with bad lines among them.
set -eu
. "$srcdir/tests/support/daemon.sh"
kv_open

lines=$fs_dir/import
line() { printf '{"name":"%s","key":"%s","profile":"selgeo"%s}\n' "$1" "$2" "${3:-}"; }

for i in 1 2 3 4 5; do
        key=$(new_key rk live)
        fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_many$i\",\"permissions\":$selgeo}" >/dev/null
        line "shop-$i" "$key" ",\"labels\":{\"n\":\"$i\"}" >>"$lines"
done
twice=$(new_key rk live)
{
        echo "not JSON"
        line shop-1 "$(new_key rk live)"
        line publishable "$(new_key pk live)"
        echo
        line twice "$twice"
        line thrice "$twice"
        printf '{"name":"x","profile":"selgeo"}\n'
        printf '{"name":"long","key":"%s","profile":"selgeo"}\n' "$(random_text 9000)"
        printf '{"name":"last","key":"%s","profile":"nowhere"}' "$(new_key rk live)" # no newline
} >>"$lines"

kv import --dry-run "$lines"
is "a rehearsal finds the bad lines" "$rc" 1
kv list
like "and stores nothing" "$out" "There is nothing to show."
kv import "$lines"
is "bad lines fail the command" "$rc" 1
like "the good ones are stored" "$out" "6 keys are stored*7 lines refused.*"
for n in 6 7 8 11 12 13 14; do
        like "line $n is named" "$err" "*line $n: *"
done
kv --json list
is "all of them" "$(printf '%s' "$out" | jq -c '[.keys[].name] | sort')" '["shop-1","shop-2","shop-3","shop-4","shop-5","twice"]'
healthy() { [ "$("$builddir/keyvigil" --json list --state healthy | jq '.keys | length')" = 5 ]; }
ok "and they are checked soon" kv_until 60 healthy
kv list --label n=3
like "labels came along" "$out" "*shop-3*"

# Many, over standard input.
n=${KEYVIGIL_IMPORT:-3000}
awk -v n="$n" 'BEGIN {
        srand(7)
        for (i = 0; i < n; i++) {
                key = "rk_test_"
                for (j = 0; j < 24; j++)
                        key = key substr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 1 + int(rand() * 62), 1)
                printf "{\"name\":\"many-%d\",\"key\":\"%s\",\"profile\":\"selgeo\"}\n", i, key
        }
}' >"$lines"
sed -n '1,20s/.*"key":"\([^"]*\)".*/\1/p' "$lines" >>"$kv_keys"
rc=0
"$builddir/keyvigil" import - <"$lines" >"$kv/said/out" 2>"$kv/said/err" || rc=$?
kv_keep
is "many are stored" "$rc:$out" "0:$n keys are stored and will be checked soon, 0 lines refused."
kv --json list
is "and listed" "$(printf '%s' "$out" | jq '.keys | length')" "$((n + 6))"
kv --json list --label n=3
is "one among many is found by label" "$(printf '%s' "$out" | jq -c '[.keys[].name]')" '["shop-3"]'
kv_stop
is "the daemon leaves in peace, whatever was under way" "$rc" 0
kv_start
kv --json list
is "and finds all of them again" "$(printf '%s' "$out" | jq '.keys | length')" "$((n + 6))"
for i in 1 2 3; do
        line "odd-$i" "$(new_key rk live)xx"
done >"$lines"
echo "not JSON" >>"$lines"
kv import --dry-run "$lines"
is "notes with the same words are one, behind what is wrong" "$(printf '%s\n' "$err" | sed 's/ (.*//' | cut -c 11-)" \
        "line 4: not a JSON object on one line
note: 3 lines, from line 1 on: The key has an unusual length"
kv_stop
is "and leaves again" "$rc" 0
kv_clean
fs_stop
tap_end
