#!/bin/sh
# A new configuration is for all or for nobody, by command and by signal.
set -eu
. "$srcdir/tests/support/daemon.sh"
kv_open
key=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_one\",\"permissions\":$selgeo}" >/dev/null
kv_with "$key" add one
is "a key" "$rc" 0

rate() { "$builddir/keyvigil" --json status | jq .rate; }
is "the rate is the usual one" "$(rate)" 1000
kv_stripe="  rate: 50"
kv_conf
kv reload
is "a good file is taken over" "$rc:$(rate)" "0:50"
kv_stripe="  rate: 60
  rates: 70"
kv_conf "checks2:
  pulse: 5m
history:
  keep: long"
kv reload
is "a bad file is refused" "$rc:$(rate)" "1:50"
like "with all errors" "$err" "*keyvigil.yaml:*rates*keyvigil.yaml:*checks2*keyvigil.yaml:*long*"
kv check one
is "and the watch goes on" "$rc" 0
kv check-config
is "check-config says the same" "$rc" 1
like "with all errors" "$err" "*keyvigil.yaml:*rates*keyvigil.yaml:*checks2*keyvigil.yaml:*long*"
kv list
is "the client finds its daemon all the same" "$rc:$err" "0:"
kill -HUP "$kv_pid"
ok "by signal, the log says why not" kv_until 10 grep -q 'not taken over' "$kv/said/daemon"

kv_stripe="  rate: 70"
kv_conf
kv check-config
is "a good file is called good" "$rc" 0
kill -HUP "$kv_pid"
new_rate() { [ "$(rate)" = 70 ]; }
ok "by signal, a good file is taken over" kv_until 10 new_rate

mkdir "$kv/own-profiles"
cp "$KEYVIGIL_DATADIR/profiles/selgeo.yaml" "$kv/own-profiles/own.yaml"
sed -i 's/^profile: .*/profile: own/' "$kv/own-profiles/own.yaml"
kv_conf "profiles_dir: $kv/own-profiles"
kv reload
is "a new profile" "$rc" 0
kv set one --profile own
is "is used" "$rc" 0
kv_conf
kv reload
is "then it cannot be taken away" "$rc" 1
like "and that says which" "$err" "*own*"
kv check one
is "and the watch goes on" "$rc" 0
kv profiles own
is "profiles are told without a daemon, from the files" "$rc" 1

# Stripe moves: what is asked next goes to the new place.
old=$fs
first=$fs_pid
fs_start --http 127.0.0.1:0
fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_one\",\"permissions\":$selgeo}" >/dev/null
kv_conf "profiles_dir: $kv/own-profiles"
kv reload
is "a new address" "$rc" 0
before=$(curl -s "$old/_fake/stats" | jq .requests)
kv check one
is "is asked" "$rc:$(fs_control GET stats | jq '.requests > 0')" "0:true"
is "and the old one is not" "$(curl -s "$old/_fake/stats" | jq .requests)" "$before"
kill "$first"
kv_stop
is "it ends well" "$rc" 0
kv_clean
fs_stop
tap_end
