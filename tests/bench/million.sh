#!/bin/sh
# What a fleet of KEYS keys (1,000,000) costs the programs as they are, against a server on this machine: import, lists,
# a changed profile, reminders, retention, an outage, many deaths, stop; memory, processor, bytes written, and the
# longest turn of the daemon's loop in each. Nobody is failed by it: it prints, and a goal stands beside each number.
#   KEYS=100000 WATCH=60 make bench-million        minutes instead of an hour
#   WATCH       seconds of plain watch (960: one walk over all keys)
#   PULSE       of the keys (15m); 1,000,000 keys at 60s for WATCH=600 are what one core is to hold
#   ONLY        phases: "import list plan reload incidents reminders retention steady outage death stop", all unless set
# Of each turn of the loop the clock on the wall and that of the processor are told: on a machine that is busy with
# other programs, or waits for its disk, only the second is the daemon's own.
set -eu
srcdir=$(cd "${srcdir:-.}" && pwd)
builddir=${builddir:-.}
keys=${KEYS:-1000000}
watch=${WATCH:-960}
pulse=${PULSE:-15m}
only=${ONLY:-import list plan reload incidents reminders retention steady outage death stop}
KEYVIGIL_DATADIR=${KEYVIGIL_DATADIR:-$srcdir/conf}
export KEYVIGIL_DATADIR
unset NOTIFY_SOCKET CREDENTIALS_DIRECTORY WATCHDOG_USEC
for program in nginx jq sqlite3 curl; do
        command -v $program >/dev/null || { echo "bench: $program is not installed" >&2; exit 77; }
done

dir=$(mktemp -d "${TMPDIR:-/var/tmp}/keyvigil-million-XXXXXX")
server=
daemon=
looker=
finish() {
        for pid in $looker $daemon $server; do
                kill "$pid" 2>/dev/null || :
                wait "$pid" 2>/dev/null || :
        done
        rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM
KEYVIGIL_CONFIG=$dir/keyvigil.yaml
export KEYVIGIL_CONFIG

# --- what is measured with

now() { date +%s.%N; }
since() { awk -v from="$1" -v to="$(now)" 'BEGIN { printf "%.1f", to - from }'; }
row() { printf '%-58s %12s   goal %s\n' "$1" "$2" "${3:--}"; } # what, measured, goal
memory() { awk -v field="$1:" '$1 == field { printf "%d", $2 / 1024 }' "/proc/$daemon/status"; }
forget_peak() { echo 5 >"/proc/$daemon/clear_refs" 2>/dev/null || :; }
ticks() { awk '{ print $14 + $15 }' "/proc/$daemon/stat"; }
written() { awk '/^write_bytes/ { print $2 }' "/proc/$daemon/io"; }
status() { curl -s --max-time 60 --unix-socket "$dir/control.sock" http://localhost/v1/status; }
field() { status | jq -r "$1"; }
wanted() { case " $only " in *" $1 "*) ;; *) return 1 ;; esac; }

# The loop tells its longest turn of the last minute: let go by what was before.
calm() {
        tries=32
        until [ "$(field '[.loop.longest_ms, .loop.longest_cpu_ms] | max | floor')" -lt 30 ] || [ $((tries -= 1)) -eq 0 ]; do sleep 2; done
        forget_peak
        looked=$(date +%s)
}
# One look covers a minute: in phases that are longer somebody looks every so often.
look() { echo "$(date +%s) $(field '.loop | "\(.longest_ms | round) \(.longest_cpu_ms | round)"')" >>"$dir/turns"; }
look_on() { while sleep 15; do look 2>/dev/null || :; done; }
turns() { # what happened since the last call
        look
        row "longest turn: $1" "$(awk -v from="${looked:-0}" '{ last = $0 }
                function more(a, b) { return a + 0 > b + 0 ? a : b }
                $1 >= from + 60 { wall = more($2, wall); busy = more($3, busy) }
                END { split(last, l, " "); printf "%d, %d ms", more(l[2], wall), more(l[3], busy) }' "$dir/turns")" \
                "100 ms (wall, processor)"
        looked=$(date +%s)
}
# The largest log file while a command runs.
log_watch() {
        largest=0
        while sleep 0.2; do
                size=$(stat -c %s "$dir/state/keyvigil.db-wal" 2>/dev/null || echo 0)
                [ "$size" -le "$largest" ] || { largest=$size; echo "$largest" >"$dir/log.largest"; }
        done
}
# Waits, and prints what the daemon did in these seconds.
pass() { # seconds, what
        from=$(now) used=$(ticks) bytes=$(written) asked=$(requests)
        sleep "$1"
        took=$(since "$from")
        row "$2: requests a second" \
                "$(awk -v n="$(($(requests) - asked))" -v t="$took" 'BEGIN { printf "%.0f", n / t }')"
        row "$2: processor" "$(awk -v n="$(($(ticks) - used))" -v t="$took" -v hz="$(getconf CLK_TCK)" \
                'BEGIN { printf "%.0f %%", 100 * n / hz / t }')"
        row "$2: written to disk" "$(awk -v n="$(($(written) - bytes))" -v t="$took" \
                'BEGIN { printf "%.2f MB/s", n / t / 1e6 }')" "4 MB/s, steady 2"
}
# The bare loop at the pace that the daemon had, against the same server: processor of the one and of the other.
compare() { # requests a second, microseconds of the daemon for each
        set -- "$1" "$2" "$("$builddir/tests/bench/bare_loop" "https://localhost:$port/v1/customers/keyvigil_absent" \
                "$dir/ca.pem" "$(($1 * 20))" 100 "$1" | sed 's/.*, \([0-9.]*\) us of.*/\1/')"
        row "processor per request at $1/s, bare loop's" "$2, $3 us"
        row "their ratio" "$(awk -v ours="$2" -v bare="$3" 'BEGIN { printf "%.2f", ours / bare }')" "2"
}
requests() { # that were answered
        "$builddir/keyvigil" metrics |
                awk '/^keyvigil_answers_total/ { n += $2 } END { printf "%d", n }'
}

