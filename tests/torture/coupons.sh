#!/bin/sh
# The daemon is killed again and again while it deletes probe coupons. In the end exactly the right ones are gone, each
# deletion is in the ledger, was announced, and whatever was under way at a kill was looked at before anything was done.
# KEYVIGIL_KILLS says how often (30; with KEYVIGIL_LONG=1: 300).
set -eu
. "$srcdir/tests/support/tap.sh"
. "$srcdir/tests/support/fakestripe.sh"
. "$srcdir/tests/support/keyvigil.sh"
kills=${KEYVIGIL_KILLS:-$([ "${KEYVIGIL_LONG:-0}" = 1 ] && echo 300 || echo 30)}
seed=${KEYVIGIL_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "# $kills kills, seed $seed"
random() { seed=$(((seed * 1103515245 + 12345) % 2147483648)); random=$((seed / 65536 % $1)); }

fs_start --http 127.0.0.1:0
kv_conf
kv_start
old=$(($(date +%s) - 7200))
put_coupon() # account, id, other members
{
        fs_control PUT coupons "{\"account\":\"$1\",\"mode\":\"live\",\"id\":\"$2\",\"created\":$old${3:-}}" >/dev/null
}
for i in 1 2 3; do
        key=$(new_key rk live)
        fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_t$i\",\"permissions\":$selgeo}" >/dev/null
        kv_with "$key" add "t$i"
        is "key $i is stored" "$rc" 0
        fs_control PUT coupons "{\"account\":\"acct_t$i\",\"mode\":\"live\",\"generate\":150,\"prefix\":\"sale_\",\"created\":$((old - 900000))}" >/dev/null
        put_coupon "acct_t$i" selgeo_probe_used ',"times_redeemed":1'
        put_coupon "acct_t$i" selgeo_probe_
done
fs_control POST faults '{"fault":"lose-answer","method":"DELETE","probability":0.2,"seed":1}' >/dev/null
fs_control POST faults '{"fault":"503","path":"/v1/coupons","probability":0.05,"seed":2}' >/dev/null

db=$kv/state/keyvigil.db
harm=0
n=0
while [ $n -lt "$kills" ]; do
        n=$((n + 1))
        for i in 1 2 3; do put_coupon "acct_t$i" "selgeo_probe_k$n"; done
        "$builddir/keyvigil" coupons sweep --force >/dev/null 2>&1 &
        sweep=$!
        random 1200
        sleep "$(printf '%d.%03d' $((random / 1000)) $((random % 1000)))"
        kill -KILL "$kv_pid"
        kv_reap
        wait $sweep || :
        # Whatever is gone was written down before.
        for i in 1 2 3; do
                fs_control GET "coupons?account=acct_t$i&mode=live" >"$fs_dir/coupons"
                for id in $(jq -r '[.deleted[]? | if type == "object" then .id else . end] | unique | .[]' "$fs_dir/coupons"); do
                        [ "$(sqlite3 "$db" "SELECT count(*) FROM coupon JOIN account ON account.id = coupon.account
                                WHERE account.name = 'acct_t$i' AND coupon.coupon = '$id'
                                AND state IN ('deleting', 'deleted', 'gone')")" = 1 ] || {
                                echo "# kill $n: $id of account $i is gone without a word"
                                harm=$((harm + 1))
                        }
                done
        done
        kv_start
done
is "nothing is gone without a word in the ledger" "$harm" 0
fs_control DELETE faults >/dev/null
left()
{
        kv coupons sweep --force
        [ "$rc" = 0 ] && [ "$(for i in 1 2 3; do
                fs_control GET "coupons?account=acct_t$i&mode=live&prefix=selgeo_probe_k" | jq -r '.coupons | length'
        done | sort -u)" = 0 ]
}
ok "every stale one is gone" kv_until 60 left
for i in 1 2 3; do
        is "nothing else of account $i" "$(fs_control GET "coupons?account=acct_t$i&mode=live" | jq '.coupons | length')" 152
done
kv_stop
is "nothing is unfinished but what is kept" "$(sqlite3 "$db" "SELECT group_concat(DISTINCT coupon) FROM coupon
        WHERE state NOT IN ('deleted', 'gone')")" selgeo_probe_used
is "deletions were announced" "$(sqlite3 "$db" "SELECT count(*) > 0 FROM event WHERE kind = 'probe-coupon-deleted'")" 1
is "no event id has two contents" "$(sqlite3 "$db" "SELECT count(*) FROM (SELECT 1 FROM event
        GROUP BY id HAVING count(DISTINCT fields) > 1)")" 0
is "the record is whole" "$(sqlite3 "$db" 'PRAGMA integrity_check')" ok
kv_clean
fs_stop
tap_end
