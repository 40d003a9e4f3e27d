# The sample unit runs a program for each new incident: exactly once, with the fields of the entry, whatever is restarted.
. /test/world.sh

unit=keyvigil-on-incident
state=/var/lib/private/$unit
example=$(find /usr -path '*/examples/keyvigil-on-incident')

begin acme beta gamma delta witness

# As its first lines tell people to.
mkdir -p /usr/local/lib/keyvigil
cp "$example" /usr/local/lib/keyvigil/
cp "$example.service" /etc/systemd/system/
cat >/usr/local/lib/keyvigil/tell <<'EOF'
#!/bin/sh
[ ! -e /run/fail ] || exit 7
env | grep -E '^(MESSAGE|MESSAGE_ID|PRIORITY|KEYVIGIL_[A-Z_]*)=' | sort >"$STATE_DIRECTORY/told.$KEYVIGIL_KEY.$$"
EOF
chmod 755 /usr/local/lib/keyvigil/tell
mkdir -p "/run/systemd/system/$unit.service.d"
printf '[Service]\nRestartSec=1s\n' >"/run/systemd/system/$unit.service.d/quick.conf"
systemctl daemon-reload

told() { find "$state/" -name "told.$1.*"; }
told_is() { [ "$(told "$2" | wc -l)" -eq "$1" ]; }
# It has seen all there is: its cursor is that of the last entry.
caught_up()
{
        last=$(journalctl -q -n 1 -o export _SYSTEMD_UNIT=keyvigild.service + _SYSTEMD_UNIT=keyvigil-watch.service |
                sed -n 's/^__CURSOR=//p')
        [ -n "$last" ] && [ "$(cat "$state/cursor")" = "$last" ]
}
entry_of() { entries $key_revoked KEYVIGIL_KEY="$1"; }
is_in_journal() { [ "$(entry_of "$1" | wc -l)" -ge 1 ]; }
# What the program must have been given.
environment_of()
{
        entry_of "$1" | head -n 1 | jq -r 'to_entries[] | select(.key | test("^(MESSAGE|MESSAGE_ID|PRIORITY|KEYVIGIL_.*)$"))
                | "\(.key)=\(.value)"' | sort
}

check "the sample unit starts" systemctl enable --now $unit.service
check "and waits for what comes" within 30 caught_up
is "it told nothing of what was before" 0 "$(told '*' | wc -l)"

fake_state acme expired >/dev/null
check "a revocation runs the program" within 60 told_is 1 acme
is "with the fields of the entry" "$(environment_of acme)" "$(cat $(told acme))"

systemctl restart keyvigild.service $unit.service
asked=$(fake_requests)
check "both restarted, the questions go on" within 60 fake_was_asked_since $((asked + 5))
check "the sample unit has seen all" within 30 caught_up
check "the program was not run again" told_is 1 acme

systemctl stop $unit.service
fake_state beta expired >/dev/null
check "a revocation while the sample unit is down" within 60 is_in_journal beta
systemctl restart keyvigild.service
systemctl start $unit.service
check "is told when it is back" within 30 told_is 1 beta
is "with its fields" "$(environment_of beta)" "$(cat $(told beta))"

touch /run/fail
fake_state gamma expired >/dev/null
check "a revocation while the program fails" within 60 is_in_journal gamma
check "the unit tries again" within 30 eval "[ \$(property $unit.service NRestarts) -ge 2 ]"
check "nothing was told" told_is 0 gamma
rm /run/fail
check "until it succeeds" within 30 told_is 1 gamma

fake_state delta expired >/dev/null
systemctl kill --signal=KILL keyvigild.service $unit.service
check "killed, both are back" within 60 eval "state_is active && property_is $unit.service ActiveState active"
check "and a revocation meanwhile is told" within 90 told_is 1 delta

check "old entries once more" keyvigil incidents --replay 1h
repeated() { [ "$(entry_of acme | wc -l)" -ge 2 ]; }
check "are in the journal" within 30 repeated
check "the sample unit has seen them" within 30 caught_up
for key in acme beta gamma delta; do
        check "$key was told exactly once" told_is 1 $key
done
is "and nothing else" 4 "$(told '*' | wc -l)"
