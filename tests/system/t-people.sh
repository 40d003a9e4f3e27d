# Members of the group read everything without root, with the daemon up and down; others read nothing.
. /test/world.sh

begin acme
useradd --groups keyvigil member
useradd stranger
database=$(find /var/lib/keyvigil -name '*.db')
is "there is one database" 1 "$(printf '%s\n' "$database" | wc -l)"

as() { user=$1; shift; runuser -u "$user" -- "$@"; }
views="v_key v_history v_incident v_coupon v_permission"

look()
{
        for command in status list "show acme" "history acme" incidents; do
                check "$1: a member runs keyvigil $command" as member keyvigil $command
                refuse "$1: a stranger does not run keyvigil $command" as stranger keyvigil $command
        done
        check "$1: a member sees the key" eval "as member keyvigil list | grep -q acme"
        for view in $views; do
                check "$1: a member reads $view" as member sqlite3 -readonly "$database" "SELECT * FROM $view"
                refuse "$1: a stranger does not read $view" as stranger sqlite3 -readonly "$database" "SELECT * FROM $view"
        done
        is "$1: the view shows the key" "acme|healthy" \
                "$(as member sqlite3 -readonly "$database" "SELECT name, state FROM v_key")"
        refuse "$1: a member does not read the master key" as member cat /var/lib/keyvigil/master.key
        refuse "$1: a member does not write the database" as member sqlite3 "$database" "DELETE FROM key"
}

look up
check "a member may have a key checked" as member keyvigil check acme
refuse "a stranger may not" as stranger keyvigil check acme
systemctl stop keyvigild.service
look down
check "the client says that the daemon is down" eval "as member keyvigil status 2>&1 | grep -qi 'not running\|down'"

# --- who may only look: every route, as it is written down, and every command that changes something

systemctl start keyvigild.service
within 60 as member keyvigil status
useradd --groups keyvigil-read reader
api=$(find /usr -name openapi.yaml -path '*keyvigil*' | head -n 1)
awk '/^  \/v1/ { path = $1; sub(/:$/, "", path) } /^    (get|post|put|patch|delete):$/ { sub(/:/, "", $1); print toupper($1), path }' \
        "$api" | sed 's/{name}/acme/; s/{id}/1/' >/tmp/routes
check "there are routes to try" [ "$(wc -l </tmp/routes)" -gt 20 ]
while read -r method path; do
        asked=$(as reader curl -s -m 60 -o /tmp/asked-$$ -w '%{http_code}' -X "$method" --unix-socket /run/keyvigil-read/read.sock "http://k$path")
        said=$(cat /tmp/asked-$$)
        if [ "$method" = GET ]; then
                is "a reader may $method $path" answered "$(case $asked in 200 | 404) echo answered ;; *) echo "$asked" ;; esac)"
        else
                is "a reader may not $method $path, and is told what is missing" "403 true" \
                        "$asked $(printf '%s' "$said" | jq '.detail | test("group keyvigil")')"
        fi
        refuse "nor by the other socket: $method $path" as reader curl -s -m 5 -X "$method" --unix-socket /run/keyvigil/control.sock "http://k$path"
done </tmp/routes
printf '{"name":"acme","key":"%s"}\n' rk_test_51abcdefghijklmnopqrstuvwx >/tmp/lines
chmod 0644 /tmp/lines
for command in "add new" "import /dev/null" "import --sync /dev/null" "rotate acme" "rotate --file /tmp/lines" "set acme --label a=b" \
        "pause acme" "resume acme" "remove acme" "check acme" "ack 1 --reason x" "coupons sweep" "coupons add acme selgeo_probe_1" \
        "reload" "test-alert" "incidents --replay 1h"; do
        # shellcheck disable=SC2086 # a word each
        said=$(echo rk_test_51abcdefghijklmnopqrstuvwx | as reader keyvigil $command 2>&1)
        is "a reader does not run keyvigil $command, and is told what is missing" "refused, told" \
                "$([ $? -ne 0 ] && echo refused), $(printf '%s' "$said" | grep -q 'group.*keyvigil' && echo told || echo "$said")"
done
for command in status list "show acme" "history acme" incidents "events --after 0" coupons plan metrics; do
        # shellcheck disable=SC2086
        check "a reader may look: $command" as reader keyvigil $command
done
check "the feed tells a reader what was done" eval "as reader keyvigil events --after 0 --kind operator-action --json | jq -e 'select(.key == \"acme\")'"
said=$(as reader keyvigil --json remove acme)
is "programs are told, too" no-access "$(printf '%s' "$said" | jq -r .code)"
for socket in /run/keyvigil-read/read.sock /run/keyvigil/control.sock; do
        refuse "a stranger uses no socket: $socket" as stranger curl -s -m 5 --unix-socket $socket http://k/v1/status
done
check "nothing was changed" key_state_is acme healthy
