#!/bin/sh
# A catalogue that ages: versions of the API that lack its requests, an override of long ago, names that are new.
set -eu
. "$srcdir/tests/support/daemon.sh"
fs_start --http 127.0.0.1:0
kv_conf

kv profiles --check
is "the newest version has everything" "$rc:$err" "0:"
like "and that is said" "$out" "*has every request*"
kv_stripe="  api_version: 2025-09-30.clover"
kv_conf
kv profiles --check
is "an older one has not" "$rc" 1
like "what it lacks" "$out" "*payment_records*2025-10-29*tax_locations*2026-09-30*"
like "and what to do" "$out" "*a later*stripe.api_version*"
kv --json profiles --check
is "for programs" "$(printf '%s' "$out" | jq -c '[.not_there[].permission]')" '["payment_records","tax_locations"]'
kv_stripe=

sed 's/^version: .*/version: 2026-01-01.1/' "$srcdir/conf/permissions.yaml" >"$kv/permissions.yaml"
kv check-config
is "an override of long ago is taken" "$rc" 0
like "and named" "$out$err" "*permissions.yaml:*this catalogue (2026-01-01.1) is older than the built-in one*"
kv_start
like "at the start, too" "$(cat "$kv/said/daemon")" "*older than the built-in one*"
rm "$kv/permissions.yaml"
kv reload
is "it is gone with a reload" "$rc:$out" "0:$(printf '%s' "$out" | grep -v older)"

key=$(new_key rk test)
fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_a\",\"permissions\":$selgeo}" >/dev/null
kv_with "$key" add a
kv show --unknown
like "no name is unknown" "$out" "*No refusal named*"
fs_control PUT rows '{"method":"GET","path":"/v1/invoices/{id}","says":"invoice_stream_read"}' >/dev/null
fs_control PATCH keys "{\"key\":\"$key\",\"revoke\":[\"invoice_read\"]}" >/dev/null
kv check a --full
kv show --unknown
like "a name that nobody knows is listed" "$out" "*invoice_stream_read*1*"
kv status
like "and noted" "$out" "*1 permission that the catalogue does not know*"
kv --json status
is "for programs" "$(printf '%s' "$out" | jq -c '.unknown_permissions[0].permission')" '"invoice_stream_read"'
kv show
is "show wants a name" "$rc" 2

kv_stop
is "the daemon leaves in peace" "$rc" 0
kv_clean
fs_stop
tap_end
