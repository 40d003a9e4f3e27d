#!/bin/sh
# import --sync makes the store equal to a list: the plan first, nothing beyond its limits, the same again does nothing.
set -eu
. "$srcdir/tests/support/daemon.sh"
kv_confirm="5s, 5s"
kv_open

list=$fs_dir/list
line() # NAME KEY [MEMBERS]: a line of the list
{
        printf '{"name":"%s","key":"%s","profile":"selgeo"%s}\n' "$1" "$2" "${3:-}"
}
stripe_key() # ACCOUNT: in $key
{
        key=$(new_key rk live)
        fs_control PUT keys "{\"key\":\"$key\",\"account\":\"$1\",\"permissions\":$selgeo}" >/dev/null
}
: >"$fs_dir/all"
n=1
while [ $n -le 20 ]; do
        stripe_key "acct_$n"
        line "m-$n" "$key" ',"labels":{"plan":"pro"}' >>"$fs_dir/all"
        n=$((n + 1))
done
end() { cat "$1"; printf '{"end":%d}\n' "$(wc -l <"$1")"; }
end "$fs_dir/all" >"$list"

kv import --sync "$list" --dry-run
is "the plan comes first" "$rc:$out" "0:20 added, 0 replaced, 0 changed, 0 unchanged, 0 not in the list."
kv list
is "and nothing is done by --dry-run" "$out" "There is nothing to show."
kv import --sync "$list"
is "then all is added" "$rc:$out" "0:20 added, 0 replaced, 0 changed, 0 unchanged, 0 not in the list."
kv import --sync "$list"
is "the same again does nothing" "$rc:$out" "0:0 added, 0 replaced, 0 changed, 20 unchanged, 0 not in the list."

# --- one of each

old=$(sed -n 1p "$fs_dir/all" | jq -r .key)
stripe_key acct_1
{
        line m-1 "$key" ',"labels":{"plan":"pro"}'
        sed -n 2p "$fs_dir/all" | jq -c '.labels = {"tier": "gold"} | .expires = "2031-01-01"'
        sed -n '3,19p' "$fs_dir/all"
        line new "$(stripe_key acct_new; echo "$key")"
} >"$fs_dir/next"
end "$fs_dir/next" >"$list"
kv import --sync "$list"
like "changes are counted" "$rc:$out" "0:1 added, 1 replaced, 1 changed, 17 unchanged, 1 not in the list.*1 of 1 new secrets are proved*"
kv --json show m-2
is "what differs is set" "$(printf '%s' "$out" | jq -c '[.labels, .expires]')" '[{"tier":"gold"},"2031-01-01T00:00:00Z"]'
kv --json show m-1
is "the old secret is watched" "$(printf '%s' "$out" | jq -c '[.old_secret_watched, .labels]')" '[true,{"plan":"pro"}]'
kv show m-20
is "nothing was removed" "$rc" 0
fs_control PATCH keys "{\"key\":\"$old\",\"state\":\"expired\"}" >/dev/null
rolled() { kv check m-1 && sqlite3 -readonly "$kv/state/keyvigil.db" "SELECT 1 FROM event WHERE kind = 'key-rolled'" | grep -q 1; }
ok "an old secret that dies is no alarm" kv_until 60 rolled
is "but a planned end" "$(sqlite3 -readonly "$kv/state/keyvigil.db" "SELECT count(*) FROM v_incident WHERE kind LIKE 'key-%' AND kind <> 'key-rotation-due'")" 0

# --- removing

cp "$fs_dir/next" "$list"
kv import --sync "$list" --prune
like "not after a list without its end" "$rc:$err" "1:*cut off*"
{ cat "$fs_dir/next"; echo nonsense; echo '{"end":21}'; } >"$list"
kv import --sync "$list" --prune
like "nor after a bad line" "$rc:$err" "1:*bad lines*"
head -n 10 "$fs_dir/next" >"$fs_dir/half"
end "$fs_dir/half" >"$list"
kv import --sync "$list" --prune
like "nor more than 5 %" "$rc:$err" "1:*refused: 11 keys would be removed, and the limit is 1 of 21 keys*"
kv list
is "nothing was done" "$(printf '%s\n' "$out" | wc -l)" 22
end "$fs_dir/next" >"$list"
kv import --sync "$list" --prune --scope plan=free
is "nor outside the scope" "$rc:$out" "0:0 added, 0 replaced, 0 changed, 20 unchanged, 0 not in the list (to be removed)."
kv import --sync "$list" --prune --scope plan=pro
is "what the list lacks is removed" "$rc:$out" "0:0 added, 0 replaced, 0 changed, 20 unchanged, 1 not in the list (to be removed)."
kv show m-20
is "it is gone" "$rc" 1

