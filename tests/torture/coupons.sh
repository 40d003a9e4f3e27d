#!/bin/sh
# The daemon is killed at any moment of sweeping: while it lists, deletes, and tries connections with a real coupon. What
# it had done is in the ledger before the kill; after the next start and one scan exactly the right coupons are gone, the
# ledger and Stripe agree, and nothing was told twice. KEYVIGIL_KILLS says how often (30; with KEYVIGIL_LONG=1: 300).
set -eu
. "$srcdir/tests/support/daemon.sh"
. "$srcdir/tests/torture/coupons.inc.sh"
kills=${KEYVIGIL_KILLS:-$([ "${KEYVIGIL_LONG:-0}" = 1 ] && echo 300 || echo 30)}
echo "# $kills kills, seed $seed"

torture_start
silent=0
deleting=0
trying=0
swept=0
n=0
while [ $n -lt "$kills" ]; do
        n=$((n + 1))
        torture_leave "k$n" "l$n"
        fs_control POST faults '[{"fault":"lose-answer","method":"DELETE","probability":0.2,"seed":'$n'},
                {"fault":"lose-answer","method":"POST","path":"/v1/coupons","probability":0.2,"seed":'$n'},
                {"fault":"503","path":"/v1/coupons","probability":0.05,"seed":'$n'},
                {"fault":"delay","path":"/v1/","seconds":0.03}]' >/dev/null
        work=
        for i in $torture_accounts; do
                random 3
                torture_work "$random" "$i" "k$n" &
                work="$work $!"
        done
        random_sleep 500
        kill -KILL "$kv_pid"
        kv_reap
        for pid in $work; do wait "$pid" || :; done
        [ -z "$(in_ledger "state = 'deleting'")" ] || deleting=$((deleting + 1))
        [ -z "$(in_ledger "state IN ('found', 'deleting') AND ours")" ] || trying=$((trying + 1))
        torture_silent || { silent=$((silent + 1)); echo "# kill $n"; }
        fs_control DELETE faults >/dev/null
        torture_age
        kv_start
        torture_swept || { swept=$((swept + 1)); echo "# kill $n"; }
done
echo "# $deleting kills fell into a deletion, $trying into a check with a real coupon"
is "after no kill the ledger knows less than Stripe" $silent 0
is "after each a start and one scan make all well" $swept 0
torture_end
