#!/bin/sh
# Each probe of the shipped catalogue, asked of the fake Stripe: refused without its permission, and with it alone
# answered in a way that the catalogue calls granted. Neither file was made from the other.
set -eu
. "$srcdir/tests/support/fakestripe.sh"
. "$srcdir/tests/support/tap.sh"
. "$srcdir/tests/support/catalogue.sh"
catalogue_probes "$srcdir/conf/permissions.yaml" >"$fs_dir/probes"
ok "the catalogue was read" test "$(wc -l <"$fs_dir/probes")" -ge 100

fs_start
fs_control POST options '{"products":"*"}' >/dev/null
jq -R '{key: ("rk_test_51Only_" + split(" ")[0]), account: "acct_1C", permissions: [split(" ")[0]],
        quirks: ["no-implied"]}' <"$fs_dir/probes" >"$fs_dir/keys"
fs_control PUT keys "$(cat "$fs_dir/keys")" >/dev/null
fs_control PUT keys '{"key":"rk_test_51None","account":"acct_1C"}' >/dev/null

# One curl for all of them with the key $1: STATUS CODE lines.
ask_all()
{
        awk -v fs="$fs" -v dir="$fs_dir" -v key="$1" '{
                sub(/{absent}/, "keyvigil_absent_x", $3)
                if (NR > 1)
                        print "next"
                printf "url = \"%s%s\"\nrequest = \"%s\"\n", fs, $3, $2
                printf "header = \"Authorization: Bearer %s\"\n", key == "only" ? "rk_test_51Only_" $1 : key
                printf "output = \"%s/answer.%04d\"\nwrite-out = \"%%{http_code}\\n\"\nsilent\n", dir, NR
        }' "$fs_dir/probes" | curl -s -K - >"$fs_dir/status"
        jq -r '.error.code // "none"' "$fs_dir"/answer.* | paste -d ' ' "$fs_dir/status" -
        rm -f "$fs_dir"/answer.*
}
ask_all rk_test_51None >"$fs_dir/without"
fs_control DELETE log >/dev/null
ask_all only >"$fs_dir/with"

paste -d ' ' "$fs_dir/probes" "$fs_dir/without" "$fs_dir/with" >"$fs_dir/all"
while read -r permission method path codes modes without without_code with with_code; do
        is "$permission: refused" "$without $without_code" "403 more_permissions_required"
        case ",resource_missing,parameter_missing,$codes," in
        *",$with_code,"*) judged=granted ;;
        *) [ "$with" = 200 ] && judged=granted || judged="$with $with_code" ;;
        esac
        is "$permission: $method $path" "$judged" granted
done <"$fs_dir/all"
is "nothing was created, changed or deleted" \
        "$(fs_control GET log | jq '[.entries[] | select(.effect != "none" and .effect != "read")] | length')" 0

ok "ends cleanly" fs_stop
tap_end
