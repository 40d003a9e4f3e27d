#!/bin/sh
# keyvigil prove: the catalogue against a Stripe whose rows are partly different; what it finds, mends and publishes.
set -eu
. "$srcdir/tests/support/daemon.sh"
fs_start --http 127.0.0.1:0
fs_control POST options '{"products":"*"}' >/dev/null
kv_conf
srcdir=$(cd "$srcdir" && pwd)
cd "$fs_dir"
account=acct_1ProveAccount
all=$(new_key sk test) none=$(new_key rk test) profile=$(new_key rk test)
echo "$all" >all
echo "$none" >none
echo "$profile" >profile
fs_control PUT keys "[{\"key\":\"$all\",\"account\":\"$account\"},{\"key\":\"$none\",\"account\":\"$account\"},
        {\"key\":\"$profile\",\"account\":\"$account\",\"permissions\":$selgeo}]" >/dev/null
prove() { kv prove --all-key all --none-key none "$@"; }
is "no database is needed" "$(ls "$kv/state" 2>/dev/null)" ""

# --- all is as assumed

prove --profile-key selgeo=profile
is "all is as assumed" "$rc:$err" "0:"
like "it says how much" "$out" "*0 otherwise than assumed, 0 not shown*Proved: *coupon_write*"
is "nothing was done to the account" "$(fs_control GET log | jq '[.entries[] | select(.effect != "none")] | length')" 0
asked=$(fs_control GET stats | jq .requests)
is "each request was asked with each key" "$(((asked % 3)))" 0
is "nothing was stored" "$(ls "$kv/state" 2>/dev/null)" ""

# --- the manual's own command, as a new user types it: two keys pasted, the link, the third key, this

cp profile selgeo
kv link selgeo --test
like "the link of the manual" "$out" "https://dashboard.stripe.com/test/apikeys/create*"
sed -n '/^\.Sh PROVING/,/^\.Sh ENV/p' "$srcdir/man/keyvigil.1" | sed -n '/^\.Bd -literal/,/^\.Ed/p' | sed '1d;$d;s/\\e$/\\/' >typed
is "the manual has one command" "$(grep -c '^keyvigil prove' typed)" 1
rc=0
PATH=$builddir:$PATH sh typed >typed.out 2>&1 || rc=$?
is "it is good as it stands" "$rc" 0
like "and gives the report" "$(cat report)" "keyvigil prove, *0 otherwise than assumed*"

# --- ten rows are different

fs_control PUT accounts "{\"account\":\"$account\",\"products\":[\"treasury\",\"identity\",\"climate\",\"forwarding\",\"sources\",\"tax\"]}" >/dev/null
fs_control PUT rows '[
{"method":"GET","path":"/v1/charges/{id}","order":"lookup"},
{"method":"GET","path":"/v1/disputes/{id}","order":"lookup"},
{"method":"POST","path":"/v1/payouts/{id}","order":"lookup"},
{"method":"POST","path":"/v1/tokens","code":"token_odd"},
{"method":"GET","path":"/v1/quotes/{id}","code":"quote_that_is_as_odd_as_the_longest_of_all_the_codes_of_errors"},
{"method":"GET","path":"/v1/files/{id}","off":true},
{"method":"GET","path":"/v1/reviews/{id}","gone":true},
{"method":"POST","path":"/v1/tax_rates/{id}","gone":true},
{"method":"GET","path":"/v1/events/{id}","says":"event_stream_read"}]' >/dev/null # account_link is the tenth: no Connect
prove --write new.yaml --report report
is "not all is as assumed" "$rc:$err" "1:"
section() { sed -n "/^$1: /,/^\$/p" "$2"; }
found() { section "$1" report | sed -n 's/^  \([a-z_0-9]*_\(read\|write\)\)  .*/\1/p' | tr '\n' ' '; }
is "looked up before the permission" "$(found 'Granted to a key without rights')" "charge_read dispute_read payout_write "
is "codes that no rule lists" "$(found 'Granted in words that no rule lists')" "token_write quote_read "
is "addresses that are gone" "$(found 'No such address')" "tax_rate_write review_read "
is "products that the account lacks" "$(section 'Not shown by this account' report | sed -n 's/^  //p')" "file_read account_link_write"
like "another name" "$(cat report)" "*event_read: event_stream_read*"
like "the wording of what no rule lists" "$(cat report)" "*token_odd*That cannot be done.*"

