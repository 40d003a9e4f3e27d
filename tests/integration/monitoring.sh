#!/bin/sh
# Debian's own Prometheus scrapes keyvigil web and judges by the rules that are shipped; two of Debian's Alertmanagers, who know
# of each other, get what it finds and what keyvigil notify tells, group it, tell it on once, and resolve it; one of them is
# restarted in between. Takes minutes, so it needs KEYVIGIL_LONG=1: ten minutes, with the rules as they are; with
# KEYVIGIL_LONG=0 their "for:" is a second.
set -eu
[ -n "${KEYVIGIL_LONG:-}" ] || { echo "the long check does this"; exit 77; }
. "$srcdir/tests/support/daemon.sh"
for tool in prometheus prometheus-alertmanager python3; do
        command -v $tool >/dev/null || { echo "$tool is not here; ./bootstrap check-long installs it"; exit 77; }
done
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
long=${KEYVIGIL_LONG:-0}
patience=$([ "$long" = 1 ] && echo 900 || echo 120)

others=
web_pid=
notify_pid=
trap 'end_others; kv_cleanup; fs_cleanup' EXIT
end_others() { for pid in $others $web_pid $notify_pid; do kill -KILL $pid 2>/dev/null || :; done; }
# ends PID: as systemd would.
ends() { kill -TERM "$1" && wait "$1" 2>/dev/null || :; }

metrics=$(free_port)
prometheus=$(free_port)
am_1=$(free_port) am_2=$(free_port) cluster_1=$(free_port) cluster_2=$(free_port)
mkdir -p "$fs_dir/notify"

web_start()
{
        "$builddir/keyvigil" web >>"$kv/said/web" 2>&1 &
        web_pid=$!
        kv_until 30 curl -sf -o /dev/null "http://127.0.0.1:$metrics/metrics"
}
notify_start()
{
        KEYVIGIL_NOTIFY_HURRY=60 "$builddir/keyvigil" notify --state "$fs_dir/notify" >>"$kv/said/notify" 2>&1 &
        notify_pid=$!
}
alertmanager() # NUMBER PORT CLUSTER-PORT PEER-PORT: sets $pid
{
        prometheus-alertmanager --config.file="$fs_dir/alertmanager.yml" --storage.path="$fs_dir/am$1" \
                --web.listen-address="127.0.0.1:$2" --cluster.listen-address="127.0.0.1:$3" \
                --cluster.advertise-address="127.0.0.1:$3" --cluster.peer="127.0.0.1:$4" --cluster.settle-timeout=5s \
                >>"$fs_dir/am$1.log" 2>&1 &
        pid=$!
        others="$others $pid"
        kv_until 60 curl -sf -o /dev/null "http://127.0.0.1:$2/-/ready"
}

# --- who listens

python3 "$srcdir/tests/support/sink.py" "$fs_dir/sink.port" "$fs_dir/told" &
others=$!
kv_until 20 test -s "$fs_dir/sink.port"
: >"$fs_dir/told"
cat >"$fs_dir/alertmanager.yml" <<END
route: {receiver: sink, group_by: [alertname], group_wait: 3s, group_interval: 2s, repeat_interval: 4h}
receivers:
  - name: sink
    webhook_configs: [{url: "http://127.0.0.1:$(cat "$fs_dir/sink.port")/", send_resolved: true}]
