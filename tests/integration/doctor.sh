#!/bin/sh
# keyvigil doctor says of what is broken that it is, and what to do; a test alert becomes an event.
set -eu
. "$srcdir/tests/support/daemon.sh"

kv_open

# line SUBJECT: what the doctor says of it.
line() { printf '%s\n' "$out" | grep -E "^(ok|BAD) +$1 " || echo "nothing of $1"; }

kv doctor
like "the settings are good" "$(line settings)" "ok *"
like "the daemon is there" "$(line daemon)" "ok *watches 0 keys*"
like "Stripe answers" "$(line Stripe)" "ok *answers"
like "the clock is right" "$(line clock)" "ok *"
like "there is room" "$(line disk)" "ok *GB left"
like "the master key lies where it should not" "$(line 'master key')" "BAD *make it a credential*"
is "what needs to be done is counted" "$(printf '%s\n' "$out" | tail -n 1)" \
        "$(printf '%s\n' "$out" | grep -c ^BAD) of these need something done."
is "and is no success" "$rc" 1

kv test-alert
is "a test alert is sent" "$rc" 0
feed() { curl -s --unix-socket "$kv/control.sock" 'http://keyvigil/v1/events?after=0' | jq -r '.data[].kind'; }
told() { feed | grep -qx test-alert; }
ok "it is an event" kv_until 10 told

kv status --brief
is "the state of things is one line" "$(printf '%s\n' "$out" | wc -l) $out" \
        "1 keyvigil: 0 keys, 0 healthy, 0 dead, 0 incidents open, last round not yet"

kv_stop
"$builddir/keyvigild" --config "$KEYVIGIL_CONFIG" --events=stdout >"$fs_dir/events" 2>>"$kv/said/daemon" &
kv_pid=$!
kv_until 20 kv_answers
kv test-alert
line_is_there() { grep -c '"KEYVIGIL_KIND":"test-alert"' "$fs_dir/events"; }
ok "without a journal it is a line of JSON" kv_until 10 line_is_there
is "with the id that it has in the feed" \
        "$(jq -r 'select(.KEYVIGIL_KIND == "test-alert").KEYVIGIL_EVENT_ID' "$fs_dir/events" | tail -n 1)" \
        "$(curl -s --unix-socket "$kv/control.sock" 'http://keyvigil/v1/events?after=0' | jq -r '.data[].id' | tail -n 1)"
sent() { "$builddir/keyvigil" --json status | jq -e '.unsent == 0'; }
ok "and counts as sent" kv_until 10 sent

fs_stop
kv doctor
like "a Stripe that is out of reach is seen" "$(line Stripe)" "BAD *firewall"
kv_stop
kv doctor
like "a daemon that is gone is seen" "$(line daemon)" "BAD *systemctl start keyvigild*"
echo 'nonsense: 1' >>"$KEYVIGIL_CONFIG"
kv doctor
like "settings that are wrong are seen" "$(line settings)" "BAD *check-config"
tap_end