# --- the server and the daemon

serve() {
        sed "s/@PORT@/$port/" "$srcdir/tests/bench/nginx.conf.in" |
                sed 's|location / {|location / {\n include dead.conf;|' >"$dir/nginx.conf"
        nginx -p "$dir" -e stderr -c "$dir/nginx.conf" &
        server=$!
        until curl -s --cacert "$dir/ca.pem" "https://localhost:$port/" >/dev/null; do sleep 0.1; done
}
start() {
        from=$(now)
        "$builddir/keyvigild" --config "$KEYVIGIL_CONFIG" >>"$dir/said" 2>&1 &
        daemon=$!
        until status 2>/dev/null | grep -q '"keys"'; do
                kill -0 $daemon 2>/dev/null || { tail "$dir/said" >&2; exit 1; }
                sleep 0.1
        done
}
stop() {
        from=$(now)
        kill "$daemon"
        wait "$daemon" || :
        daemon=
}
fleet() { # names, secrets of three changing digits in front, one key an account
        awk -v n="$keys" 'BEGIN { for (i = 1; i <= n; i++) printf "{\"name\":\"merchant-%07d\",\"key\":\"rk_live_51%07dbenchmark%06d%d\",\"profile\":\"stackone\"}\n", i, i, i % 1000000, i % 10 }'
}

sh "$srcdir/tests/support/certs.sh" "$dir" >/dev/null
chmod 711 "$dir"
mkdir "$dir/profiles.d"
sed "s/^pulse:.*/pulse: $pulse/" "$srcdir/conf/profiles/stackone.yaml" >"$dir/profiles.d/stackone.yaml"
: >"$dir/dead.conf"
port=$((20000 + $$ % 20000))
cat >"$KEYVIGIL_CONFIG" <<END
state_dir: $dir/state
profiles_dir: $dir/profiles.d
stripe:
  api_base: https://localhost:$port
  ca_file: $dir/ca.pem
  rate: ${RATE:-20000}
control:
  socket: $dir/control.sock
  read_socket: ""
END
serve
start
look_on &
looker=$!
fleet >"$dir/fleet"
row "keys" "$keys"

if wanted import; then
        log_watch &
        watcher=$!
        from=$(now)
        "$builddir/keyvigil" import "$dir/fleet" >"$dir/import.said" 2>&1 || tail -n 3 "$dir/import.said"
        row "import" "$(since "$from") s" "90 s"
        kill $watcher
        wait $watcher 2>/dev/null || :
        row "import: largest log file" "$(($(cat "$dir/log.largest") / 1000000)) MB" "200 MB"
        row "import: memory, at most" "$(memory VmHWM) MB" "500 MB"
        turns import
        pass "$watch" "first checks"
        row "first checks: memory, at most" "$(memory VmHWM) MB" "450 MB"
        turns "first checks"
fi

if wanted list; then
        calm
        for how in "" "--json"; do
                from=$(now)
                "$builddir/keyvigil" $how list >"$dir/list"
                row "list $how" "$(since "$from") s" "10 s"
        done
        from=$(now)
        sqlite3 -readonly "$dir/state/keyvigil.db" 'SELECT name, state, last_checked FROM v_key' >/dev/null
        row "the same from sqlite3" "$(since "$from") s"
        turns list
        row "list: memory, at most" "$(memory VmHWM) MB" "450 MB"
fi

