#!/bin/sh
# A platform's day, with the programs of doc/examples: a nightly list, merchants that connect, reconnect and leave, keys that
# die, a provider that is down and a daemon that is killed. In the end the platform's own table, made from the events
# alone, says what is true.
set -eu
command -v python3 >/dev/null || { echo "python3 is not here"; exit 77; }
. "$srcdir/tests/support/tap.sh"
. "$srcdir/tests/support/fakestripe.sh"
. "$srcdir/tests/support/keyvigil.sh"
long=${KEYVIGIL_LONG:-0}
merchants=${KEYVIGIL_MERCHANTS:-$([ "$long" = 1 ] && echo 10000 || echo 200)}
# So many die: fewer than would be one cause where there are few merchants. And so long is the provider away.
deaths=$([ "$merchants" -ge 10000 ] && echo 10 || echo 4)
away=$([ "$long" = 1 ] && echo 300 || echo 5)
connecting=50 returning=20 moving=5 leaving=30

# All that the platform has, and that Stripe knows of it, in one stroke.
python3 - "$merchants" "$selgeo" "$fs_dir/world" "$fs_dir/insert" "$kv_keys" <<'END'
import json, secrets, string, sys
n, permissions, letters = int(sys.argv[1]), json.loads(sys.argv[2]), string.ascii_letters + string.digits
keys = ["rk_live_" + "".join(secrets.choice(letters) for _ in range(24)) for _ in range(n)]
with open(sys.argv[3], "w") as world:
    json.dump({"keys": [{"key": k, "account": f"acct_m{i}", "permissions": permissions} for i, k in enumerate(keys, 1)]}, world)
with open(sys.argv[4], "w") as insert:
    print("CREATE TABLE merchant(name, stripe_key, account, plan); BEGIN;", file=insert)
    for i, k in enumerate(keys, 1):
        print(f"INSERT INTO merchant VALUES('m{i}', '{k}', 'acct_m{i}', 'pro');", file=insert)
    print("COMMIT;", file=insert)
with open(sys.argv[5], "a") as known:
    known.write("\n".join(keys) + "\n")
END
fs_start --http 127.0.0.1:0 --state "$fs_dir/world"
kv_conf
kv_start
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

sqlite3 "$platform" <"$fs_dir/insert"
said=$("$examples/nightly-sync.sh" "$platform")
is "the first night adds all" "$said" "$merchants added, 0 replaced, 0 changed, 0 unchanged, 0 not in the list (to be removed)."
said=$("$examples/nightly-sync.sh" "$platform")
is "the second one nothing" "$said" "0 added, 0 replaced, 0 changed, $merchants unchanged, 0 not in the list (to be removed)."

# --- the day

python3 "$examples/payouts.py" "$fs_dir/payouts.db" >"$kv/said/payouts" 2>&1 &
payouts=$!
mine=$fs_dir/mine.db
sqlite3 "$mine" "ATTACH '$platform' AS p; CREATE TABLE merchant(name PRIMARY KEY, state, account, missing, since);
        INSERT INTO merchant SELECT name, 'healthy', account, '', NULL FROM p.merchant"
table() { python3 "$srcdir/tests/support/platform_table.py" "$@" "$mine"; }
table follow >"$kv/said/table" 2>&1 &
follower=$!
port=$((20000 + $$ % 20000))
python3 "$examples/connect.py" $port >"$kv/said/connect" 2>&1 &
connect=$!
connects() { curl -s -o "$kv/said/connected" -w '%{http_code}' --data-binary "$2" "http://127.0.0.1:$port/connect/$1"; }
kv_until 10 sh -c "curl -s -o /dev/null http://127.0.0.1:$port/" || :
codes() { sort "$fs_dir/codes" | uniq -c | awk '{ printf "%s%s x %s", (NR > 1 ? ", " : ""), $2, $1 }'; }
# connect_all FROM TO ACCOUNT-PREFIX: all at once. Each first answer is lost: the platform hangs up and asks again.
connect_all()
{
        : >"$fs_dir/codes"
        asking=
        i=$1
        while [ $i -le $2 ]; do
                make_key "$3$i"
                eval "new_$i=$key"
                (
                        curl -s -m 0.05 -o /dev/null --data-binary "$key" "http://127.0.0.1:$port/connect/new$i" || :
                        code=$(curl -s -o "$kv/said/connected-$i" -w '%{http_code}' --data-binary "$key" "http://127.0.0.1:$port/connect/new$i")
                        [ "$code" != 200 ] || code=2xx
                        [ "$code" != 201 ] || code=2xx
                        echo "$code/$(jq -r 'if .connected then "connected" else .code end' <"$kv/said/connected-$i")" >>"$fs_dir/codes"
                ) &
                asking="$asking $!"
                i=$((i + 1))
        done
        # shellcheck disable=SC2086 # numbers
        wait $asking || :
}
# Two lose a permission, one of them for a moment.
loses() { fs_control PATCH keys "{\"key\":\"$(sql "SELECT stripe_key FROM merchant WHERE name = '$1'")\",\"$2\":[\"coupon_write\"]}" >/dev/null; }
loses m20 revoke
loses m21 revoke
"$builddir/keyvigil" check m20 m21 --full >/dev/null 2>&1 || :
loses m21 grant
"$builddir/keyvigil" pause m22 --reason "on holiday" >/dev/null
connect_all 1 $connecting acct_new
is "merchants connect at once, each answer lost once" "$(codes)" "2xx/connected x $connecting"
connect_all 1 $returning acct_new
is "some reconnect with another key" "$(codes)" "2xx/connected x $returning"
connect_all $((returning + 1)) $((returning + moving)) acct_other
is "but not with another account" "$(codes)" "422/wrong-account x $moving"
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
n=101
gone=
while [ $n -le $((100 + leaving)) ]; do
        gone="$gone m$n"
        n=$((n + 1))
