#!/bin/sh
# keyvigil-on-incident: the program runs once for each new incident, whatever restarts come between.
set -eu
script=${srcdir:-.}/systemd/examples/keyvigil-on-incident
catalog=${srcdir:-.}/systemd/keyvigil.catalog
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
STATE_DIRECTORY=$work/state
mkdir "$STATE_DIRECTORY" "$work/bin"
PATH=$work/bin:$PATH
export STATE_DIRECTORY PATH work
status=0

# A journal of blocks in export form. Knows -n 1 and --cursor=, which begins with that entry.
cat >"$work/bin/journalctl" <<'END'
#!/bin/sh
echo "$*" >>"$work/calls"
one=0 from=
for word; do
        case $word in
        -n) one=1 ;;
        --cursor=*) from=${word#*=} ;;
        esac
done
awk -v RS= -v ORS='\n\n' -v from="$from" -v one=$one '
        $0 ~ "^__CURSOR=" from "\n" { begun = 1 }
        !one && (from == "" || begun) { print }
        { last = $0 }
        END { if (one && NR) print last }' "$work/journal"
END
# All there is was handled, and the next look would come: for us that is a restart.
printf '#!/bin/sh\nexit 1\n' >"$work/bin/sleep"
chmod +x "$work/bin/sleep"
cat >"$work/bin/tell" <<'END'
#!/bin/sh
[ ! -e "$work/broken" ] || exit 7
printf "%s\n" "$1|$2|$KEYVIGIL_KIND|${KEYVIGIL_KEY:-}|$MESSAGE|${LD_PRELOAD:-}|${_UID:-}" >>"$work/told"
END
chmod +x "$work/bin/journalctl" "$work/bin/tell"

n=0
# entry MESSAGE_ID PRIORITY KIND KEY MESSAGE [EVENT]
entry()
{
        n=$((n + 1))
        {
                printf '%s\n' "__CURSOR=s=1;i=$n" "_UID=1000" "LD_PRELOAD=/tmp/x.so" "PRIORITY=$2" "MESSAGE=$5"
                [ -z "$1" ] || printf '%s\n' "MESSAGE_ID=$1"
                [ -z "$3" ] || printf '%s\n' "KEYVIGIL_KIND=$3" "KEYVIGIL_EVENT_ID=${6:-e$n}"
                [ -z "$4" ] || printf '%s\n' "KEYVIGIL_KEY=$4"
                echo
        } >>"$work/journal"
}

# start WHAT RC [TOLD...]: one life of the script, which must end with RC after having told exactly these.
start()
{
        what=$1 want=$2 rc=0
        shift 2
        : >"$work/told"
        timeout 60 sh "$script" tell 'a b' '*' 2>/dev/null || rc=$?
        printf '%s\n' "$@" | sed '/^$/d' >"$work/expected"
        if [ "$rc" = "$want" ] && diff "$work/expected" "$work/told"; then
                echo "ok: $what"
        else
                echo "not ok: $what (exit $rc)"
                status=1
        fi
}
revoked=28d5c947cd4d45048ef999dc67e12748
cleared=5329417baee54facafb01bfc039044d4

: >"$work/journal"
entry $revoked 2 key-revoked old 'Before the first start.'
start "the first start begins with what comes" 1 ''

entry $revoked 2 key-revoked acme 'One "two"  $(three) * \\ “four”.'
entry '' 6 '' '' 'keyvigild: a plain line'
entry a7242b900adb4f1780fa0ca39535ab51 2 key-revoked acme 'Still open.'
entry 97853fbdea9346ada2c6e9a9c428e0f8 6 round-completed '' 'A round.'
entry 0b0a414394ca49f4a6a86ecff7fb9d82 4 journal-summary '' 'Many.'
entry $revoked 6 key-revoked listed 'Listed.'
entry $cleared 5 key-revoked acme 'Over.'
entry 7f1d24e2cc634ec790b1a47f0bdff3a3 6 probe-coupon-found test-1 'A coupon.'
start "new incidents only, fields as they are, nothing else in the environment" 1 \
        'a b|*|key-revoked|acme|One "two"  $(three) * \\ “four”.||' \
        'a b|*|probe-coupon-found|test-1|A coupon.||'

start "a restart repeats nothing" 1 ''

entry $revoked 2 key-revoked beta 'Beta.' same
entry $revoked 2 key-revoked gamma 'Gamma.'
touch "$work/broken"
start "a program that fails stops us" 7 ''
start "still" 7 ''
rm "$work/broken"
start "it is tried again, and nothing after it was lost" 1 'a b|*|key-revoked|beta|Beta.||' 'a b|*|key-revoked|gamma|Gamma.||'

entry $revoked 2 key-revoked beta 'Beta.' same
start "an event that is sent again is passed over" 1 ''

KEYVIGIL_TELL_CLEARED=1
export KEYVIGIL_TELL_CLEARED
entry $cleared 5 key-revoked acme 'Over.'
start "what is over is told on request" 1 'a b|*|key-revoked|acme|Over.||'

i=0
while [ $i -lt 1100 ]; do
        echo "x$i"
        i=$((i + 1))
done >"$STATE_DIRECTORY/events"
entry $revoked 2 key-revoked delta 'Delta.' last
start "the memory of events is bounded" 1 'a b|*|key-revoked|delta|Delta.||'
[ "$(wc -l <"$STATE_DIRECTORY/events")" -eq 1000 ] && [ "$(tail -n 1 "$STATE_DIRECTORY/events")" = last ] ||
        { echo "not ok: $(wc -l <"$STATE_DIRECTORY/events") events remembered"; status=1; }

! grep -v -- '-q -o export _SYSTEMD_UNIT=keyvigild.service + _SYSTEMD_UNIT=keyvigil-watch.service' "$work/calls" || status=1
for id in $(grep -oE '\b[0-9a-f]{32}\b' "$script"); do
        grep -q "^-- $id\$" "$catalog" || { echo "not ok: $id is not in the catalogue"; status=1; }
done
exit $status
