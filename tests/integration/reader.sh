#!/bin/sh
# Whoever may only look tries every route of the code by the read socket: those that change something are refused in words
# that say what is missing, and nothing has changed.
set -eu
. "$srcdir/tests/support/daemon.sh"
kv_open
key=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_one\",\"permissions\":$selgeo}" >/dev/null
kv_with "$key" add one
events() { sqlite3 -readonly "$kv/state/keyvigil.db" "SELECT count(*) FROM event WHERE kind = 'operator-action'"; }
before=$(events)

grep -oE '"(GET|POST|PUT|PATCH|DELETE)", "/v1[^"]*"' "$srcdir/src/control/routes.c" | tr -d '",' >"$fs_dir/routes"
ok "there are routes to try" [ "$(wc -l <"$fs_dir/routes")" -gt 20 ]
while read -r method path; do
        place=$(printf '%s' "$path" | sed 's|incidents/\*|incidents/1|; s|\*|one|')
        status=$(curl -s -m 60 -o "$kv/said/asked" -w '%{http_code}' -X "$method" --unix-socket "$kv/read/read.sock" "http://k$place")
        if [ "$method" = GET ]; then
                is "$method $path is for all" "$(case $status in 200 | 404) echo answered ;; *) echo "$status" ;; esac)" answered
        else
                is "$method $path is not" "$status $(jq -r .code <"$kv/said/asked")" "403 read-only"
                like "it says what is missing" "$(jq -r .detail <"$kv/said/asked")" "*group keyvigil*"
        fi
done <"$fs_dir/routes"
is "nothing was changed" "$(events)" "$before"

kv_stop
kv_clean
fs_stop
tap_end
