#!/bin/sh
# As coupons.sh, but what is cut is the network: answers end at any byte, from the status line to the last brace, and
# requests get none. Whatever was carried out meanwhile, nothing is gone that the ledger does not know, and one scan with
# a whole network makes all well. In three of four rounds the daemon is killed before it could find out by itself.
# KEYVIGIL_KILLS says how many rounds there are (8; with KEYVIGIL_LONG=1: 300).
set -eu
. "$srcdir/tests/support/daemon.sh"
. "$srcdir/tests/torture/coupons.inc.sh"
rounds=${KEYVIGIL_KILLS:-$([ "${KEYVIGIL_LONG:-0}" = 1 ] && echo 300 || echo 8)}
echo "# $rounds rounds, seed $seed"

torture_start
silent=0
swept=0
cuts=0
n=0
while [ $n -lt "$rounds" ]; do
        n=$((n + 1))
        torture_leave "k$n" "l$n"
        : >"$fs_dir/faults"
        for path in /v1/coupons /v1/promotion_codes; do
                for fault in '"cut","probability":0.2' '"body-cut","probability":0.1' '"close","probability":0.05'; do
                        random 1000000
                        echo "{\"fault\":$fault,\"path\":\"$path\",\"seed\":$random}" >>"$fs_dir/faults"
                done
        done
        echo '{"fault":"delay","path":"/v1/","seconds":0.03}' >>"$fs_dir/faults"
        curl -s --fail-with-body --data-binary @"$fs_dir/faults" "$fs/_fake/faults" >/dev/null
        work=
        for i in $torture_accounts; do
                random 3
                torture_work "$random" "$i" "k$n" &
                work="$work $!"
        done
        random_sleep 500
        [ $((n % 4)) = 0 ] || { kill -KILL "$kv_pid"; kv_reap; }
        cuts=$((cuts + $(fs_control GET faults | jq '[.faults[] | select(.fault != "delay") | .hits] | add')))
        fs_control DELETE faults >/dev/null
        for pid in $work; do wait "$pid" || :; done
        [ -z "$kv_pid" ] || kv_stop
        torture_silent || { silent=$((silent + 1)); echo "# round $n"; }
        torture_age
        kv_start
        torture_swept || { swept=$((swept + 1)); echo "# round $n"; }
done
echo "# $cuts requests or answers were cut"
ok "some were" [ $cuts -gt "$rounds" ]
is "the ledger never knows less than Stripe" $silent 0
is "after each round one scan makes all well" $swept 0
torture_end
