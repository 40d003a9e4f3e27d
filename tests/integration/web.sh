#!/bin/sh
# keyvigil web: numbers on an address, pages on a socket or behind a password; who asks for something else, in another
# way, or under another name gets nothing; it lives with a daemon that is gone.
set -eu
. "$srcdir/tests/support/daemon.sh"

web_pid=
trap '[ -z "$web_pid" ] || kill -KILL $web_pid 2>/dev/null || :; kv_cleanup; fs_cleanup' EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
command -v python3 >/dev/null || { echo "python3 is not here"; exit 77; }

web_start()
{
        CREDENTIALS_DIRECTORY=$fs_dir/credentials "$builddir/keyvigil" web >>"$kv/said/web" 2>&1 &
        web_pid=$!
        kv_until 20 curl -s -o /dev/null "http://127.0.0.1:$port/"
}
web_stop()
{
        kill -TERM $web_pid
        rc=0
        wait $web_pid || rc=$?
        web_pid=
}
# ask URL-PATH [CURL-OPTION...]: of the numbers; look ...: of the pages. Set $status and $body; headers are in $fs_dir/h.
get()
{
        status=$(curl -s -g --path-as-is -D "$fs_dir/h" -o "$fs_dir/b" -w '%{http_code}' "$@") || :
        body=$(cat "$fs_dir/b")
}
ask() { path=$1; shift; get "$@" "http://127.0.0.1:$port$path"; }
look() { path=$1; shift; get "$@" --unix-socket "$kv/pages.sock" "http://localhost$path"; }

port=$(free_port)
fs_start --http 127.0.0.1:0
kv_conf "web:
  metrics: 127.0.0.1:$port
  pages: $kv/pages.sock"
kv_start
good=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$good\",\"account\":\"acct_1A\",\"permissions\":$selgeo}" >/dev/null
kv_with "$good" add acme
web_start

ask /metrics
is "numbers are given" "$status" 200
like "in the old form" "$(grep -i ^content-type "$fs_dir/h")" "*text/plain; version=0.0.4*"
like "with what was asked for" "$body" '*keyvigil_keys{state="healthy",mode="live"} 1*'
ask /metrics -H 'Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5'
like "in the new form" "$(grep -i ^content-type "$fs_dir/h")" "*application/openmetrics-text; version=1.0.0*"
is "to its end" "$(printf '%s\n' "$body" | tail -n 1)" "# EOF"
ask /
is "nothing else is there" "$status" 404
ask /metrics -X POST -d x=1
is "nothing can be sent" "$status" 405
ask /metrics -H 'Host: evil.example'
is "nobody else's name leads here" "$status" 421
ask /metrics -H 'Host:'
is "no name neither" "$([ "$status" = 421 ] || [ "$status" = 400 ] && echo yes)" yes
ask /keys/acme
is "no name of a key is on that address" "$status" 404

look /
is "the page is given" "$status" 200
like "it says how things are" "$body" '*<title>*</title>*'
like "it comes with a policy" "$(grep -i ^content-security-policy "$fs_dir/h")" "*default-src 'none'*"
printf '%s' "$body" | sed -n 's|.*<style>\(.*\)</style>.*|\1|p' | tr -d '\n' >"$fs_dir/style"
like "which allows its style" "$(grep -i ^content-security-policy "$fs_dir/h")" \
        "*sha256-$(openssl dgst -sha256 -binary <"$fs_dir/style" | base64)*"
is "nothing is from elsewhere" "$(printf '%s' "$body" | grep -c 'src=\|http:\|https:\|<script\|style=' || :)" 0
look /keys/acme
like "a key has a page" "$body" '*<h1>acme: healthy</h1>*'
look '/keys/../v1/plan'
is "a path leads nowhere else" "$([ "$status" = 400 ] || [ "$status" = 404 ] && echo yes)" yes
look '/keys/acme%2f..%2f..%2fstatus'
is "nor does an encoded one" "$([ "$status" = 400 ] || [ "$status" = 404 ] && echo yes)" yes
look /keys/nobody
is "what is not there is not" "$status" 404
look '/keys?state=%3Cscript%3E'
is "no text of somebody's is shown" "$(printf '%s' "$body" | grep -c '<script' || :)" 0
look / -X DELETE
is "one may only look" "$status" 405
look / -I
is "and look at the head" "$status" 200

kv_stop
ask /metrics
is "without a daemon there are no numbers" "$status" 503
look /
is "nor pages" "$status" 503
kv_start
ask /metrics
is "until it is back" "$status" 200
web_stop
is "it stops as it should" "$rc" 0
is "its socket is gone" "$([ -e "$kv/pages.sock" ] || echo gone)" gone

pages=$(free_port)
kv_stop
kv_conf "web:
  metrics: 127.0.0.1:$port
  pages: 127.0.0.1:$pages"
kv_start
"$builddir/keyvigil" web >"$kv/said/open" 2>&1 && rc=0 || rc=$?
is "names are on no address without a password" "$rc" 1
like "and why is said" "$(cat "$kv/said/open")" "*needs a password*"
mkdir "$fs_dir/credentials"
echo correct-horse-battery >"$fs_dir/credentials/keyvigil.web"
web_start
get "http://127.0.0.1:$pages/"
is "without it nothing is shown" "$status" 401
get -u any:wrong-horse-battery "http://127.0.0.1:$pages/"
is "with another one neither" "$status" 401
get -u any:correct-horse-battery "http://127.0.0.1:$pages/keys/acme"
is "with the right one it is" "$status" 200
web_stop
kv_clean
tap_end
