#!/bin/sh
# A platform's day, with the programs of doc/examples: a nightly list, merchants that connect, reconnect and leave, keys that
# die, a provider that is down and a daemon that is killed. In the end the platform's own table, made from the events
# alone, says what is true.
set -eu
command -v python3 >/dev/null || { echo "python3 is not here"; exit 77; }
. "$srcdir/tests/support/tap.sh"
. "$srcdir/tests/support/fakestripe.sh"
. "$srcdir/tests/support/keyvigil.sh"
fs_start --http 127.0.0.1:0
kv_conf
kv_start
merchants=${KEYVIGIL_MERCHANTS:-$([ "${KEYVIGIL_LONG:-0}" = 1 ] && echo 10000 || echo 60)}
examples=$srcdir/doc/examples
platform=$fs_dir/platform.db
KEYVIGIL_SOCKET=$kv/control.sock
KEYVIGIL_READ_SOCKET=$kv/read/read.sock
PATH=$builddir:$PATH
export KEYVIGIL_SOCKET KEYVIGIL_READ_SOCKET PATH

sql() { sqlite3 -cmd '.timeout 5000' "$platform" "$1"; }
stripe() { fs_control PATCH keys "{\"key\":\"$1\",\"state\":\"$2\"}" >/dev/null; }
make_key() # ACCOUNT: in $key
{
        key=$(new_key rk live)
        fs_control PUT keys "{\"key\":\"$key\",\"account\":\"$1\",\"permissions\":$selgeo}" >/dev/null
}

# --- the night: all that the platform has

sql "CREATE TABLE merchant(name, stripe_key, account, plan)"
n=1
while [ $n -le "$merchants" ]; do
        make_key "acct_m$n"
        echo "INSERT INTO merchant VALUES('m$n', '$key', 'acct_m$n', 'pro');"
        n=$((n + 1))
done >"$fs_dir/insert"
sqlite3 "$platform" <"$fs_dir/insert"
said=$("$examples/nightly-sync.sh" "$platform")
is "the first night adds all" "$said" "$merchants added, 0 replaced, 0 changed, 0 unchanged, 0 not in the list (to be removed)."
said=$("$examples/nightly-sync.sh" "$platform")
is "the second one nothing" "$said" "0 added, 0 replaced, 0 changed, $merchants unchanged, 0 not in the list (to be removed)."

# --- the day

python3 "$examples/payouts.py" "$fs_dir/payouts.db" >"$kv/said/payouts" 2>&1 &
payouts=$!
port=$((20000 + $$ % 20000))
python3 "$examples/connect.py" $port >"$kv/said/connect" 2>&1 &
connect=$!
connects() { curl -s -o "$kv/said/connected" -w '%{http_code}' --data-binary "$2" "http://127.0.0.1:$port/connect/$1"; }
kv_until 10 sh -c "curl -s -o /dev/null http://127.0.0.1:$port/" || :
served()
{
        answers=
        for i in 1 2 3 4 5; do
                make_key "acct_new$i"
                eval "new_$i=$key"
                # The first answer is lost: the platform hangs up and asks again.
                curl -s -m 0.05 -o /dev/null --data-binary "$key" "http://127.0.0.1:$port/connect/new$i" || :
                code=$(connects new$i "$key")
                [ "$code" = 201 ] || [ "$code" = 200 ] || answers="$answers $code"
        done
        for i in 1 2; do
                make_key "acct_new$i"
                answers="$answers $(connects new$i "$key")/$(jq -r .code <"$kv/said/connected")"
                eval "new_$i=$key"
        done
        make_key acct_other
        answers="$answers $(connects new3 "$key")/$(jq -r .code <"$kv/said/connected")"
}
served
is "merchants connect, reconnect, and not with another account" "$answers" " 200/rotated 200/rotated 422/wrong-account"
kill $connect
wait $connect 2>/dev/null || :
if command -v node >/dev/null; then
        node "$examples/connect.mjs" $((port + 1)) >"$kv/said/node" 2>&1 &
        node=$!
        kv_until 20 sh -c "curl -s -o /dev/null http://127.0.0.1:$((port + 1))/" || :
        code=$(curl -s -o "$kv/said/connected" -w '%{http_code}' --data-binary "$new_1" "http://127.0.0.1:$((port + 1))/connect/new1")
        is "the same in Node" "$code $(jq -r .code <"$kv/said/connected")" "200 unchanged"
        kill $node
        wait $node 2>/dev/null || :
fi
kv remove m1 m2 m3 --yes
is "some leave" "$rc" 0

dies() # NAME: its key ends, and keyvigil looks
{
        stripe "$(sql "SELECT stripe_key FROM merchant WHERE name = '$1'")" expired
        "$builddir/keyvigil" check "$1" >/dev/null 2>&1 || :
}
killed()
{
        kill -KILL "$kv_pid"
        kv_reap
        kv_start
}
dies m10
killed
fs_control POST faults '{"fault":"503"}' >/dev/null
dies m11
kill $payouts
wait $payouts 2>/dev/null || :
killed
fs_control DELETE faults >/dev/null
python3 "$examples/payouts.py" "$fs_dir/payouts.db" >"$kv/said/payouts" 2>&1 &
payouts=$!
dies m12
dies m13
killed
stopped() { sqlite3 -cmd '.timeout 5000' "$fs_dir/payouts.db" "SELECT group_concat(merchant || ' ' || deaths, ', ') FROM (SELECT * FROM payout WHERE NOT enabled ORDER BY merchant)"; }
known()
{
        for name in m10 m11 m12 m13; do
                key_is $name revoked || "$builddir/keyvigil" check $name >/dev/null 2>&1 || :
        done
        [ "$(stopped)" = "m10 1, m11 1, m12 1, m13 1" ]
}
kv_until 60 known || :
is "the platform knows each death once, and no other" "$(stopped)" "m10 1, m11 1, m12 1, m13 1"
kill $payouts
wait $payouts 2>/dev/null || :

kv_stop
kv_clean
fs_stop
tap_end