END
alertmanager 1 $am_1 $cluster_1 $cluster_2
am_pid_1=$pid
alertmanager 2 $am_2 $cluster_2 $cluster_1
peers() { [ "$(curl -s "http://127.0.0.1:$am_1/api/v2/status" | jq '.cluster.peers | length')" = 2 ]; }
ok "two Alertmanagers know of each other" kv_until 60 peers

rules=$fs_dir/keyvigil.rules.yaml
sed "$([ "$long" = 1 ] && echo ';' || echo 's/for: .*/for: 1s/')" "$srcdir/conf/prometheus/keyvigil.rules.yaml" >"$rules"
cat >"$fs_dir/prometheus.yml" <<END
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: ["$rules"]
alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:$am_1", "127.0.0.1:$am_2"]}]}]}
END
sed -n '/^scrape_configs/,$p' "$srcdir/conf/prometheus/scrape.yaml" | sed "s/9840/$metrics/" >>"$fs_dir/prometheus.yml"
ok "the example of a scrape is good" promtool check config "$fs_dir/prometheus.yml"

fs_start --http 127.0.0.1:0
kv_conf "web:
  metrics: 127.0.0.1:$metrics
  pages: \"\"
profiles_dir: $fs_dir/profiles
notify:
  - {type: alertmanager, url: \"http://127.0.0.1:$am_1\"}
  - {type: alertmanager, url: \"http://127.0.0.1:$am_2\"}"
mkdir "$fs_dir/profiles"
printf '%s\n' 'profile: watched' 'title: For tests' 'kind: any' 'modes: [live, test]' 'require:' '  Customers: read' \
        'excess: allow' 'pulse: 10s' 'coupons: off' >"$fs_dir/profiles/watched.yaml"
kv_start
for n in 1 2 3 4 5 6 7 8 9; do
        key=$(new_key rk live)
        eval "key_$n=$key"
        fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_$n\",\"permissions\":[\"customer_read\"]}" >/dev/null
        kv_with "$key" add m$n --profile watched
done
web_start
notify_start
prometheus --config.file="$fs_dir/prometheus.yml" --storage.tsdb.path="$fs_dir/tsdb" \
        --web.listen-address="127.0.0.1:$prometheus" >>"$fs_dir/prometheus.log" 2>&1 &
others="$others $!"
began=$(date +%s)
target() { curl -s "http://127.0.0.1:$prometheus/api/v1/targets" | jq -r '.data.activeTargets[0] | .health + .lastError'; }
target_is() { [ "$(target)" = "$1" ]; }
ok "Prometheus scrapes it without a fault" kv_until 60 target_is up

# --- what they know

rule_is() # NAME STATE: firing, pending, inactive
{
        [ "$(curl -s "http://127.0.0.1:$prometheus/api/v1/rules" |
                jq -r --arg n "$1" '.data.groups[].rules[] | select(.name == $n).state')" = "$2" ]
}
fires() { ok "$1 fires" kv_until $patience rule_is "$1" firing; }
resolves() { ok "$1 resolves" kv_until $patience rule_is "$1" inactive; }
# known PORT ALERT: the keys of such alerts of keyvigil's own that are active at that Alertmanager.
known() { curl -s "http://127.0.0.1:$1/api/v2/alerts" | jq -r --arg n "$2" '.[] | select(.labels.alertname == $n and .labels.service == "keyvigil").labels.key' | sort | tr '\n' ' '; }
known_is() { [ "$(known "$1" "$2")" = "$3" ]; }
# told STATUS ALERT: which keys were told, all times together, sorted.
told() { jq -r --arg s "$1" --arg n "$2" '.alerts[] | select(.status == $s and .labels.alertname == $n and .labels.key) | .labels.key' "$fs_dir/told" | sort -u | tr '\n' ' '; }
told_is() { [ "$(told "$1" "$2")" = "$3" ]; }
dies() { for n in "$@"; do eval "fs_control PATCH keys '{\"key\":\"'\$key_$n'\",\"state\":\"expired\"}' >/dev/null"; done; }
lives() { for n in "$@"; do eval "fs_control PATCH keys '{\"key\":\"'\$key_$n'\",\"state\":\"alive\"}' >/dev/null"; done; }

dies 1 2
fires KeyvigilKeysDead
ok "the first Alertmanager knows both keys" kv_until 60 known_is $am_1 KeyRevoked "m1 m2 "
ok "so does the second" kv_until 60 known_is $am_2 KeyRevoked "m1 m2 "
ok "they are told" kv_until 60 told_is firing KeyRevoked "m1 m2 "
is "with what is to be known, and nothing secret" \
        "$(curl -s "http://127.0.0.1:$am_1/api/v2/alerts" | jq -c '[.[] | select(.labels.key == "m1")][0] | [.labels.severity, .labels.mode, (.annotations | has("summary"))]')" \
        '["critical","live",true]'
is "those of one kind in one message" "$(jq -c 'select(.groupLabels.alertname == "KeyRevoked") | .groupLabels' "$fs_dir/told" | sort -u)" \
        '{"alertname":"KeyRevoked"}'

# --- one of them goes away and comes back, and so does who tells them

ends $am_pid_1
dies 3
ok "while one is away the other is told" kv_until 60 known_is $am_2 KeyRevoked "m1 m2 m3 "
alertmanager 1 $am_1 $cluster_1 $cluster_2
ok "the one that comes back is told all of it" kv_until 120 known_is $am_1 KeyRevoked "m1 m2 m3 "
ends $notify_pid
dies 4
notify_start
ok "nothing is lost while nobody tells" kv_until 60 known_is $am_1 KeyRevoked "m1 m2 m3 m4 "
is "nobody was told that it is over" "$(told resolved KeyRevoked)" ""

# --- it is over

lives 1 2 3 4
alive() { [ "$("$builddir/keyvigil" list --json | jq '[.keys[] | select(.state == "healthy")] | length')" = 9 ]; }
checked_alive() { "$builddir/keyvigil" check --all >/dev/null 2>&1 || :; alive; }
ok "the keys live again" kv_until 120 checked_alive
resolves KeyvigilKeysDead
ok "the end is told" kv_until 120 told_is resolved KeyRevoked "m1 m2 m3 m4 "
is "nobody was told twice that it began" \
        "$(jq -r '.alerts[] | select(.status == "firing" and .labels.alertname == "KeyRevoked") | .labels.key + " " + .startsAt' "$fs_dir/told" | sort -u | wc -l)" 4

# --- an outage

fs_control POST faults '{"fault":"503"}' >/dev/null
fires KeyvigilAnswersUnclear
outage_known() { curl -s "http://127.0.0.1:$am_2/api/v2/alerts" | jq -e '.[] | select(.labels.alertname == "StripeOutage")' >/dev/null; }
ok "the outage is told" kv_until $patience outage_known
fs_control DELETE faults >/dev/null
outage_over() { ! outage_known; }
ok "and its end" kv_until $patience outage_over
is "no key was called dead for it" "$(told firing KeyRevoked)" "m1 m2 m3 m4 "

# --- nobody answers

ends $web_pid
web_pid=
fires KeyvigilDown
web_start
resolves KeyvigilDown
ok "the numbers go on" kv_until 60 target_is up

# --- ten minutes of deaths and outages

while [ "$long" = 1 ] && [ $(($(date +%s) - began)) -lt 600 ]; do
        dies 5
        kv_until 60 rule_is KeyvigilKeysDead firing || :
        fs_control POST faults '{"fault":"503","count":40}' >/dev/null
        lives 5
        kv_until 120 rule_is KeyvigilKeysDead inactive || "$builddir/keyvigil" check m5 >/dev/null 2>&1 || :
done
is "no scrape ever was refused" "$(curl -s -G "http://127.0.0.1:$prometheus/api/v1/query" \
        --data-urlencode 'query=sum_over_time(scrape_samples_scraped[15m]) > 0' | jq '.data.result | length')" 1
is "Prometheus found nothing wrong with the page" "$(grep -c 'level=\(warn\|error\).*scrape' "$fs_dir/prometheus.log" || :)" 0
ends $notify_pid
notify_pid=
kv_clean
tap_end
