#!/bin/sh
# Two booted machines with the very files of doc/examples/failover, one of which watches. It loses its power while keys
# die; the other one takes over from the copy; then it comes back and stands by, and it is the other one's turn to die.
# Each death must be told, by whichever of them, under one event id. KEYVIGIL_LONG: five times, and all else that
# doc/fail-over.md says. run.sh starts this, in a network of its own:
#
#   failover.sh LOWER DIR      LOWER: the layers below the machines', DIR: a folder for them and for what is needed beside
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/machine.sh"
. "$here/lib.sh"
lower=$1
work=$2
rounds=$([ -n "${KEYVIGIL_LONG:-}" ] && echo 5 || echo 1)
net=192.0.2
moving=$net.10
stripe=$net.254
keys=150 # in each mode: so that the few that die are no mass
mkdir -p "$work"
trap 'exit 1' HUP INT TERM

# --- the machines, 1 and 2

other_than() { echo $((3 - $1)); }

use() # MACHINE: what machine.sh does is done to that one
{
        machine_dir=$work/$1
        eval "machine_pid=\${pid_$1:-} machine_leader=\${leader_$1:-}"
}
on() # MACHINE COMMAND...
{
        use "$1"
        shift
        machine_enter "$@"
}
files_of() { echo "$work/$1/root"; }

boots() # WHAT MACHINE
{
        machine_network=--network-veth-extra=out$2:eth0
        within 60 ip link set "out$2" master bridge up & # it waits for its network
        if machine_boot "$work/$2"; then ok "$1"; else not_ok "$1"; fi
        eval "pid_$2=$machine_pid leader_$2=$machine_leader"
}
dies() # MACHINE
{
        use "$1"
        machine_kill
        eval "pid_$1= leader_$1="
}
ends()
{
        for n in 1 2; do
                use $n
                machine_off
        done
}

network()
{
        ip link set lo up
        ip link add name bridge type bridge
        ip address add $stripe/24 dev bridge
        ip link set bridge up
}

fake_begin()
{
        openssl req -x509 -batch -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=stripe -days 2 \
                -addext "subjectAltName=IP:$stripe" -keyout "$work/stripe.key" -out "$work/stripe.pem" 2>/dev/null
        ssh-keygen -q -t ed25519 -N '' -C failover -f "$work/ssh"
        head -c 32 /dev/urandom >"$work/master"
        "$work/fakestripe" --https $stripe:443 --cert "$work/stripe.pem" --key "$work/stripe.key" \
                --http 127.0.0.1:12111 >"$work/stripe.out" 2>&1 &
        within 30 grep -q '^ready$' "$work/stripe.out"
}
fake() { curl -sSf -X "$1" ${3:+--data-binary "$3"} "http://127.0.0.1:12111/_fake/$2"; }
requests() { fake GET stats | jq .requests; }
asked_since() { [ "$(requests)" -gt "$1" ]; }

# As doc/fail-over.md says, on each of them.
prepare() # MACHINE
{
        machine_layer "$lower" "$work/$1"
        root=$(files_of "$1")
        other=$(other_than "$1")
        examples=$root/usr/local/share/doc/keyvigil/examples/failover
        printf '%032d\n' "$1" >"$root/etc/machine-id"
        mkdir -p "$root/var/log/journal" "$root/etc/systemd/system/keyvigild.service.d"
        systemd-sysusers --root="$root"
        printf '%s\n' '[Match]' 'Name=eth0' '[Network]' "Address=$net.$1/24" 'KeepConfiguration=static' \
                >"$root/etc/systemd/network/eth0.network"
        systemctl --quiet --root="$root" enable systemd-networkd.service ssh.service keepalived.service
        settings "$root"
        install -m 0755 "$examples/keyvigil-failover" "$root/usr/local/sbin/"
        install -m 0644 "$examples/keyvigil-replica.service" "$examples/keyvigil-replica.timer" "$root/etc/systemd/system/"
        install -d -m 0700 "$root/var/lib/keyvigil-replica" "$root/root/.ssh"
        sed "s|^COPY_TO=.*|COPY_TO=root@$net.$other:|" "$examples/failover.conf" >"$root/etc/keyvigil/failover.conf"
        sed -e "s/$net\\.1\$/mine/; s/$net\\.2\$/$net.$other/; s/mine/$net.$1/" \
                -e "s/priority 100/priority $((110 - 10 * $1))/" "$examples/keepalived.conf" \
                >"$root/etc/keepalived/keepalived.conf"
        install -m 0600 "$work/ssh" "$root/root/.ssh/id_ed25519"
        echo "restrict,command=\"rrsync -wo /var/lib/keyvigil-replica\" $(cat "$work/ssh.pub")" >"$root/root/.ssh/authorized_keys"
        echo "$net.$other $(cut -d ' ' -f 1,2 "$root/etc/ssh/ssh_host_ed25519_key.pub")" >"$root/root/.ssh/known_hosts"
}
settings() # ROOT: the same on both
{
        printf '%s\n' 'stripe:' "  api_base: https://$stripe" '  ca_file: /etc/keyvigil/stripe.pem' \
                'checks:' '  confirm: [1s, 1s]' >"$1/etc/keyvigil/keyvigil.yaml"
        mkdir -p "$1/etc/keyvigil/profiles.d"
        printf '%s\n' 'profile: watched' 'title: For tests' 'kind: any' 'modes: [live, test]' 'require:' \
                '  Customers: read' 'excess: allow' 'pulse: 10s' 'coupons: off' >"$1/etc/keyvigil/profiles.d/watched.yaml"
        install -m 0644 "$work/stripe.pem" "$1/etc/keyvigil/stripe.pem"
        install -d -m 0700 "$1/etc/credstore"
        install -m 0600 "$work/master" "$1/etc/credstore/keyvigil.master"
}

