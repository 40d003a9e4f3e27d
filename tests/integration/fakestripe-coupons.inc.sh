# Part of fakestripe.sh: coupons and promotion codes, which exist here and can be made, listed, changed, removed.

fs_key=$full
create() { ask POST /v1/coupons "$@"; }

create
is "coupon without amount" "$status $(code) $(param) $(message)" \
        '400 parameter_missing none Must provide percent_off or amount_off.'
create -d percent_off=1 -d amount_off=1
is "coupon with both" "$status $(message)" \
        '400 Received both percent_off and amount_off parameters. Please pass in only one.'
create -d percent_off=0
is "coupon of nothing" "$status $(param)" '400 percent_off'
create -d amount_off=100
is "coupon without currency" "$status $(code) $(param)" '400 parameter_missing currency'
create -d percent_off=1 -d duration=repeating
is "coupon without months" "$status $(param)" '400 duration_in_months'
create -d percent_off=1 -d duration=now
is "coupon of no duration" "$status $(param)" '400 duration'
create -d percent_off=1 -d redeem_by=1
is "coupon already over" "$status $(param)" '400 redeem_by'
create -d percent_off=1 -d max_redemptions=0
is "coupon for nobody" "$status $(param)" '400 max_redemptions'
create -d percent_off=1 -d 'id=no.dots'
is "coupon with a bad id" "$status $(param)" '400 id'
create -d percent_off=1 -d keyvigil=1
is "coupon with a made-up parameter" "$status $(code)" '400 parameter_unknown'
is "nothing was created by all that" "$(fs_control GET 'coupons?account=acct_1One' | jq .count)" 0

by=$(($(date +%s) + 3600))
create -d id=selgeo_probe_A1 -d percent_off=1 -d max_redemptions=1 -d redeem_by=$by -d 'metadata[made_by]=me' \
        -d name=Probe
is "coupon" "$status $(get '[.id, .object, .percent_off, .duration, .livemode, .max_redemptions, .redeem_by, .times_redeemed, .valid, .name, .metadata.made_by, .amount_off] | join(" ")')" \
        "200 selgeo_probe_A1 coupon 1 once false 1 $by 0 true Probe me "
create -d id=selgeo_probe_A1 -d percent_off=1
is "coupon again" "$status $(code) $(param) $(message)" '400 resource_already_exists none Coupon already exists.'
create -d amount_off=500 -d currency=eur -d duration=repeating -d duration_in_months=3
is "coupon with an amount" "$(get '[.amount_off, .currency, .percent_off, .duration_in_months] | map(tostring) | join(" ")')" \
        '500 eur null 3'
ok "its id was made up" test -n "$(get .id)"
create -d percent_off=3 -H 'Idempotency-Key: once-1'
first=$body
is "with an idempotency key" "$status $(header idempotency-key) $(header idempotent-replayed)" '200 once-1 '
create -d percent_off=3 -H 'Idempotency-Key: once-1'
is "the same again" "$status $(header idempotent-replayed) $body" "200 true $first"
create -d percent_off=4 -H 'Idempotency-Key: once-1'
is "the key for something else" "$status $(get .error.type)" '400 idempotency_error'
create -H 'Idempotency-Key: once-2'
create -d percent_off=5 -H 'Idempotency-Key: once-2'
is "a refusal is not kept" "$status $(get .percent_off)" '200 5'
ask GET /v1/coupons/selgeo_probe_A1
is "retrieve" "$status $(get .id)" '200 selgeo_probe_A1'
ask POST /v1/coupons/selgeo_probe_A1 -d 'metadata[made_by]=' -d 'metadata[x]=y' -d name=
is "update" "$status $(get '.metadata | tostring') $(get .name)" '200 {"x":"y"} null'
ask POST /v1/coupons/selgeo_probe_A1 -d percent_off=2
is "no update of the amount" "$status $(code)" '400 parameter_unknown'
ask GET /v1/coupons/SELGEO_PROBE_A1
is "ids know upper case" "$status $(code) $(param)" '404 resource_missing coupon'
fs_key=$live
ask GET /v1/coupons/selgeo_probe_A1
is "the other mode" "$status $(message)" "404 No such coupon: 'selgeo_probe_A1'; a similar object exists in test mode, but a live mode key was used to make this request."
create -d id=selgeo_probe_A1 -d percent_off=1
is "the same id in the other mode" "$status $(get .livemode)" '200 true'
fs_key=$full
ask DELETE /v1/coupons/selgeo_probe_A1
is "delete" "$status $(printf '%s' "$body" | jq -c .)" '200 {"id":"selgeo_probe_A1","object":"coupon","deleted":true}'
fs_key=$live
ask DELETE /v1/coupons/selgeo_probe_A1
fs_key=$full
ask DELETE /v1/coupons/selgeo_probe_A1
is "delete again" "$status $(code) $(message)" "404 resource_missing No such coupon: 'selgeo_probe_A1'"
ask GET /v1/coupons/selgeo_probe_A1
is "retrieve after" "$status $(code)" '404 resource_missing'
is "what was deleted" "$(fs_control GET 'coupons?account=acct_1One' | jq -c .deleted)" '["selgeo_probe_A1"]'

