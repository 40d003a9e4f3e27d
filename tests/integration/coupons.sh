#!/bin/sh
# Left-over probe coupons, from an account full of others: found, judged, deleted, kept, and never another one.
# With KEYVIGIL_LONG=1 the account has 100,000 coupons, else 2,500.
set -eu
. "$srcdir/tests/support/daemon.sh"
many=$([ "${KEYVIGIL_LONG:-0}" = 1 ] && echo 100000 || echo 2500)

kv_open "coupons: { scan: 1h, grace: 15m }"

shop=acct_shop1
now=$(date +%s)
old=$((now - 7200))
put_coupon() # id, created, and other members
{
        fs_control PUT coupons "{\"account\":\"$shop\",\"mode\":\"live\",\"id\":\"$1\",\"created\":$2${3:-}}" >/dev/null
}
there() { fs_control GET "coupons?account=$shop&mode=live&prefix=$1" | jq -r '[.coupons[]?.id] | sort | join(" ")'; }
count_there() { fs_control GET "coupons?account=$shop&mode=live" | jq '.coupons | length'; }
deletes() { fs_control GET "log?account=$shop&effect=deleted" | jq '.entries | length'; }
swept() { printf '%s' "$out" | jq -r "[.coupons[] | select(.$1) | .coupon] | sort | join(\" \")"; }

key=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$key\",\"account\":\"$shop\",\"permissions\":$selgeo}" >/dev/null
kv_with "$key" add shop
is "a key is stored" "$rc" 0
kv coupons sweep
is "an account without coupons is clean" "$rc" 0
like "and that is said" "$out" "*No probe coupon was left behind.*"

# --- many others, and a few probes among them

fs_control PUT coupons "{\"account\":\"$shop\",\"mode\":\"live\",\"generate\":$many,\"prefix\":\"sale_\",\"created\":$((now - 8000000)),\"step\":60}" >/dev/null
put_coupon selgeo_probe_one $old
put_coupon selgeo_probe_two $((now - 5000000))
put_coupon selgeo_probe_young "$now"
put_coupon selgeo_probe_used $old ',"times_redeemed":1'
put_coupon selgeo_probe_promo $old
fs_control PUT promotion_codes "{\"account\":\"$shop\",\"mode\":\"live\",\"coupon\":\"selgeo_probe_promo\",\"code\":\"SUMMER\"}" >/dev/null
put_coupon selgeo_probe_ $old
put_coupon selgeo_probe $old
put_coupon SELGEO_PROBE_x $old
fs_control PUT coupons "{\"account\":\"$shop\",\"mode\":\"test\",\"id\":\"selgeo_probe_test\",\"created\":$old}" >/dev/null
before=$(count_there)

kv --json coupons sweep --dry-run
is "a dry run says what would be deleted" "$(swept 'reason == "would-delete"')" "selgeo_probe_one selgeo_probe_two"
is "and deletes nothing" "$(deletes)" 0
kv --json coupons
is "nor writes anything down" "$(printf '%s' "$out" | jq '.coupons | length')" 0

fs_control POST faults "{\"fault\":\"503\",\"account\":\"$shop\",\"path\":\"/v1/coupons\",\"skip\":2,\"count\":2}" >/dev/null
kv --json coupons sweep shop
is "the stale ones are deleted, though pages had to be asked twice" "$(swept 'state == "deleted"')" \
        "selgeo_probe_one selgeo_probe_two"
is "one in use is kept" "$(swept 'reason == "redeemed"')" selgeo_probe_used
is "one with a promotion code is kept" "$(swept 'reason == "promoted"')" selgeo_probe_promo
is "one that a check may still use is kept" "$(swept 'reason == "too-young"')" selgeo_probe_young
is "exactly two are gone" "$(deletes):$(count_there)" "2:$((before - 2))"
is "look-alikes are there" "$(there SELGEO) $(there selgeo_probe | tr ' ' '\n' | grep -c '^selgeo_probe_\{0,1\}$')" "SELGEO_PROBE_x 2"
is "the other mode is untouched" "$(fs_control GET "coupons?account=$shop&mode=test" | jq '.coupons | length')" 1
kv coupons
like "the ledger shows what became of them" "$out" "*selgeo_probe_one *deleted*"
is "of other coupons it knows nothing" "$(sqlite3 "$kv/state/keyvigil.db" \
        "SELECT count(*) FROM coupon WHERE coupon NOT LIKE 'selgeo\_probe\__%' ESCAPE '\'")" 0
kv --json incidents
like "what is kept is told" "$out" "*probe-coupon-kept*harmless*"

# --- a page that is too large

put_coupon selgeo_probe_large $old
fs_control POST faults "{\"fault\":\"huge\",\"mib\":5,\"account\":\"$shop\",\"path\":\"/v1/coupons\",\"count\":1}" >/dev/null
kv --json coupons sweep
is "a page that is too large is asked for in parts" "$(swept 'state == "deleted"'):$(fs_control GET "log?account=$shop&path=/v1/coupons" |
        jq '[.entries[] | select(.path | test("limit=10(&|$)"))] | length')" selgeo_probe_large:10