# --- what it learned

mkdir old
cp new.yaml "$kv/permissions.yaml"
kv check-config
is "the file is read" "$rc" 0
fs_control DELETE log >/dev/null
prove --report report2
is "what could be mended is as assumed now" "$rc:$(grep -c 'otherwise than assumed' report2)" "0:1"
like "nothing is otherwise" "$(cat report2)" "* 0 otherwise than assumed*"
was_asked() { fs_control GET log | jq -r '.entries[] | "\(.method) \(.path)"' | sed 's/keyvigil_absent_[A-Za-z]*/{absent}/' | grep -cxF "$1" || :; }
is "charges are asked as a list" "$(was_asked 'GET /v1/charges?limit=1&starting_after={absent}')" 2
is "what cannot be told is not asked" "$(was_asked 'POST /v1/payouts/{absent}')$(was_asked 'GET /v1/reviews/{absent}')" 00
kv profiles
is "the profiles go with it" "$rc" 0

# What was looked up first, and has no list either, stays as it was where a profile wants it.
rm "$kv/permissions.yaml"
fs_control PUT rows '[{"method":"GET","path":"/v1/charges","gone":true},
{"method":"POST","path":"/v1/tokens","code":"platform_api_key_expired"},
{"method":"GET","path":"/v1/files/{id}","off":false}]' >/dev/null
for round in 1 2; do
        prove --write lost.yaml --report lost
        like "no list, round $round" "$(cat lost)" "*charge_read  GET /v1/charges/{absent}*mended: no, it stays as it is*"
        cp lost.yaml "$kv/permissions.yaml"
done
is "nor does a dead key grant" "$(grep -c api_key_expired lost.yaml)" 0

# --- what is published holds nothing of anybody's

for file in report report2 new.yaml lost lost.yaml "$kv/said/client"; do
        ok "$file: no account" sh -c "! grep -q acct_ '$file'"
        ok "$file: no id of an object or a key" sh -c "! grep -Eq 'mk_[A-Za-z0-9]|req_[A-Za-z0-9]|keyvigil_absent' '$file'"
done
ok "no part of a key is in them" sh "$srcdir/tests/support/leakscan.sh" "$kv" "$kv_keys"
mkdir published
cp report report2 new.yaml lost lost.yaml published
ok "nor in what is published" sh "$srcdir/tests/support/leakscan.sh" "$fs_dir/published" "$kv_keys"

# --- an interruption, and wrong keys

rm "$kv/permissions.yaml"
fs_control DELETE rows >/dev/null
fs_control POST faults '{"fault":"delay","seconds":0.05}' >/dev/null
"$builddir/keyvigil" prove --all-key all --none-key none --report later >first.out 2>first.err &
prove_pid=$!
half_done() { [ -e later.part ] && [ "$(wc -l <later.part)" -gt 40 ]; }
kv_until 30 half_done
kill -INT $prove_pid
rc=0
wait $prove_pid || rc=$?
is "an interruption is no result" "$rc" 3
like "it says how to go on" "$(cat first.err)" "*interrupted; the same command goes on*later.part*"
fs_control DELETE faults >/dev/null
before=$(($(wc -l <later.part) - 1))
fs_control DELETE stats >/dev/null
prove --report later
like "it goes on" "$rc:$out" "0:*"
total=$(fs_control GET stats | jq .requests)
is "and asks the rest only" "$((total + before))" "$((asked / 3 * 2))"
ok "the half is cleared away" test ! -e later.part

refused() # what, options, complaint
{
        fs_control DELETE stats >/dev/null
        kv prove $2
        is "$1" "$rc" 1
        like "$1: why" "$err" "$3"
        is "$1: not a question was asked" "$(fs_control GET stats | jq .requests)" 0
}
new_key rk live >live
refused "a live key" "--all-key live --none-key none" "*live one*"
refused "a full key that should have no rights" "--all-key all --none-key all" "*full secret key*"
refused "no key" "--all-key /dev/null --none-key none" "*no key in its first line*"
refused "the same key twice" "--all-key profile --none-key profile" "*with all rights and without rights are the same one*"
echo "somebody's own" >own.part
refused "a file of another kind in the way" "--all-key all --none-key none --report own" "*own.part is something else*"
is "and it is untouched" "$(cat own.part)" "somebody's own"
refused "no file" "--all-key nowhere --none-key none" "*nowhere: No such file*"
refused "a profile that is not there" "--all-key all --none-key none --profile-key things=profile" "*no profile 'things'*"
kv prove --all-key all --none-key none --profile-key profile
is "a key of no profile" "$rc" 2
kv_with "$all
$none" prove
is "keys from standard input" "$rc:$err" "0:"
fs_control PATCH keys "{\"key\":\"$none\",\"state\":\"expired\"}" >/dev/null
prove
is "a key that is dead" "$rc" 3
like "is told at once" "$err" "*does not accept it*"

