#!/bin/sh
# Receivers of events: a webhook that verifies each signature, a mail system; what is refused, lost, slow, or away for a
# while arrives once and in order; a receiver that wants no more is left alone; a daemon that is silent is told.
set -eu
. "$srcdir/tests/support/daemon.sh"
command -v python3 >/dev/null || { echo "python3 is not here"; exit 77; }

secret=whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
took=$fs_dir/took
notify_pid=
receiver_pid=
trap 'stop_all; kv_cleanup; fs_cleanup' EXIT
stop_all()
{
        [ -z "$notify_pid" ] || kill -KILL $notify_pid 2>/dev/null || :
        [ -z "$receiver_pid" ] || kill -KILL $receiver_pid 2>/dev/null || :
}

receiver_start()
{
        rm -f "$fs_dir/port"
        python3 "$srcdir/tests/support/receiver.py" "$fs_dir/port" "$took" $secret "${1:-0}" &
        receiver_pid=$!
        kv_until 20 test -s "$fs_dir/port"
}
# How it answers from now on: see receiver.py.
answers() { echo "$*" >"$took.mode.new" && mv "$took.mode.new" "$took.mode"; }

mkdir -p "$fs_dir/state" "$fs_dir/credentials"
echo $secret >"$fs_dir/credentials/keyvigil.webhook"
notify_start()
{
        CREDENTIALS_DIRECTORY=$fs_dir/credentials KEYVIGIL_NOTIFY_HURRY=${hurry:-60} KEYVIGIL_SENDMAIL=$fs_dir/sendmail \
                "$builddir/keyvigil" notify --state "$fs_dir/state" >>"$kv/said/notify" 2>&1 &
        notify_pid=$!
}
notify_stop()
{
        kill -TERM $notify_pid
        rc=0
        wait $notify_pid || rc=$?
        notify_pid=
}

# What was taken: ids in order, those of this kind only.
taken() { jq -r "select(.status < 300 and .body.data.kind == \"$1\") | .body.data.key" "$took" 2>/dev/null; }
taken_is() { [ "$(taken "$1" | tr '\n' ' ')" = "$2" ]; }
tried() { grep -c . "$took" 2>/dev/null || echo 0; }
tried_more_than() { [ "$(tried)" -gt "$1" ]; }
wait_taken() # what, kind, keys
{
        kv_until 20 taken_is "$2" "$3" || :
        is "$1" "$(taken "$2" | tr '\n' ' ')" "$3"
}
has_cursor() { ls "$fs_dir"/state/*.json >/dev/null 2>&1 && ! grep -L cursor "$fs_dir"/state/*.json | grep -q .; }

# die NAME...: a new key each, which is dead.
die()
{
        for name in "$@"; do
                bad=$(new_key rk live)
                fs_control PUT keys "{\"key\":\"$bad\",\"account\":\"acct_$name\",\"state\":\"expired\"}" >/dev/null
                kv_with "$bad" add "$name" --force
                kv check "$name"
        done
}

cat >"$fs_dir/sendmail" <<END
#!/bin/sh
cat >"$fs_dir/mail.\$\$"
echo "\$@" >"$fs_dir/mail.arguments"
END
chmod +x "$fs_dir/sendmail"

fs_start --http 127.0.0.1:0
receiver_start
port=$(cat "$fs_dir/port")
kv_conf "notify:
  - {type: webhook, url: \"http://127.0.0.1:$port/hook\", credential: keyvigil.webhook, min_priority: 6}
  - {type: mail, to: ops@example.net, kinds: [key-invalid]}"
kv_start
for name in witness other; do
        good=$(new_key rk live)
        fs_control PUT keys "{\"key\":\"$good\",\"account\":\"acct_$name\",\"permissions\":$selgeo}" >/dev/null
        kv_with "$good" add "$name"
done
notify_start
ok "it remembers where it begins" kv_until 20 has_cursor

die one two
wait_taken "dead keys are told in order" key-invalid "one two "
is "each with a good signature" "$(jq -r 'select(.good | not)' "$took")" ""
is "with a type" "$(jq -r 'select(.body.data.key == "one" and .body.data.kind == "key-invalid") | .body.type' "$took" | sort -u)" key.invalid
mailed() { cat "$fs_dir"/mail.[0-9]* 2>/dev/null | grep -q "$1"; }
ok "one mail tells them together" kv_until 20 mailed '2 events'
like "it is for one address" "$(cat "$fs_dir/mail.arguments")" "*-- ops@example.net"

answers 500
die three
ok "what is refused is tried again" kv_until 20 tried_more_than 4
die four
answers 204
wait_taken "then it arrives, before what came after it" key-invalid "one two three four "

answers once 503
die five
wait_taken "a receiver that is busy for a moment gets it" key-invalid "one two three four five "
answers slow 204
die six
so_far="one two three four five six"
wait_taken "so does one that is slow" key-invalid "$so_far "
answers 204

answers never
tries=$(tried)
die mute
ok "one that takes a message and never answers is tried again" kv_until 60 tried_more_than $((tries + 1))
die after
answers 204
wait_taken "then it gets it, and what came after it" key-invalid "$so_far mute after "
so_far="$so_far mute after"

kill -KILL $receiver_pid
wait $receiver_pid 2>/dev/null || :
die seven
notify_stop
is "it stops as it should" "$rc" 0
die eight
receiver_start "$port"
notify_start
wait_taken "over restarts of both sides nothing is lost" key-invalid "$so_far seven eight "

kill -KILL $notify_pid
wait $notify_pid 2>/dev/null || :
notify_start
die nine
wait_taken "nor by a kill" key-invalid "$so_far seven eight nine "
is "nothing is told under two ids" "$(jq -r 'select(.status < 300 and .body.data.kind == "key-invalid") | .body.data.key + " " + .id' "$took" | sort -u | wc -l)" 11

answers 410
die ten
gone() { grep -q 410 "$kv/said/notify"; }
ok "one that wants no more is told of" kv_until 20 gone
tries=$(tried)
die eleven
sleep 1
is "and left alone" "$(tried)" "$tries"
answers 204
notify_stop
hurry=600
notify_start
wait_taken "a restart tries it again" key-invalid \
        "$so_far seven eight nine ten eleven "

kv_stop
silent() { jq -r '.body.type' "$took" | grep -qx watch.silent; }
ok "a daemon that is silent is told" kv_until 60 silent
kv_start
goes_on() { jq -r 'select(.body.data.cleared == "watch-silent") | .body.type' "$took" | grep -qx incident.cleared; }
ok "and when it answers again" kv_until 60 goes_on
notify_stop

# At its own pace: ten minutes without a receiver, and what comes then is each event once, in order.
if [ "${KEYVIGIL_LONG:-0}" = 1 ]; then
        hurry=1
        notify_start
        kill -KILL $receiver_pid
        wait $receiver_pid 2>/dev/null || :
        die down
        sleep 300
        die longer
        sleep 300
        receiver_start "$port"
        ok "after ten minutes it is told" kv_until 900 taken_is key-invalid "$so_far seven eight nine ten eleven down longer "
        is "of each once" "$(taken key-invalid | sort | uniq -d)" ""
        notify_stop
fi
npm=${KEYVIGIL_NPM:-$srcdir/build/npm}/node_modules
if [ -d "$npm/standardwebhooks" ] && command -v node >/dev/null; then
        is "the official library finds each signature good" \
                "$(node "$srcdir/tests/support/webhooks.mjs" "$npm" $secret "$took" 2>&1)" "all good"
fi
kv_clean
tap_end
