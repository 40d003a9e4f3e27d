#!/bin/sh
# Profiles and catalogues with mistakes: each is named with file, line and column, by the daemon that does not start, by
# check-config, and by a reload that changes nothing.
set -eu
. "$srcdir/tests/support/daemon.sh"
fs_start --http 127.0.0.1:0
mkdir "$kv/profiles"
kv_conf "profiles_dir: $kv/profiles"
kv_start
key=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_one\",\"permissions\":$selgeo}" >/dev/null
kv_with "$key" add one
is "a key is watched" "$rc:$err" "0:"

mine=$kv/profiles/mine.yaml
own=$kv/permissions.yaml
profile() { printf 'profile: mine\ntitle: T\nrequire:\n%s\n' "$1" >"$mine"; }
# The shipped catalogue with one line changed, so that it is that line which is wrong.
catalogue() { sed "$1" "$srcdir/conf/permissions.yaml" >"$own"; }

start_fails() # sets $rc and $said
{
        rc=0
        timeout 30 "$builddir/keyvigild" --config "$1" >"$kv/said/second" 2>&1 || rc=$?
        said=$(cat "$kv/said/second")
        cat "$kv/said/second" >>"$kv/said/daemon"
}

refused() # what, pattern of FILE:LINE:COLUMN: words
{
        sed "s|^state_dir:.*|state_dir: $kv/second|; s|control.sock|second.sock|" "$KEYVIGIL_CONFIG" >"$kv/second.yaml"
        start_fails "$kv/second.yaml"
        is "$1: the daemon does not start" "$rc" 6
        like "$1: it says where" "$said" "$2"
        kv check-config
        is "$1: check-config fails" "$rc" 1
        like "$1: it says the same" "$err" "$2"
        kv reload
        is "$1: a reload fails" "$rc" 1
        like "$1: with the same words" "$err" "$2"
        like "$1: the log says that nothing changed" "$(tail -n 3 "$kv/said/daemon")" "*stays as it was*"
        kv check one --full
        is "$1: the watch goes on as before" "$rc:$err" "0:"
        rm -f "$mine" "$own"
}

profile '  Coupons: write
  Cuopons: write'
refused "an unknown permission" "*mine.yaml:5:3: unknown permission “Cuopons”; did you mean “Coupons”?*"
profile '  Coupons: admin'
refused "a bad level" "*mine.yaml:4:12: *“admin” is none of read or write*"
printf 'profile: mine\ntitle: Caf\351\nrequire: {}\n' >"$mine"
refused "a profile in another encoding" "*mine.yaml:2:*"
profile '  Coupons: read' && iconv -f UTF-8 -t UTF-16 "$mine" >"$mine.16" && mv "$mine.16" "$mine"
refused "a profile of two bytes a character" "*mine.yaml:*"

at() { grep -n "$1" "$srcdir/conf/permissions.yaml" | head -n 1 | cut -d : -f 1; }
line=$(at 'read: GET /v1/coupons/{absent}')
catalogue "${line}s|GET .*|GET /v1/coupons?limit=100|"
refused "a probe that reads" "*permissions.yaml:$line:11: a request that may not be sent*"
line=$(at 'write: POST /v1/coupons/{absent}')
catalogue "${line}s|POST .*|POST /v1/customers|"
refused "a probe that creates" "*permissions.yaml:$line:12: a request that may not be sent*"
catalogue "${line}s|POST .*|DELETE /v1/coupons/{absent}|"
refused "a probe that deletes" "*permissions.yaml:$line:12: *"
catalogue "${line}s|POST .*|POST https://elsewhere.example/v1/{absent}|"
refused "a probe of another host" "*permissions.yaml:$line:12: a request that may not be sent*"
line=$(at '^  balance:')
catalogue "/^  balance_transaction_source:/,/sure:/s/^    sure:.*/&\n    implied_by: [balance]/"
refused "a loop" "*permissions.yaml:*: “balance*comes back to itself*"
{
        printf 'version: 2026-11-21.1\npermissions:\n'
        seq 10000 | sed 's|.*|  p&: {group: G, labels: [L&], read: "GET /v1/p&/{absent}", risk: low, sure: seen}|'
} >"$own"
refused "ten thousand rows" "*permissions.yaml:*:*: *"
catalogue "s|Coupons|Coup\xf6ns|"
refused "a catalogue in another encoding" "*permissions.yaml:*:*: *"

catalogue ''
kv reload
is "a good copy is taken" "$rc:$err" "0:"
kv_stop
is "the daemon leaves in peace" "$rc" 0
kv_clean
fs_stop
tap_end
