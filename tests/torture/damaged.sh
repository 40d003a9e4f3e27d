#!/bin/sh
# A database file whose bytes were changed at random: the daemon works with it or refuses it with a line, and so does the
# client; none of them crashes, hangs, or shows a part of a key.
set -eu
. "$srcdir/tests/support/daemon.sh"
kv_open
for i in 1 2 3; do
        key=$(new_key rk live)
        fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_$i\",\"permissions\":$selgeo}" >/dev/null
        kv_with "$key" add "key-$i" --label "team=$i"
done
kv_stop
cp -r "$kv/state" "$fs_dir/good"

seed=${KEYVIGIL_TEST_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "# KEYVIGIL_TEST_SEED=$seed"
number=${KEYVIGIL_LONG:+240}
number=${number:-12}
size=$(stat -c %s "$fs_dir/good/keyvigil.db")

# damage N: up to sixty bytes, half of the times in one page, of the database or its log.
damage()
{
        rm -rf "$kv/state"
        cp -r "$fs_dir/good" "$kv/state"
        awk -v seed="$seed" -v n="$1" -v size="$size" 'BEGIN {
                srand(seed % 1000003 * 1009 + n) # a larger one would be the same for every n
                for (i = 0; i < 10; i++)
                        rand()
                page = int(rand() * size / 4096) * 4096
                for (i = 1 + int(rand() * 60); i > 0; i--)
                        print n % 2 ? page + int(rand() * 4096) : int(rand() * size), int(rand() * 256)
        }' | while read -r at byte; do
                printf "$(printf '\\%03o' "$byte")" | dd of="$kv/state/keyvigil.db" bs=1 seek="$at" conv=notrunc 2>/dev/null
        done
}
: >"$kv/said/body"
tells() { "$builddir/keyvigil" --json status 2>/dev/null | grep -q '"running": true'; }
settled() { kv_gone || tells; }

worked=0 refused=0 bad=0
n=0
while [ $n -lt "$number" ]; do
        n=$((n + 1))
        damage $n
        for command in "list" "show key-1" "incidents" "status"; do
                kv $command
                [ "$rc" -lt 126 ] || { echo "# damage $n: 'keyvigil $command' ended with $rc"; bad=$((bad + 1)); }
        done
        : >"$fs_dir/said"
        "$builddir/keyvigild" --config "$KEYVIGIL_CONFIG" >"$fs_dir/said" 2>&1 &
        kv_pid=$!
        kv_until 60 settled || { echo "# damage $n: neither works nor ends"; bad=$((bad + 1)); }
        if kv_gone; then
                refused=$((refused + 1))
                [ -s "$fs_dir/said" ] || { echo "# damage $n: refused without a word"; bad=$((bad + 1)); }
        else
                worked=$((worked + 1))
                for path in keys keys/key-1 keys/key-3/history incidents coupons plan; do
                        kv_route GET /v1/$path
                        [ "$status" != 000 ] || { echo "# damage $n: no answer to /v1/$path"; bad=$((bad + 1)); }
                done
                kill -TERM $kv_pid 2>/dev/null || :
        fi
        kv_reap
        [ "$rc" -lt 126 ] || { echo "# damage $n: the daemon ended with $rc"; bad=$((bad + 1)); }
        cat "$fs_dir/said" >>"$kv/said/daemon"
done
echo "# $number files: $worked worked with, $refused refused"
is "none of them does harm" $bad 0
rm -rf "$kv/state"
kv_clean
tap_end
