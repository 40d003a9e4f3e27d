#!/bin/sh
# A key gets a new secret: what is refused, what is kept, how the old one ends, and that nothing of it stays behind, in
# spite of kills at any moment. KEYVIGIL_KILLS says how many (3; with KEYVIGIL_LONG=1: 60).
set -eu
. "$srcdir/tests/support/daemon.sh"
kills=${KEYVIGIL_KILLS:-$([ "${KEYVIGIL_LONG:-0}" = 1 ] && echo 60 || echo 3)}
seed=${KEYVIGIL_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "# $kills kills, seed $seed"

kv_open
db=$kv/state/keyvigil.db

put() { fs_control PUT keys "{\"key\":\"$1\",\"account\":\"$2\",\"permissions\":$selgeo}" >/dev/null; }
state() { fs_control PATCH keys "{\"key\":\"$1\",\"state\":\"$2\"}" >/dev/null; }
sql() { sqlite3 -cmd '.timeout 5000' "$db" "$1"; }
events() { sql "SELECT count(*) FROM event e JOIN key k ON k.id = e.key WHERE k.name = '$1' AND e.kind = '$2'"; }
cleared() { sql "SELECT count(*) FROM event e JOIN key k ON k.id = e.key WHERE k.name = '$1'
        AND e.kind = 'incident-cleared' AND instr(e.fields, 'KEYVIGIL_KIND=$2' || char(10))"; }
watched() { "$builddir/keyvigil" --json show "$1" | jq 'if .old_secret_watched then 1 else 0 end'; }
# The sealed bytes in a slot (0: the current secret, 1: the old one), as hexadecimal digits.
sealed() { sql "SELECT lower(hex(sealed)) FROM secret s JOIN place l ON l.id = s.place
        WHERE s.id = 2 * (SELECT id FROM key WHERE name = '$1') + $2"; }
# In which files of the database bytes are. Headers of blobs are all alike: what is random counts.
holders()
{
        for holders_file in "$db" "$db-wal"; do
                [ ! -e "$holders_file" ] || ! od -An -v -tx1 "$holders_file" | tr -d ' \n' | grep -q "$1" ||
                        printf '%s ' "${holders_file##*/}"
        done
}
# Whoever reads keeps the log; the daemon tries again within seconds.
erased() { [ -z "$(holders "$1")" ]; }

# --- what a successor must be

first=$(new_key rk live)
put "$first" acct_one
witness=$(new_key rk live)
put "$witness" acct_witness
kv_with "$witness" add witness
kv_with "$first" add shop --account acct_one --created "$(date -d "10 days ago" +%F)" --expires 2099-01-01
is "a key is stored" "$rc:$err" "0:"
row() { sql "SELECT k.*, hex(s.sealed) FROM key k JOIN secret s ON s.id / 2 = k.id WHERE k.name = 'shop'" |
        cut -d'|' -f1-12; }
before=$(row)

refused() # what, secret, pattern of what is said, options
{
        kv_with "$2" rotate shop ${4:-}
        is "$1 is refused" "$rc" 1
        like "$1: that is said" "$out$err" "$3"
        is "$1: nothing is changed" "$(row)|$(watched shop)" "$before|0"
}
for lacks in $(printf '%s' "$selgeo" | jq -r '.[]'); do
        successor=$(new_key rk live)
        put "$successor" acct_one
        fs_control PATCH keys "{\"key\":\"$successor\",\"revoke\":[\"${lacks%_*}_read\"]}" >/dev/null
        refused "a successor without $lacks" "$successor" "*STRIPE_PERMISSIONS_MISSING*$lacks*https://dashboard*" --json
done
stranger=$(new_key rk live)
put "$stranger" acct_two
refused "a key of another account" "$stranger" "*another account*"
refused "a key of another account, by force" "$stranger" "*another account*" --force
dead=$(new_key rk live)
refused "a dead key" "$dead" "*does not know*"
requests=$(fs_control GET stats | jq .requests)
refused "the same secret" "$first" "*has already*"
refused "the secret of another key" "$witness" "*stored already, as 'witness'*"
refused "a key of the other mode" "$(new_key rk test)" "*test mode*"
refused "a full secret key" "$(new_key sk live)" "*restricted*"
refused "half a key" "rk_live_" "*not a key*"
refused "nothing" "" "*no secret*"
is "for these nobody was asked" "$(fs_control GET stats | jq .requests)" "$requests"
fs_control POST faults '{"fault":"503","path":"/v1/"}' >/dev/null
successor=$(new_key rk live)
put "$successor" acct_one
refused "while Stripe is down, any key" "$successor" "*Could not tell*"
fs_control DELETE faults >/dev/null
kv_with "$successor" rotate nobody
is "who is not there cannot be replaced" "$rc:$out" "1:"
kv rotate shop extra
is "rotate takes one name" "$rc" 2

# --- replaced; the old one lives on for a while

was=$(sealed shop 0)
kv_with "$successor" rotate shop --expires 2099-06-01
is "the successor takes its place" "$rc:$err" "0:"
like "what is left to do is said" "$out" "*let the old one end*watched*"
kv show shop
like "that the old one is watched is shown" "$out" "*Old secret: *watched*"
is "what was said of the old one is not said of the new" "$(kv --json show shop; printf '%s' "$out" | jq -r '.created,.expires' | tr '\n' ' ')" \
        "null 2099-06-01T00:00:00Z "
is "nothing of the seal of the first slot is left" "$(holders "$(printf '%s' "$was" | cut -c 60-140)")" ""
old=$(sealed shop 1 | cut -c 60-140)
like "the old secret is kept, sealed anew" "$(holders "$old")" "keyvigil.db*"
fs_control DELETE log >/dev/null
kv check shop
is "a check asks about the new one" "$rc" 0
asked() { fs_control GET 'log?account=acct_one' | jq -e '[.entries[].key] | unique | length == 2' >/dev/null; }
ok "and about the old one" kv_until 10 asked
is "both live, which nobody is told of" "$(sql "SELECT count(*) FROM event e JOIN key k ON k.id = e.key WHERE k.name = 'shop' AND e.kind <> 'operator-action'
        AND e.kind NOT IN ('round-completed', 'incident-cleared')")" 0

# --- it dies in time

gone() { [ "$(watched "$1")" = 0 ]; }
state "$first" expired
kv check shop
is "the new one is well" "$rc" 0
ok "the old one is found dead" kv_until 30 gone shop
is "it was replaced as planned" "$(events shop key-rolled)" 1
is "no alarm" "$(events shop key-revoked),$(events shop key-expired),$(events shop key-old-still-alive)" "0,0,0"
is "no byte of its seal is left, with the daemon at work" "$(holders "$old")" ""
is "the key is healthy" "$(key_state shop)" healthy
is "an entry of priority 5" "$(sql "SELECT priority FROM event WHERE kind = 'key-rolled'")" 5
fs_control DELETE log >/dev/null
kv check shop --full
is "only the new one is asked now" "$(fs_control GET 'log?account=acct_one' | jq '[.entries[].key] | unique | length')" 1

# --- it dies late, as unknown; the daemon is stopped in between, and a week passes

third=$(new_key rk live)
put "$third" acct_one
kv_with "$third" rotate shop
is "replaced once more" "$rc" 0
kv_stop
sql "UPDATE key SET secret_since = secret_since - 8 * 86400 WHERE name = 'shop'"
kv_start
kv check shop
alive() { [ "$(events shop key-old-still-alive)" = 1 ]; }
ok "an old one that outlives its time is told" kv_until 10 alive
kv incidents --open
like "and stays open" "$out" "*key-old-still-alive*shop*"
kv check shop
is "told once" "$(events shop key-old-still-alive)" 1
old=$(sealed shop 1 | cut -c 60-140)
state "$successor" unknown
kv check shop
ok "then it is dead" kv_until 30 gone shop
is "which clears it" "$(cleared shop key-old-still-alive)" 1
is "replaced as planned" "$(events shop key-rolled)" 2
is "still no other alarm" "$(events shop key-revoked),$(events shop key-invalid)" "0,0"
is "no byte is left" "$(holders "$old")" ""

# --- a dead key is replaced

state "$third" expired
kv check shop
ok "a death that was not planned is one" kv_until 30 key_is shop revoked
fourth=$(new_key rk live)
put "$fourth" acct_one
kv_with "$fourth" rotate shop
is "a dead key can be replaced" "$rc" 0
is "it is healthy" "$(key_state shop)" healthy
is "the incident is over" "$(cleared shop key-revoked)" 1
ok "and the dead one goes at once" kv_until 30 gone shop

# --- killed in the middle of it, again and again

n=0
current=$fourth
harm=0
while [ $n -lt "$kills" ]; do
        n=$((n + 1))
        next=$(new_key rk live)
        put "$next" acct_one
        old_seal=$(sealed shop 0 | cut -c 60-140)
        fs_control POST faults '{"fault":"delay","seconds":0.1,"account":"acct_one"}' >/dev/null
        printf '%s' "$next" | "$builddir/keyvigil" rotate shop >"$fs_dir/rotated" 2>&1 &
        client=$!
        random 2200
        sleep "$(printf '%d.%03d' $((random / 1000)) $((random % 1000)))"
        kill -KILL "$kv_pid"
        kv_reap
        wait $client && promised=1 || promised=0
        fs_control DELETE faults >/dev/null
        kv_start
        swapped=$(watched shop)
        [ "$swapped" -ge $promised ] || { harm=$((harm + 1)); echo "# kill $n: what was promised is lost"; }
        [ "$swapped" = 0 ] || kv_until 30 erased "$old_seal" || { harm=$((harm + 1)); echo "# kill $n: the first seal is left"; }
        kv check shop
        [ "$rc" = 0 ] || { harm=$((harm + 1)); echo "# kill $n: not well afterwards: $out$err"; }
        echo "# kill $n: promised $promised, swapped $swapped"
        [ "$swapped" = 1 ] || continue
        old=$(sealed shop 1 | cut -c 60-140)
        state "$current" "$([ $((n % 2)) = 1 ] && echo expired || echo unknown)"
        current=$next
        kv check shop
        random 3000 # while it is being confirmed, or erased
        sleep "$(printf '%d.%03d' $((random / 1000)) $((random % 1000)))"
        kill -KILL "$kv_pid"
        kv_reap
        kv_start
        gone shop || kv check shop
        kv_until 30 gone shop || { harm=$((harm + 1)); echo "# kill $n: the old one is not found dead"; }
        kv_until 30 erased "$old" || { harm=$((harm + 1)); echo "# kill $n: the old seal is left"; }
done
is "no kill did harm" "$harm" 0
is "the key is healthy" "$(key_state shop)" healthy
is "one death was not planned" "$(events shop key-revoked)" 1
is "each planned one is told once" "$(sql "SELECT count(*) - count(DISTINCT id) FROM event WHERE kind = 'key-rolled'")" 0
is "and there is nobody to complain about" "$(kv --json incidents --open; printf '%s' "$out" | jq '[.incidents[].kind]' -c)" '[]'
kv_stop
is "the daemon leaves in peace" "$rc" 0
is "the record is whole" "$(sqlite3 "$db" 'PRAGMA integrity_check')" ok
kv_clean
fs_stop
tap_end
