#!/bin/sh
# The daemon at work, for the eyes: against a Stripe of our own it ends by itself within a minute; with a key of yours it
# watches that key at the real Stripe until you stop it.
#   demo.sh                     the show
#   demo.sh FILE|- [PROFILE]    watch the key that FILE (or standard input) holds
# What it writes is in .run/ of the source tree.
set -eu

builddir=${builddir:-$PWD/build}
top=$(cd "$(dirname "$0")/../.." && pwd)
fake_pid='' daemon_pid='' short_dir=''
bold='' plain=''
[ ! -t 1 ] || [ -n "${NO_COLOR:-}" ] || { bold=$(printf '\033[1m') plain=$(printf '\033[0m'); }
KEYVIGIL_DATADIR=$top/conf
export KEYVIGIL_DATADIR

say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

stop() # PID: end it, and wait until it is gone
{
        [ -n "$1" ] || return 0
        kill "$1" 2>/dev/null || :
        wait "$1" 2>/dev/null || :
}

finish()
{
        stop "$daemon_pid"
        stop "$fake_pid"
        [ -z "$short_dir" ] || rm -rf "$short_dir"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

# run ARGUMENT...: the client, with its command line shown as somebody would type it
run()
{
        printf '$ keyvigil %s\n' "$*"
        "$builddir/keyvigil" "$@" || :
}

start_daemon()
{
        "$builddir/keyvigild" --config "$KEYVIGIL_CONFIG" 2>"$run_dir/daemon.log" &
        daemon_pid=$!
        for turn in $(seq 100); do
                "$builddir/keyvigil" --json status 2>/dev/null | grep -q '"running": true' && return
                kill -0 "$daemon_pid" 2>/dev/null || break
                sleep 0.1
        done
        echo "keyvigild did not start:" >&2
        cat "$run_dir/daemon.log" >&2
        exit 1
}

# configure DIRECTORY API-BASE [YAML]
configure()
{
        run_dir=$1
        mkdir -p "$run_dir"
        socket=$run_dir/control.sock
        if [ ${#socket} -ge 100 ]; then # the path of a socket has a bound
                short_dir=$(mktemp -d)
                socket=$short_dir/control.sock
        fi
        KEYVIGIL_CONFIG=$run_dir/keyvigil.yaml
        export KEYVIGIL_CONFIG
        cat >"$KEYVIGIL_CONFIG" <<END
state_dir: $run_dir/state
stripe:
  api_base: $2
control:
  socket: $socket
  read_socket: ""
${3:-}
END
}

# Show the incidents that are new since the last time.
seen=0
show_news()
{
        news=$("$builddir/keyvigil" --json incidents 2>/dev/null |
                jq -c --argjson seen "$seen" '[.incidents[] | select(.id > $seen)] | sort_by(.id)') || return 0
        printf '%s' "$news" | jq -r '.[] | "  \(.opened[11:19])  \(.severity)\t\(.message)"'
        seen=$(printf '%s' "$news" | jq --argjson seen "$seen" '[.[].id, $seen] | max')
}

journal_hint()
{
        if [ -S /run/systemd/journal/socket ]; then
                echo "The same events are in the journal: journalctl -t keyvigild -x"
        else
                echo "There is no journal on this machine, so the events wait for it in the database."
        fi
}

# --- a key of somebody's own

watch_real()
{
        profile=${2:-selgeo}
        configure "$top/.run/real" https://api.stripe.com
        start_daemon
        say "Asking Stripe what this key may do (profile $profile)"
        if [ "$1" = - ]; then
                "$builddir/keyvigil" add mine --profile "$profile" --force || :
        else
                "$builddir/keyvigil" add mine --profile "$profile" --force <"$1" || :
        fi
        "$builddir/keyvigil" show mine
        say "Watching it until you stop this with Ctrl-C; the database is $run_dir/state/keyvigil.db"
        while kill -0 "$daemon_pid" 2>/dev/null; do
                show_news
                sleep 2
        done
}

# --- the show

start_fake()
{
        "$builddir/tests/support/fakestripe/fakestripe" --http 127.0.0.1:0 >"$run_dir/fake" 2>&1 &
        fake_pid=$!
        for turn in $(seq 100); do
                grep -q '^ready$' "$run_dir/fake" && break
                sleep 0.1
        done
        fake=$(sed -n 's|^\(http:.*\)|\1|p' "$run_dir/fake")
}

random_text() { LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 24; }

# merchant NAME STATE [MORE-JSON]: a made-up key in $key, known to our Stripe
merchant()
{
        key=rk_live_$(random_text)
        permissions='"checkout_session_read","charge_read","balance_transaction_source_read","customer_read",
                "invoice_read","promotion_code_write","coupon_write","webhook_write"'
        tell PUT "{\"key\":\"$key\",\"account\":\"acct_$1\",\"state\":\"$2\",\"permissions\":[$permissions]${3:-}}"
}

tell() { printf '%s' "$2" | curl -s -X "$1" --data-binary @- "$fake/_fake/${3:-keys}" >/dev/null; }

import_line() { printf '{"name":"%s","key":"%s","profile":"selgeo"%s}\n' "$1" "$key" "${2:-}"; }

import_all()
{
        merchant gym expired
        import_line gym ',"expires":"2026-01-01"'
        merchant hotel expired
        import_line hotel
        merchant kiosk unknown
        import_line kiosk
        merchant museum alive
        import_line museum
}

# news_until COMMAND: show what happens until it succeeds, for half a minute at most
news_until()
{
        for turn in $(seq 30); do
                show_news
                ! "$1" || break
                sleep 1
        done
        show_news
}

nothing_is_in_doubt() { "$builddir/keyvigil" --json status | jq -e '.suspects + .states.unverified == 0' >/dev/null; }
museum_is_revoked() { [ "$("$builddir/keyvigil" --json show museum | jq -r .state)" = revoked ]; }

show_time()
{
        rm -rf "$top/.run/demo"
        mkdir -p "$top/.run/demo/profiles"
        sed 's/^pulse:.*/pulse: 10s/' "$top/conf/profiles/selgeo.yaml" >"$top/.run/demo/profiles/selgeo.yaml"
        run_dir=$top/.run/demo
        start_fake
        configure "$run_dir" "$fake" "checks:
  confirm: [1s, 2s]
profiles_dir: $run_dir/profiles"
        start_daemon

        say "A merchant connects: every permission is verified before the key is stored"
        merchant bakery alive
        printf '%s\n' "$key" | run add bakery
        say "Another one forgot a permission"
        merchant cinema alive ',"revoke":["coupon_write"]'
        printf '%s\n' "$key" | run add cinema
        printf '%s\n' "$key" | run add cinema --force
        say "Somebody pastes the wrong kind of key"
        printf 'pk_live_%s\n' "$(random_text)" | run add gallery

        say "Many keys come at once, some of them in a bad way; the museum's is good, for now"
        import_all >"$run_dir/import"
        run import "$run_dir/import"
        museum=$(sed -n 's/.*"museum","key":"\([^"]*\)".*/\1/p' "$run_dir/import")
        rm -f "$run_dir/import"
        news_until nothing_is_in_doubt

        say "A connection check of the merchant's platform was interrupted and left a coupon behind"
        tell PUT "{\"account\":\"acct_bakery\",\"mode\":\"live\",\"id\":\"selgeo_probe_left\",
                \"created\":$(($(date +%s) - 7200))}" coupons
        run check bakery --coupons
        run coupons

        say "The museum revokes its key; it is asked every 10 seconds"
        tell PATCH "{\"key\":\"$museum\",\"state\":\"expired\"}"
        news_until museum_is_revoked
        news_until nothing_is_in_doubt

        say "In the morning"
        run list
        run status
        say "That was the show"
        "$builddir/keyvigil" plugin || :
        journal_hint
        cat <<END
The database is $run_dir/state/keyvigil.db: sqlite3 it, "SELECT * FROM v_key".
With a key of your own, asked at the real Stripe:  ./bootstrap run FILE  (or - to type it, and a profile behind it)
END
}

[ $# -eq 0 ] || {
        watch_real "$@"
        exit 0
}
show_time
