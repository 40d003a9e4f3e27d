# For shell tests that need a fake Stripe: source it; needs $builddir, curl and jq.
#   fs_start [OPTION...]      starts one; sets $fs_pid, $fs (http base), $fs_tls (https base, if there is one)
#   fs_stop                   ends it and fails if it did not end well
#   fs_control METHOD NAME[?QUERY] [JSON]     /_fake/NAME; prints the answer, fails if it was refused
#   fs_ask METHOD PATH [CURL-OPTION...]       one request; sets $status (000: none), $body, $headers (a file)
# Everything lives in $fs_dir, which is removed at the end unless KEEP is set.

fs_dir=$(mktemp -d)
fs_pid=
fs_key=
trap 'fs_cleanup' EXIT
trap 'exit 1' INT TERM HUP

fs_cleanup()
{
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
