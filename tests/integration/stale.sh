#!/bin/sh
# Answers that look like a verdict and are none, through the daemon: an endpoint that is gone, a version that is not
# known, refusals that are about no permission. No key is worse for any of them.
set -eu
. "$srcdir/tests/support/daemon.sh"
kv_open

names="a b c d e"
for name in $names; do
        kv_add "$name"
        eval "key_$name=\$key"
done
states() { "$builddir/keyvigil" --json list | jq -c '[.keys[] | .state] | unique'; }
open() { "$builddir/keyvigil" --json incidents --open | jq -c '[.incidents[].kind]'; }
is "five healthy keys" "$(states) $(open)" '["healthy"] []'

# --- an endpoint is gone, a version is not known

check_all() { for name in $names; do kv check "$name" --full; done; }
stale() # what, fault
{
        fs_control POST faults "$2" >/dev/null
        check_all
        check_all
        is "$1: one incident, about no key" "$(open)" '["catalogue-stale"]'
        is "$1: no key is worse for it" "$(states)" '["healthy"]'
        kv incidents --open
        like "$1: it says which question" "$out" "*catalogue-stale*invoice_read*"
        fs_control DELETE faults >/dev/null
        check_all
        is "$1: it is over when that is answered" "$rc:$(open)" '0:[]'
}
stale "an endpoint that is gone" '{"fault":"unrecognized-url","path":"/v1/invoices","method":"GET"}'
is "it was told once" "$("$builddir/keyvigil" --json incidents | jq '.incidents | length')" 1
fs_control POST faults '{"fault":"invalid-version"}' >/dev/null
check_all
check_all
is "a version that is not known: one incident, about no key" "$(open)" '["catalogue-stale"]'
is "a version that is not known: no key is worse for it" "$(states)" '["healthy"]'
kv check a
is "but nothing can be told" "$rc" 3
fs_control DELETE faults >/dev/null
check_all
is "and it is over when the version is known" "$rc:$(open)" '0:[]'

# --- what is asked besides, to learn the account, may be answered as it likes

n=0
for trouble in '"fault":"unrecognized-url"' '"fault":"unserved-all"' '"fault":"429"' '"fault":"503"' '"fault":"403-html"'; do
        n=$((n + 1))
        key=$(new_key rk live)
        fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_rich\",\"permissions\":\"*\"}" >/dev/null
        fs_control POST faults "{$trouble,\"path\":\"/v1/climate\"}" >/dev/null
        kv_with "$key" add rich-$n
        is "$trouble beside the profile: the key is taken" "$rc" 0
        fs_control DELETE faults >/dev/null
        kv remove rich-$n
done

# --- a product that is required lacks

mkdir "$kv/profiles"
printf 'profile: cards\ntitle: Cards\nrequire: {"Issuing cards": write, Coupons: read}\nexcess: report\n' >"$kv/profiles/cards.yaml"
echo "profiles_dir: $kv/profiles" >>"$KEYVIGIL_CONFIG"
kv reload
fs_control POST options '{"products":[],"gate_ids":true}' >/dev/null
key=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_c\",\"permissions\":[\"issuing_card_write\",\"coupon_read\"]}" >/dev/null
kv_with "$key" add cards --profile cards
is "it is not called complete" "$rc" 1
like "and why" "$err" "*Could not tell for: Issuing cards: Write; the account lacks a product*"
kv_with "$key" add cards --profile cards --force
is "with --force it is stored" "$rc" 0
like "and the same is said" "$out" "*the account lacks a product*"
kv check cards --full
is "so it is with a check" "$rc" 3
kv show cards
like "and it is shown" "$out" "*Not told: *issuing_card_write*Issuing cards*product off*"
kv list cards
like "and listed" "$out" "*UNTOLD*cards*issuing_card_write*"
kv plugin
like "the plugin warns of it" "$rc:$out" "1:KEYVIGIL WARNING: no incident is open, but of 1 keys a required permission cannot be told*untold=1*"
kv status
like "the status notes it" "$out" "*Note: *of 1 keys a required permission cannot be told*"
kv pause cards
kv plugin
like "of a key that nobody watches it does not" "$rc:$out" "0:*nothing is wrong*untold=0*"
kv resume cards
is "the view has it" "$(sqlite3 -readonly "$kv/state/keyvigil.db" "SELECT untold FROM v_key WHERE name = 'cards'")" issuing_card_write
kv remove cards
kv plugin
like "nor when it is gone" "$rc:$out" "0:*nothing is wrong*untold=0*"
fs_control POST options '{"products":"*","gate_ids":false}' >/dev/null

# --- refusals that are about no permission

for state in refused unserved; do
        fs_control PATCH keys "{\"key\":\"$key_a\",\"state\":\"$state\"}" >/dev/null
        kv check a --full
        is "$state: that is a finding" "$rc" 1
        like "$state: about the account" "$out" "*alive*refuses requests for its account*"
        is "$state: one incident, nothing about permissions" "$(open)" '["key-account-refused"]'
        is "$state: the key lives" "$(states)" '["healthy"]'
        is "$state: nothing is missing" "$(sqlite3 -readonly "$kv/state/keyvigil.db" "SELECT coalesce(missing, '') FROM v_key WHERE name = 'a'")" ""
        fs_control PATCH keys "{\"key\":\"$key_a\",\"state\":\"alive\"}" >/dev/null
        kv check a --full
        is "$state: then it is over" "$rc:$(open)" "0:[]"
done

# --- every wording of a refusal

for format in 2026 2019 2017; do
        for quirk in no-label-quotes wrong-name; do
                fs_control PATCH keys "{\"key\":\"$key_b\",\"format\":\"$format\",\"quirks\":[\"$quirk\"],\"revoke\":[\"coupon_write\",\"invoice_read\"]}" >/dev/null
                kv --json check b --full
                is "$format, $quirk: what is missing" "$rc:$(printf '%s' "$out" | jq -r '.[0].missing | join(" ")')" "1:invoice_read coupon_write"
                fs_control PATCH keys "{\"key\":\"$key_b\",\"grant\":[\"coupon_write\",\"invoice_read\"]}" >/dev/null
                kv check b --full
                is "$format, $quirk: nothing any more" "$rc" 0
        done
done

kv_stop
is "the daemon leaves in peace" "$rc" 0
kv_clean
fs_stop
tap_end
