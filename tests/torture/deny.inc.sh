# For the torture by denial: the programs run as they are, but one call of theirs is denied, the n-th of its kind, for one
# n after the other. Source it after daemon.sh.
#   deny_open [YAML-LINES]         fakestripe, the daemon with its calls counted, and the key "base", which is well
#   deny_all WHO SCENARIO KIND ERROR POINTS      SCENARIO once for each n that is tried, in the "daemon" or the "client":
#                                  all of them with KEYVIGIL_LONG=1, else no more than POINTS, evenly spread
#   deny_end                       what must hold in the end of all; ends everything
# A scenario is a group of functions: NAME_before prepares, NAME_act is what is tried (one or more calls of deny_kv, with
# the call denied meanwhile), NAME_after looks whether all is as it should be and puts it back. The client's end is in
# $rc; who finds something says so with harm. $point is a name of this try's own.

deny_dir=$fs_dir/deny
deny_so=$builddir/tests/torture/deny.so
db=$kv/state/keyvigil.db
harms=0
deny_points=0
mkdir -p "$deny_dir"

arm() { "$builddir/tests/torture/arm" "$@"; }
harm()
{
        harms=$((harms + 1))
        echo "# $scenario, $kind $n ($error): $1"
        tail -n 3 "$kv/said/daemon" | grep '^<' | cut -c 1-200 | sed 's/^/#    daemon: /'
        cut -c 1-200 "$kv/said/err" | head -n 3 | sed 's/^/#    client: /'
}

# keyvigil with its calls counted, too. One that says nothing for a minute hangs.
deny_kv()
{
        rc=0
        timeout 60 env LD_PRELOAD="$deny_so" KEYVIGIL_DENY="$deny_dir/client" "$builddir/keyvigil" "$@" \
                <"${deny_input:-/dev/null}" >"$kv/said/out" 2>"$kv/said/err" || rc=$?
        cat "$kv/said/out" "$kv/said/err" >>"$kv/said/client"
        case $rc in
        0) ;;
        124) harm "'keyvigil $1' hangs" ;;
        134) grep -q 'ending' "$kv/said/err" || harm "'keyvigil $1' aborts without a word" ;;
        12[6-9] | 1[3-9]? | 2??) harm "'keyvigil $1' ends with $rc" ;;
        *) [ -s "$kv/said/err" ] || [ -s "$kv/said/out" ] || harm "'keyvigil $1' fails without a word" ;;
        esac
}
# The same, undisturbed.
kv_quiet()
{
        arm "$deny_dir/client" off >/dev/null
        deny_kv "$@"
}

deny_launch()
{
        deny_said=$(stat -c %s "$kv/said/daemon")
        LD_PRELOAD="$deny_so" KEYVIGIL_DENY="$deny_dir/daemon" "$builddir/keyvigild" --config "$KEYVIGIL_CONFIG" --events=stdout \
                >>"$kv/said/daemon" 2>&1 &
        kv_pid=$!
}
deny_ready() { kv_gone || kv_answers_well; }
kv_answers_well() { timeout 20 "$builddir/keyvigil" --json status 2>/dev/null | grep -q '"running": true'; }
deny_start()
{
        deny_launch
        kv_until 30 deny_ready && ! kv_gone
}

# How the daemon ended, if it did by itself: by a status of its own, or for want of memory, and with a line.
deny_ended()
{
        kv_reap
        tail -c +$((deny_said + 1)) "$kv/said/daemon" | grep '^<[0-4]>' >"$deny_dir/line" || :
        case $rc in
        [1-6]) [ -s "$deny_dir/line" ] || harm "the daemon ends with $rc without a word" ;;
        134) tail -n 1 "$deny_dir/line" | grep -q 'ending, to start anew' || harm "the daemon aborts without a word" ;;
        *) harm "the daemon ends with $rc" ;;
        esac
        deny_deaths=$((deny_deaths + 1))
}

