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