# --- pages

list() { ask GET "/v1/coupons?$1"; ids=$(get '[.data[]?.id] | join(" ")'); }
fs_control DELETE 'coupons?account=acct_1One' >/dev/null
fs_control PUT coupons '[{"account":"acct_1One","generate":25,"prefix":"c_","created":1700000000,"step":10},
        {"account":"acct_1One","id":"old","created":1600000000,"times_redeemed":3}]' >/dev/null
list ''
is "ten, newest first" "$(get .has_more) $ids" 'true c_000024 c_000023 c_000022 c_000021 c_000020 c_000019 c_000018 c_000017 c_000016 c_000015'
list 'limit=100'
is "all" "$(get '[.has_more, (.data | length), .data[-1].id, .data[-1].times_redeemed, .data[0].created] | join(" ")')" \
        'false 26 old 3 1700000240'
list 'limit=2&starting_after=c_000001'
is "the last page" "$(get .has_more) $ids" 'false c_000000 old'
list 'limit=2&starting_after=c_000005'
is "a page in the middle" "$(get .has_more) $ids" 'true c_000004 c_000003'
list 'limit=2&ending_before=c_000005'
is "backwards" "$(get .has_more) $ids" 'true c_000007 c_000006'
list 'starting_after=old'
is "behind the last" "$(get .has_more) $ids" 'false '
list 'created[gte]=1700000230'
is "created[gte]" "$ids" 'c_000024 c_000023'
list 'created%5Bgt%5D=1700000230'
is "created[gt]" "$ids" 'c_000024'
list 'created[lt]=1700000000'
is "created[lt]" "$ids" 'old'
list 'created[lte]=1700000000&limit=1'
is "created[lte]" "$(get .has_more) $ids" 'true c_000000'
list 'created=1700000010'
is "created" "$ids" 'c_000001'
list 'created[gte]=1700000220&limit=2&starting_after=c_000023'
is "bounds and cursor" "$(get .has_more) $ids" 'false c_000022'
list 'limit=0'
is "limit too small" "$status $(param)" '400 limit'
list 'limit=ten'
is "limit no number" "$status $(param)" '400 limit'
list 'prefix=c'
is "no such filter" "$status $(code)" '400 parameter_unknown'
ask DELETE /v1/coupons/c_000015
list 'starting_after=c_000015'
is "a cursor that is gone" "$status $(code) $(param) $(message)" "400 resource_missing starting_after No such coupon: 'c_000015'"

