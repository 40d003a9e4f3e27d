#!/bin/sh
# Many keys get new secrets from one file: what is said of each line, and the same file again after an interruption.
set -eu
. "$srcdir/tests/support/daemon.sh"
kv_open

fake() # ACCOUNT [PERMISSIONS]: in $key
{
        key=$(new_key rk live)
        fs_control PUT keys "{\"key\":\"$key\",\"account\":\"$1\",\"permissions\":${2:-$selgeo}}" >/dev/null
}
line() { printf '{"name":"%s","key":"%s"}\n' "$1" "$2"; }

for name in a b c d e; do
        fake acct_$name
        kv_with "$key" add $name
done
fake acct_a
new_a=$key
fake acct_stranger
stranger=$key
fake acct_c '["charge_read"]'
lacking=$key
fake acct_d
new_d=$key
{
        line a "$new_a"
        line b "$stranger"
        line c "$lacking"
        echo 'not json'
        echo
        echo '{"name":"d"}'
        printf '{"name":"d","key":"%s","expires":"2099-01-01"}\n' "$new_d"
        line nobody "$(new_key rk live)"
        printf '{"name":"e","key":"%s","labels":{}}\n' "$(new_key rk live)"
} >"$fs_dir/list"

kv rotate --file "$fs_dir/list" --dry-run
is "what would be done" "$rc:$out" "1:rotate 5 keys, 3 bad lines; nothing was done."
kv rotate --file "$fs_dir/list"
is "some are, some are not" "$rc:$(printf '%s\n' "$out" | tail -n 1)" "1:2 rotated, 0 unchanged, 3 refused, 3 bad lines."
is "what is rotated is said" "$(printf '%s\n' "$out" | grep secret | sort | tr '\n' ' ')" \
        "a has its new secret. d has its new secret. "
like "another account" "$err" "*line 2: b: *another account*"
like "what it lacks" "$err" "*line 3: c: *"
like "no JSON" "$err" "*line 4: not a JSON object*"
like "no key" "$err" "*line 6: \"name\" and \"key\" must be given*"
like "nobody" "$err" "*line 8: nobody: *"
like "what does not belong there" "$err" "*line 9: a field is none of*"
is "none was added" "$("$builddir/keyvigil" --json list | jq '.keys | length')" 5
is "nor changed that was refused" "$("$builddir/keyvigil" --json list --columns name,old_secret_watched | jq -c '[.keys[] | select(.old_secret_watched) | .name]')" '["a","d"]'
is "what is said with it is kept" "$("$builddir/keyvigil" --json show d | jq -r .expires)" 2099-01-01T00:00:00Z
kv rotate --file - <"$fs_dir/list"
{ line a "$new_a"; line d "$new_d"; } >"$fs_dir/again"
kv --json rotate --file "$fs_dir/again"
is "the same again changes nothing" "$rc:$(printf '%s' "$out" | jq -c '[.[] | [.line, .name, .result]] | sort')" \
        '0:[[1,"a","unchanged"],[2,"d","unchanged"]]'
kv rotate --file /nowhere
is "a file that is not there" "$rc:$err" "1:keyvigil: /nowhere: No such file or directory"
kv rotate a --file "$fs_dir/list"
is "one or many" "$rc" 2

# --- killed in the middle: each key has the one secret or the other, and the same file ends it

n=1
: >"$fs_dir/many"
: >"$fs_dir/first"
while [ $n -le 30 ]; do
        fake acct_m$n
        printf '{"name":"m%s","key":"%s","profile":"selgeo","account":"acct_m%s"}\n' $n "$key" $n >>"$fs_dir/first"
        fake acct_m$n
        line m$n "$key" >>"$fs_dir/many"
        n=$((n + 1))
done
kv import "$fs_dir/first"
kv check --all --full
"$builddir/keyvigil" rotate --file "$fs_dir/many" >"$kv/said/rotate" 2>&1 &
client=$!
kv_until 60 grep -q 'has its new' "$kv/said/rotate"
kill -KILL $client 2>/dev/null || :
kill -KILL "$kv_pid"
wait $client 2>/dev/null || :
kv_reap
kv_start
kv rotate --file "$fs_dir/many"
is "the same command ends it" "$rc:$(printf '%s\n' "$out" | tail -n 1 | sed 's/^[0-9]* rotated, [0-9]* un/30 together un/')" \
        "0:30 together unchanged, 0 refused, 0 bad lines."
kv rotate --file "$fs_dir/many"
is "all have the new ones" "$(printf '%s\n' "$out" | tail -n 1)" "0 rotated, 30 unchanged, 0 refused, 0 bad lines."
kv incidents --open --json
is "and nothing is wrong" "$(printf '%s' "$out" | jq -c '[.incidents[] | select(.kind | startswith("key-")) | select(.key | startswith("m")) | .kind]')" '[]'

kv_stop
kv_clean
fs_stop
tap_end
