#!/bin/sh
# PUT: the secret is to be this one, whatever was there before; an answer that was lost is asked for again.
set -eu
. "$srcdir/tests/support/daemon.sh"
kv_open

make_key() # ACCOUNT: a key that grants all, in $key
{
        key=$(new_key rk live)
        fs_control PUT keys "{\"key\":\"$key\",\"account\":\"$1\",\"permissions\":$selgeo}" >/dev/null
}
put() # NAME QUERY [CURL-OPTION...]: with $key
{
        name=$1 query=$2
        shift 2
        printf '%s' "$key" >"$fs_dir/secret"
        kv_route PUT "/v1/keys/$name?$query" -H 'Content-Type: text/plain' --data-binary "@$fs_dir/secret" "$@"
}
what() { printf '%s' "$body" | jq -r '.result // .code'; }
field() { printf '%s' "$body" | jq -r "$1"; }

make_key acct_one
one=$key
put shop "account=acct_one&mode=live&label=team=a"
is "a new key is added" "$status $(what) $(field .state) $(field .labels.team)" "201 added healthy a"
version=$(field .version)
put shop "account=acct_one&mode=live&label=team=a"
is "asked again, nothing changes" "$status $(what) $(field .version)" "200 unchanged $version"
put shop "label=team=b"
is "what is said beside is set" "$status $(what) $(field .labels.team)" "200 unchanged b"
put shop "mode=test"
is "another mode" "$status $(what)" "422 wrong-mode"
make_key acct_one
put shop "" -H "If-Match: \"0123456789abcdef\""
is "a late retry changes nothing" "$status $(what)" "412 changed"
put shop "account=acct_one" -H "If-Match: \"$version\""
is "another secret of the account" "$status $(what) $(field .old_secret_watched)" "200 rotated true"
ok "is another version" [ "$(field .version)" != "$version" ]
key=$one
put shop ""
is "and back" "$status $(what) $(field .version)" "200 rotated $version"

make_key acct_two
put shop ""
is "another account" "$status $(what)" "422 wrong-account"
put shop "account=acct_two&replace-account=1"
is "is taken if that is meant" "$status $(what) $(field .account)" "200 rotated acct_two"

make_key acct_three
fs_control PATCH keys "{\"key\":\"$key\",\"revoke\":[\"coupon_write\"]}" >/dev/null
put lacking ""
is "what lacks something is not stored" "$status $(what) $(field '.missing[0]')" "422 permissions-missing coupon_write"
fs_control PATCH keys "{\"key\":\"$key\",\"state\":\"expired\"}" >/dev/null
put lacking ""
is "nor what is dead" "$status $(what)" "422 dead"
kv_route GET /v1/keys/lacking
is "it is not there" "$status" 404
put "not%20a%20name" ""
is "a name that is none" "$status $(what)" "422 bad-name"
key=nonsense
put shop ""
is "a secret that is none" "$status $(what)" "422 bad-key"
key=$one
put other ""
is "a secret that another has" "$status $(what)" "409 already-stored"

# --- while Stripe cannot tell

fs_control POST faults '{"fault":"503"}' >/dev/null
make_key acct_four
put slow "deadline=2s"
is "undecided is said in time" "$status $(what)" "503 undecided"
kv_route GET /v1/keys/slow
is "and nothing is stored" "$status" 404
put slow "deadline=1s&defer=1"
is "or stored to be decided" "$status $(what) $(field .state)" "202 deferred unverified"
put slow "deadline=1s&defer=1"
is "asked again, nothing changes" "$status $(what)" "200 unchanged"
kv_stop
kv_start
fs_control DELETE faults >/dev/null
kv check slow
decided() { kv_route GET "/v1/events?kind=operator-action&key=slow" && printf '%s' "$body" | jq -e 'any(.data[]; .fields.KEYVIGIL_ACTION == "decided")' >/dev/null; }
ok "the decision is told, also after a restart" kv_until 20 decided
is "by whom it was wanted" "$(field '.data[] | select(.fields.KEYVIGIL_ACTION == "decided") | .fields.KEYVIGIL_BY_UID')" "$(id -u)"
kv_with "$key" add slow --upsert --mode live
is "the client does it with --upsert" "$rc" 0

kv_stop
kv_clean
fs_stop
tap_end
