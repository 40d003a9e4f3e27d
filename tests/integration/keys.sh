#!/bin/sh
# The life of keys, from the client's side: added, refused, checked, revoked, changed, replaced, removed.
set -eu
. "$srcdir/tests/support/daemon.sh"
kv_open

put() { fs_control PUT keys "$1" >/dev/null; }
patch() { fs_control PATCH keys "$1" >/dev/null; }

# --- adding

good=$(new_key rk live)
put "{\"key\":\"$good\",\"account\":\"acct_good1\",\"permissions\":$selgeo}"
kv_with "$good
" add good --label team=a --label plan=pro
is "a complete key is stored" "$rc:$err" "0:"
like "and that is said" "$out" "*good is stored and watched."
kv list
like "it is listed" "$out" "*good *healthy*live *selgeo*acct_good1*"
kv --json show good
is "with its labels" "$(printf '%s' "$out" | jq -c .labels)" '{"plan":"pro","team":"a"}'
is "with the permissions that it needs" "$(printf '%s' "$out" | jq '[.permissions[] | select(.required != null)] | length')" 8

kv_with "$good" add again
is "the same secret is not taken twice" "$rc" 1
like "and that says under which name it is there" "$err" "*good*"
other=$(new_key rk live)
kv_with "$other" add good
is "nor is the same name" "$rc" 1

lacking=$(new_key rk live)
put "{\"key\":\"$lacking\",\"account\":\"acct_lacking\",\"permissions\":$selgeo}"
patch "{\"key\":\"$lacking\",\"revoke\":[\"coupon_write\"]}"
kv_with "$lacking" add lacking
is "a key that lacks a permission is not stored" "$rc" 1
like "what it lacks is named" "$out$err" "*STRIPE_PERMISSIONS_MISSING*"
like "in the words of the Dashboard" "$out$err" "*Coupons*"
like "with a link" "$out" "*https://dashboard.stripe.com/*"
kv show lacking
is "it is really not there" "$rc" 1
kv_with "$lacking" add lacking --force
is "unless it is forced" "$rc" 0
is "then it is degraded" "$(key_state lacking)" degraded

dead=$(new_key rk live)
kv_with "$dead" add dead
is "a dead key is not stored" "$rc" 1
like "and that is why" "$out$err" "*does not know*"

# --- refused at the door

refuse() # what, secret, pattern of the reason
{
        kv_with "$2" add "refused" ${4:-}
        is "$1 is refused" "$rc" 1
        like "$1: the reason is said" "$err" "$3"
}
before=$(fs_control GET stats | jq .requests)
refuse "a publishable key" "$(new_key pk live)" "*publishable*"
refuse "a webhook secret" "whsec_$(random_text 32 | tee -a "$kv_keys")" "*webhook*"
refuse "a full secret key under selgeo" "$(new_key sk live)" "*restricted*"
refuse "something with a blank in it" "$(new_key rk live) x" "*"
refuse "half a key" "rk_live_" "*"
refuse "an empty line" "
" "*no secret*"
refuse "something much too long" "$(random_text 600)" "*longer*"
is "none of that was sent to Stripe" "$(fs_control GET stats | jq .requests)" "$before"
kv_with "$other" add "bad name"
is "a bad name is refused" "$rc" 1
kv_with "$other" add x --profile nothing
is "an unknown profile is refused" "$rc" 1
kv add "$other"
is "a key as an argument is refused" "$rc" 2
like "and called leaked" "$err" "*leaked*"

# --- checking

kv check good
is "a good key is well" "$rc" 0
kv check good --full
is "a good key is well in full" "$rc" 0
kv check lacking --full
is "a lacking key is a finding" "$rc" 1
kv check nobody
is "a key that is not there cannot be told" "$rc" 3
fs_control POST faults '{"fault":"503","account":"acct_good1"}' >/dev/null
kv check good
is "with Stripe down it cannot be told" "$rc" 3
is "and the key is not worse for it" "$(key_state good)" healthy
fs_control DELETE faults >/dev/null

# --- revoked while it is watched