# --- what they say

role_is() { [ "$(on "$1" cat /run/keyvigil-failover 2>/dev/null)" = "$2" ]; }
status_of() { on "$1" keyvigil --json status; }
watches() { role_is "$1" master && [ "$(status_of "$1" | jq .running)" = true ]; }
stands_by() { role_is "$1" backup && ! on "$1" systemctl is-active --quiet keyvigild.service; }
has_address() { on "$1" ip -brief address show dev eth0 | grep -q "$moving/"; }
all_healthy() { [ "$(status_of "$1" | jq .states.healthy)" = $((2 * keys)) ]; }
is_in() { [ "$(on "$1" keyvigil --json show "$2" | jq -r .state)" = "$3" ]; }
replica_of() { stat -c %Y "$(files_of "$1")/var/lib/keyvigil-replica/keyvigil.db" 2>/dev/null || echo 0; }
replica_is_newer() { [ "$(replica_of "$1")" -gt "$2" ]; }

# Of both journals: message id, kind, key and event id of what was told of keys.
told() # MACHINES
{
        for n in $1; do
                journalctl --quiet --no-pager -o json -D "$(files_of $n)/var/log/journal" SYSLOG_IDENTIFIER=keyvigild |
                        jq -r 'select(.KEYVIGIL_KEY and .KEYVIGIL_EVENT_ID) |
                                [.MESSAGE_ID, .KEYVIGIL_KIND, .KEYVIGIL_KEY, .KEYVIGIL_EVENT_ID] | @tsv'
        done | sort -u
}
told_of() # MACHINES KEY: how many ids its trouble was told under
{
        told "$1" | awk -v key="$2" '$2 ~ /^key-(revoked|blocked|permissions-missing)$/ && $3 == key { print $4 }' |
                sort -u | grep -c . || :
}
are_told() # KEY...
{
        for key in "$@"; do [ "$(told_of '1 2' "$key")" -gt 0 ] || return 1; done
}
is_told_by() { [ "$(told_of "$1" "$2")" -gt 0 ]; }
told_under_two_ids() { told '1 2' | cut -f 1-3 | uniq -d | wc -l; }

# --- keys: live-N and test-N

# The account has no run of the key in it, which would be blanked.
body=$(printf keyvigil | sha512sum | head -c 87)
secret() { printf 'rk_%s_51%s%010d' "${1%-*}" "$body" "${1#*-}"; }
names() { seq -f "$1-%g" 0 $((keys - 1)); }
stored() # MACHINE
{
        for name in $(names live) $(names test); do
                printf '{"key":"%s","account":"acct_%s","permissions":["customer_read"]}\n' "$(secret $name)" "$name"
        done | sed 's/acct_\([a-z]*\)-/acct_\1/' >"$work/keys"
        fake PUT keys "@$work/keys" >/dev/null
        for name in $(names live) $(names test); do
                printf '{"name":"%s","key":"%s","profile":"watched","account":"acct_%s"}\n' "$name" "$(secret $name)" "$name"
        done | sed 's/acct_\([a-z]*\)-/acct_\1/' >"$(files_of "$1")/var/tmp/keys"
        on "$1" keyvigil import /var/tmp/keys
}
changes() # KEY MEMBER VALUE
{
        fake PATCH keys "{\"key\":\"$(secret "$1")\",\"$2\":$3}" >/dev/null
}

# --- one of them dies

copied() # FROM: now, and not in half a minute
{
        to=$(other_than "$1")
        before=$(replica_of "$to")
        on "$1" systemctl start keyvigil-replica.service && { replica_is_newer "$to" "$before" || sleep 1 &&
                on "$1" systemctl start keyvigil-replica.service && replica_is_newer "$to" "$before"; }
}
milliseconds() { date +%s%3N; }

