#!/bin/sh
# Two daemons with one master key, of which one watches and the other has a copy of its database: the one that watches is killed
# while keys die, the other takes over from the copy. Nothing is lost, what is told again has the same event id. Both running by
# mistake do no harm. The recipe is doc/fail-over.md; ROUNDS says how often.
set -eu
. "$srcdir/tests/support/tap.sh"
. "$srcdir/tests/support/fakestripe.sh"
. "$srcdir/tests/support/keyvigil.sh"
rounds=${ROUNDS:-$([ "${KEYVIGIL_LONG:-0}" = 1 ] && echo 5 || echo 1)}

pid_1=
pid_2=
trap 'end_both; kv_cleanup; fs_cleanup' EXIT
end_both() { for pid in $pid_1 $pid_2; do kill -KILL $pid 2>/dev/null || :; done; }

mkdir "$fs_dir/profiles"
printf '%s\n' 'profile: watched' 'title: For tests' 'kind: any' 'modes: [live, test]' 'require:' '  Customers: read' \
        'excess: allow' 'pulse: 10s' 'coupons: off' >"$fs_dir/profiles/watched.yaml"

prepare() # NUMBER
{
        mkdir -p "$kv/$1/state"
        cp "$fs_dir/master.key" "$kv/$1/state/master.key"
        chmod 0600 "$kv/$1/state/master.key"
        cat >"$kv/$1.yaml" <<END
state_dir: $kv/$1/state
stripe:
  api_base: $fs
checks:
  confirm: [1s, 1s]
control:
  socket: $kv/$1/control.sock
  read_socket: ""
profiles_dir: $fs_dir/profiles
END
}
on() # NUMBER ARGUMENT...: the client of that one
{
        n=$1
        shift
        "$builddir/keyvigil" --config "$kv/$n.yaml" "$@"
}
running() { [ -S "$kv/$1/control.sock" ] && [ "$(on "$1" --json status 2>/dev/null | jq .running)" = true ]; }
begin() # NUMBER: as keyvigil-failover does: the copy is taken if there is one
{
        if [ -e "$kv/copy.db" ]; then
                rm -f "$kv/$1/state"/keyvigil.db*
                cp "$kv/copy.db" "$kv/$1/state/keyvigil.db"
        fi
        "$builddir/keyvigild" --config "$kv/$1.yaml" --events=stdout >>"$kv/events.$1" 2>>"$kv/said/daemon.$1" &
        eval "pid_$1=$!"
        kv_until 60 running "$1"
}
ends() # NUMBER SIGNAL
{
        eval "kill -$2 \$pid_$1; wait \$pid_$1 2>/dev/null || :; pid_$1="
}
copied() # NUMBER
{
        rm -f "$kv/copy.new"
        on "$1" backup "$kv/copy.new" >/dev/null && mv "$kv/copy.new" "$kv/copy.db"
}
stored() # NUMBER MODE NAME...
{
        at=$1
        mode=$2
        shift 2
        for name in "$@"; do
                key=$(new_key rk $mode)
                eval "key_$name=$key"
                fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_$name\",\"permissions\":[\"customer_read\"]}" >/dev/null
                printf '%s' "$key" | on "$at" add $name --profile watched >/dev/null
        done
}
dies() { eval "fs_control PATCH keys '{\"key\":\"'\$key_$1'\",\"state\":\"expired\"}' >/dev/null"; }
# told NAME [NUMBER]: the ids under which its death was told, by that one or by both.
told() { cat "$kv"/events.${2:-*} 2>/dev/null | jq -r "select(.KEYVIGIL_KIND == \"key-revoked\" and .KEYVIGIL_KEY == \"$1\" and .MESSAGE_ID == \"28d5c947cd4d45048ef999dc67e12748\").KEYVIGIL_EVENT_ID" | sort -u; }
are_told() { for name in "$@"; do [ -n "$(told $name)" ] || return 1; done; }
is_in() { [ "$(on "$1" --json show "$2" | jq -r .state)" = "$3" ]; }

fs_start --http 127.0.0.1:0
head -c 32 /dev/urandom >"$fs_dir/master.key"
round=1
while [ $round -le "$rounds" ]; do
        rm -rf "$kv/1" "$kv/2" "$kv"/events.* "$kv"/copy.*
        prepare 1
        prepare 2
        ok "$round: the first one watches" begin 1
        stored 1 live a$round b$round c$round d$round e$round
        ok "$round: its keys are healthy" kv_until 60 is_in 1 e$round healthy
        ok "$round: the database is copied" copied 1
        dies a$round
        ok "$round: the first death is told, after the copy" kv_until 90 are_told a$round
        dies b$round
        dies c$round
        ends 1 KILL
        killed=$(date +%s)
        ok "$round: the other one watches" begin 2
        seconds=$(($(date +%s) - killed))
        ok "$round: all deaths are told" kv_until 120 are_told a$round b$round c$round
        lost=0
        other=0
        for name in a$round b$round c$round; do
                n=$(told $name | grep -c . || :)
                [ "$n" -gt 0 ] || lost=$((lost + 1))
                [ "$n" -le 1 ] || other=$((other + 1))
        done
        ok "$round: what the first one told is told again" kv_until 60 sh -c "grep '\"KEYVIGIL_KEY\":\"a$round\"' '$kv/events.2' | grep -q key-revoked"
        is "$round: no event was lost, and none told under two ids" "$lost $other $(told a$round | grep -c .)" "0 0 1"
        ok "$round: living keys live" is_in 2 d$round healthy
        echo "# round $round: $seconds s without watch, $lost events lost, $other told under two ids"
        ends 2 TERM
        round=$((round + 1))
done

# --- both, by mistake

rm -rf "$kv/1" "$kv/2" "$kv"/events.* "$kv"/copy.*
prepare 1
prepare 2
begin 1
stored 1 test x y z
ok "three keys are healthy" kv_until 60 is_in 1 z healthy
copied 1
ok "both watch" begin 2
dies x
both_told() { [ -n "$(told x 1)" ] && [ -n "$(told x 2)" ]; }
ok "both tell a death" kv_until 120 both_told
is "under the same id" "$(told x | grep -c .)" 1
ok "the living keys live for the one" is_in 1 y healthy
ok "and for the other" is_in 2 z healthy
ends 1 TERM
ends 2 TERM
kv_clean
tap_end
