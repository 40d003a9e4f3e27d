# A journal that is stopped, or stands still, stops neither the loop nor, in the end, a single event.
. /test/world.sh

mkdir -p /run/systemd/system/keyvigild.service.d
printf '[Service]\nWatchdogSec=5s\n' >/run/systemd/system/keyvigild.service.d/quick.conf
fleet="k1 k2 k3 k4"
begin $fleet witness
pid=$(main_pid)
[ "$pid" -gt 0 ] || exit 1

# One after the other: keys that die together may be each other's witness, and are held for five minutes then. No more than
# four: from the fifth on within ten minutes it would be a group.
die()
{
        for name in "$@"; do
                fake_state "$name" expired && within 60 key_state_is "$name" revoked || return 1
        done
}
told() { entries $key_revoked | jq -r .KEYVIGIL_KEY | sort | tr '\n' ' '; }
told_is() { [ "$(told)" = "$1 " ]; }
event_ids() { entries $key_revoked | jq -r .KEYVIGIL_EVENT_ID | sort | uniq -d; }

systemctl kill --signal=STOP systemd-journald.service
check "with a journal that stands still, the keys are found dead" die k1 k2
asked=$(fake_requests)
check "and the others are asked on" within 60 fake_was_asked_since "$asked"
systemctl kill --signal=CONT systemd-journald.service
check "when it moves again, each is told" within 60 told_is "k1 k2"

systemctl stop systemd-journald.socket systemd-journald-dev-log.socket systemd-journald-audit.socket \
        systemd-journald.service 2>/dev/null
check "with a journal that is stopped, the keys are found dead" die k3 k4
asked=$(fake_requests)
check "and the others are asked on" within 60 fake_was_asked_since "$asked"
systemctl start systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service
check "when it is back, each is told" within 60 told_is "k1 k2 k3 k4"
is "none is told twice" "" "$(event_ids)"
is "it was one process all the time" "$pid" "$(main_pid)"
