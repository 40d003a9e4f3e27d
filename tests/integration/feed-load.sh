#!/bin/sh
# A hundred follow the feed while much happens, three ask and never read: all is told to each once and in order, and the
# daemon serves others meanwhile. With KEYVIGIL_LONG=1: 20,000 events.
set -eu
command -v python3 >/dev/null || { echo "python3 is not here"; exit 77; }
. "$srcdir/tests/support/daemon.sh"
kv_open
events=${KEYVIGIL_EVENTS:-$([ "${KEYVIGIL_LONG:-0}" = 1 ] && echo 20000 || echo 1000)}
followers=$([ "$(id -u)" = 0 ] && echo 100 || echo 90) # one user may not have all places

chmod 0711 "$fs_dir" "$kv" # the other one must find the way
names=
n=1
while [ $n -le 40 ]; do
        printf '{"name":"k%s","key":"%s","profile":"selgeo"}\n' $n "$(new_key rk live)"
        names="$names k$n"
        n=$((n + 1))
done >"$fs_dir/list"
kv import "$fs_dir/list"
kv pause 'k*' --yes
settled() { [ "$("$builddir/keyvigil" --json status | jq .unsent)" = 0 ]; }
kv_until 30 settled || :
# shellcheck disable=SC2086 # a word each
python3 "$srcdir/tests/support/followers.py" "$kv/read/read.sock" "$kv/control.sock" $followers "$events" $names \
        >"$kv/said/followers" 2>&1 || :
sed 's/^/# /' "$kv/said/followers"
echo "# the daemon's turns: $("$builddir/keyvigil" --json status | jq -c .loop)"
told() { sed -n "s/^$1 //p" "$kv/said/followers"; }
ok "all that happened was told" [ "$(told events)" -ge "$events" ]
is "to each follower, in order, none twice, none missing" "$(told wrong)" 0
is "the daemon is well" "$(kv status --brief; echo "$rc")" 0

kv_stop
is "and leaves in peace" "$rc" 0
kv_clean
fs_stop
tap_end
