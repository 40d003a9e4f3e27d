#!/bin/sh
# An account with very many coupons and many leftovers of every kind, and of what only looks like one: without a word no
# more go than the limit of a day, with it exactly the right ones, and a DELETE was never sent for any other. Short: 3,000
# coupons and 150 deletable leftovers; with KEYVIGIL_LONG=1 100,000 and 500 of each kind.
set -eu
. "$srcdir/tests/support/daemon.sh"
if [ "${KEYVIGIL_LONG:-0}" = 1 ]; then many=100000 old=500 each=500; else many=3000 old=150 each=20; fi
LC_ALL=C.UTF-8
export LC_ALL

kv_open
shop=acct_shop1
key=$(new_key rk live)
owner=$(new_key sk live)
fs_control PUT keys "[{\"key\":\"$key\",\"account\":\"$shop\",\"permissions\":$selgeo},{\"key\":\"$owner\",\"account\":\"$shop\"}]" >/dev/null
kv_with "$key" add shop
is "a key is stored" "$rc" 0

now=$(date +%s)
put() { curl -s --fail-with-body -X PUT --data-binary @- "$fs/_fake/$1" >/dev/null; }
# coupons PREFIX COUNT MODE CREATED [MEMBERS]: so many, each a second older than the one before
coupons()
{
        awk -v prefix="$1" -v n="$2" -v mode="$3" -v created="$4" -v more="${5:-}" -v account=$shop 'BEGIN {
                for (i = 1; i <= n; i++)
                        printf "{\"account\":\"%s\",\"mode\":\"%s\",\"id\":\"%s%d\",\"created\":%d%s}\n", account, mode, prefix, i,
                                created - i, more
        }' | put coupons
}
fs_control PUT coupons "{\"account\":\"$shop\",\"mode\":\"live\",\"generate\":$many,\"prefix\":\"sale_\",\"created\":$((now - 8000000)),\"step\":60}" >/dev/null
coupons selgeo_probe_old_ $old live $((now - 3600))
coupons selgeo_probe_old_ "$each" test $((now - 3600)) # of the same name, and none of this key's business
coupons selgeo_probe_test_ "$each" test $((now - 3600))
coupons selgeo_probe_used_ "$each" live $((now - 3600)) ',"times_redeemed":1'
coupons selgeo_probe_promo_ "$each" live $((now - 3600))
for i in $(seq 1 "$each"); do
        echo "{\"account\":\"$shop\",\"mode\":\"live\",\"coupon\":\"selgeo_probe_promo_$i\",\"code\":\"CODE$i\",\"active\":$([ $((i % 2)) = 0 ] && echo true || echo false)}"
done | put promotion_codes
coupons selgeo_probe_young_ "$each" live $((now + each))
coupons selgeo_probe_zz_taken_ "$each" live $((now - 3600))   # their owner deletes them meanwhile
coupons SELGEO_PROBE_x "$each" live $((now - 3600))
coupons xselgeo_probe_ "$each" live $((now - 3600))
coupons selgeo_probe_ä "$each" live $((now - 3600))
coupons "selgeo_probe_ " "$each" live $((now - 3600))
for id in selgeo_probe selgeo_probe_ Selgeo_probe_a selgeo-probe-a; do
        echo "{\"account\":\"$shop\",\"mode\":\"live\",\"id\":\"$id\",\"created\":$((now - 7200))}"
done | put coupons

ids() { fs_control GET "coupons?account=$shop&mode=$1" | jq -r '.coupons[].id' | sort; }
deleted() { fs_control GET "log?path=/v1/coupons/" | jq -r '.entries[] | select(.method == "DELETE" and (.user_agent | startswith("keyvigil"))) | .path' |
        sed 's|^/v1/coupons/||' | sort; }