doomed=$(new_key rk live)
put "{\"key\":\"$doomed\",\"account\":\"acct_doomed\",\"permissions\":$selgeo}"
kv_with "$doomed" add doomed
is "one more key" "$rc" 0
patch "{\"key\":\"$doomed\",\"state\":\"expired\"}"
kv check doomed
is "a revoked key is a finding" "$rc" 1
ok "it is called revoked when that is confirmed" kv_until 30 key_is doomed revoked
kv --json incidents --open --key doomed
is "there is one incident" "$(printf '%s' "$out" | jq -c '[.incidents[].kind]')" '["key-revoked"]'
incident=$(printf '%s' "$out" | jq '.incidents[0].id')
kv incidents "$incident"
like "which can be looked at" "$out" "*key-revoked*crit*doomed*"
kv ack "$incident" --reason "we know" --until 7d
is "and acknowledged" "$rc" 0
kv --json incidents "$incident"
like "with the words" "$out" "*we know*"
kv ack 999999 --reason x
is "one that is not there cannot be" "$rc" 1
kv history doomed
like "the history knows" "$out" "*revoked*healthy*"
kv plugin
is "a monitoring system hears of what nobody acknowledged" "$rc" 1
like "in one line" "$out" "KEYVIGIL WARNING: 0 critical incidents are open, and 1 lesser ones (1 acknowledged) | keys=3*"
kv plugin --critical 5 --warning 5
is "unless that many are fine" "$rc" 0
kv plugin --watch
is "the watch goes on" "$rc" 0

# --- changing

kv pause good --until 2h --reason "moving house"
is "a key can be paused" "$rc" 0
is "then it is paused" "$(key_state good)" paused
kv resume good
is "and resumed" "$(key_state good)" healthy
kv set good --label team= --label site=b --expires 2099-01-01 --account acct_good1
is "what is said of it can be changed" "$rc" 0
kv --json show good
is "labels" "$(printf '%s' "$out" | jq -c .labels)" '{"plan":"pro","site":"b"}'
is "its end" "$(printf '%s' "$out" | jq -r .expires)" 2099-01-01T00:00:00Z
kv list --label site=b
like "and it is listed by label" "$out" "*good*"
kv list --state revoked
like "and by state" "$out" "*doomed*"
kv list --state nonsense
is "a state that is none is refused" "$rc" 1
kv set good --profile nothing
is "a profile that is none is refused" "$rc" 1

successor=$(new_key rk live)
put "{\"key\":\"$successor\",\"account\":\"acct_good1\",\"permissions\":$selgeo}"
kv_with "$successor" rotate good
is "a key is replaced by its successor" "$rc:$err" "0:"
is "and healthy" "$(key_state good)" healthy
is "the old one is watched" "$(kv --json show good; printf '%s' "$out" | jq .old_secret_watched)" true
stranger=$(new_key rk live)
put "{\"key\":\"$stranger\",\"account\":\"acct_stranger\",\"permissions\":$selgeo}"
kv_with "$stranger" rotate good
is "a key of another account is no successor" "$rc" 1

kv remove lacking
is "a key can be forgotten" "$rc" 0
kv show lacking
is "then it is not there" "$rc" 1
kv history lacking
like "but what became of it is still told" "$rc:$out" "0:*removed*degraded*"
kv incidents --key lacking
like "so are its incidents" "$rc:$out" "0:*has lacked*"
kv incidents --key lacking --open
is "none of them goes on" "$rc:$(printf '%s' "$out" | grep -c key-permissions)" "0:0"
is "what it was allowed to do is erased" "$(sqlite3 "$kv/state/keyvigil.db" "SELECT grants || missing FROM key WHERE was = 'lacking'")" ""
kv events --key lacking --after 0
like "and its events stay" "$rc:$out" "0:*has lacked*removed*"
again=$(new_key rk live)
put "{\"key\":\"$again\",\"account\":\"acct_again\",\"permissions\":$selgeo}"
kv_with "$again" add lacking
is "its name is free" "$rc:$(key_state lacking)" "0:healthy"
kv history lacking
is "both are told of" "$(printf '%s' "$out" | awk '/removed/ { found = 1 } END { print found, (NR > 3) }')" "1 1"
kv history never-there
is "one that never was is not" "$rc" 1
kv remove lacking

# --- without a daemon

kv backup "$kv/backup.db"
is "a backup can be made" "$rc" 0
is "for nobody else to read" "$(stat -c %a "$kv/backup.db")" 600
kv backup "$kv/backup.db"
is "but not over another file" "$rc" 1
kv_stop
is "the daemon leaves in peace" "$rc" 0
for command in "list" "show good" "history good" "incidents" "status"; do
        kv $command
        is "without a daemon: $command" "$rc" 0
done
kv backup "$kv/backup2.db"
is "without a daemon: backup" "$rc" 0
kv list
like "the list is the same" "$out" "*good*healthy*doomed*revoked*"
like "and says where it is from" "$err" "*not running*database*"
kv check good
is "to check needs one" "$rc" 3
like "which is said" "$err" "*not running*systemctl start keyvigild*"
kv plugin
is "a monitoring system hears of it" "$rc" 2
kv_clean
fs_stop
tap_end