deny_open()
{
        fs_start --http 127.0.0.1:0
        kv_conf "$@"
        : >"$kv/said/daemon"
        for program in daemon client; do
                arm "$deny_dir/$program" make
        done
        deny_start || exit 1
        base=$(new_key rk live)
        deny_key "$base" base
        kv_with "$base" add base
        is "a key is stored" "$rc" 0
}

deny_says() { tail -c +$((deny_said + 1)) "$kv/said/daemon" | grep -q "$1"; }
written() { "$builddir/keyvigil" --json status 2>/dev/null | jq -e '.store_trouble | not' >/dev/null; }
deny_key() { fs_control PUT keys "{\"key\":\"$1\",\"account\":\"acct_$2\",\"permissions\":${3:-$selgeo}}" >/dev/null; }

# One try. Sets $seen, $fired.
deny_point()
{
        deny_points=$((deny_points + 1))
        point=p$deny_points
        ${scenario}_before
        deny_said=$(stat -c %s "$kv/said/daemon")
        deny_off=
        arm "$deny_dir/$who" "$kind" "$n" "$error"
        ${scenario}_act
        deny_disarm
        deny_rc=$rc
        # One that is on its way out is not asked to go on.
        if [ -n "$kv_pid" ] && deny_says 'ending, to start anew'; then
                kv_until 30 kv_gone || harm "the daemon does not end, as it said"
        fi
        [ $rc -eq 0 ] || [ -z "$kv_pid" ] || kv_until 30 deny_ready || harm "the daemon neither answers nor ends"
        rc=$deny_rc
        if [ -n "$kv_pid" ] && kv_gone; then
                deny_ended
                rc=$deny_rc
        fi
        if [ -z "$kv_pid" ] && ! deny_start; then
                harm "the daemon does not start any more"
                exit 1
        fi
        # What waits for the database is written before it is looked at.
        ! deny_says 'Could not write' || kv_until 60 written || harm "the database stays in trouble"
        ${scenario}_after
        [ "$(sqlite3 "$db" 'PRAGMA integrity_check' 2>&1)" = ok ] || harm "the database is not whole"
}

# From here on nothing is denied: a scenario may say so itself, before it looks.
deny_disarm()
{
        [ -z "$deny_off" ] || return 0
        deny_off=yes
        deny_result=$(arm "$deny_dir/$who" off)
        seen=${deny_result% *}
        fired=${deny_result#* }
}

deny_all() # who, scenario, kind, error, points
{
        who=$1 scenario=$2 kind=$3 error=$4
        deny_harms=$harms deny_deaths=0
        n=0
        deny_point
        total=$seen
        step=1
        [ -n "${KEYVIGIL_LONG:-}" ] || [ "$total" -le "$5" ] || step=$(((total + $5 - 1) / $5))
        random $step
        n=$((1 + random))
        tried=0
        while [ $n -le "$total" ]; do
                deny_point
                tried=$((tried + fired))
                n=$((n + step))
        done
        is "$who, $scenario: $kind denied with $error at $tried of $total points, $deny_deaths ends, and no harm" \
                $((harms - deny_harms)) 0
}

# Every event is told, and no trouble of a key twice under another id.
deny_end()
{
        kv_until 20 deny_told || :
        sed -n 's/^.*"KEYVIGIL_EVENT_ID":"\([^"]*\)".*$/\1/p' "$kv/said/daemon" | sort -u >"$deny_dir/told"
        sqlite3 "$db" "SELECT id FROM event" | sort -u >"$deny_dir/kept"
        is "every event that is kept is told" "$(comm -13 "$deny_dir/told" "$deny_dir/kept" | wc -l)" 0
        is "what is told twice is the same" "$(grep '^{' "$kv/said/daemon" | sort -u |
                sed -n 's/^.*"KEYVIGIL_EVENT_ID":"\([^"]*\)".*$/\1/p' | sort | uniq -d | wc -l)" 0
        is "no death is told under two ids" "$(sqlite3 "$db" "SELECT count(*) FROM (SELECT key FROM event
                WHERE kind = 'key-revoked' GROUP BY key HAVING count(DISTINCT id) > 1)")" 0
        kv_stop
        is "the daemon leaves in peace" "$rc" 0
        is "the database is whole" "$(sqlite3 "$db" 'PRAGMA integrity_check')" ok
        kv_clean
        fs_stop
        tap_end
}
deny_told() { [ "$(sqlite3 "$db" "SELECT count(*) FROM event WHERE send_state = 0")" = 0 ]; }