# --- a wrong column of secrets

while read -r l; do
        printf '%s\n' "$l" | jq -c --arg key "$(new_key rk live)" '.key = $key'
done <"$fs_dir/next" >"$fs_dir/wrong"
end "$fs_dir/wrong" >"$list"
kv import --sync "$list"
like "too many others are refused" "$rc:$err" "1:*refused: 20 secrets would be replaced, and the limit is 4 of 20*"
kv import --sync "$list" --max-replace 100%
like "and none replaces a healthy one without proof" "$rc:$out" "1:*0 of 20 new secrets*20 were refused*"
end "$fs_dir/next" >"$list"
kv import --sync "$list"
is "all is as it was" "$rc:$out" "0:0 added, 0 replaced, 0 changed, 20 unchanged, 0 not in the list."

# --- so are those of other accounts than the list itself says, however healthy they are

while read -r l; do
        stripe_key acct_foreign
        printf '%s\n' "$l" | jq -c --arg key "$key" '.key = $key | .account = ("acct_" + (.name | sub("m-"; "")))'
done <"$fs_dir/next" >"$fs_dir/wrong"
end "$fs_dir/wrong" >"$list"
kv import --sync "$list" --max-replace 100%
like "accounts tell a wrong column, too" "$rc:$out" "1:*0 of 20 new secrets*20 were refused*"
like "and each is said" "$err" "*m-7*belongs to another account*"
end "$fs_dir/next" | sed 's/"profile":"selgeo",//' >"$list"
kv import --sync "$list"
like "what is absent stays, a profile, too" "$rc:$out" "0:0 added, 0 replaced, 0 changed, 20 unchanged,*"

# --- members

said() { "$builddir/keyvigil" --json show m-2 | jq -c '[.labels, .expires, .created, .account_declared]'; }
member() { jq -c "if .name == \"m-2\" then . + $1 else . end" <"$fs_dir/next" >"$fs_dir/one"; end "$fs_dir/one" >"$list"; kv import --sync "$list"; }
member '{"created": "2026-01-01", "account": "acct_2"}'
is "dates and accounts are set" "$rc:$(said)" '0:[{"tier":"gold"},"2031-01-01T00:00:00Z","2026-01-01T00:00:00Z",true]'
jq -c 'if .name == "m-2" then del(.labels, .expires) else . end' <"$fs_dir/next" >"$fs_dir/one"
end "$fs_dir/one" >"$list"
kv import --sync "$list"
is "what is absent is left as it is" "$(said)" '[{"tier":"gold"},"2031-01-01T00:00:00Z","2026-01-01T00:00:00Z",true]'
member '{"created": null, "expires": null, "labels": null, "account": null}'
is "null takes it away" "$rc:$(said)" '0:[{},null,null,false]'
end "$fs_dir/next" >"$list"
kv import --sync "$list"

# --- a secret that cannot be proved yet waits, sealed, and the old one is watched until then

db=$kv/state/keyvigil.db
second=$(sed -n 2p "$fs_dir/next" | jq -r .key)
stripe_key acct_2
jq -c --arg key "$key" 'if .name == "m-2" then .key = $key | .expires = "2032-01-01" else . end' <"$fs_dir/next" >"$fs_dir/later"
end "$fs_dir/later" >"$list"
fs_control POST faults "{\"fault\":\"503\",\"key\":\"$key\"}" >/dev/null
"$builddir/keyvigil" import --sync "$list" >"$kv/said/waits" 2>&1 &
client=$!
waits() { [ "$(sqlite3 -readonly "$db" "SELECT count(*) FROM secret WHERE id < 0")" = 1 ]; }
ok "it is stored at once" kv_until 30 waits
kill -KILL $client "$kv_pid"
wait $client 2>/dev/null || :
kv_reap
kv_start
kv import --sync "$list" --dry-run
like "it waits, whoever was killed" "$rc:$out" "3:0 added, 0 replaced, 0 changed, 19 unchanged, 0 not in the list, 1 waiting for proof."
kv show m-2
like "it can be seen" "$out" "*New secret:*waits for its first healthy answer*"
is "by programs, too" "$("$builddir/keyvigil" --json show m-2 | jq .new_secret_waits)" true
kv import --sync "$list"
like "the same again only says so" "$rc:$out" "3:*1 new secrets wait for their first healthy answer*"
kv check m-2
is "the old one is watched" "$rc:$("$builddir/keyvigil" --json show m-2 | jq -c '[.state, .old_secret_watched, .expires]')" '0:["healthy",false,"2031-01-01T00:00:00Z"]'
fs_control DELETE faults >/dev/null
# The old one ends before the new one was heard of.
fs_control PATCH keys "{\"key\":\"$second\",\"state\":\"expired\"}" >/dev/null
proved() { waits || return 0; "$builddir/keyvigil" check m-2 >/dev/null 2>&1; return 1; }
ok "the first healthy answer puts it in place" kv_until 60 proved
is "with what the list says of it" "$("$builddir/keyvigil" --json show m-2 | jq -c '[.state, .expires, .new_secret_waits]')" '["healthy","2032-01-01T00:00:00Z",false]'
is "its old one's death is no alarm" "$(sqlite3 -readonly "$db" "SELECT count(*) FROM v_incident WHERE key = 'm-2' AND kind IN ('key-revoked', 'key-expired', 'key-invalid')")" 0
kv import --sync "$list"
like "then the store is as the list" "$rc:$out" "0:0 added, 0 replaced, 0 changed, 20 unchanged,*"

