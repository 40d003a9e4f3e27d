#!/bin/sh
# A stored secret that cannot be opened: nobody watches that key, and everybody hears of it at once.
set -eu
. "$srcdir/tests/support/daemon.sh"
kv_open
kv_add one
kv_add two
kv_stop
sqlite3 "$kv/state/keyvigil.db" "UPDATE place SET sealed = randomblob(length(sealed)) WHERE id = (SELECT s.place FROM secret s
        JOIN key k ON k.id = s.id / 2 WHERE k.name = 'one')"
kv_start
kv check one
ok "a check finds that it cannot tell" [ "$rc" -ne 0 ]
ok "the key is unreadable" kv_until 30 key_is one unreadable
is "the other one is well" "$(key_state two)" healthy
kv plugin
is "a monitoring system hears that it is critical" "$rc" 2
kv list --not-well
like "the list says so" "$out" "*one*unreadable*"
told() { "$builddir/keyvigil" events --kind key-unreadable --json | jq -r .id | sort -u | wc -l; }
is "it is told once" "$(told)" 1
kv check one
kv_stop
kv_start
kv check one
is "and not again after a restart" "$(told)" 1

key=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_one\",\"permissions\":$selgeo}" >/dev/null
kv_with "$key" rotate one
is "a new secret mends it" "$rc" 0
ok "the key is well" kv_until 30 key_is one healthy
kv plugin
is "and so is all" "$rc" 0
kv_clean
tap_end