# --- the scenarios

settled() { kv_gone || deny_told; }
settle() { kv_until 5 settled || :; }

add_before()
{
        key=$(new_key rk live)
        deny_key "$key" "$point"
        printf '%s' "$key" >"$fs_dir/secret"
}
add_act()
{
        deny_input=$fs_dir/secret
        deny_kv add "$point"
        settle
}
add_after()
{
        if [ $rc -eq 0 ]; then
                key_is "$point" healthy || harm "what was said to be stored is not"
                [ "$(added_events "$point")" = 1 ] || harm "the adding was told $(added_events "$point") times"
        elif [ "$(key_state "$point")" != healthy ]; then
                kv_quiet add "$point"
                [ $rc -eq 0 ] || harm "it cannot be stored any more"
        fi
        deny_input=
        kv_quiet remove "$point" --force
        [ $rc -eq 0 ] || harm "it cannot be removed"
}
added_events()
{
        "$builddir/keyvigil" events --kind operator-action --key "$1" --json |
                jq -r 'select(.fields.KEYVIGIL_ACTION == "added") | .id' | sort -u | wc -l
}

import_before()
{
        : >"$fs_dir/lines"
        for i in 1 2 3; do
                key=$(new_key rk live)
                deny_key "$key" "$point$i"
                printf '{"name":"%s-%s","key":"%s","profile":"selgeo","labels":{"team":"a"}}\n' "$point" $i "$key" >>"$fs_dir/lines"
        done
}
import_act()
{
        deny_input=$fs_dir/lines
        deny_kv import -
        settle
}
import_after()
{
        [ $rc -ne 0 ] || [ "$(imported)" = 3 ] || harm "$(imported) of 3 are there, and it was said to be all"
        kv_quiet import -
        [ "$(imported)" = 3 ] || harm "they cannot be imported any more"
        deny_input=
        kv_quiet remove "$point-*" --force --yes
}
imported() { "$builddir/keyvigil" --json list "$point-*" | jq '.keys | length'; }

check_before() { :; }
check_act()
{
        deny_kv check base --full
        settle
}
check_after()
{
        kv_quiet check base --full
        [ $rc -eq 0 ] || harm "a key that is well is not found to be"
}

death_before()
{
        add_before
        deny_input=$fs_dir/secret kv_quiet add "$point"
        fs_control PATCH keys "{\"key\":\"$key\",\"state\":\"expired\"}" >/dev/null
}
death_act()
{
        deny_kv check "$point"
        settle
}
death_after()
{
        kv_until 20 died || harm "a dead key is not found to be dead: $(key_state "$point")"
        settle
        [ "$(deaths)" = 1 ] || harm "a death was told under $(deaths) ids"
        kv_quiet remove "$point" --force
}
died()
{
        key_is "$point" revoked && return 0
        "$builddir/keyvigil" check "$point" >/dev/null 2>&1 || :
        key_is "$point" revoked
}
deaths() { "$builddir/keyvigil" events --kind key-revoked --key "$point" --json | jq -r .id | sort -u | wc -l; }

rotate_before()
{
        add_before
        deny_input=$fs_dir/secret kv_quiet add "$point"
        second=$(new_key rk live)
        deny_key "$second" "$point"
        printf '%s' "$second" >"$fs_dir/secret"
}
rotate_act()
{
        deny_input=$fs_dir/secret
        deny_kv rotate "$point"
        settle
}
rotate_after()
{
        was=$rc
        kv_quiet rotate "$point"
        case $was:$rc in
        0:0) harm "what was said to be swapped in was not" ;;
        0:*) ;;
        *:0) ;;
        *) grep -q 'already' "$kv/said/err" || harm "it cannot be rotated any more" ;;
        esac
        deny_input=
        kv_quiet remove "$point" --force
}

