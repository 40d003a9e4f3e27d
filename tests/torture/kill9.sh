#!/bin/sh
# The daemon is killed again and again while keys are being revoked and changed. After each kill the database is whole
# and holds every event that it held before, unchanged; in the end every revocation was found and announced exactly once.
# KEYVIGIL_KILLS says how often (30; with KEYVIGIL_LONG=1: 200). Four keys of each mode are revoked: from the fifth of a
# mode within ten minutes on the daemon takes its time, for so many at once are likelier a trouble of the provider's.
set -eu
. "$srcdir/tests/support/daemon.sh"
kills=${KEYVIGIL_KILLS:-$([ "${KEYVIGIL_LONG:-0}" = 1 ] && echo 200 || echo 30)}
seed=${KEYVIGIL_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "# $kills kills, seed $seed"

kv_open
: >"$fs_dir/import"
for i in $(seq 1 40); do
        key=$(new_key rk "$([ $((i % 2)) = 0 ] && echo live || echo test)")
        echo "{\"key\":\"$key\",\"account\":\"acct_k$i\",\"permissions\":$selgeo}" | tr -d '\n' >>"$fs_dir/keys.json"
        echo >>"$fs_dir/keys.json"
        printf '{"name":"k%s","key":"%s","profile":"selgeo"}\n' "$i" "$key" >>"$fs_dir/import"
done
curl -s --fail-with-body -X PUT --data-binary @"$fs_dir/keys.json" "$fs/_fake/keys" >/dev/null
kv import "$fs_dir/import"
is "the keys are stored" "$rc" 0
count_of() { "$builddir/keyvigil" --json list --state "$1" | jq '.keys | length'; }
all_healthy() { [ "$(count_of healthy)" = 40 ]; }
revoked=$((kills < 8 ? kills : 8))
ok "and healthy" kv_until 120 all_healthy

db=$kv/state/keyvigil.db
look() # what the file holds now; fails if anything of before is not in it, or is different
{
        sqlite3 "$db" 'PRAGMA integrity_check' >"$kv/integrity"
        [ "$(cat "$kv/integrity")" = ok ] || { echo "integrity: $(head -n 3 "$kv/integrity")"; return 1; }
        sqlite3 "$db" "SELECT seq, id, hex(fields) FROM event" | sort >"$fs_dir/events.now"
        lost=$(comm -23 "$fs_dir/events" "$fs_dir/events.now" | wc -l)
        mv "$fs_dir/events.now" "$fs_dir/events"
        [ "$lost" -eq 0 ] || { echo "$lost events were lost or changed"; return 1; }
}
: >"$fs_dir/events"
LC_ALL=C
export LC_ALL
harm=0
n=0
while [ $n -lt "$kills" ]; do
        n=$((n + 1))
        if [ $n -le $revoked ]; then
                doomed=$((41 - n)) # from the end: the first ones are asked as witnesses, and must not be doubtful
                key=$(sed -n "${doomed}s/.*\"key\":\"\([^\"]*\)\".*/\1/p" "$fs_dir/import")
                printf '{"key":"%s","state":"expired"}' "$key" | curl -s -X PATCH --data-binary @- "$fs/_fake/keys" >/dev/null
                "$builddir/keyvigil" check "k$doomed" >/dev/null 2>&1 &
        else # a write under way: labels, and checks of the rest
                random 20
                (
                        "$builddir/keyvigil" set "k$((1 + random))" --label "n=$n"
                        "$builddir/keyvigil" check "k$((1 + random))" --full
                ) >/dev/null 2>&1 &
        fi
        busy=$!
        random 1600
        sleep "$(printf '%d.%03d' $((random / 1000)) $((random % 1000)))"
        kill -KILL "$kv_pid"
        kv_reap
        wait $busy || :
        look >"$kv/look" || { harm=$((harm + 1)); sed "s/^/# kill $n: /" "$kv/look"; }
        kv_start
done
is "no kill did harm" "$harm" 0

for i in $(seq 1 "$revoked"); do # not to wait for their turn
        "$builddir/keyvigil" check "k$((41 - i))" >/dev/null 2>&1 || :
done
all_found() { [ "$(count_of revoked)" = "$revoked" ]; }
ok "every revocation is found" kv_until 180 all_found
is "nobody else is called revoked" "$(count_of healthy)" $((40 - revoked))
kv_stop
is "the daemon leaves in peace" "$rc" 0
ok "the record is whole" look
is "every one is announced" "$(sqlite3 "$db" "SELECT count(DISTINCT key) FROM event WHERE kind = 'key-revoked'")" "$revoked"
is "none twice" "$(sqlite3 "$db" "SELECT count(*) FROM (SELECT 1 FROM event WHERE kind = 'key-revoked'
        GROUP BY key HAVING count(DISTINCT id) > 1)")" 0
is "no event id has two contents" "$(sqlite3 "$db" "SELECT count(*) FROM (SELECT 1 FROM event
        GROUP BY id HAVING count(DISTINCT fields) > 1)")" 0
kv_clean
fs_stop
tap_end
