# A daemon that stands still is killed and started again, and nothing that it knew is lost.
. /test/world.sh

mkdir -p /run/systemd/system/keyvigild.service.d
printf '[Service]\nWatchdogSec=3s\nTimeoutStopSec=3s\nTimeoutAbortSec=3s\nRestartSec=1s\n' \
        >/run/systemd/system/keyvigild.service.d/quick.conf
begin acme
pid=$(main_pid)
[ "$pid" -gt 0 ] || exit 1
refuse "a healthy one is left alone" within 8 eval "[ \$(main_pid) != $pid ]"
kill -STOP "$pid"
check "one that stands still is replaced" within 30 property_is keyvigild.service NRestarts 1
check "the new one is ready" within 30 state_is active
check "systemd says why" eval "journalctl --no-pager -o cat _PID=1 | grep -q 'Watchdog timeout'"
check "the key is still known, and healthy" within 30 key_state_is acme healthy
asked=$(fake_requests)
check "and asked" within 60 fake_was_asked_since "$asked"