# --- dead already, when the list brings the next one

third=$(sed -n 3p "$fs_dir/next" | jq -r .key)
fs_control PATCH keys "{\"key\":\"$third\",\"state\":\"expired\"}" >/dev/null
stripe_key acct_3
jq -c --arg key "$key" 'if .name == "m-3" then .key = $key else . end' <"$fs_dir/later" >"$fs_dir/dead"
end "$fs_dir/dead" >"$list"
kv import --sync "$list"
like "it is replaced" "$rc:$out" "0:*1 of 1 new secrets are proved*"
kv check m-3
is "and no alarm" "$(sqlite3 -readonly "$db" "SELECT count(*) FROM v_incident WHERE key = 'm-3' AND kind <> 'key-rotation-due'")" 0

# --- killed in the middle

{ end "$fs_dir/all" | head -n 20 | sed 's/"m-/"k-/'; } >"$fs_dir/none"
n=1
: >"$fs_dir/many"
while [ $n -le 300 ]; do
        line "k-$n" "$(new_key rk live)" >>"$fs_dir/many"
        n=$((n + 1))
done
end "$fs_dir/many" >"$list"
"$builddir/keyvigil" import --sync "$list" >/dev/null 2>&1 &
client=$!
kill -KILL "$kv_pid"
kv_reap
wait $client 2>/dev/null || :
kv_start
kv import --sync "$list"
is "the same command ends it" "$rc" 0
kv import --sync "$list"
like "and then nothing is left to do" "$out" "0 added, 0 replaced, 0 changed, 300 unchanged, *"

# --- the same with secrets, of client and daemon: each key has the one or the other, and the same command ends it

n=1
: >"$fs_dir/olds"
: >"$fs_dir/news"
while [ $n -le 40 ]; do
        stripe_key "acct_r$n"
        line "r-$n" "$key" >>"$fs_dir/olds"
        stripe_key "acct_r$n"
        line "r-$n" "$key" >>"$fs_dir/news"
        n=$((n + 1))
done
end "$fs_dir/olds" >"$list"
kv import --sync "$list"
kv check 'r-*'
end "$fs_dir/news" >"$list"
for victim in client daemon both; do
        "$builddir/keyvigil" import --sync "$list" --max-replace 100% >"$kv/said/client-$victim" 2>&1 &
        client=$!
        replaced() { [ "$(sqlite3 -readonly "$db" "SELECT count(*) FROM key WHERE name LIKE 'r-%' AND has_old")" -ge 3 ] || ! kill -0 $client 2>/dev/null; }
        kv_until 60 replaced || :
        [ $victim = daemon ] || kill -KILL $client 2>/dev/null || :
        if [ $victim != client ]; then
                kill -KILL "$kv_pid"
                kv_reap
                kv_start
        fi
        wait $client 2>/dev/null || :
done
kv import --sync "$list" --max-replace 100%
all_new() { [ "$(sqlite3 -readonly "$db" "SELECT count(*) FROM key WHERE name LIKE 'r-%' AND has_old")" = 40 ]; }
ok "all are replaced in the end" kv_until 90 all_new
kv import --sync "$list" --max-replace 100%
like "and nothing is left to do" "$rc:$out" "0:0 added, 0 replaced, 0 changed, 40 unchanged, *"
is "nothing waits" "$(sqlite3 -readonly "$db" "SELECT count(*) FROM secret WHERE id < 0")" 0
is "no alarm" "$(sqlite3 -readonly "$db" "SELECT count(*) FROM v_incident WHERE key LIKE 'r-%' AND kind <> 'key-rotation-due'")" 0

kv_stop
kv_clean
fs_stop
tap_end