# What happens to the three keys of a round: so that in no mode there are five of one kind, which would be a mass.
fate() # ROUND WHICH
{
        case $1$2 in
        11 | 13 | 32 | 51) echo live:expired ;;
        12 | 31 | 33 | 52) echo test:expired ;;
        21 | 23 | 42) echo live:blocked ;;
        *) echo test:blocked ;;
        esac
}
key_of() { echo "$(fate "$1" "$2" | cut -d : -f 1)-$(($1 * 3 + $2))"; }
meets_fate() { changes "$(key_of "$1" "$2")" state "\"$(fate "$1" "$2" | cut -d : -f 2)\""; }

a_round() # NUMBER
{
        from=$active
        to=$(other_than "$from")
        all="$(key_of "$1" 1) $(key_of "$1" 2) $(key_of "$1" 3)"
        check "$1: the database is copied" copied "$from"
        meets_fate "$1" 1
        check "$1: a death is told after the copy" within 120 is_told_by "$from" "$(key_of "$1" 1)"
        meets_fate "$1" 2
        meets_fate "$1" 3
        dies "$from"
        killed=$(milliseconds)
        asked=$(requests)
        check "$1: the other one asks Stripe" within 120 asked_since "$asked"
        tenths=$((($(milliseconds) - killed) / 100))
        check "$1: it watches" within 30 watches "$to"
        check "$1: it has the address" has_address "$to"
        active=$to
        check "$1: all deaths are told" within 120 are_told $all
        check "$1: what was told after the copy is told again" within 120 is_told_by "$to" "$(key_of "$1" 1)"
        is "$1: none is told under two ids" 0 "$(told_under_two_ids)"
        check "$1: a living key lives" is_in "$to" live-100 healthy
        lost=0
        for key in $all; do are_told "$key" || lost=$((lost + 1)); done
        echo "# round $1: $((tenths / 10)).$((tenths % 10)) s without watch, $lost events lost, $(told_under_two_ids) told under two ids"
        copy=$(replica_of "$from")
        boots "$1: the dead one comes back" "$from"
        check "$1: and stands by" within 60 stands_by "$from"
        [ -z "${KEYVIGIL_LONG:-}" ] || check "$1: it is sent copies" within 90 replica_is_newer "$from" "$copy"
}

# --- all else that the document says

changes_place()
{
        from=$active
        to=$(other_than "$from")
        on "$from" systemctl start keyvigil-replica.service
        on "$from" systemctl restart keepalived.service
        check "on request they change places" within 60 watches "$to"
        check "and the first one stands by" within 60 stands_by "$from"
        active=$to
}
link_goes_down()
{
        from=$active
        to=$(other_than "$from")
        ip link set "out$from" down
        check "one without network stops" within 60 eval "! on $from systemctl is-active --quiet keyvigild.service"
        check "and the other one takes over" within 120 watches "$to"
        ip link set "out$from" up
        check "then the first one stands by" within 60 stands_by "$from"
        active=$to
}
daemon_stays_down()
{
        from=$active
        to=$(other_than "$from")
        on "$from" systemctl stop keyvigild.service
        check "where the daemon stays down, the other one takes over" within 180 watches "$to"
        check "and the first one stands by" within 60 stands_by "$from"
        active=$to
}
# They lose each other, but not Stripe.
both_watch()
{
        check "the database is copied" copied "$active"
        for n in 1 2; do bridge link set dev out$n isolated on; done
        check "without each other both watch" within 60 eval "watches 1 && watches 2"
        for key in live-140 test-140; do changes $key revoke '["customer_read"]'; done
        check "both tell what a key lost" within 180 eval "is_told_by 1 live-140 && is_told_by 2 live-140"
        check "in each mode" within 120 eval "is_told_by 1 test-140 && is_told_by 2 test-140"
        is "under the same ids" 0 "$(told_under_two_ids)"
        for n in 1 2; do check "a living key lives for $n" is_in $n test-100 healthy; done
        for n in 1 2; do bridge link set dev out$n isolated off; done
        check "when they meet, the one with the lower priority stands by" within 60 stands_by 2
        check "and the other one watches on" watches 1
        changes live-141 revoke '["customer_read"]'
        check "and tells" within 180 is_told_by 1 live-141
        active=1
}

network
fake_begin
for machine in 1 2; do prepare $machine; done
boots "the first machine boots" 1
check "it watches" within 60 watches 1
active=1
check "its keys are stored" stored 1
boots "the second machine boots" 2
check "it stands by" within 60 stands_by 2
check "the keys are healthy" within 60 all_healthy 1
round=0
while [ $round -lt "$rounds" ]; do
        round=$((round + 1))
        a_round $round
done
if [ -n "${KEYVIGIL_LONG:-}" ]; then
        changes_place
        link_goes_down
        daemon_stays_down
        both_watch
        is "nothing at all was told under two ids" 0 "$(told_under_two_ids)"
fi
ends