fs_control PATCH keys "{\"key\":\"$none\",\"state\":\"alive\"}" >/dev/null
like "and which it is" "$err" "*the key without rights: *"

# Keys in the wrong places teach nothing, least of all a catalogue.
rich=$(new_key rk test)
echo "$rich" >rich
fs_control PUT keys "[{\"key\":\"$rich\",\"account\":\"$account\",\"permissions\":\"*\"}]" >/dev/null
rm -f new.yaml report
kv prove --all-key none --none-key rich --write new.yaml --report report
is "keys the wrong way round" "$rc" 1
like "is said" "$err" "*the key without rights was granted whole lists*Nothing was written*"
ok "and nothing is written" test ! -e new.yaml -a ! -e report
mistaken() # what, all key, none key, complaint
{
        rm -f report.part
        kv prove --all-key "$2" --none-key "$3" --write new.yaml --report report
        is "$1" "$rc" 1
        like "$1 is said" "$err" "$4"
        ok "$1 teaches nothing" test ! -e new.yaml -a ! -e report
}
for rights in '"charge_write","customer_read","payment_intent_read"' '"dispute_read"' '"product_write","plan_write"'; do
        some=$(new_key rk test)
        echo "$some" >some
        fs_control PUT keys "[{\"key\":\"$some\",\"account\":\"$account\",\"permissions\":[$rights]}]" >/dev/null
        mistaken "a key with $rights" all some "*the key without rights was granted whole lists*Nothing was written*"
done
mistaken "a profile's key without rights" all profile "*the key without rights was granted whole lists*Nothing was written*"
mistaken "a profile's key with all rights" profile none "*the key with all rights was refused much of it*Nothing was written*"
rm -f report.part

# Where the account is not named, the keys themselves may tell it.
body() { echo "51$1$(random_text 81)"; }
echo "sk_test_$(body AAAAbbbbCCCCdddd)" >all99
echo "rk_test_$(body EEEEbbbbCCCCdddd)" >none99
cat all99 none99 >>"$kv_keys"
refused "keys that begin with two accounts" "--all-key all99 --none-key none99" "*are of different accounts; make all of them in one"
echo "rk_test_$(body AAAAbbbbCCCCdddd)" >none99
cat none99 >>"$kv_keys"
fs_control PUT keys "[{\"key\":\"$(cat all99)\",\"account\":\"$account\"},{\"key\":\"$(cat none99)\",\"account\":\"$account\"}]" >/dev/null
kv prove --all-key all99 --none-key none99
is "keys that begin with one" "$rc:$(printf '%s' "$out" | grep -c 'Not checked')" "0:0"
prove
like "what could not be checked is said" "$out" "*Not checked: that the key with all rights is of the same account*"

# --- where the results go is looked at before anybody is asked

