#!/bin/sh
# As coupons.sh, but what ends is the disk. While nothing can be written down nothing is deleted; when there is room again
# it goes on by itself, and nothing is lost. KEYVIGIL_KILLS says how many rounds there are (4; with KEYVIGIL_LONG=1: 100).
set -eu
if [ "${KEYVIGIL_OWN_MOUNTS:-0}" != 1 ]; then
        [ "$(id -u)" -eq 0 ] && unshare --mount true 2>/dev/null || { echo "1..0 # SKIP needs root, for a small disk"; exit 77; }
        KEYVIGIL_OWN_MOUNTS=1 exec unshare --mount --propagation private sh "$0" "$@"
fi
. "$srcdir/tests/support/daemon.sh"
. "$srcdir/tests/torture/coupons.inc.sh"
rounds=${KEYVIGIL_KILLS:-$([ "${KEYVIGIL_LONG:-0}" = 1 ] && echo 100 || echo 4)}
echo "# $rounds rounds, seed $seed"

mkdir -p "$kv/state"
mount -t tmpfs -o size=16m,mode=0750 tmpfs "$kv/state"
trap 'kv_cleanup; umount -l "$kv/state"; fs_cleanup' EXIT
filler=$kv/state/filler
fill() { cat /dev/zero >"$filler" 2>/dev/null || :; }
deletes() { fs_control GET "log?path=/v1/coupons/" | jq '[.entries[] | select(.method == "DELETE")] | length'; }
can_write() { "$builddir/keyvigil" coupons sweep --force >/dev/null 2>&1; }

torture_start
silent=0
swept=0
refused=0
n=0
while [ $n -lt "$rounds" ]; do
        n=$((n + 1))
        torture_leave "k$n" "l$n"
        fs_control POST faults '{"fault":"delay","path":"/v1/","seconds":0.02}' >/dev/null
        work=
        for i in $torture_accounts; do
                random 3
                torture_work "$random" "$i" "k$n" &
                work="$work $!"
        done
        random_sleep 300
        fill
        for pid in $work; do wait "$pid" || :; done
        # What could be written until now went into room that the log of the database had already.
        torture_leave "m$n"
        kv coupons sweep --force
        before=$(deletes)
        if [ "$rc" != 0 ]; then
                refused=$((refused + 1))
                kv coupons sweep --force
                [ "$rc" != 0 ] && [ "$(deletes)" = "$before" ] || { silent=$((silent + 1)); echo "# round $n: deleted on a full disk"; }
        fi
        torture_silent || { silent=$((silent + 1)); echo "# round $n"; }
        [ $((n % 2)) = 0 ] || { kill -KILL "$kv_pid"; kv_reap; }
        rm -f "$filler"
        fs_control DELETE faults >/dev/null
        if [ -n "$kv_pid" ]; then
                kv_until 30 can_write || { silent=$((silent + 1)); echo "# round $n: it does not go on"; }
                kv_stop
        fi
        torture_silent || { silent=$((silent + 1)); echo "# round $n, with room again"; }
        torture_age
        kv_start
        torture_swept || { swept=$((swept + 1)); echo "# round $n"; }
done
echo "# in $refused of $rounds rounds nothing could be written"
ok "in some nothing could" [ $refused -gt 0 ]
is "nothing is deleted that could not be written down, and it goes on by itself" $silent 0
is "after each round one scan makes all well" $swept 0
torture_end
