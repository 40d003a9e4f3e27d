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

# --- what one cause has opened, by kind and since, with a daemon and without; and on a terminal

group=$((number + 1))
columns="kind, key, account, parent, opened, cleared, reminded, reminders, acknowledged, acknowledged_until,
        acknowledged_uid, priority, count, event_id, reason, detail, message, acknowledgement"
sqlite3 "$kv/state/keyvigil.db" "
        INSERT INTO incident($columns) VALUES('mass-revocation', NULL, NULL, NULL, $now - 50, 0, 0, 0, 0, 0, 0, 1, 3,
                printf('%032x', $group), '', '', '3 keys were revoked at once', '');
        WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3)
        INSERT INTO incident($columns) SELECT 'key-revoked', (SELECT id FROM key WHERE name = 'two'), NULL, $group,
                $now - 40, iif(i = 3, $now - 5, 0), 0, 0, 0, 0, 0, 6, 0, printf('%032x', $group + i), '', '',
                'member ' || i, '' FROM c;"
terminal() { # what a person sees
        script -qec "PAGER= TZ=Asia/Kolkata '$builddir/keyvigil' $*" /dev/null </dev/null 2>&1 | tr -d '\r' >"$kv/said/seen" || :
}
for running in yes no; do
        [ $running = no ] || kv_start
        kv incidents --kind key-revoked,mass-revocation --since 1h
        like "what came of one cause is one line ($running)" "$out" "*mass-revocation*
*and 3 of single keys: 'keyvigil incidents $group' lists them"
        is "the members are not listed beside ($running)" "$(printf '%s' "$out" | grep -c member)" 0
        kv incidents --kind key-revoked
        is "unless they are asked for ($running)" "$(printf '%s' "$out" | grep -c member)" 3
        kv --json incidents --open --kind key-revoked --since 30s
        is "nothing opened so late ($running)" "$(jq -c .incidents <"$kv/said/out")" '[]'
        kv --json incidents --open --kind key-flapping --key two
        is "the open ones of one key ($running)" "$(jq '.incidents | length' <"$kv/said/out")" $((number / 7000))
        kv --json incidents --label team=one --limit 5
        is "of the keys of a team, no more than 5 ($running)" "$(jq -r '[.incidents[].key] | join(" ")' <"$kv/said/out")" \
                'one one one one one'
        like "which is said ($running)" "$err" '*note: these are the newest 5; --limit N gives more'
        kv incidents --kind key-revokde
        is "a kind that is none ($running)" "$rc $err" \
                '2 keyvigil: incidents: --kind takes kinds as in keyvigil.journal(7), with commas between'
        terminal incidents --kind mass-revocation
        like "times are those of the zone ($running)" "$(cat "$kv/said/seen")" '*:[0-5][0-9]+05:30*'
        terminal incidents --utc --kind mass-revocation
        like "or as they are stored ($running)" "$(cat "$kv/said/seen")" '*T??:??:??Z*'
        [ $running = no ] || kv_stop
done
kv_start
list "/v1/incidents?kind=key-revokde"
is "the route refuses it, too" "$(jq -r '.status, .code' "$kv/said/body" | paste -sd' ')" '400 bad-parameter'
kv_stop
is "the daemon leaves in peace" "$rc" 0
kv_clean
fs_stop
tap_end
