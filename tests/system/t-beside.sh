# keyvigil-web and keyvigil-notify beside the daemon, as dynamic users: they serve and tell, hardened; killed, stopped and
# flooded, they do not touch the watch.
. /test/world.sh

web=keyvigil-web.service
notify=keyvigil-notify.service

# A receiver of webhooks that systemd starts for each message: takes it, keeps it, says thanks.
mkdir -p /run/took
cat >/usr/local/bin/take <<'END'
#!/bin/sh
size=0
while read -r line; do
        line=${line%?}
        case $line in
        "") break ;;
        [Cc]ontent-[Ll]ength:*) size=${line#*: } ;;
        esac
done
head -c "$size" >"$(mktemp /run/took/XXXXXX)"
printf 'HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n'
END
chmod +x /usr/local/bin/take
printf '%s\n' '[Socket]' 'ListenStream=127.0.0.1:8099' 'Accept=yes' >/run/systemd/system/take.socket
printf '%s\n' '[Service]' 'ExecStart=/usr/local/bin/take' 'StandardInput=socket' >/run/systemd/system/take@.service
install -d -m 0700 /etc/credstore
echo whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= >/etc/credstore/keyvigil.webhook
settle
systemctl start take.socket
fake_start
configure 'notify:' '  - {type: webhook, url: "http://127.0.0.1:8099/", credential: keyvigil.webhook, min_priority: 6}'
check "the daemon starts" systemctl start keyvigild.service
check "acme is stored" watch acme beta gamma delta epsilon zeta
check "acme is healthy" within 30 key_state_is acme healthy
pid=$(main_pid)
check "the web starts" systemctl start $web
check "the notifier starts" systemctl start $notify
for unit in $web $notify; do
        is "$unit is nobody's user" yes "$(property $unit DynamicUser)"
        exposure=$(systemd-analyze security --no-pager $unit | sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\).*/\1/p')
        check "$unit is exposed to 1.0 at most ($exposure)" awk "BEGIN { exit !($exposure <= 1.0) }"
done

# --- they work

numbers() { curl -s -m 20 http://127.0.0.1:9840/metrics; }
page() { curl -s -m 20 --unix-socket /run/keyvigil-web/pages.sock "http://localhost$1"; }
numbers_are() { numbers | grep -q "^keyvigil_keys{state=\"$1\",mode=\"live\"} $2\$"; }
check "numbers are served" within 20 numbers_are healthy 6
check "pages are" eval "page / | grep -q '<h1>'"
is "to members of the group" "660 keyvigil-read" "$(stat -c '%a %G' /run/keyvigil-web/pages.sock)"
took() { cat /run/took/* 2>/dev/null | grep -c "\"type\":\"$1\".*\"key\":\"$2\""; }
was_told() { [ "$(took "$1" "$2")" -gt 0 ]; }
fake_state acme expired >/dev/null
check "a death is told" within 90 was_told key.revoked acme
is "for the web there is no database" "" "$(nsenter -t "$(property $web MainPID)" -m ls -A /var/lib/keyvigil)"
is "nor for the notifier" "" "$(nsenter -t "$(property $notify MainPID)" -m ls -A /var/lib/keyvigil)"

# --- they are killed, stopped and flooded, and the watch goes on

overdue() { keyvigil --json status | jq .overdue; }
goes_on() # WHAT
{
        asked=$(fake_requests)
        check "$1: Stripe is asked" within 40 fake_was_asked_since "$asked"
        is "$1: nothing is overdue" 0 "$(overdue)"
        is "$1: it is the same daemon" "$pid" "$(main_pid)"
}
systemctl kill -s KILL $web $notify
goes_on "both are killed"
check "the web comes back" within 40 numbers_are revoked 1
check "the notifier comes back" within 40 property_is $notify ActiveState active
fake_state beta expired >/dev/null
check "and goes on where it was" within 90 was_told key.revoked beta
is "nothing is told twice" 1 "$(took key.revoked acme)"
systemctl stop $web $notify
goes_on "both are stopped"
fake_state gamma expired >/dev/null
check "gamma dies" within 60 key_state_is gamma revoked
systemctl start $web $notify
check "what happened meanwhile is told" within 60 was_told key.revoked gamma

flood()
{
        for n in 1 2 3 4 5 6 7 8; do
                (
                        for turn in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
                                page / >/dev/null &
                                page /keys >/dev/null &
                                numbers >/dev/null
                        done
                        wait
                ) &
        done
        # Guests that say nothing and do not leave.
        for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40; do
                sleep 20 | curl -s -m 30 --unix-socket /run/keyvigil-web/pages.sock -T - http://localhost/ >/dev/null &
        done
}
flood
fake_state delta expired >/dev/null
goes_on "the web is flooded"
check "a death is noticed meanwhile" within 60 key_state_is delta revoked
wait
check "then pages are served again" within 60 eval "page / | grep -q '<h1>'"
systemctl stop keyvigild.service
check "without a daemon the web stays" systemctl is-active --quiet $web
check "and the notifier" systemctl is-active --quiet $notify
is "no fault of ours is in the journal" 0 "$(journalctl -q --no-pager -p err -u $web -u $notify | grep -vc 'killed\|signal\|Failed with result' || :)"
