# A journal that is stopped, or stands still, stops neither the loop nor, in the end, a single event.
. /test/world.sh

# Keys that die together may be each other's witness: then they are held for five minutes, twice at most likely.

mkdir -p /run/systemd/system/keyvigild.service.d
printf '[Service]\nWatchdogSec=5s\n' >/run/systemd/system/keyvigild.service.d/quick.conf
fleet="k1 k2 k3 k4 k5 k6"
begin $fleet witness
pid=$(main_pid)
[ "$pid" -gt 0 ] || exit 1

states() { for name in $1; do key_state "$name"; done | sort -u; }
states_are() { [ "$(states "$1")" = "$2" ]; }
told() { entries $key_revoked | jq -r .KEYVIGIL_KEY | sort | tr '\n' ' '; }
told_is() { [ "$(told)" = "$1 " ]; }
event_ids() { entries $key_revoked | jq -r .KEYVIGIL_EVENT_ID | sort | uniq -d; }

systemctl kill --signal=STOP systemd-journald.service
for name in k1 k2 k3; do fake_state $name expired >/dev/null; done
check "with a journal that stands still, the keys are found dead" within 700 states_are "k1 k2 k3" revoked
asked=$(fake_requests)
check "and the others are asked on" within 60 fake_was_asked_since "$asked"
systemctl kill --signal=CONT systemd-journald.service
check "when it moves again, each is told" within 60 told_is "k1 k2 k3"

systemctl stop systemd-journald.socket systemd-journald-dev-log.socket systemd-journald-audit.socket \
        systemd-journald.service 2>/dev/null
for name in k4 k5 k6; do fake_state $name expired >/dev/null; done
check "with a journal that is stopped, the keys are found dead" within 700 states_are "k4 k5 k6" revoked
asked=$(fake_requests)
check "and the others are asked on" within 60 fake_was_asked_since "$asked"
systemctl start systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service
check "when it is back, each is told" within 60 told_is "k1 k2 k3 k4 k5 k6"
is "none is told twice" "" "$(event_ids)"
is "it was one process all the time" "$pid" "$(main_pid)"
