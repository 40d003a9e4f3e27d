# For shell tests that need a fake Stripe: source it; needs $builddir, curl and jq.
#   fs_start [OPTION...]      starts one; sets $fs_pid, $fs (http base), $fs_tls (https base, if there is one)
#   fs_stop                   ends it and fails if it did not end well
#   fs_front [NAME]           puts nginx before it, which speaks HTTP/2 with the certificate NAME (good); sets $fs_h2 (its
#                             address), $fs_ca, $fs_front_pid; fails if there is no nginx
#   fs_front_stop             ends that
#   fs_control METHOD NAME[?QUERY] [JSON]     /_fake/NAME; prints the answer, fails if it was refused
#   fs_ask METHOD PATH [CURL-OPTION...]       one request; sets $status (000: none), $body, $headers (a file)
# Everything lives in $fs_dir, which is removed at the end unless KEEP is set.

fs_dir=$(mktemp -d)
# A proxy in the environment is for the programs that are tested to ignore, not for curl to use.
echo 'noproxy = "*"' >"$fs_dir/.curlrc"
CURL_HOME=$fs_dir
export CURL_HOME
fs_pid=
fs_key=
fs_front_pid=
trap 'fs_cleanup' EXIT
trap 'exit 1' INT TERM HUP

fs_cleanup()
{
        [ -z "$fs_front_pid" ] || kill "$fs_front_pid" 2>/dev/null || :
        [ -z "$fs_pid" ] || kill "$fs_pid" 2>/dev/null || :
        [ -n "${KEEP:-}" ] || rm -rf "$fs_dir"
}

fs_start()
{
        : >"$fs_dir/out"
        "$builddir/tests/support/fakestripe/fakestripe" "$@" >"$fs_dir/out" 2>"$fs_dir/err" &
        fs_pid=$!
        fs_turns=0
        while ! grep -q '^ready$' "$fs_dir/out"; do
                fs_turns=$((fs_turns + 1))
                if [ $fs_turns -gt 300 ] || ! kill -0 $fs_pid 2>/dev/null; then
                        echo "fakestripe did not start:" >&2
                        cat "$fs_dir/err" >&2
                        return 1
                fi
                sleep 0.1
        done
        fs=$(sed -n 's|^\(http:.*\)|\1|p' "$fs_dir/out" | head -n 1)
        fs_tls=$(sed -n 's|^\(https:.*\)|\1|p' "$fs_dir/out" | head -n 1)
}

fs_stop()
{
        kill -TERM "$fs_pid"
        fs_rc=0
        wait "$fs_pid" || fs_rc=$?
        fs_pid=
        [ $fs_rc -eq 0 ] || cat "$fs_dir/err" >&2
        return $fs_rc
}

# A port that somebody else has is answered by somebody else: then nginx ends, and the next port is tried.
fs_front()
{
        fs_front_dir=$fs_dir/front
        fs_ca=$fs_front_dir/ca.pem
        if [ ! -e "$fs_ca" ]; then
                sh "$srcdir/tests/support/certs.sh" "$fs_front_dir" >/dev/null 2>&1
                chmod 711 "$fs_front_dir"
        fi
        fs_tries=0
        while [ $fs_tries -lt 20 ]; do
                fs_tries=$((fs_tries + 1))
                fs_port=$((20000 + ($$ * 7 + fs_tries * 997) % 12000))
                sed -e "s|@PORT@|$fs_port|" -e "s|@NAME@|${1:-good}|" -e "s|@BACK@|${fs#http://}|" \
                        "$srcdir/tests/support/front.conf.in" >"$fs_front_dir/nginx.conf"
                nginx -p "$fs_front_dir" -e stderr -c "$fs_front_dir/nginx.conf" 2>"$fs_front_dir/err" &
                fs_front_pid=$!
                fs_h2=https://localhost:$fs_port
                while kill -0 $fs_front_pid 2>/dev/null && [ "$(cat "$fs_front_dir/nginx.pid" 2>/dev/null)" != $fs_front_pid ]; do
                        sleep 0.05
                done
                kill -0 $fs_front_pid 2>/dev/null && return 0
        done
        fs_front_pid=
        cat "$fs_front_dir/err" >&2
        return 1
}

fs_front_stop()
{
        kill "$fs_front_pid"
        wait "$fs_front_pid" || :
        fs_front_pid=
}

fs_control()
{
        if [ $# -gt 2 ]; then
                printf '%s' "$3" | curl -s --fail-with-body -X "$1" --data-binary @- "$fs/_fake/$2"
        else
                curl -s --fail-with-body -X "$1" "$fs/_fake/$2"
        fi
}

fs_ask()
{
        fs_method=$1
        fs_path=$2
        shift 2
        headers=$fs_dir/headers
        : >"$fs_dir/body"
        status=$(curl -s -g -X "$fs_method" -o "$fs_dir/body" -D "$headers" -w '%{http_code}' \
                ${fs_key:+-H "Authorization: Bearer $fs_key"} "$@" "$fs$fs_path") || :
        body=$(tr -d '\0' <"$fs_dir/body")
}
