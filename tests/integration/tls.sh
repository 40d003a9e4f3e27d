#!/bin/sh
# Over TLS: a good certificate, and all the bad ones. Whoever answers with a bad one hears no key and proves nothing.
set -eu
. "$srcdir/tests/support/daemon.sh"
certs=$fs_dir/certs
sh "$srcdir/tests/support/certs.sh" "$certs" >/dev/null 2>&1
set --
for name in good expired wrong-host self-signed; do
        set -- "$@" --https 127.0.0.1:0 --cert "$certs/$name.pem" --key "$certs/$name.key"
done
fs_start --http 127.0.0.1:0 "$@"
port() { sed -n 's|^https://[^:]*:\([0-9]*\)$|\1|p' "$fs_dir/out" | sed -n "$1p"; }

key=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_one\",\"permissions\":$selgeo}" >/dev/null
kv_stripe="  ca_file: $certs/ca.pem"
kv_base=https://localhost:$(port 1)
kv_conf
kv_start
kv_with "$key" add one
is "with a good certificate a key is stored" "$rc:$err" "0:"
kv check one --full
is "and checked" "$rc" 0

# bad WHAT BASE
bad()
{
        kv_base=$2
        kv_conf
        kv reload
        is "$1: taken over" "$rc" 0
        fs_control DELETE log >/dev/null
        kv check one
        is "$1: cannot be told" "$rc" 3
        like "$1: and why" "$out" "*ertificate*"
        is "$1: not a request was made" "$(fs_control GET log | jq .count)" 0
        is "$1: the key is not worse for it" "$(key_state one)" healthy
}
bad "an expired certificate" "https://localhost:$(port 2)"
bad "one for another host" "https://localhost:$(port 3)"
bad "one that nobody signed" "https://localhost:$(port 4)"
kv_stripe=
bad "one of a CA that is not trusted" "https://localhost:$(port 1)"

# A redirect is an answer: whoever it points to hears nothing.
kv_stripe="  ca_file: $certs/ca.pem"
kv_base=https://localhost:$(port 1)
kv_conf
kv reload
first=$fs first_pid=$fs_pid first_out=$(cat "$fs_dir/out")
fs_start --http 127.0.0.1:0
elsewhere=$fs elsewhere_pid=$fs_pid
fs=$first fs_pid=$first_pid
curl -s -X POST "$fs/_fake/faults" -d "{\"fault\":\"redirect\",\"url\":\"$elsewhere/v1/customers/x\"}" >/dev/null
kv check one
is "a redirect cannot be told" "$rc" 3
is "where it points to nobody was asked" "$(curl -s "$elsewhere/_fake/stats" | jq .requests)" 0
is "the key is not worse for it" "$(key_state one)" healthy
kill "$elsewhere_pid"
curl -s -X DELETE "$fs/_fake/faults" >/dev/null

https_proxy=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9 ALL_PROXY=http://127.0.0.1:9
export https_proxy HTTPS_PROXY ALL_PROXY
kv_stop
kv_start
kv check one
is "a proxy of the environment is not asked" "$rc" 0
unset https_proxy HTTPS_PROXY ALL_PROXY
kv_stop
is "it ends well" "$rc" 0
kv_clean
fs_stop
tap_end
