#!/bin/sh
# The daemon is killed while a long list is imported, again and again. The database is whole each time; what an import
# said it had stored is there; and `import --sync` of the same list brings the rest, until nothing is left to do.
# KEYVIGIL_KEYS says how many lines (40,000; with KEYVIGIL_LONG=1: 1,000,000), KEYVIGIL_KILLS how many kills (4).
set -eu
. "$srcdir/tests/support/daemon.sh"
keys=${KEYVIGIL_KEYS:-$([ "${KEYVIGIL_LONG:-0}" = 1 ] && echo 1000000 || echo 40000)}
kills=${KEYVIGIL_KILLS:-4}
seed=${KEYVIGIL_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "# $keys keys, $kills kills, seed $seed"

kv_open
db=$kv/state/keyvigil.db
list=$fs_dir/list
awk -v n="$keys" 'BEGIN {
        for (i = 1; i <= n; i++)
                printf "{\"name\":\"m%07d\",\"key\":\"rk_live_51%07dtorture%09d\",\"profile\":\"selgeo\"}\n", i, i, i
        printf "{\"end\":%d}\n", n
}' >"$list"
stored() { sqlite3 -readonly "$db" "SELECT count(*) FROM key"; }

harm=0
before=0
n=0
while [ $n -lt "$kills" ]; do
        n=$((n + 1))
        "$builddir/keyvigil" --json import --sync "$list" >"$kv/import.$n" 2>"$kv/import.$n.err" &
        busy=$!
        # The first one before anything is there, the others after a part of what is left.
        tries=$([ $n -eq 1 ] && echo 0 || echo 1200)
        while [ "$tries" -gt 0 ] && [ "$(stored)" -le "$before" ] && kill -0 $busy 2>/dev/null; do
                tries=$((tries - 1))
                sleep 0.05
        done
        random 500
        sleep "$(printf '0.%03d' $random)"
        kill -KILL "$kv_pid"
        kv_reap
        wait $busy || :
        said=$(jq -r '.added // .stored // 0' "$kv/import.$n" 2>/dev/null | tail -n 1)
        whole=$(sqlite3 "$db" 'PRAGMA integrity_check')
        now=$(stored)
        torn=$(sqlite3 "$db" 'SELECT count(*) < (SELECT count(*) FROM key) FROM secret')
        echo "# kill $n: $now stored, ${said:-0} reported, integrity $whole"
        if [ "$whole" != ok ] || [ "$now" -lt "$before" ] || [ "$now" -lt $((before + ${said:-0})) ] || [ "$torn" != 0 ]; then
                harm=$((harm + 1))
        fi
        before=$now
        kv_start
done
is "no kill did harm" "$harm" 0

kv import --sync "$list"
is "the rest can be imported" "$rc" 0
is "all of them are stored, each once" "$(stored)" "$keys"
is "under its own name" "$(sqlite3 -readonly "$db" "SELECT count(*) FROM key WHERE name GLOB 'm[0-9]*'")" "$keys"
kv --json import --sync "$list"
is "once more changes nothing" "$rc" 0
is "and the store is as it was" "$(stored)" "$keys"
kv_stop
is "the daemon stops as asked" "$rc" 0
is "the database is whole" "$(sqlite3 "$db" 'PRAGMA integrity_check')" ok
tap_end
