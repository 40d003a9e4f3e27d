# For shell tests of the programs as they are: source it after fakestripe.sh; needs $srcdir and $builddir.
#   new_key KIND MODE             a made-up secret, remembered for the search for leaks: new_key rk live
#   kv_conf [YAML-LINES]          writes the configuration, against $kv_base (the fake's http address unless set)
#   kv_start                      starts keyvigild and waits until it answers; sets $kv_pid
#   kv_stop                       ends it as systemd does; sets $rc
#   kv ARGUMENT...                runs the client; sets $rc, $out, $err (and keeps both for the search)
#   kv_with TEXT ARGUMENT...      the same, with TEXT on its standard input
#   kv_until SECONDS COMMAND...   waits until the command succeeds
#   kv_clean                      the last check: no part of a key anywhere
# Everything is in $kv (configuration, state, socket, logs), which holds no key unless keyvigil put it there.

kv=$fs_dir/kv
kv_keys=$fs_dir/keys
kv_pid=
kv_n_answers=0
kv_run=${KV_RUN:-}
mkdir -p "$kv/said"
: >"$kv_keys"
KEYVIGIL_DATADIR=$(cd "$srcdir" && pwd)/conf
KEYVIGIL_CONFIG=$kv/keyvigil.yaml
export KEYVIGIL_DATADIR KEYVIGIL_CONFIG
unset NOTIFY_SOCKET CREDENTIALS_DIRECTORY WATCHDOG_USEC NO_COLOR
trap 'kv_cleanup; fs_cleanup' EXIT

selgeo='["checkout_session_read","charge_read","balance_transaction_source_read","customer_read","invoice_read",
        "promotion_code_write","coupon_write","webhook_write"]'

kv_cleanup()
{
        [ -z "$kv_pid" ] || kill -KILL "$kv_pid" 2>/dev/null || :
}

random_text() { LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c "$1"; }

new_key()
{
        new_key=$1_$2_$(random_text 24)
        echo "$new_key" >>"$kv_keys"
        echo "$new_key"
}

kv_conf()
{
        cat >"$KEYVIGIL_CONFIG" <<END
state_dir: $kv/state
stripe:
  api_base: ${kv_base:-$fs}
  timeout: ${KV_TIMEOUT:-5s}
  account_concurrency: 10
  account_rate: 100
${kv_stripe:-}
checks:
  pulse: ${kv_pulse:-1h}
  confirm: [${kv_confirm:-1s, 1s}]
control:
  socket: $kv/control.sock
  read_socket: $kv/read/read.sock
${1:-}
END
}

kv_answers() { "$builddir/keyvigil" status >/dev/null 2>&1; }

# Half a minute is for valgrind on a slow machine.
kv_start()
{
        $kv_run "$builddir/keyvigild" --config "$KEYVIGIL_CONFIG" >>"$kv/said/daemon" 2>&1 &
        kv_pid=$!
        kv_turns=0
        until [ -S "$kv/control.sock" ] && kv_answers && "$builddir/keyvigil" --json status 2>/dev/null | grep -q '"running": true'; do
                kv_turns=$((kv_turns + 1))
                if [ $kv_turns -gt 300 ] || ! kill -0 $kv_pid 2>/dev/null; then
                        echo "keyvigild did not start:" >&2
                        cat "$kv/said/daemon" >&2
                        return 1
                fi
                sleep 0.1
        done
}

kv_stop()
{
        kill -TERM "$kv_pid"
        kv_reap
}

kv_gone() { [ ! -e "/proc/$kv_pid/status" ] || grep -q '^State:.*Z' "/proc/$kv_pid/status" 2>/dev/null; }

# Wait for the daemon; one that does not leave within a minute is killed, and $rc says so. (A guard in the background
# would have to be killed itself, and a shell that is killed as soon as it was forked still runs our traps.)
kv_reap()
{
        kv_until 60 kv_gone || kill -KILL "$kv_pid"
        rc=0
        wait "$kv_pid" 2>/dev/null || rc=$?
        kv_pid=
}

kv()
{
        rc=0
        "$builddir/keyvigil" "$@" >"$kv/said/out" 2>"$kv/said/err" </dev/null || rc=$?
        kv_keep
}

kv_with()
{
        kv_text=$1
        shift
        rc=0
        printf '%s' "$kv_text" | "$builddir/keyvigil" "$@" >"$kv/said/out" 2>"$kv/said/err" || rc=$?
        kv_keep
}

kv_keep()
{
        out=$(cat "$kv/said/out")
        err=$(cat "$kv/said/err")
        cat "$kv/said/out" "$kv/said/err" >>"$kv/said/client"
}

kv_until()
{
        kv_limit=$(($1 * 10))
        shift
        kv_turns=0
        until "$@"; do
                kv_turns=$((kv_turns + 1))
                [ $kv_turns -le $kv_limit ] || return 1
                sleep 0.1
        done
}

# The daemon's answer to a request as it is: sets $status and $body, and keeps it for kv_clean. kv_route METHOD PATH [CURL-OPTION...]
kv_route()
{
        kv_method=$1
        kv_path=$2
        shift 2
        status=$(curl -s -g -X "$kv_method" --unix-socket "$kv/control.sock" -o "$kv/said/body" -w '%{http_code} %{content_type}' "$@" \
                "http://keyvigil$kv_path") || :
        body=$(tr -d '\0' <"$kv/said/body" 2>/dev/null) || body=
        kv_n_answers=$((kv_n_answers + 1))
        mkdir -p "$fs_dir/answers"
        printf '%s' "$body" >"$fs_dir/answers/$kv_n_answers"
        echo "$kv_method $kv_path $status" >"$fs_dir/answers/$kv_n_answers.head"
        status=${status%% *}
        printf '%s\n' "$body" >>"$kv/said/client"
}

key_state() { "$builddir/keyvigil" --json show "$1" 2>/dev/null | jq -r .state; }
key_is() { [ "$(key_state "$1")" = "$2" ]; }

# Each answer that kv_route had is what conf/openapi.yaml says of it.
kv_answers_right()
{
        rc=0
        said=$(python3 "$srcdir/tests/support/openapi.py" "$srcdir/conf/openapi.yaml" "$fs_dir/answers" "$@") || rc=$?
        printf '%s\n' "$said" | sed 's/^/# /'
        is "the answers of the routes are what the API's file says" "$rc" 0
}

kv_clean()
{
        if [ $kv_n_answers -gt 0 ] && python3 -c 'import jsonschema, yaml' 2>/dev/null; then
                kv_answers_right ${kv_api_whole:-}
        fi
        mkdir "$fs_dir/planted"
        head -n 1 "$kv_keys" | cut -c 12-24 >"$fs_dir/planted/piece"
        ok "a part of a key would be found" kv_found "$fs_dir/planted"
        ok "no part of a key is anywhere" sh "$srcdir/tests/support/leakscan.sh" "$kv" "$kv_keys" $kv_pid
}
kv_found() { ! sh "$srcdir/tests/support/leakscan.sh" "$1" "$kv_keys" >/dev/null; }
