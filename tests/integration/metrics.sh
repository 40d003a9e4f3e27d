#!/bin/sh
# The numbers, read by those who will read them: promtool, the parser of OpenMetrics' own library, and the textfile
# collector's rules; the alerts made of them fire and resolve.
set -eu
. "$srcdir/tests/support/daemon.sh"
command -v promtool >/dev/null || { echo "promtool is not here"; exit 77; }

rules=$srcdir/conf/prometheus/keyvigil.rules.yaml
ok "the rules are good" promtool check rules --lint=all --lint-fatal "$rules" >/dev/null
cp "$rules" "$srcdir/tests/support/keyvigil.rules.test.yaml" "$fs_dir/"
ok "they fire and resolve" promtool test rules "$fs_dir/keyvigil.rules.test.yaml"

kv_open
good=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$good\",\"account\":\"acct_1A\",\"permissions\":$selgeo}" >/dev/null
kv_with "$good" add acme
kv_with "$(new_key rk test)" add unknown --force
kv metrics
is "metrics are printed" "$rc" 0
printf '%s\n' "$out" >"$fs_dir/page.prom"
ok "promtool has nothing to say" promtool check metrics <"$fs_dir/page.prom"
value() { sed -n "s/^$1 //p" "$fs_dir/page.prom"; }
is "a live key is healthy" "$(value 'keyvigil_keys{state="healthy",mode="live"}')" 1
is "every state is there from the start" "$(value 'keyvigil_keys{state="rolled",mode="test"}')" 0
is "answers were counted" "$([ "$(value 'keyvigil_answers_total{verdict="granted"}')" -ge 8 ] && echo yes)" yes
is "the last bucket counts all" "$(value 'keyvigil_request_duration_seconds_bucket{le="+Inf"}')" \
        "$(value keyvigil_request_duration_seconds_count)"
is "nothing that the textfile collector has of its own" "$(grep -c '^process_' "$fs_dir/page.prom")" 0
is "no type that it does not know" "$(grep -c ' info$' "$fs_dir/page.prom")" 0
is "no key is named" "$(grep -c acme "$fs_dir/page.prom")" 0
is "no metric has more than a hundred series" \
        "$(sed '/^#/d; s/[{ ].*//' "$fs_dir/page.prom" | sort | uniq -c | awk '$1 > 100')" ""

kv metrics --openmetrics
printf '%s\n' "$out" >"$fs_dir/page.om"
is "the last line is its end" "$(tail -n 1 "$fs_dir/page.om")" "# EOF"
if python3 -c 'import prometheus_client' 2>/dev/null; then
        ok "the parser of OpenMetrics reads it" python3 - "$fs_dir/page.om" <<'END'
import sys
from prometheus_client.openmetrics import parser
families = {f.name: f for f in parser.text_string_to_metric_families(open(sys.argv[1]).read())}
assert families["keyvigil_build"].type == "info"
assert families["keyvigil_checks"].type == "counter"
assert families["keyvigil_store_size_bytes"].unit == "bytes"
assert families["process_start_time_seconds"].samples[0].value > 1e9
END
fi
kv_stop
kv metrics
is "without a daemon there are none" "$rc" 1
like "and it says so" "$err" "*not running*"
kv_clean
tap_end
