#!/bin/sh
# Requests per second over HTTP/2 and TLS from one core, the server on another: what the server can give at most
# (h2load), the least that libcurl and sd-event can do (bare_loop), and our own parts, as ratios to that. Only
# the ratios mean anything, and only within one run: rounds alternate, the median counts. On a busy machine the
# ratio of processor time is the steadier one.
#
# REQUESTS, IN_FLIGHT, ROUNDS from the environment. `make bench` sets srcdir and builddir.
set -eu
srcdir=${srcdir:-.}
export KEYVIGIL_DATADIR="${KEYVIGIL_DATADIR:-$srcdir/conf}"
builddir=${builddir:-.}
requests=${REQUESTS:-100000}
in_flight=${IN_FLIGHT:-100}
rounds=${ROUNDS:-5}
benches="bare_loop bench_http"
[ -x "$builddir/tests/bench/bench_daemon" ] && benches="$benches bench_daemon"

command -v nginx >/dev/null || { echo "bench: nginx is not installed" >&2; exit 77; }

dir=$(mktemp -d)
server=
finish() {
        [ -z "$server" ] || kill "$server" 2>/dev/null || :
        [ -z "$server" ] || wait "$server" 2>/dev/null || :
        rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM

sh "$srcdir/tests/support/certs.sh" "$dir"
chmod 711 "$dir"

pin() { # core, command …
        core=$1
        shift
        if [ "$(nproc)" -gt 1 ] && command -v taskset >/dev/null; then
                exec taskset -c "$core" "$@"
        fi
        exec "$@"
}

port=$((20000 + $$ % 20000))
sed "s/@PORT@/$port/" "$srcdir/tests/bench/nginx.conf.in" >"$dir/nginx.conf"
(pin 0 nginx -p "$dir" -e stderr -c "$dir/nginx.conf") &
server=$!
tries=100
until curl -s --cacert "$dir/ca.pem" "https://localhost:$port/" >/dev/null; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] && kill -0 "$server" || { echo "bench: nginx does not start" >&2; exit 1; }
        sleep 0.05
done

run() { # bench
        case $1 in
        bare_loop) set -- bare_loop "https://localhost:$port/v1/customers/keyvigil_absent" ;;
        *) set -- "$1" "https://localhost:$port" ;;
        esac
        (pin 1 "$builddir/tests/bench/$1" "$2" "$dir/ca.pem" "$requests" "$in_flight")
}

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

if command -v h2load >/dev/null; then
        (pin 1 h2load -n "$requests" -c 1 -m "$in_flight" "https://localhost:$port/") |
                sed -n 's/^finished in .*, \([0-9.]*\) req\/s.*/h2load        \1 requests\/s/p'
fi

round=0
while [ $round -lt "$rounds" ]; do
        round=$((round + 1))
        for bench in $benches; do
                line=$(run "$bench")
                printf '%-13s %s\n' "$bench" "$line"
                echo "$line" | sed 's/.* \([0-9]*\) requests\/s.*/\1/' >>"$dir/$bench.rates"
                echo "$line" | sed 's/.*, \([0-9.]*\) us of.*/\1/' >>"$dir/$bench.costs"
        done
done

base=$(median "$dir/bare_loop.rates")
base_cost=$(median "$dir/bare_loop.costs")
echo
echo "median of $rounds rounds, $requests requests each, $in_flight in flight:"
for bench in $benches; do
        awk -v name="$bench" -v rate="$(median "$dir/$bench.rates")" -v base="$base" \
                -v cost="$(median "$dir/$bench.costs")" -v base_cost="$base_cost" 'BEGIN {
                        printf "%-13s %7d requests/s  %.2f   %5.1f us of processor each  %.2f\n",
                                name, rate, rate / base, cost, base_cost / cost
                }'
done

echo
for keys in ${FLEETS:-100000 1000000}; do
        "$builddir/tests/bench/bench_fleet" "$keys"
done
