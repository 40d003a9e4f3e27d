#!/bin/sh
# The pages of keyvigil web as people see them: for no key, a few, and many; in Chromium on a telephone and on a screen, light
# and dark; held against a validator and an accessibility check. With KEYVIGIL_PICTURES=FOLDER the pages are kept there.
# A browser takes minutes, so it needs KEYVIGIL_LONG: 0 for hundreds of keys, 1 for ten thousand.
set -eu
[ -n "${KEYVIGIL_LONG:-}" ] || { echo "the long check does this"; exit 77; }
. "$srcdir/tests/support/daemon.sh"
npm=${KEYVIGIL_NPM:-$srcdir/build/npm}/node_modules
for tool in python3 chromium node sqlite3; do
        command -v $tool >/dev/null || { echo "$tool is not here; ./bootstrap check-long installs it"; exit 77; }
done
[ -e "$npm/axe-core/axe.min.js" ] && [ -e "$npm/.bin/html-validate" ] || {
        echo "axe-core and html-validate are not in $npm; ./bootstrap check installs them"
        exit 77
}
web_pid=
trap 'web_stop; kv_cleanup; fs_cleanup' EXIT
web_stop() { [ -z "$web_pid" ] || { kill -TERM $web_pid && wait $web_pid || :; web_pid=; }; }
web_is_there() { [ -S "$kv/pages.sock" ] && curl -s -o /dev/null --unix-socket "$kv/pages.sock" http://localhost/; }
web_start()
{
        "$builddir/keyvigil" web >>"$kv/said/web" 2>&1 &
        web_pid=$!
        kv_until 20 web_is_there
}
# look PATH NAME: the page, kept as $fs_dir/NAME.html; sets $status and $body.
look()
{
        status=$(curl -s -g --path-as-is -o "$fs_dir/$2.html" -w '%{http_code}' --unix-socket "$kv/pages.sock" "http://localhost$1") || :
        body=$(cat "$fs_dir/$2.html")
}

# history: as if the keys had been watched for 80 days, with two outages. Of a daemon that is down.
history()
{
        sqlite3 "$kv/state/keyvigil.db" "
        UPDATE span SET from_wall = from_wall - 86400 * (80 - key % 40) WHERE id IN (SELECT min(id) FROM span GROUP BY key);
        UPDATE span SET from_wall = from_wall - 86400 * (key % 20) WHERE until_wall IS NULL AND state <> 'paused';
        UPDATE span SET until_wall = (SELECT min(n.from_wall) FROM span n WHERE n.key = span.key AND n.id > span.id)
                WHERE until_wall IS NOT NULL;
        INSERT INTO incident(kind, opened, cleared, reminded, reminders, acknowledged, acknowledged_until, acknowledged_uid,
                priority, count, event_id, reason, detail, message, acknowledgement, mode)
        SELECT 'stripe-outage', unixepoch() - 86400 * column1, unixepoch() - 86400 * column2, 0, 0, 0, 0, 0, 4, 3, '', '', '', 'Stripe could not be reached', '', 'live'
        FROM (VALUES(40, 39.9), (10, 9));"
}

# dies NUMBER...: the keys of these merchants end.
dies()
{
        for n in "$@"; do
                fs_control PATCH keys "{\"key\":\"$(sed -n ${n}p "$fs_dir/list" | sed 's/.*"key": "\([^"]*\)".*/\1/')\",\"state\":\"expired\"}" >/dev/null
                "$builddir/keyvigil" check merchant-$n >/dev/null 2>&1 || :
        done
}

# seen NAME: what the validator, Chromium and axe-core find in it.
seen()
{
        is "$1: valid" "$(node "$npm/.bin/html-validate" -c "$fs_dir/validate.json" "$fs_dir/$1.html" 2>&1)" ""
        for width in 360 1280; do
                for scheme in light dark; do
                        python3 "$srcdir/tests/support/look.py" "$fs_dir/$1.html" $width $scheme "$npm/axe-core/axe.min.js" >"$fs_dir/seen"
                        is "$1 at $width, $scheme: nothing is cut, nothing is in anybody's way" \
                                "$(jq -c '[.width <= .room, .dark, .cut, .violations, .passes > 10]' "$fs_dir/seen")" \
                                "[true,$([ $scheme = dark ] && echo true || echo false),[],[],true]"
                done
        done
        [ -z "${KEYVIGIL_PICTURES:-}" ] || cp "$fs_dir/$1.html" "$KEYVIGIL_PICTURES/$1.html"
}

fleet() # N
{
        fs_start --http 127.0.0.1:0
        rm -rf "$kv/state"
        kv_conf "web:
  metrics: \"\"
  pages: $kv/pages.sock"
        kv_start
        python3 "$srcdir/tests/support/fleet.py" "$1" "$fs_dir/fake" "$fs_dir/list"
        sed 's/.*"key": "\([^"]*\)".*/\1/' "$fs_dir/list" >>"$kv_keys"
        [ "$1" -eq 0 ] || curl -s --fail-with-body -X PUT --data-binary @"$fs_dir/fake" "$fs/_fake/keys" >/dev/null
        kv import "$fs_dir/list"
}

cat >"$fs_dir/validate.json" <<END
{"root": true, "extends": ["html-validate:recommended"]}
END
echo '<!DOCTYPE html><html><body><p><div></div></p><img src=x></body></html>' >"$fs_dir/bad.html"
node "$npm/.bin/html-validate" -c "$fs_dir/validate.json" "$fs_dir/bad.html" >/dev/null 2>&1 && rc=0 || rc=$?
is "the validator finds faults" "$rc" 1
echo '<!DOCTYPE html><html><body><div style="width:2000px"><img src=x></div></body></html>' >"$fs_dir/bad.html"
python3 "$srcdir/tests/support/look.py" "$fs_dir/bad.html" 360 light "$npm/axe-core/axe.min.js" >"$fs_dir/seen"
is "and so do the others" "$(jq -c '[.width > .room, (.cut | length) > 0, (.violations | length) > 0]' "$fs_dir/seen")" "[true,true,true]"

# --- nobody

fleet 0
web_start
look / none
like "no key: it says so" "$body" "*<h1>No keys are stored</h1>*"
seen none
web_stop
kv_stop
fs_stop

# --- a few

fleet 6
kv check --all --full
kv check --all --full
dies 3 4
settled() { [ "$("$builddir/keyvigil" list --json | jq '[.keys[] | select(.state == "revoked")] | length')" = 2 ]; }
ok "two keys die" kv_until 60 settled
kv pause merchant-5 --reason "on holiday"
hostile='"><script>alert(1)</script><img src=x onerror=y>'
kv set merchant-6 --label "note=$hostile" --label "x_own=not for others"
is "a label may hold anything" "$rc" 0
made=$(curl -s -H "Authorization: Bearer $(sed -n 6p "$fs_dir/list" | sed 's/.*"key": "\([^"]*\)".*/\1/')" \
        -d id=selgeo_probe_left4dead -d percent_off=1 -d duration=once "$fs/v1/coupons")
like "a probe coupon is left behind" "$made" "*selgeo_probe_left4dead*"
kv coupons sweep merchant-6
kv_stop
history
kv_start
web_start
days=$(curl -s --unix-socket "$kv/control.sock" http://keyvigil/v1/days)
is "each state has a number for each day" "$(printf '%s' "$days" | jq -c '[.states[] | length] | unique')" "[90]"
is "the last day is now" "$(printf '%s' "$days" | jq -c '[.states | to_entries | sort_by(.key)[] | select(.value[-1] > 0) | .key, .value[-1]]')" \
        "$("$builddir/keyvigil" --json status | jq -c '[.states | to_entries | sort_by(.key)[] | select(.value > 0) | .key, .value]')"
is "a day of long ago is as it was" "$(printf '%s' "$days" | jq -c '[.states[] | .[0]] | add')" 0
is "none is counted twice" "$(printf '%s' "$days" | jq -c '[.states | to_entries[].value] | transpose | map(add) | max')" 6
look / few
like "a few: what is wrong is on top" "$body" "*<h1>2 keys are dead</h1>*"
like "with what is to be done" "$body" "*To do: *"
like "outages are counted" "$body" "*2 outages in 90 days*"
like "what is soon due is there" "$body" "*<h2>Soon due</h2>*merchant-1<*"
like "and what was left behind" "$body" "*<h2>Probe coupons</h2>*selgeo_probe_left4dead*"
is "each state has its strip" "$(printf '%s' "$body" | grep -c '<td class="strip"><svg')" \
        "$(printf '%s' "$body" | grep -c 'class="number"><a')"
seen few
look /keys/merchant-6 hostile
is "a hostile label is but text" "$(printf '%s' "$body" | grep -c '<script\|<img' || :)" 0
like "and is shown as it is" "$body" '*&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;*'
is "what begins with x_ is not" "$(printf '%s' "$body" | grep -c 'not for others' || :)" 0
seen hostile
look /keys/merchant-3 dead
like "a dead key" "$body" "*<h1>merchant-3: revoked</h1>*"
seen dead
look /incidents/1 incident
like "an incident" "$body" "*<h1>Incident 1: *"
seen incident
look /keys/../../etc/passwd traversal
like "a path leads nowhere else" "$status" 40?
seen traversal
look '/keys?state=revoked' chosen
is "a selector chooses" "$(printf '%s' "$body" | grep -o 'href="/keys/[^"]*"' | tr '\n' ' ')" 'href="/keys/merchant-3" href="/keys/merchant-4" '
look '/keys?state=revoked%26limit%3D1%26x%3D%3Cscript%3E' smuggled
is "no parameter is smuggled in" "$status$(printf '%s' "$body" | grep -c '<script' || :)" 4000
look '/keys?limit=1000000' limit
is "nor given" "$status" 400
web_stop
kv_stop
fs_stop

# --- many

many=$([ "${KEYVIGIL_LONG:-0}" = 1 ] && echo 10000 || echo 450)
fleet $many
kv check --all
kv_stop
history
kv_start
web_start
look / many
is "many: it is given" "$status" 200
like "and counts them" "$body" "*aria-label=\"$many healthy\"*"
seen many
next=/keys
names=
pages=0
while [ -n "$next" ] && [ $pages -lt 100 ]; do
        look "$next" page
        pages=$((pages + 1))
        printf '%s' "$body" | grep -o 'href="/keys/[^"]*"' >>"$fs_dir/names"
        next=$(printf '%s' "$body" | sed -n 's|.*href="\(/keys?[^"]*\)">Next page.*|\1|p')
done
is "all pages together have each key once" "$(sort -u "$fs_dir/names" | wc -l) $(wc -l <"$fs_dir/names") $pages" \
        "$many $many $(((many + 199) / 200))"
seen page
web_stop
kv_clean
tap_end