cp all own
refused "one name for both" "--all-key all --none-key none --write same --report ./same" "*same are one file*"
refused "over a key" "--all-key own --none-key none --report own" "*own and own are one file*"
is "which stays as it is" "$(cat own)" "$all"
refused "over the answers" "--all-key all --none-key none --write r.part --report r" "*r.part and r.part are one file*"
refused "a place that is not there" "--all-key all --none-key none --report r --write nowhere/x" "keyvigil: nowhere/x cannot be written: No such file*"
refused "a folder" "--all-key all --none-key none --report /tmp" "*/tmp cannot be written: Is a directory*"
ok "nothing is left of it" test ! -e same -a ! -e r -a ! -e r.part
rc=0
"$builddir/keyvigil" prove --all-key all --none-key none >/dev/full 2>full.err || rc=$?
is "no room for the answer" "$rc:$(cat full.err)" "1:keyvigil: the output could not be written"
foreign=$(new_key rk test)
echo "$foreign" >foreign
fs_control PUT keys "[{\"key\":\"$foreign\",\"account\":\"acct_1Another\",\"permissions\":$selgeo}]" >/dev/null
prove --profile-key selgeo=foreign
is "a key of another account" "$rc" 3
like "is told at once" "$err" "*the keys are of different accounts*"
fs_control PATCH keys "{\"key\":\"$none\",\"state\":\"unserved\"}" >/dev/null
prove
is "an account that is not served" "$rc" 3
like "is told" "$err" "*the key without rights: Stripe refuses whatever is asked with it*"
fs_control PATCH keys "{\"key\":\"$none\",\"state\":\"alive\"}" >/dev/null

# --- a result lies in its place only when there is one: a daemon would not start with an empty catalogue

fs_control POST faults '{"fault":"delay","seconds":0.05}' >/dev/null
"$builddir/keyvigil" prove --all-key all --none-key none --write "$kv/permissions.yaml" >/dev/null 2>&1 &
prove_pid=$!
half_done() { [ -e "$kv/permissions.yaml.part" ] && [ "$(wc -l <"$kv/permissions.yaml.part")" -gt 5 ]; }
kv_until 30 half_done
kill -KILL $prove_pid
wait $prove_pid || :
ok "a run that was killed leaves no catalogue" test ! -e "$kv/permissions.yaml"
kv check-config
is "and the configuration is as good as before" "$rc" 0
fs_control DELETE faults >/dev/null
rm "$kv/permissions.yaml.part"

# --- what the override gives up is no finding any more, though it was seen before

fs_control PUT rows '[{"method":"POST","path":"/v1/payouts/{id}","order":"lookup"},
{"method":"GET","path":"/v1/disputes/{id}","order":"lookup"},
{"method":"POST","path":"/v1/disputes/{id}","order":"lookup"}]' >/dev/null
kv_start
kv_add shop
kv check shop --excess
like "rights that are none are found" "$rc:$out" "1:*Disputes: Write, Payouts: Write*"
prove --write "$kv/permissions.yaml"
kv reload
kv check shop --excess
is "with the override they are not" "$rc:$(printf '%s' "$out" | grep -c 'All is well')" "0:1"
kv incidents --open
is "and what was told of them is over" "$out" "Nothing is wrong."
kv_stop
rm "$kv/permissions.yaml"
fs_control DELETE rows >/dev/null

# --- nobody there, and somebody who wants to be left alone

fs_control POST faults '{"fault":"close","skip":60}' >/dev/null
prove --report late
is "no network" "$rc" 3
like "is said, and how to go on" "$err" "*no answer from http://127.0.0.1:*connection broken*; the same command goes on*late.part*"
fs_control DELETE faults >/dev/null
fs_control POST faults '{"fault":"429","skip":40,"headers":{"Retry-After":"4000"}}' >/dev/null
prove --report late
is "an hour's patience" "$rc" 3
like "is not waited for" "$err" "*going on with what is in late.part*Stripe asks to be left alone for 4000 seconds*late.part*"
fs_control DELETE faults >/dev/null
fs_control POST faults '{"fault":"429","skip":20,"count":3}' >/dev/null
fs_control POST faults '{"fault":"502-html","skip":60,"count":2}' >/dev/null
prove --report late
is "some of both in between" "$rc" 0
like "all is told" "$(cat late)" "* 0 otherwise than assumed*"
ok "and nothing is left over" test ! -e late.part

# One request that never gets an answer is asked again by the next run, and nothing else.
fs_control DELETE faults >/dev/null
fs_control POST faults '{"fault":"503","path":"/v1/quotes","method":"POST"}' >/dev/null
prove --report late
is "one without answer" "$rc" 3
like "is counted" "$err" "*2 requests got no answer that says something; the same command asks just these again*"
like "and named" "$(cat late)" "* 0 otherwise than assumed, * 1 not told*Not told: 1*quote_write*"
fs_control DELETE faults >/dev/null
fs_control DELETE stats >/dev/null
prove --report late
is "then it is told" "$rc:$(fs_control GET stats | jq .requests)" "0:2"

fs_stop
tap_end
