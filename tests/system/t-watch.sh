# The watch over the watch: a daemon that is gone, or stands still with nobody to kill it, is told by the timer, once, and
# so is its return.
. /test/world.sh

watch_silent=548658517b6a4ba7be115cbbe82251d3

# watch_entries ID: those of the timer's unit, as JSON, one a line.
watch_entries() { journalctl --quiet --no-pager -o json MESSAGE_ID="$1" KEYVIGIL_KIND=watch-silent; }
watch_count_is() { [ "$(watch_entries "$2" | wc -l)" -eq "$1" ]; }
watch_field() { watch_entries "$watch_silent" | tail -n 1 | jq -r ".$1 // empty"; }
# One more run from its beginning to its end: two more have begun.
began_since() { [ "$(property keyvigil-watch.service InvocationID)" != "$1" ]; }
watch_once_more()
{
        for _ in 1 2; do
                within 60 began_since "$(property keyvigil-watch.service InvocationID)" || return 1
        done
}
field_like()
{
        value=$(watch_field "$1")
        if printf '%s\n' "$value" | grep -qE "$2"; then ok "$3: $1"; else not_ok "$3: $1" "was: $value"; fi
}

# A machine that has been up for longer than the timer waits, as seen by what README says.
settle
refuse "nothing is enabled by the installation" systemctl is-enabled --quiet keyvigil-watch.timer
fake_start
configure
check "what README says is done" systemctl enable --now keyvigild.service
check "it enables the timer" systemctl is-enabled --quiet keyvigil-watch.timer
check "and starts it" systemctl is-active --quiet keyvigil-watch.timer
is "which waits from there on" "OnActiveSec" "$(systemctl cat keyvigil-watch.timer | sed -n 's/^\(On[AB][a-z]*Sec\)=10min/\1/p')"
check "nothing was said at once" watch_count_is 0 "$watch_silent"
systemctl stop keyvigil-watch.timer keyvigild.service

mkdir -p /run/systemd/system/keyvigild.service.d /run/systemd/system/keyvigil-watch.timer.d
printf '[Service]\nWatchdogSec=0\n' >/run/systemd/system/keyvigild.service.d/quick.conf
printf '[Timer]\nOnActiveSec=\nOnUnitActiveSec=\nOnActiveSec=1s\nOnUnitActiveSec=3s\nAccuracySec=100ms\n' \
        >/run/systemd/system/keyvigil-watch.timer.d/quick.conf
begin acme
round_told() { [ "$(entry_count 97853fbdea9346ada2c6e9a9c428e0f8)" -gt 0 ]; }
check "a round is completed" within 60 round_told
check "the timer starts" systemctl start keyvigil-watch.timer
check "the timer looks" watch_once_more
check "nothing is wrong" property_is keyvigil-watch.service Result success
check "and nothing is said" watch_count_is 0 "$watch_silent"

systemctl stop keyvigild.service
check "a stopped daemon is told" within 60 watch_count_is 1 "$watch_silent"
check "the timer looks on" watch_once_more
check "it is told once" watch_count_is 1 "$watch_silent"
field_like PRIORITY '^2$' stopped
field_like SYSLOG_IDENTIFIER '^keyvigild$' stopped
field_like KEYVIGIL_SINCE '^20[0-9-]+T[0-9:]+Z$' stopped
field_like MESSAGE '^The watch over the keys has been silent since .*not running' stopped
check "journalctl -u keyvigild shows it" eval "journal_of MESSAGE_ID=$watch_silent | grep -q 'has been silent'"
check "the timer's unit has failed, too" property_is keyvigil-watch.service Result exit-code
refuse "its text has no empty place" eval "journalctl --no-pager -x MESSAGE_ID=$watch_silent | grep -q '@KEYVIGIL_'"
systemctl start keyvigild.service
check "its return is told" within 90 watch_count_is 1 "$incident_cleared"
check "nothing more is said" watch_count_is 1 "$watch_silent"

pid=$(main_pid)
kill -STOP "$pid"
check "one that stands still, without a watchdog, is told" within 60 watch_count_is 2 "$watch_silent"
field_like MESSAGE 'silent since .*has not answered' "standing still"
is "it was not restarted" "$pid" "$(main_pid)"
check "the timer looks on" watch_once_more
check "it is told once" watch_count_is 2 "$watch_silent"
kill -CONT "$pid"
check "when it moves again, that is told" within 120 watch_count_is 2 "$incident_cleared"
check "and all is well" within 30 property_is keyvigil-watch.service Result success
is "it is the same process" "$pid" "$(main_pid)"
