#!/bin/sh
# What is said of a key is the truth: too much is found when it is added, and "all is well" is said only when it is.
set -eu
. "$srcdir/tests/support/daemon.sh"
kv_open

put() { fs_control PUT keys "{\"key\":\"$1\",\"account\":\"$2\",\"permissions\":$3}" >/dev/null; }
# The permissions of the profile, and these.
and_also() { printf '%s' "$selgeo" | tr -d '\n' | sed "s/]/,$1]/"; }
open_kinds() { "$builddir/keyvigil" --json show "$1" | jq -r '[.incidents[].kind] | sort | join(" ")'; }

# --- too much is said and stored when a key is added

fine=$(new_key rk live)
put "$fine" acct_fine "$selgeo"
kv_with "$fine" add fine
is "a key that has what it needs and no more" "$rc:$(printf '%s' "$out" | head -n 1)" "0:fine: All is well."

much=$(new_key rk live)
put "$much" acct_much "$(and_also '"payout_write","terminal_location_read"')"
kv_with "$much" add much
is "one that may do too much is stored" "$rc:$(key_state much)" "0:healthy"
like "what is too much is said" "$out" "much: The key may do more than its profile needs: *Payouts: Write*"
like "with the link to mend it" "$out" "*mend it: https://dashboard.stripe.com/*"
ok "and told at once" kv_until 5 sh -c '[ "$("$builddir/keyvigil" --json show much | jq -r "[.incidents[].kind] | join(\" \")")" = key-permissions-excess ]'
kv list much --columns name,excess
like "a list shows it" "$out" "*EXCESS*much*payout_write*"
kv --json list much
is "to programs, too" "$(printf '%s' "$out" | jq -c '.keys[0].excess | index("payout_write") != null')" true

fs_control DELETE stats >/dev/null
later=$(new_key rk live)
put "$later" acct_later "$(and_also '"payout_write"')"
kv_with "$later" add later --no-excess
is "without looking it is stored" "$rc" 0
like "and nobody says that all is well" "$out" "later: The key is alive and grants all that its profile requires; whether it grants too much is not known yet.*"
ok "only what it needs was asked" test "$(fs_control GET stats | jq .requests)" -le 15

# --- "all is well" is said only if it is

kv check fine --full
is "a full check of a key that is well" "$rc:$(printf '%s' "$out" | head -n 1)" "0:fine: All is well."
kv check fine
is "of a pulse alone it is only alive" "$rc:$(printf '%s' "$out" | head -n 1)" "0:fine: The key is alive."
for kind in "" --full --excess; do
        kv check much $kind
        is "too much is a finding of each check: ${kind:-pulse}" "$rc:$(printf '%s' "$out" | grep -c 'All is well')" "1:0"
done

other=$(new_key rk live)
put "$other" acct_other "$selgeo"
kv_with "$other" add other --account acct_declared
is "of another account: refused" "$rc" 1
kv_with "$other" add other --account acct_declared --force
is "forced: stored" "$rc:$(open_kinds other)" "0:key-wrong-account"
like "and said" "$out" "other: The key is alive, but not all is well: key-wrong-account (incident *"
for kind in "" --full; do
        kv check other $kind
        is "a check says so: ${kind:-pulse}" "$rc:$(printf '%s' "$out" | head -n 1 | sed 's/[0-9][0-9]*/N/')" \
                "1:other: The key is alive, but not all is well: key-wrong-account (incident N)."
done
kv --json check other
is "to programs, too" "$(printf '%s' "$out" | jq -c '.[0] | [.outcome, [.incidents[].kind]]')" '["findings",["key-wrong-account"]]'
like "with the sentence" "$(printf '%s' "$out" | jq -r '.[0].incidents[0].message')" "*of another account than the declared one*"
kv list --not-well --columns name
is "a list of what is not well has them all" "$(printf '%s\n' "$out" | sed 1d | sort | tr -d ' ' | tr '\n' ' ')" "much other "
kv plugin
is "a monitor is told" "$rc:$(printf '%s' "$out" | cut -d'|' -f1)" "2:KEYVIGIL CRITICAL: 1 critical incidents are open, and 1 lesser ones "
kv status
like "and whoever asks for the status" "$out" "*Incidents:   2 open: 1 critical, 1 to look at*"

for id in $("$builddir/keyvigil" --json incidents --open | jq '.incidents[].id'); do
        kv ack "$id" --reason known
done
kv check other
is "what is acknowledged is no finding, but is said" "$rc:$(printf '%s' "$out" | head -n 1 | sed 's/[0-9][0-9]*/N/')" \
        "0:other: The key is alive; known and acknowledged: key-wrong-account (incident N)."
kv plugin
is "and a monitor counts it only" "$rc:$(printf '%s' "$out" | cut -d'|' -f1)" "0:KEYVIGIL OK: 4 keys, nothing is wrong (2 acknowledged) "

# --- what programs store is looked into after they were answered

pushed=$(new_key rk live)
put "$pushed" acct_pushed "$(and_also '"payout_write"')"
kv_with "$pushed" add pushed --upsert
is "what is put is stored" "$rc" 0
ok "and what is too much is found soon" kv_until 30 sh -c '[ "$("$builddir/keyvigil" --json show pushed | jq -r "[.incidents[].kind] | join(\" \")")" = key-permissions-excess ]'

# --- a key in doubt shows what it was, and is found by its doubt

sed -i 's/confirm: .*/confirm: [10m]/' "$KEYVIGIL_CONFIG"
kv reload
fs_control PATCH keys "{\"key\":\"$later\",\"state\":\"expired\"}" >/dev/null
kv check later
is "a dead answer is a finding" "$rc:$(printf '%s' "$out" | head -n 1)" "1:later: Stripe says that this key has expired or was revoked or rolled."
kv list --state suspect --columns name,state
is "it is suspect, and shows what it was" "$rc:$(printf '%s\n' "$out" | sed 1d | tr -s ' ')" "0:later healthy"
kv list later
like "with a column for it" "$out" "*DOUBT*later*"
kv --json list --state held
is "it is not held" "$(printf '%s' "$out" | jq -c .keys)" "[]"
kv_stop
is "the daemon leaves in peace" "$rc" 0
sqlite3 "$kv/state/keyvigil.db" "UPDATE key SET life = 'held' WHERE name = 'later'"
for state in held suspect held,revoked; do
        kv --json list --state $state
        is "without the daemon: $state" "$rc:$(printf '%s' "$out" | jq -c '[.keys[].name]')" '0:["later"]'
done
kv list --state doubtful
is "no such state" "$rc" 1

kv_clean
fs_stop
tap_end
