#!/bin/sh
# conf/openapi.yaml is valid, and every route answers as it says, in success and in failure.
set -eu
python3 -c 'import jsonschema, yaml' 2>/dev/null || { echo "python3-jsonschema and python3-yaml are not here"; exit 77; }
. "$srcdir/tests/support/daemon.sh"
kv_open

key=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_one\",\"permissions\":$selgeo}" >/dev/null
printf '%s' "$key" >"$fs_dir/secret"
printf '{"name":"three","key":"%s","profile":"selgeo"}\n' "$(new_key rk live)" >"$fs_dir/lines"
next=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$next\",\"account\":\"acct_one\",\"permissions\":$selgeo}" >/dev/null
printf '%s' "$next" >"$fs_dir/next"
later=$(new_key rk live)
fs_control POST faults "{\"fault\":\"503\",\"key\":\"$later\"}" >/dev/null
printf '%s' "$later" >"$fs_dir/later"
undecided=$(new_key rk live)
fs_control POST faults "{\"fault\":\"503\",\"key\":\"$undecided\"}" >/dev/null
printf '%s' "$undecided" >"$fs_dir/undecided"
# shellcheck disable=SC2086 # words
{
text="-H Content-Type:text/plain"
secret="-H Content-Type:text/plain --data-binary @$fs_dir/secret"
kv_route GET /v1
kv_route GET /v1/status
kv_route GET /v1/plan
kv_route POST "/v1/keys?name=one&profile=selgeo&label=a=b&expires=2027-01-01" $secret
kv_route POST "/v1/keys?name=one" $secret
kv_route PUT "/v1/keys/one?mode=live" $secret
kv_route PUT "/v1/keys/one?mode=test" $secret
kv_route PUT "/v1/keys/one" $secret -H 'If-Match: "0"'
kv_route POST "/v1/import?sync=1" -H Content-Type:text/plain --data-binary "@$fs_dir/lines"
kv_route POST "/v1/import?dry_run=1" -H Content-Type:text/plain --data-binary "@$fs_dir/lines"
kv_route GET /v1/keys
kv_route GET "/v1/keys?columns=name,missing"
kv_route GET "/v1/keys?state=red"
kv_route GET /v1/keys/one
kv_route GET /v1/keys/nobody
kv_route PATCH "/v1/keys/one?label=c=d"
kv_route POST "/v1/keys/one/check?kind=full"
kv_route POST "/v1/keys/three/check"
kv_route POST "/v1/keys/one/rotate" $secret
kv_route POST "/v1/keys/one/rotate" $text --data-binary "@$fs_dir/next"
kv_route POST "/v1/keys/one/pause?reason=x"
kv_route POST "/v1/keys/one/resume"
kv_route GET /v1/keys/one/history
kv_route GET "/v1/incidents?open=1"
dead() { kv_route GET "/v1/incidents?open=1"; incident=$(printf '%s' "$body" | jq -r '[.incidents[] | select(.key == "three")][0].id // empty'); [ -n "$incident" ]; }
ok "there is an incident" kv_until 30 dead
kv_route GET /v1/incidents/$incident
kv_route POST "/v1/incidents/$incident/ack?reason=known"
kv_route POST "/v1/incidents/$incident/ack"
kv_route POST "/v1/incidents/replay?since=2020-01-01"
kv_route GET /v1/coupons
kv_route POST "/v1/coupons/sweep?key=one&dry_run=1"
kv_route POST "/v1/coupons?key=one" -H Content-Type:text/plain --data selgeo_probe_1
kv_route GET /v1/events
kv_route GET "/v1/events?after=00000001-1"
kv_route POST /v1/reload
kv_route GET /v1/metrics
kv_route GET /v1/days
kv_route POST /v1/test-alert
kv_route POST /v1/keys/remove $text --data-binary "three nobody"
kv_route POST /v1/keys/remove $text --data-binary ""
kv_route PUT "/v1/keys/five?deadline=1s&defer=1" $text --data-binary "@$fs_dir/later"
kv_route PUT "/v1/keys/six?deadline=1s" $text --data-binary "@$fs_dir/undecided"
kv_route PUT /v1/keys/five $text --data-binary "@$fs_dir/secret"
kv_route GET "/v1/keys?limit=1&after=one"
kv_route GET "/v1/keys?limit=none"
kv_route GET "/v1/keys?colour=red"
kv_route GET /v1/nothing
kv_route DELETE /v1/status
kv_route GET "/v1/events?limit=2"
kv_route GET "/v1/events?after=now&wait=1"
kv_route GET "/v1/incidents?key=nobody"
kv_route GET /v1/incidents/999999
kv_route DELETE /v1/keys/nobody
kv_route POST /v1/keys/nobody/check
kv_route POST "/v1/keys/one/check?kind=red"
kv_route POST /v1/keys/one/check -H Content-Type:application/x-www-form-urlencoded --data a=b
kv_route PATCH "/v1/keys/one?profile=nobody"
kv_route PATCH "/v1/keys/one?expires=never"
kv_route POST "/v1/keys/one/pause?until=2020-01-01"
kv_route POST "/v1/keys?name=bad/name" $secret
kv_route POST "/v1/keys?name=two" $text --data-binary nonsense
kv_route POST "/v1/incidents/replay?since=never"
kv_route GET "/v1/plan?coupons=10"
kv_route GET "/v1/keys/one"
kv_route DELETE /v1/keys/one
}

kv_api_whole=--whole
kv_stop
kv_clean
fs_stop
tap_end
