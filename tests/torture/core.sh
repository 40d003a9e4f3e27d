#!/bin/sh
# An image of the daemon's memory, taken a second after its last request: how much of any key is in it?
. "$srcdir/tests/support/daemon.sh"

[ "$(id -u)" -eq 0 ] && command -v gcore >/dev/null || { echo "1..0 # SKIP needs root and gcore"; exit 77; }

fs_start >/dev/null || exit 1
kv_conf
kv_start || exit 1
for i in 1 2 3 4 5; do
        key=$(new_key rk live)
        fs_control PUT keys "[{\"key\":\"$key\",\"account\":\"acct_1A$i\",\"state\":\"alive\",\"permissions\":$selgeo}]" >/dev/null
        kv_with "$key" add "remembered-$i"
        is "remembered-$i is stored" "$rc" 0
        kv check "remembered-$i" --full
done
sleep 1
gcore -o "$kv/core" "$kv_pid" >/dev/null 2>&1
ok "the image is one: it holds the names" grep -qa "remembered-3" "$kv/core.$kv_pid"

hits=0
while read -r key; do
        body=${key#rk_live_}
        for start in 1 5 9 13; do
                part=$(printf '%s' "$body" | cut -c"$start-$((start + 11))")
                hits=$((hits + $(grep -ao -- "$part" "$kv/core.$kv_pid" | wc -l)))
        done
done <"$kv_keys"
echo "# parts of keys in memory a second after the last request: $hits"
is "none of it is part of a key" $hits 0
rm -f "$kv/core.$kv_pid"
kv_stop
kv_clean
tap_end