if wanted plan; then
        calm
        from=$(now)
        "$builddir/keyvigil" plan >"$dir/plan"
        row "plan" "$(since "$from") s"
        from=$(now)
        "$builddir/keyvigil" coupons sweep --dry-run >"$dir/plan" 2>&1 || :
        row "coupons sweep of nobody" "$(since "$from") s"
        turns "plan, coupons sweep"
fi

if wanted reload; then
        calm
        sed -i 's/^require:/require:\n  Coupons: write/' "$dir/profiles.d/stackone.yaml"
        from=$(now)
        "$builddir/keyvigil" reload >/dev/null
        row "reload of a changed profile" "$(since "$from") s"
        sleep 15
        turns "reload of a changed profile"
fi

# The past, made up while the daemon does not run.
meanwhile() { # SQL
        stop
        row "SIGTERM to exit" "$(since "$from") s" "5 s"
        sqlite3 "$dir/state/keyvigil.db" "$1" || echo "bench: the past could not be made up"
        start
        row "start to ready" "$(since "$from") s" "5 s"
}

if wanted incidents; then
        meanwhile "UPDATE key SET created = unixepoch() - 91 * 86400 WHERE id <= $((keys / 20))"
        sleep 55
        turns "$(field .open_incidents) incidents open, of $((keys / 20))"
        row "incidents: memory, at most" "$(memory VmHWM) MB" "450 MB"
fi

if wanted reminders; then
        meanwhile "
                INSERT INTO incident (id, kind, key, opened, cleared, reminded, reminders, acknowledged,
                        acknowledged_until, acknowledged_uid, priority, count, event_id, reason, detail, message,
                        acknowledgement, number)
                SELECT 2000000 + id, 'key-rotation-due', id, unixepoch() - 90000, 0, unixepoch() - 90000, 0, 0, 0, 0,
                       5, 0, printf('%032x', id), 'age', '', 'The key is due for rotation.', '', 1
                FROM key WHERE id > $((keys / 20)) ORDER BY id LIMIT $((keys / 10))"
        sleep 30
        turns "reminders of $((keys / 10))"
fi

if wanted retention; then
        meanwhile "INSERT INTO span (key, state, from_wall, until_wall, checks) SELECT id, 'unverified', 1, 2, 1 FROM key"
        old() { sqlite3 -readonly "$dir/state/keyvigil.db" 'SELECT count(*) FROM span WHERE until_wall = 2'; }
        from=$(now)
        sleep 75
        tries=100
        until [ "$(old)" -eq 0 ] || [ $((tries -= 1)) -eq 0 ]; do sleep 5; done
        row "retention of $keys rows, from the start on" "$(since "$from") s"
        turns "retention"
        row "old rows of history left" "$(old)" "0"
fi

if wanted steady; then
        calm
        used=$(ticks) asked=$(requests)
        pass "$watch" "watch"
        turns "watch"
        row "keys late" "$(field .overdue)" "0"
        asked=$(($(requests) - asked))
        compare $(((asked + watch - 1) / watch)) "$(awk -v n="$(($(ticks) - used))" -v hz="$(getconf CLK_TCK)" \
                -v asked=$((asked + 1)) 'BEGIN { printf "%.1f", 1e6 * n / hz / asked }')"
fi

if wanted outage; then
        calm
        kill $server
        wait $server || :
        sleep 60
        turns "outage begins"
        row "outage is told" "$(field '.outage')"
        serve
        sleep 60
        turns "outage ends"
        row "outage is still told" "$(field '.outage')"
fi

if wanted death; then
        calm
        cat >"$dir/dead.conf" <<'END'
if ($http_authorization ~ "7$") {
        return 401 '{"error":{"message":"Invalid API Key provided: rk_live_*7","type":"invalid_request_error"}}';
}
END
        kill -HUP $server
        pass "$watch" "a tenth of the keys dies"
        turns "a tenth of the keys dies"
        row "dead, in doubt" "$(field '[.states.revoked, .states.invalid, .suspects] | join(" ")' 2>/dev/null || :)"
        row "deaths: memory, at most" "$(memory VmHWM) MB" "450 MB"
        : >"$dir/dead.conf"
        kill -HUP $server
        pass "$watch" "they live again"
        turns "they live again"
        sleep 60
        row "settled memory" "$(memory VmRSS) MB" "450 MB"
fi

if wanted stop; then
        row "settled memory" "$(memory VmRSS) MB" "450 MB"
        row "database" "$(($(stat -c %s "$dir/state/keyvigil.db") / 1000000)) MB"
        stop
        row "SIGTERM to exit" "$(since "$from") s" "5 s"
        start
        row "start to ready" "$(since "$from") s" "5 s"
fi
[ -z "${PAUSE:-}" ] || { echo "$dir daemon $daemon"; eval "$PAUSE"; }