fs_control PUT coupons '{"account":"acct_1Many","mode":"live","generate":100000,"prefix":"m_","created":1600000000}' >/dev/null
fs_control PUT keys '{"key":"rk_live_51Many","account":"acct_1Many","permissions":["coupon_write"]}' >/dev/null
fs_key=rk_live_51Many
list 'limit=100&created[gte]=1600099990'
is "the end of many" "$(get '.data | length')" 10
list 'limit=100&starting_after=m_050000'
is "the middle of many" "$(get .has_more) $(get '.data[0].id')" 'true m_049999'
fs_control DELETE 'coupons?account=acct_1Many&mode=live' >/dev/null
list ''
is "none" "$status $(get '.data | length')" '200 0'

# --- promotion codes

fs_key=$full
promotions() { ask GET "/v1/promotion_codes?$1" ${2:+-H "$2"}; }
promotions coupon=UNKNOWN1
is "codes of no coupon" "$status $(code) $(param) $(message)" "400 resource_missing coupon No such coupon: 'UNKNOWN1'"
promotions coupon=c_000001
is "no codes" "$status $(get '[.object, .url, (.data | length)] | join(" ")')" '200 list /v1/promotion_codes 0'
ask POST /v1/promotion_codes -d coupon=c_000001
is "the old way to make one" "$status $(code)" '400 parameter_unknown'
ask POST /v1/promotion_codes
is "of no coupon" "$status $(code) $(message)" '400 parameter_missing Missing required param: promotion.'
ask POST /v1/promotion_codes -d 'promotion[type]=coupon' -d 'promotion[coupon]=UNKNOWN1'
is "of an unknown coupon" "$status $(param)" '400 promotion[coupon]'
ask POST /v1/promotion_codes -d 'promotion[type]=coupon' -d 'promotion[coupon]=c_000001' -d code=Spring
promo=$(get .id)
is "promotion code" "$status $(get '[.object, .active, .code, .promotion.type, .promotion.coupon, .livemode] | join(" ")') $(get 'has("coupon")')" \
        '200 promotion_code true Spring coupon c_000001 false false'
promotions coupon=c_000001
is "found by its coupon" "$(get '.data[0].id')" "$promo"
promotions code=SPRING
is "found by its code" "$(get '.data[0].id')" "$promo"
promotions active=false
is "not among the inactive" "$(get '.data | length')" 0
fs_ask GET "/v1/promotion_codes/$promo" -H 'Stripe-Version: 2024-06-20'
is "the old shape" "$(get '[.coupon.id, .coupon.object] | join(" ")') $(get 'has("promotion")')" 'c_000001 coupon false'
fs_control POST options '{"promotion_shape":"old"}' >/dev/null
ask GET "/v1/promotion_codes/$promo"
is "the old shape by force" "$(get .coupon.id)" c_000001
fs_control POST options '{"promotion_shape":"auto"}' >/dev/null
ask GET /v1/promotion_codes/promo_nope
is "no such code" "$status $(param) $(message)" "404 promotion_code No such promotion code: 'promo_nope'"
ask POST "/v1/promotion_codes/$promo" -d active=false
is "put out of use" "$status $(get .active)" '200 false'
ask POST "/v1/promotion_codes/$promo" -d active=true
is "put into use" "$(get .active)" true
ask DELETE /v1/coupons/c_000001
promotions coupon=c_000001
is "its coupon is gone" "$status $(param)" '400 coupon'
ask GET "/v1/promotion_codes/$promo"
is "so it is of no use" "$status $(get .active)" '200 false'
ask POST "/v1/promotion_codes/$promo" -d active=true
is "and stays so" "$status" 400
fs_control PUT promotion_codes '{"account":"acct_1One","coupon":"c_000002","code":"HELLO"}' >/dev/null
promotions coupon=c_000002
is "arranged code" "$(get '.data[0].code')" HELLO
fs_key=$none
ask GET '/v1/promotion_codes?coupon=c_000002'
like "codes need a right of their own" "$status $(message)" "403 *('promotion_code_read')*"
ask DELETE /v1/coupons/c_000002
like "so does a delete" "$status $(message)" "403 *('coupon_write')*"
fs_key=$full
