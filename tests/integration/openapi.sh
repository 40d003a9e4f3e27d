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
answers=$fs_dir/answers
mkdir "$answers"
n=0
# ask METHOD PATH-OF-THE-FILE PATH [CURL-OPTION...]
ask()
{
        n=$((n + 1))
        method=$1 template=$2 path=$3
        shift 3
        kv_route "$method" "$path" "$@"
        printf '%s' "$body" >"$answers/$n"
        echo "$method $template $status $answers/$n" >>"$answers/list"
}
secret="-H Content-Type:text/plain --data-binary @$fs_dir/secret"
ask GET /v1 /v1
ask GET /v1/status /v1/status
ask GET /v1/plan /v1/plan
ask POST /v1/keys "/v1/keys?name=one&profile=selgeo&label=a=b&expires=2027-01-01" $secret
ask POST /v1/keys "/v1/keys?name=one" $secret
ask PUT '/v1/keys/{name}' "/v1/keys/one?mode=live" $secret
ask PUT '/v1/keys/{name}' "/v1/keys/one?mode=test" $secret
ask PUT '/v1/keys/{name}' "/v1/keys/one" $secret -H 'If-Match: "0"'
ask POST /v1/import "/v1/import?sync=1" -H Content-Type:text/plain --data-binary "@$fs_dir/lines"
ask POST /v1/import "/v1/import?dry_run=1" -H Content-Type:text/plain --data-binary "@$fs_dir/lines"
ask GET /v1/keys /v1/keys
ask GET /v1/keys "/v1/keys?columns=name,missing"
ask GET /v1/keys "/v1/keys?state=red"
ask GET '/v1/keys/{name}' /v1/keys/one
ask GET '/v1/keys/{name}' /v1/keys/nobody
ask PATCH '/v1/keys/{name}' "/v1/keys/one?label=c=d"
ask POST '/v1/keys/{name}/check' "/v1/keys/one/check?kind=full"
ask POST '/v1/keys/{name}/check' "/v1/keys/three/check"
ask POST '/v1/keys/{name}/rotate' "/v1/keys/one/rotate" $secret
ask POST '/v1/keys/{name}/pause' "/v1/keys/one/pause?reason=x"
ask POST '/v1/keys/{name}/resume' "/v1/keys/one/resume"
ask GET '/v1/keys/{name}/history' /v1/keys/one/history
ask GET /v1/incidents "/v1/incidents?open=1"
ask GET '/v1/incidents/{id}' /v1/incidents/1
ask POST '/v1/incidents/{id}/ack' "/v1/incidents/1/ack?reason=known"
ask POST '/v1/incidents/{id}/ack' "/v1/incidents/1/ack"
ask POST /v1/incidents/replay "/v1/incidents/replay?since=2020-01-01"
ask GET /v1/coupons /v1/coupons
ask POST /v1/coupons/sweep "/v1/coupons/sweep?key=one&dry_run=1"
ask POST /v1/coupons "/v1/coupons?key=one" -H Content-Type:text/plain --data selgeo_probe_1
ask GET /v1/events /v1/events
ask GET /v1/events "/v1/events?after=00000001-1"
ask POST /v1/reload /v1/reload
ask DELETE '/v1/keys/{name}' /v1/keys/three
rc=0
said=$(python3 "$srcdir/tests/support/openapi.py" "$srcdir/conf/openapi.yaml" <"$answers/list") || rc=$?
is "all answers are what the file says" "$rc:$said" "0:$n answers of $(grep -c operationId "$srcdir/conf/openapi.yaml") operations, 0 faults"

kv_stop
kv_clean
fs_stop
tap_end
