#!/bin/sh
# Both programs close themselves to others, and see to their settings themselves, wherever they are started from.
set -eu
. "$srcdir/tests/support/daemon.sh"
[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP only root may look into what closed itself to its own user"; exit 77; }
unset GLIBC_TUNABLES LD_BIND_NOW
fs_start --http 127.0.0.1:0
kv_conf

# The C library cuts its settings apart where they lie: as one line they are whole again.
environment() { tr '\0' ':' <"/proc/$1/environ"; }
tuned() { case $(environment "$1") in *GLIBC_TUNABLES=*glibc.malloc.perturb=85:glibc.malloc.tcache_count=0:*) ;; *) return 1 ;; esac; }
coreless() { [ "$(awk '/^Max core file size/ { print $5, $6 }' "/proc/$1/limits")" = "0 0" ]; }
closed()
{
        ok "$2 can leave no core" kv_until 20 coreless "$1"
        ok "$2 sees to the allocator" kv_until 20 tuned "$1"
        like "$2 is bound at once" "$(environment "$1")" "*:LD_BIND_NOW=1:*"
}

kv_start
closed $kv_pid "the daemon"

mkfifo "$fs_dir/typed"
"$builddir/keyvigil" add waiting <"$fs_dir/typed" >/dev/null 2>&1 &
client=$!
exec 9>"$fs_dir/typed"
kv_until 20 tuned $client
closed $client "the client"
exec 9>&-
wait $client || :

GLIBC_TUNABLES=glibc.malloc.perturb=0:glibc.malloc.tcache_count=7 "$builddir/keyvigil" add waiting <"$fs_dir/typed" >/dev/null 2>&1 &
client=$!
exec 9>"$fs_dir/typed"
ok "ours count where others are" kv_until 20 tuned $client
like "which stay" "$(environment $client)" "*GLIBC_TUNABLES=glibc.malloc.perturb=0:glibc.malloc.tcache_count=7:glibc.malloc.perturb=85:*"
exec 9>&-
wait $client || :

# What belongs to root although its user is another is closed to that user.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
        cp "$builddir/keyvigil" "$fs_dir/keyvigil"
        chmod 755 "$fs_dir" "$fs_dir/keyvigil"
        chmod 666 "$fs_dir/typed"
        setpriv --reuid=65534 --regid=65534 --clear-groups "$fs_dir/keyvigil" --config /dev/null add waiting \
                <"$fs_dir/typed" >/dev/null 2>&1 &
        client=$!
        exec 9>"$fs_dir/typed"
        ok "the client sees to it as another user, too" kv_until 20 tuned $client
        of_root() { [ "$(stat -c %U "/proc/$client/environ")" = root ]; }
        ok "the client is closed to its own user" kv_until 20 of_root
        exec 9>&-
        wait $client || :
fi
kv_stop
is "the daemon ends as it should" "$rc" 0
tap_end