# --- an answer that was lost

put_coupon selgeo_probe_lost $old
fs_control POST faults "{\"fault\":\"lose-answer\",\"account\":\"$shop\",\"method\":\"DELETE\",\"count\":1}" >/dev/null
kv --json coupons add shop selgeo_probe_lost
is "a delete whose answer was lost counts as one" "$(swept 'state == "deleted"')" selgeo_probe_lost
is "and was sent once" "$(fs_control GET "log?account=$shop" | jq '[.entries[] | select(.method == "DELETE" and (.path | endswith("_lost")))] | length')" 1
kv coupons add shop sale_000001
is "another coupon is not taken" "$rc" 1
like "and why is said" "$err" "*not that of a probe coupon*"
kv coupons add shop sale_000001 selgeo_probe_none
is "a bad id among good ones is named" "$rc $(printf '%s' "$err" | grep -c 'id 1, sale_000001: ')" "1 1"
like "and the good ones are taken" "$out" "*selgeo_probe_none*gone*"
kv_with "selgeo_probe_none
selgeo_probe_used" --json coupons add shop -
is "ids come from standard input, too" "$(swept 'state == "gone"'):$(swept 'state == "kept"')" "selgeo_probe_none:selgeo_probe_used"

# --- unusually many

for i in $(seq 1 110); do put_coupon "selgeo_probe_m$i" $old; done
kv --json coupons sweep
is "of unusually many some are kept" "$(printf '%s' "$out" | jq '[.coupons[] | select(.reason == "unusual-number")] | length > 0')" true
is "a hundred a day are deleted" "$(deletes)" 100
kv coupons sweep --force
is "until somebody says so" "$rc:$(there selgeo_probe_m)" "0:"

# --- a key that may not

bare=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$bare\",\"account\":\"acct_bare\",\"permissions\":[\"customer_read\"]}" >/dev/null
kv_with "$bare" add bare --force
kv coupons sweep
is "an account whose key may not is left out, and that is no failure" "$rc" 0
like "but said" "$err" "*1 of 2 accounts left out: bare: the key lacks “Coupons: Write”*"
kv coupons sweep bare
like "also when it is asked for by name" "$rc $err" "0 *the key lacks “Coupons: Write”*"
like "the table is followed by what it comes to" "$(kv coupons sweep shop; echo "$out")" "*0 deleted, 3 kept. What is kept is harmless.*"
kv remove bare

# --- a real coupon

kv check shop --connect
like "what is open is a finding, whatever became of the coupon" "$rc $out" "1 *not all is well: probe-coupon-kept*created and deleted again*"
kv ack "$("$builddir/keyvigil" --json incidents --open | jq '.incidents[] | select(.key == "shop").id')" --reason "they stay"
kv check shop --connect
is "a connection check with a real coupon is well" "$rc" 0
like "and says so" "$out" "*created and deleted again*"
fs_control POST faults "{\"fault\":\"503\",\"account\":\"$shop\",\"method\":\"DELETE\"}" >/dev/null
kv check shop --connect
is "it is well although the clean-up failed" "$rc" 0
kv remove shop
is "then the key is not removed" "$rc" 1
like "because of the coupon" "$err" "*--force*"
fs_control DELETE faults >/dev/null
fs_control POST clock '{"offset":1000}' >/dev/null
kv coupons sweep
is "a sweep removes what it left" "$rc:$(fs_control GET "coupons?account=$shop&mode=live&prefix=selgeo_probe_" | jq -r '[.coupons[].id | select(test("^selgeo_probe_[a-z0-9]{16}$"))] | length')" "0:1"

other=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$other\",\"account\":\"acct_other\",\"permissions\":$selgeo}" >/dev/null
kv_with "$other" add other --connect
is "a key can be added with a real coupon" "$rc" 0
is "which was created and deleted" "$(fs_control GET "log?account=acct_other" | jq -r '[.entries[] | select(.effect == "created" or .effect == "deleted") | .effect] | join(" ")')" "created deleted"
kv --json coupons list other
is "both steps are in the ledger" "$(printf '%s' "$out" | jq -r '[.coupons[].state] | join(" ")')" deleted
kv remove other
is "then nothing keeps the key from being removed" "$rc" 0

# --- only reported

put_coupon selgeo_probe_report $old
fs_control POST clock '{"offset":0}' >/dev/null
kv_stop
kv_conf "coupons: { cleanup: report }"
kv_start
n=$(deletes)
kv --json coupons sweep --force
is "with 'cleanup: report' nothing is deleted" "$(deletes)" "$n"
like "but told" "$(swept 'reason == "report-only"')" "*selgeo_probe_report*"
kv_stop
is "the daemon leaves in peace" "$rc" 0
kv coupons
like "the ledger can be read without it" "$out" "*selgeo_probe_report *kept*"
kv_clean
fs_stop
tap_end
