#!/bin/sh
# Where no journal and no systemd is: a plain chroot. The daemon writes each event as a line of JSON on its standard output, in
# the order and with the ids of the feed, and counts it as sent.
set -eu
[ "$(id -u)" -eq 0 ] || { echo "a chroot wants root"; exit 77; }
[ -n "${KEYVIGIL_OWN_MOUNTS:-}" ] || {
        unshare --mount true 2>/dev/null || { echo "there are no mounts of one's own here"; exit 77; }
        KEYVIGIL_OWN_MOUNTS=1 exec unshare --mount --propagation private sh "$0"
}
. "$srcdir/tests/support/daemon.sh"

jail=$fs_dir/jail
mkdir "$jail"
trap 'kv_cleanup; umount -l "$jail" 2>/dev/null || :; fs_cleanup' EXIT
mount --rbind / "$jail"
mount -t tmpfs nothing "$jail/run"
is "there is no systemd, and no journal" "$(ls -A "$jail/run")" ""
fs_start --http 127.0.0.1:0
kv_conf
events=$fs_dir/events
chroot "$jail" "$builddir/keyvigild" --config "$KEYVIGIL_CONFIG" --events=stdout >"$events" 2>>"$kv/said/daemon" &
kv_pid=$!
running() { "$builddir/keyvigil" --json status 2>/dev/null | jq -se 'any(.[]; .running)'; }
ok "the daemon runs" kv_until 30 running
for name in acme beta; do
        kv_add $name
        is "$name is stored" "$rc" 0
done
fs_control PATCH keys "{\"key\":\"$key\",\"state\":\"expired\"}" >/dev/null
kv check beta
revoked() { jq -se 'any(.[]; .KEYVIGIL_KIND == "key-revoked" and .KEYVIGIL_KEY == "beta")' "$events"; }
ok "a death is a line" kv_until 30 revoked
feed() { curl -s --unix-socket "$kv/control.sock" 'http://keyvigil/v1/events?after=0' | jq -r '.data[].id'; }
same() { [ "$(jq -r .KEYVIGIL_EVENT_ID "$events")" = "$(feed)" ]; }
ok "the lines are those of the feed, in its order" kv_until 20 same
sent() { "$builddir/keyvigil" --json status | jq -e '.unsent == 0'; }
ok "they count as sent" kv_until 20 sent
kv_stop
is "it stops as it should" "$rc" 0
umount -l "$jail"
kv_clean
tap_end