done
# shellcheck disable=SC2086 # a word each
kv remove $gone --yes
is "some leave" "$rc:$out" "0:remove: $leaving of $leaving keys."

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
sleep "$away"
fs_control DELETE faults >/dev/null
python3 "$examples/payouts.py" "$fs_dir/payouts.db" >"$kv/said/payouts" 2>&1 &
payouts=$!
dies m12 &
two=$!
dies m13
wait $two
killed
dead="m10 m11 m12 m13"
n=14
while [ $n -lt $((10 + deaths)) ]; do
        dies m$n
        dead="$dead m$n"
        n=$((n + 1))
done
stopped() { sqlite3 -cmd '.timeout 5000' "$fs_dir/payouts.db" "SELECT group_concat(merchant || ' ' || deaths, ', ') FROM (SELECT * FROM payout WHERE NOT enabled ORDER BY merchant)"; }
# shellcheck disable=SC2086 # a word each
wanted=$(printf '%s 1, ' $dead | sed 's/, $//')
known()
{
        for name in $dead; do
                key_is $name revoked || "$builddir/keyvigil" check $name >/dev/null 2>&1 || :
        done
        key_is m20 degraded || "$builddir/keyvigil" check m20 --full >/dev/null 2>&1 || :
        [ "$(stopped)" = "$wanted" ] && key_is m20 degraded
}
kv_until 120 known || :
is "the platform knows each death once, and no other" "$(stopped)" "$wanted"
is "which is what is true" "$("$builddir/keyvigil" --json list --state revoked,expired --columns name | jq -r '[.keys[].name] | sort | join(" ")')" "$dead"
kill $payouts
wait $payouts 2>/dev/null || :
caught_up() { [ "$(sqlite3 -cmd '.timeout 5000' "$mine" 'SELECT value FROM cursor')" = "$("$builddir/keyvigil" --json events --after now >/dev/null; curl -s --unix-socket "$KEYVIGIL_READ_SOCKET" "http://k/v1/events?after=now" | jq -r .next)" ]; }
agree() { caught_up && "$builddir/keyvigil" --json list --columns name,state,account,missing,since | table compare >"$kv/said/compared" && grep -q ' 0 differ' "$kv/said/compared"; }
# Of many keys the kills took the first turn, which comes with the next pulse: they are asked about now.
"$builddir/keyvigil" check --state unverified >/dev/null 2>&1 || :
kv_until 5 agree || :
sed 's/^/# /' "$kv/said/compared"
is "the platform's table, made from the feed alone, is what is true" "$(grep -v '^#' "$kv/said/compared")" "$((merchants + connecting - leaving)) keys, 0 differ"
counts() { sqlite3 -readonly "$mine" "SELECT group_concat(n || ' ' || state, ', ') FROM (SELECT count(*) AS n, state FROM merchant GROUP BY state ORDER BY state)"; }
is "with all that happened" "$(counts)" "1 degraded, $((merchants + connecting - leaving - deaths - 2)) healthy, 1 paused, $deaths revoked"
is "what was asked twice was done once" \
        "$(sqlite3 -readonly "$mine" "SELECT sum(what LIKE 'operator-action added new%'), sum(what LIKE 'operator-action rotated new%'), sum(what LIKE 'operator-action removed m%'), count(DISTINCT what) >= $connecting FROM told")" \
        "$connecting|$returning|$leaving|1"
kill $follower
wait $follower 2>/dev/null || :

kv_stop
kv_clean
fs_stop
tap_end