told() { printf '%s' "$out" | jq -r ".coupons[] | select($1) | .coupon" | sort; }
count() { wc -l | tr -d ' '; }
right() { seq 1 "$old" | sed 's/^/selgeo_probe_old_/' | sort; }
same() { printf '%s\n' "$1" >"$fs_dir/got"; printf '%s\n' "$2" | diff "$fs_dir/got" - | head -n 5 >"$fs_dir/diff"; [ ! -s "$fs_dir/diff" ] || { sed 's/^/# /' "$fs_dir/diff"; return 1; }; }
ids live >"$fs_dir/live.before"
ids test >"$fs_dir/test.before"
echo "# $(count <"$fs_dir/live.before") coupons in live mode, $(count <"$fs_dir/test.before") in test mode"

sweep() # options; not without end
{
        started=$(date +%s)
        kv --json coupons sweep shop "$@"
        echo "# sweep $*: $(($(date +%s) - started)) s, $(fs_control GET 'log?path=/v1/' | jq '.count') requests so far"
}

sweep --dry-run
# What comes after the hundred is not even looked at.
is "a dry run says that a hundred would go" "$rc:$(told '.reason == "would-delete"' | count):$(told '.reason == "unusual-number"' | count)" \
        "0:100:$((old + 4 * each - 100))"
said=$(told '.reason == "would-delete"')
sweep --dry-run --force
ok "or, with a word, exactly the right ones" same "$(told '.reason == "would-delete"')" "$({ right; seq 1 "$each" | sed 's/^/selgeo_probe_zz_taken_/'; } | sort)"
is "and deletes nothing" "$(deleted | count)" 0

sweep
is "a hundred go" "$rc:$(deleted | count)" 0:100
ok "those that the dry run named" same "$(deleted)" "$said"
sweep
is "and no more on that day" "$rc:$(deleted | count)" 0:100
like "the others are one incident" "$("$builddir/keyvigil" --json incidents | jq -r '[.incidents[] | select(.kind == "probe-coupon-kept")] | "\(length) \(.[0].message)"')" \
        "1 * probe coupons *harmless*"

# With a word; meanwhile their owner deletes some that were already listed.
"$builddir/keyvigil" --json coupons sweep shop --force >"$fs_dir/forced" 2>"$fs_dir/forced.err" &
forced=$!
some_gone() { [ "$(deleted | count)" -gt 100 ]; }
ok "with a word it goes on" kv_until 120 some_gone
seq 1 "$each" | sed "s|.*|url = \"$fs/v1/coupons/selgeo_probe_zz_taken_&\"|" | curl -s -X DELETE -H "Authorization: Bearer $owner" -K - >/dev/null
rc=0
wait $forced || rc=$?
out=$(cat "$fs_dir/forced")
is "to its end" "$rc:$(cat "$fs_dir/forced.err")" 0:
taken=$(printf '%s' "$out" | jq '[.coupons[] | select(.state == "gone")] | length')
echo "# $taken were gone when they were looked at"
ok "exactly the right ones were deleted, each once" same "$(deleted | grep -v '^selgeo_probe_zz_taken_')" "$(right)"
is "of those that were taken meanwhile each is gone" "$(ids live | grep -c zz_taken)" 0
ok "all others are there" same "$(ids live)" "$(grep -v '^selgeo_probe_old_\|^selgeo_probe_zz_taken_' "$fs_dir/live.before")"
ok "and all of the other mode" same "$(ids test)" "$(cat "$fs_dir/test.before")"
is "what is kept has its reason" "$(printf '%s' "$out" | jq -r '[.coupons[] | select(.state == "kept") | .reason] | group_by(.) | map("\(.[0]) \(length)") | join(", ")')" \
        "promoted $each, redeemed $each, too-young $each"
sweep
is "the next sweep finds nothing to do" "$rc:$(deleted | sort -u | count):$(told '.state == "deleted"' | count)" "0:$(deleted | count):0"
echo "# DELETE requests in all: $(deleted | count), for $(deleted | sort -u | count) ids"
kv_stop
is "the ledger says the same" "$(sqlite3 "$kv/state/keyvigil.db" "SELECT group_concat(s, ', ') FROM (SELECT state || ' ' || count(*) AS s
        FROM coupon WHERE coupon NOT LIKE '%zz_taken%' GROUP BY state ORDER BY state)")" "deleted $old, kept $((3 * each))"
kv_clean
fs_stop
tap_end
