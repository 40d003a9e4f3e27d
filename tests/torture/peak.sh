#!/bin/sh
# How much memory the daemon takes under the worst that a provider and its own callers can do to it, beside what its unit
# allows. The long form has as many of each as there may be: it is what MemoryMax= was chosen by.
set -eu
. "$srcdir/tests/support/daemon.sh"
command -v python3 >/dev/null || { echo "1..0 # SKIP there is no python3"; exit 77; }
accounts=${KEYVIGIL_LONG:+256}
accounts=${accounts:-24}
incidents=${KEYVIGIL_LONG:+500000}
incidents=${incidents:-5000}
readers=${KEYVIGIL_LONG:+100}
readers=${readers:-10}
hostile_pid=
others=
trap 'kill $hostile_pid $others 2>/dev/null; kv_cleanup; fs_cleanup' EXIT
allowed=$(awk -F= '$1 == "MemoryMax" { sub(/G$/, "", $2); print $2 * 1024 * 1024 }' "$builddir/systemd/keyvigild.service")
ulimit -n 4096 2>/dev/null || :

: >"$fs_dir/log" >"$fs_dir/ways" >"$fs_dir/lines"
for i in $(seq "$accounts"); do
        key=$(new_key rk live)
        case $((i % 4)) in
        0) way=flood-of-headers ;;
        1) way=body-without-end ;;
        2) way=pages-of-tiny-members ;;
        *) way=pages-of-tiny-objects ;;
        esac
        echo "$key $way" >>"$fs_dir/ways"
        printf '{"name":"key-%s","key":"%s","profile":"selgeo"}\n' "$i" "$key" >>"$fs_dir/lines"
done
python3 "$srcdir/tests/support/hostile.py" "$fs_dir/port" "$fs_dir/ways" "$fs_dir/log" &
hostile_pid=$!
kv_until 20 test -s "$fs_dir/port"
kv_base=http://127.0.0.1:$(cat "$fs_dir/port")
kv_conf
kv_start
kv_stop
sqlite3 "$kv/state/keyvigil.db" "
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $incidents)
        INSERT INTO incident(kind, opened, cleared, reminded, reminders, acknowledged, acknowledged_until, acknowledged_uid,
                priority, count, event_id, reason, detail, message, acknowledgement)
        SELECT 'key-unverified', 1790000000, 1790000600, 0, 0, 0, 0, 0, 4, 0, printf('%032x', i), 'none',
                'nothing came for a while', 'The key key-' || i || ' was not verified for a day.', '' FROM n"
kv_start

peak() { awk '/^VmHWM/ { print $2 }' "/proc/$kv_pid/status"; }
forget() { echo 5 >"/proc/$kv_pid/clear_refs" 2>/dev/null || :; }
# measured WHAT: and begin anew.
measured()
{
        is=$(peak)
        echo "# $1: $((is / 1024)) MiB of $((allowed / 1024))"
        ok "$1: less than the unit allows" [ "$is" -lt "$allowed" ]
        kv status
        is "the daemon answers" "$rc" 0
        forget
}
measured "at rest"

"$builddir/keyvigil" import "$fs_dir/lines" >/dev/null 2>&1 || :
asked() { [ "$(wc -l <"$fs_dir/log")" -ge $((accounts * $1)) ]; }
ok "all keys are asked" kv_until 600 asked 2
measured "$accounts keys, some answered by headers or a body without end"

# The sweep itself is not waited for: it asks again and again.
pages() { grep -c '^pages.* page$' "$fs_dir/log" || :; }
was=$(pages)
"$builddir/keyvigil" coupons sweep --force >"$fs_dir/swept" 2>&1 &
others=$!
given() { [ "$(pages)" -ge $((was + accounts / 2)) ]; }
ok "the pages are given" kv_until 300 given
measured "$((accounts / 2)) pages of 4 MiB of the smallest objects"

# Readers who ask for all and take little, and requests of the largest size that never end.
for _ in $(seq "$readers"); do
        curl -s --max-time 60 --limit-rate 200k --unix-socket "$kv/control.sock" "http://k/v1/incidents?limit=1000000" >/dev/null &
        others="$others $!"
done
curl -s --unix-socket "$kv/control.sock" -o "$fs_dir/list" "http://k/v1/incidents?limit=1000000"
is "they are listed meanwhile, to the end" "$(tail -c 4 "$fs_dir/list" | tr -d '\n ')" ']}'
echo "# $(grep -o '"kind"' "$fs_dir/list" | wc -l) incidents in $(($(stat -c %s "$fs_dir/list") / 1024)) KiB"
measured "$readers readers of $incidents incidents"
kill $others 2>/dev/null || :
wait $others 2>/dev/null || :
others=

{
        printf 'GET /v1/status HTTP/1.1\r\nHost: k\r\n'
        awk 'BEGIN { for (i = 0; i < 1200; i++) printf "X-%d: %080d\r\n", i, i }'
} >"$fs_dir/text"
"$builddir/tests/support/unixhold" "$kv/control.sock" $((readers * 5)) "$fs_dir/text" >"$fs_dir/held" 2>&1 &
others=$!
kv_until 120 grep -q held "$fs_dir/held"
measured "$((readers * 5)) requests with 100 KiB of headers"
kill $others 2>/dev/null || :
wait $others 2>/dev/null || :
others=

kv_stop
is "the daemon leaves in peace" "$rc" 0
kv_clean
tap_end
