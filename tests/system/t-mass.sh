# Nearly all keys are revoked at once, as the journal of a real machine has it: one group, told soon, counted right, and an
# open incident for each. KEYVIGIL_LONG: to its end, with a pulse of five minutes as well, and after half an hour in which
# six quick keys are held without a word of a silent watch.
. /test/world.sh

mass=e40b8846ed5d494dae4206495bab1c99
watch_silent=548658517b6a4ba7be115cbbe82251d3
database=/var/lib/keyvigil/keyvigil.db
query() { sqlite3 -readonly $database "$1"; }

settle
fake_start
configure
sed -i 's/confirm: .*/confirm: [5s, 30s]/' $config
for pulse in 30s 5m; do
        printf '%s\n' "profile: each-$pulse" 'title: For tests' 'kind: any' 'modes: [live, test]' 'require:' '  Customers: read' \
                'excess: allow' "pulse: $pulse" 'coupons: off' >/etc/keyvigil/profiles.d/each-$pulse.yaml
done
check "what README says is done" systemctl enable --now keyvigild.service
check "the timer runs after nothing else" systemctl is-active --quiet keyvigil-watch.timer

# keys_begin NAME PULSE N FIRST: that many keys, each of an account of its own, are known, stored and healthy.
keys_begin()
{
        prefix=rk_live_51$(hex_of "$1" 87)
        first=$4
        fake PUT keys "{\"prefix\":\"$prefix\",\"generate\":$3,\"first\":$first,\"permissions\":[\"customer_read\"]}" >/dev/null
        seq "$first" $((first + $3 - 1)) | awk -v name="$1" -v prefix="$prefix" -v pulse="$2" '{
                printf "{\"name\":\"%s-%d\",\"key\":\"%s%010d\",\"profile\":\"each-%s\",\"account\":\"acct_1Generated%010d\"}\n", name, $1, prefix, $1, pulse, $1
        }' >"/tmp/$1"
        check "$3 keys are imported" keyvigil import "/tmp/$1"
        all_are_healthy() { [ "$(keyvigil list "$name-*" --json | jq '[.. | objects | select(.state? == "healthy")] | length')" -eq "$number" ]; }
        name=$1 number=$3
        check "and healthy" within 900 all_are_healthy
}

# Of one group: when it was told first, its counts in their order, and what it counted at its end.
group_entries() { entries $mass | jq -c "select(.KEYVIGIL_INCIDENT == \"$group\")"; }
group_counts() { group_entries | jq -r .KEYVIGIL_COUNT | tr '\n' ' '; }
group_end() { entries $incident_cleared | jq -r "select(.KEYVIGIL_INCIDENT == \"$group\") | .KEYVIGIL_COUNT"; }
deaths() { entries $key_revoked | jq -c "select(.KEYVIGIL_KEY | startswith(\"$name-\"))"; }
loud() { deaths | jq -r 'select((.PRIORITY | tonumber) <= 3) | .PRIORITY' | wc -l; }
seconds_of() { jq -r ._SOURCE_REALTIME_TIMESTAMP | head -n 1 | cut -c1-10; }
all_are_open() { [ "$(query "SELECT count(*) FROM v_incident WHERE kind = 'key-revoked' AND cleared IS NULL AND key LIKE '$name-%'")" -eq 200 ]; }
group_is_new() { entries $mass | jq -r .KEYVIGIL_INCIDENT | grep -qvx "${before:-none}"; }
has_ended() { [ -n "$(group_end)" ]; }
all_are_told() { [ "$(deaths | wc -l)" -eq 200 ]; }

# revoke NAME PULSE: 200 of its 207 keys, at once.
revoke()
{
        name=$1 before=${group:-}
        fake PATCH keys "$(seq "$first" $((first + 199)) | awk -v prefix="$prefix" '{ printf "{\"key\":\"%s%010d\",\"state\":\"expired\"}\n", prefix, $1 }')" >/dev/null
        since=$(date +%s)
        check "$2: the group is told" within 900 group_is_new
        group=$(entries $mass | jq -r .KEYVIGIL_INCIDENT | grep -vx "${before:-none}" | head -n 1)
        check "$2: 200 incidents are open" within 1500 all_are_open
        check "$2: each death is told" within 300 all_are_told
        check "$2: few were told alone ($(loud))" [ "$(loud)" -le 20 ]
        counts=$(group_counts)
        check "$2: the count is told at each doubling: $counts" \
                awk -v counts="$counts" 'BEGIN { n = split(counts, c, " "); for (i = 2; i <= n; i++) if (c[i] != 2 * c[i - 1]) exit 1; exit !(n > 2 && 2 * c[n] > 200) }'
        echo "# $2: first death told $(($(deaths | seconds_of) - since)) s after the revocation, its group $(($(group_entries | seconds_of) - since)) s, all after $(($(date +%s) - since)) s"
}

keys_begin quick 30s 207 0
revoke quick 30s
if [ -e /test/long ]; then
        check "30s: the group ends" within 1500 has_ended
        is "30s: with all of them" 200 "$(group_end)"
        keys_begin slow 5m 207 1000
        revoke slow 5m
        check "5m: the group ends" within 1500 has_ended
        is "5m: with all of them" 200 "$(group_end)"

        # All that is left is doubted, for half an hour less a little.
        deaths_before=$(entry_count $key_revoked)
        silent_before=$(entry_count $watch_silent)
        fake POST faults '{"fault":"expired-all"}' >/dev/null
        any_is_held() { [ "$(keyvigil --json status | jq .held)" -gt 0 ]; }
        check "the rest is held" within 900 any_is_held
        sleep 1500
        fake DELETE faults >/dev/null
        is "nobody else is told dead" "$deaths_before" "$(entry_count $key_revoked)"
        is "and no watch is called silent" "$silent_before" "$(entry_count $watch_silent)"
fi
