#!/bin/sh
# Nobody holds the control socket against the others, and no request has no end.
set -eu
. "$srcdir/tests/support/daemon.sh"
ulimit -n 2000 2>/dev/null || :
kv_open

holders=
# hold NUMBER TEXT: connections that say the text, and go on waiting; what they are told is in $fs_dir/held.
hold()
{
        printf "$2" >"$fs_dir/text"
        : >"$fs_dir/held"
        "$builddir/tests/support/unixhold" "${3:-$kv/control.sock}" "$1" "$fs_dir/text" >"$fs_dir/held" 2>&1 &
        holders="$holders $!"
        kv_until 60 grep -q held "$fs_dir/held"
}
let_go()
{
        for holder in $holders; do
                kill "$holder" 2>/dev/null || :
                wait "$holder" 2>/dev/null || :
        done
        holders=
}
told() { grep -q "$1" "$fs_dir/held"; }

# A request that says a byte from time to time has its end, too: it is asked for while the rest is tried.
slow()
{
        {
                printf 'GET /v1/status HTTP/1.1\r\nHost: a\r\n'
                i=0
                while [ $i -lt 300 ] && [ ! -s "$fs_dir/slow" ]; do
                        printf 'X-%s: y\r\n' $i
                        sleep 0.5
                        i=$((i + 1))
                done
        } | "$builddir/tests/support/unixcat" "$kv/control.sock" >"$fs_dir/slow" 2>/dev/null || :
}
hold 700 'GET /v1/status HTTP/1.1\r\nHost: a\r\n'
kv status
is "more half-open requests than there are places keep nobody out" "$rc" 0
ok "the oldest of them had to go" kv_until 60 told "503 Service Unavailable"
kv plugin
ok "nor the plugin" [ "$rc" -le 1 ]
let_go

: >"$fs_dir/slow"
slow &
slow=$!

parameters=$(awk 'BEGIN { for (i = 0; i < 1800; i++) printf "label=a%%3Db&" }')
kv_route GET "/v1/keys?${parameters}label=c%3Dd"
is "a request of very many parameters has an answer" "$status $(printf '%s' "$body" | jq -r .code)" "414 bad-parameter"

printf 'POST /v1/coupons?key=one HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nabc' >"$fs_dir/texts"
hold 40 "$(cat "$fs_dir/texts")"
kv_route POST "/v1/coupons?key=one" -H 'Content-Type: text/plain' --data-binary abc
is "of requests with a large body a few are open at a time" "$status $(printf '%s' "$body" | jq -r .code)" "503 busy"
kv status
is "which keeps nobody else out" "$rc" 0
let_go

ok "a request that trickles in has its end" kv_until 120 test -s "$fs_dir/slow"
like "which is said" "$(head -n 1 "$fs_dir/slow")" "HTTP/1.1 408 *"
wait $slow || :
kv status
is "the daemon goes on" "$rc" 0

# A hundred follow the events over the socket for those who only look: none is sent away, and there is room beside them.
hold 100 'GET /v1/events?after=now&wait=60 HTTP/1.1\r\nHost: a\r\n\r\n' "$kv/read/read.sock"
reading() { curl -s -o /dev/null -w '%{http_code}' --unix-socket "$kv/read/read.sock" http://k/v1/status; }
is "beside a hundred followers of one user a reader is answered" "$(reading)" 200
kv plugin --watch
ok "and so is the watch over the watch" [ "$rc" -le 1 ]
is "none of the hundred was sent away" "$(grep -c '503' "$fs_dir/held")" 0
hold 40 'GET /v1/events?after=now&wait=60 HTTP/1.1\r\nHost: a\r\n\r\n' "$kv/read/read.sock"
ok "but one user cannot have all places" kv_until 20 told "503 Service Unavailable"
let_go
kv_stop
is "and ends as it should" "$rc" 0
tap_end