sweep_before()
{
        fs_control PUT coupons "[{\"account\":\"acct_base\",\"mode\":\"live\",\"id\":\"selgeo_probe_$point\",\"created\":$(($(date +%s) - 7200))},
                {\"account\":\"acct_base\",\"mode\":\"live\",\"id\":\"sale_$point\",\"created\":$(($(date +%s) - 7200))}]" >/dev/null
}
sweep_act()
{
        deny_kv coupons sweep --force
        settle
}
sweep_after()
{
        swept() { kv_quiet coupons sweep --force; [ "$(left selgeo_probe_)" = 0 ]; }
        kv_until 10 swept || harm "the leftover stays"
        [ "$(left "sale_$point")" = 1 ] || harm "a merchant's coupon is gone"
        kv_until 20 noted || harm "the ledger says '$states'"
        told=$("$builddir/keyvigil" events --kind probe-coupon-deleted --json | grep -c "selgeo_probe_$point\"" || :)
        [ "$told" -le 1 ] || harm "the deletion was told $told times"
}
noted()
{
        states=$(sqlite3 "$db" "SELECT DISTINCT state FROM coupon WHERE coupon = 'selgeo_probe_$point'")
        [ "$states" = deleted ] || [ "$states" = gone ]
}
left() { fs_control GET "coupons?account=acct_base&mode=live&prefix=$1" | jq '.coupons | length'; }

reload_before() { :; }
reload_act()
{
        deny_kv reload
        settle
}
reload_after()
{
        kv_quiet reload
        [ $rc -eq 0 ] || harm "it cannot be reloaded any more"
}

list_before()
{
        for what in "list" "show base" "incidents" "history base" "coupons list" "plan"; do
                kv_quiet --json $what
                volatile <"$kv/said/out" >"$deny_dir/wanted.${what%% *}"
        done
}
# What differs from one second to the next.
volatile() { sed -E 's/"(last_checked|last_healthy|last_full|checks|until_time)": ?("[^"]*"|[0-9]+|null)//g'; }
list_act()
{
        for what in "list" "show base" "incidents" "history base" "coupons list" "plan"; do
                deny_kv --json $what
                [ $rc -ne 0 ] || volatile <"$kv/said/out" | cmp -s - "$deny_dir/wanted.${what%% *}" ||
                        grep -q 'daemon' "$kv/said/err" || harm "'$what' is not whole, and it was said to be"
        done
        deny_kv status
        deny_kv plugin
}
list_after() { :; }

people_before() { :; }
people_act()
{
        deny_kv set base --label "n=$point"
        deny_kv pause base --reason "because $point"
        deny_kv resume base
        settle
}
people_after()
{
        kv_quiet set base --label "n=$point"
        [ $rc -eq 0 ] || harm "it cannot be set any more"
        kv_quiet resume base
        key_is base healthy || harm "it is $(key_state base)"
}

start_before()
{
        kv_stop
        [ $rc -eq 0 ] || harm "the daemon stops with $rc"
}
start_act()
{
        deny_launch
        kv_until 30 deny_ready || harm "the daemon neither answers nor ends"
        rc=0
}
start_after()
{
        key_is base healthy || harm "its key is $(key_state base)"
}

stop_before()
{
        kv_quiet set base --label "n=$point"
}
stop_act()
{
        kv_stop
        deny_disarm
        case $rc in
        0) ;;
        137) harm "the daemon does not stop" ;;
        *) tail -c +$((deny_said + 1)) "$kv/said/daemon" | grep -q '^<[0-4]>' || harm "the daemon stops with $rc without a word" ;;
        esac
        case $rc in 13[0-35-9] | 14?) harm "the daemon stops with $rc" ;; esac
        rc=0
}
stop_after()
{
        [ "$("$builddir/keyvigil" --json show base | jq -r .labels.n)" = "$point" ] || harm "a label is lost"
}
