#!/bin/sh
# Long lists are made while they are sent: whole, in order, each row once, and the daemon needs no more memory for them
# than for short ones.
set -eu
. "$srcdir/tests/support/daemon.sh"
kv_open
for name in one two; do
        kv_add $name --label team=$name
done
kv_stop

number=${KEYVIGIL_LONG:+500000}
number=${number:-20000}
now=$(date +%s)
# A thousand coupons were seen in the same second, and 50 changes of a state.
sqlite3 "$kv/state/keyvigil.db" "
        WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < $number)
        INSERT INTO incident(kind, key, account, parent, opened, cleared, reminded, reminders, acknowledged,
                acknowledged_until, acknowledged_uid, priority, count, event_id, reason, detail, message, acknowledgement)
        SELECT 'key-flapping', (SELECT id FROM key WHERE name = iif(i % 1000 = 0, 'two', 'one')), NULL, NULL, $now - 1000,
                iif(i % 7 = 0, 0, $now - 10), 0, 0, 0, 0, 0, 4, 0, printf('%032x', i), '', '',
                'a sentence of the usual length about a key, number ' || i, '' FROM c;
        WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < $number)
        INSERT INTO coupon(account, key, mode, coupon, created, seen, state, reason, attempts, next_try, updated, ours, source)
        SELECT (SELECT account FROM key WHERE name = 'one'), (SELECT id FROM key WHERE name = 'one'), 'live',
                'selgeo_probe_' || i, $now - 9000, 0, 'deleted', '', 1, 0, $now - 100 - i / 1000, 0, 'scan' FROM c;
        WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000)
        INSERT INTO permission_change(key, at_wall, slot, before, after)
        SELECT (SELECT id FROM key WHERE name = 'one'), $now - 5000 + i / 50, i % 8, 'w', 'r' FROM c;" 2>"$fs_dir/sql" || cat "$fs_dir/sql"
kv_start

peak() { awk '/^VmHWM/ { print $2 }' "/proc/$kv_pid/status"; }
list() { kv_route GET "$1"; }
before=$(peak)
list "/v1/incidents?limit=1000000"
is "all incidents are there, newest first" "$(jq -r '[(.incidents | length), ([.incidents[].id] | . == (sort | reverse)),
        ([.incidents[].id] | unique | length)] | join(" ")' <"$kv/said/body")" "$number true $number"
list "/v1/incidents?limit=1234"
is "no more than were asked for" "$(jq '.incidents | length' <"$kv/said/body")" 1234
list "/v1/incidents?open=1&limit=1000000"
is "those that are open" "$(jq '[.incidents[] | select(.cleared == null)] | length' <"$kv/said/body")" $((number / 7))
list "/v1/incidents?label=team=two&limit=1000000"
is "those of some keys, far apart" "$(jq '[.incidents[] | select(.key == "two")] | length' <"$kv/said/body")" $((number / 1000))
list "/v1/incidents?key=two&limit=1000000"
is "those of one" "$(jq '.incidents | length' <"$kv/said/body")" $((number / 1000))
list "/v1/incidents?label=team=nobody"
is "of nobody: an empty list" "$(jq -c . <"$kv/said/body")" '{"incidents":[]}'
list "/v1/coupons?limit=1000000"
is "all coupons, the last touched first" "$(jq -r '[(.coupons | length), ([.coupons[].updated] | . == (sort | reverse)),
        ([.coupons[].coupon] | unique | length)] | join(" ")' <"$kv/said/body")" "$number true $number"
list "/v1/coupons?key=one&limit=2500"
is "and those of one key" "$(jq '[.coupons[].coupon] | unique | length' <"$kv/said/body")" 2500
list "/v1/keys/one/history?limit=1000000"
is "all that happened to a key" "$(jq -r '[(.history | length), ([.history[].from_time] | . == (sort | reverse)),
        ([.history[] | select(.change == "lost")] | length)] | join(" ")' <"$kv/said/body")" "3001 true 3000"
echo "# the daemon's peak before $before kB, after $(peak) kB, $number rows in each list"
ok "which took little memory" [ $(($(peak) - before)) -lt 8000 ]
kv incidents
ok "the client shows them" [ "$rc" -eq 0 ]
kv_stop
is "the daemon leaves in peace" "$rc" 0
kv_clean
fs_stop
tap_end
