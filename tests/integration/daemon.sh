#!/bin/sh
# The daemon as a process: how it starts, what it refuses to start with, how it ends.
set -eu
. "$srcdir/tests/support/daemon.sh"
fs_start --http 127.0.0.1:0

# refused WHAT STATUS PATTERN [ARGUMENT...]: the daemon ends with that status and says why.
refused()
{
        what=$1 wanted=$2 pattern=$3
        shift 3
        kept=$kv_pid
        "$builddir/keyvigild" "$@" >"$kv/said/refused" 2>&1 &
        kv_pid=$!
        kv_reap
        kv_pid=$kept
        is "$what: exit $wanted" "$rc" "$wanted"
        like "$what: and why" "$(cat "$kv/said/refused")" "$pattern"
}

refused "an unknown option" 2 "*--nonsense*" --nonsense
refused "an argument" 2 "*no arguments*" somewhere
refused "no such configuration" 6 "*nowhere.yaml*" --config "$kv/nowhere.yaml"
is "--version is an answer" "$("$builddir/keyvigild" --version)" "keyvigild $("$builddir/keyvigil" --version | sed 's/.* //')"
like "--help too" "$("$builddir/keyvigild" --help)" "keyvigild*Exit status*"

kv_conf "nonsense: 1"
refused "a bad configuration" 6 "*keyvigil.yaml:*nonsense*" --config "$KEYVIGIL_CONFIG"
kv_conf
kv_start
refused "a second daemon" 1 "*$kv_pid*" --config "$KEYVIGIL_CONFIG"
kv status
like "the first one does not mind" "$out" "*process $kv_pid*"
is "the socket is for the group" "$(stat -c %a "$kv/control.sock")" 660
is "the state is not for others" "$(stat -c %a "$kv/state")" 750
is "the master key for nobody else" "$(stat -c %a "$kv/state/master.key")" 600
like "where the master key lies is said" "$out" "*master key lies beside the database*"

key=$(new_key rk test)
fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_one\",\"permissions\":$selgeo}" >/dev/null
kv_with "$key" add one
is "a key" "$rc" 0
kill -KILL "$kv_pid"
kv_reap
ok "a killed daemon leaves its socket" test -S "$kv/control.sock"
kv_start
is "the next one takes its place, with the key" "$(key_state one)" healthy
kill -INT "$kv_pid"
kv_reap
is "SIGINT ends it well" "$rc" 0
ok "then the socket is gone" test ! -e "$kv/control.sock"

# --- what it must not start with

cp "$kv/state/master.key" "$fs_dir/master.key"
head -c 32 /dev/urandom >"$kv/state/master.key"
before=$(md5sum <"$kv/state/keyvigil.db")
refused "another master key" 6 "*master key*" --config "$KEYVIGIL_CONFIG"
rm "$kv/state/master.key"
refused "no master key" 6 "*master*" --config "$KEYVIGIL_CONFIG"
ok "none is made then" test ! -e "$kv/state/master.key"
mkdir -p "$fs_dir/credentials"
cp "$fs_dir/master.key" "$fs_dir/credentials/keyvigil.master"
CREDENTIALS_DIRECTORY=$fs_dir/credentials
export CREDENTIALS_DIRECTORY
kv_start
kv status
case $out in *beside*) tap_result 0 "a credential does" ;; *) tap_result 1 "a credential does" ;; esac
is "and opens the key" "$(kv check one; echo $rc)" 0
kv_stop
is "it ends well" "$rc" 0
unset CREDENTIALS_DIRECTORY
cp "$fs_dir/master.key" "$kv/state/master.key"

cp -r "$kv/state" "$fs_dir/state"
restore() { rm -rf "$kv/state"; cp -a "$fs_dir/state" "$kv/state"; }
sqlite3 "$kv/state/keyvigil.db" "PRAGMA user_version = 9999"
refused "a newer database" 6 "*newer*" --config "$KEYVIGIL_CONFIG"
restore
rm -f "$kv/state/keyvigil.db"*
sqlite3 "$kv/state/keyvigil.db" "CREATE TABLE other(a)"
refused "somebody else's database" 6 "*" --config "$KEYVIGIL_CONFIG"
is "it is untouched" "$(sqlite3 "$kv/state/keyvigil.db" .tables)" other
rm -f "$kv/state/keyvigil.db"*
head -c 20000 /dev/urandom >"$kv/state/keyvigil.db"
damaged=$(md5sum <"$kv/state/keyvigil.db")
refused "a file that is no database" 6 "*" --config "$KEYVIGIL_CONFIG"
is "it is untouched" "$(md5sum <"$kv/state/keyvigil.db")" "$damaged"
restore
echo x >"$kv/control.sock"
refused "something else at the socket's place" 1 "*not a socket*" --config "$KEYVIGIL_CONFIG"
rm "$kv/control.sock"

# Root may everything, so somebody else has to try, who may not even look into the directory of the source.
chmod 0700 "$kv/state"
if [ "$(id -u)" -eq 0 ]; then
        chmod 0755 "$fs_dir" "$kv"
        cp -R "$KEYVIGIL_DATADIR" "$kv/data"
        chmod -R a+rX "$kv/data"
        KEYVIGIL_DATADIR=$kv/data setpriv --reuid 65534 --regid 65534 --clear-groups \
                "$builddir/keyvigild" --config "$KEYVIGIL_CONFIG" >"$kv/said/refused" 2>&1 &
else
        chmod 0000 "$kv/state"
        "$builddir/keyvigild" --config "$KEYVIGIL_CONFIG" >"$kv/said/refused" 2>&1 &
fi
kv_pid=$!
kv_reap
is "a state directory that it may not use: exit 4" "$rc" 4
chmod 0750 "$kv/state"

kv_start
is "after all that the key is still there" "$(key_state one)" healthy
if [ "$(id -u)" -eq 0 ]; then
        rc=0
        setpriv --reuid 65534 --regid 65534 --clear-groups "$builddir/keyvigil" list >"$kv/said/out" 2>"$kv/said/err" ||
                rc=$?
        kv_keep
        is "somebody outside the group gets nothing" "$rc:$out" "1:"
        like "and one plain line" "$err" "keyvigil: you may not use *group*"
fi
kv_stop
is "and it ends well" "$rc" 0
kv_clean
fs_stop
tap_end
