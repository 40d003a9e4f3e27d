# Thousands of incidents at once with one cause: a real journald gets one entry that counts them, and each of them quietly;
# nothing is lost, none is told twice, and all of it can be had again.
. /test/world.sh

missing=88298422e90a4c0c838419a14acc9550
changed=1580f7ce641449b48b5ef85ef52c16b8
if [ -e /test/long ]; then keys=20000; else keys=2000; fi
database=/var/lib/keyvigil/keyvigil.db

# Room for all of it, so that journald itself throws nothing away.
mkdir -p /run/systemd/journald.conf.d /var/log/journal
printf '[Journal]\nStorage=persistent\nSystemMaxUse=2G\nSystemKeepFree=1M\nSystemMaxFileSize=512M\n' \
        >/run/systemd/journald.conf.d/room.conf
systemctl restart systemd-journald.service
begin witness
printf '%s\n' 'profile: many' 'title: For tests' 'kind: any' 'modes: [live, test]' 'require:' '  Customers: read' \
        'excess: allow' 'pulse: 5m' 'coupons: off' >/etc/keyvigil/profiles.d/many.yaml
check "a profile more" keyvigil reload

# Keys that may do nothing.
prefix=rk_live_51$(hex_of many 87)
fake PUT keys "{\"prefix\":\"$prefix\",\"generate\":$keys,\"permissions\":[]}" >/dev/null
seq 0 $((keys - 1)) | awk -v prefix="$prefix" '{
        printf "{\"name\":\"many-%d\",\"key\":\"%s%010d\",\"profile\":\"many\",\"account\":\"acct_1Generated%010d\"}\n", $1, prefix, $1, $1
}' >/tmp/many

stop_journal()
{
        systemctl stop systemd-journald.socket systemd-journald-dev-log.socket systemd-journald-audit.socket \
                systemd-journald.service 2>/dev/null
}
query() { sqlite3 -readonly $database "$1"; }
found() { [ "$(query "SELECT count(*) FROM v_incident WHERE kind = 'key-permissions-missing'")" -eq $keys ]; }

stop_journal
check "$keys keys are imported" keyvigil import /tmp/many
check "an incident for each" within 900 found
systemctl start systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service

told() { entries $missing | jq -r .KEYVIGIL_EVENT_ID | sort -u | wc -l; }
all_told() { [ "$(told)" -ge $keys ]; }
check "when journald is back, each is told" within 300 all_told
is "each once" $keys "$(entry_count $missing)"
check "one incident tells of all" [ "$(entry_count $changed)" -ge 1 ]
is "it is the same one" 1 "$(entries $changed | jq -r .KEYVIGIL_INCIDENT | sort -u | wc -l)"
loud() { entries $missing | jq -r 'select((.PRIORITY | tonumber) < 6) | .PRIORITY' | wc -l; }
check "few were told alone ($(loud))" [ "$(loud)" -le 20 ]

# The most entries within sixty seconds, heartbeats and the like aside.
busiest()
{
        journal_of -o json | jq -r 'select(.MESSAGE_ID and (.PRIORITY | tonumber) < 6) | ._SOURCE_REALTIME_TIMESTAMP' |
                sort -n | awk 'BEGIN { first = n = 0 } {
                        at[n++] = $1
                        while ($1 - at[first] >= 60000000) first++
                        if (n - first > most) most = n - first
                } END { print most + 0 }'
}
most=$(busiest)
check "never more than sixty a minute ($most)" [ "$most" -le 60 ]

cursor=$(journalctl -q -n 1 -o export | sed -n 's/^__CURSOR=//p')
# That they were sent is written down within seconds.
marked() { [ "$(query "SELECT count(DISTINCT id) FROM event WHERE send_state <> 0 AND kind = 'key-permissions-missing'")" -eq $keys ]; }
check "the database has an event for each" within 60 marked
# --after-cursor= passes over one entry too many if that of the cursor is none that is looked for.
replayed()
{
        journalctl -q --no-pager -o json --cursor="$cursor" MESSAGE_ID=$missing |
                jq -c --arg cursor "$cursor" 'select(.__CURSOR != $cursor)'
}
replay_is_through() { [ "$(replayed | wc -l)" -ge $keys ]; }
check "all of it once more" keyvigil incidents --replay 1d
check "the replay comes to its end" within 300 replay_is_through
replayed | jq -r .KEYVIGIL_EVENT_ID | sort >/tmp/replayed
query "SELECT id FROM event WHERE kind = 'key-permissions-missing'" | sort >/tmp/stored
is "every event id exactly once" $keys "$(sort -u /tmp/replayed | wc -l)"
is "none twice" $keys "$(wc -l </tmp/replayed)"
check "and those that were stored" cmp /tmp/replayed /tmp/stored
