# The unit by itself: well formed, closed, with its user; starting, stopping and refusing as systemd expects.
. /test/world.sh

settle
unit=/usr/local/lib/systemd/system/keyvigild.service
is "systemd-analyze verify has nothing to say" "" "$(systemd-analyze verify --man=no $unit 2>&1)"
check "exposure is 1.2 or less" systemd-analyze security --threshold=12 --no-pager keyvigild.service
check "the user is there" id keyvigil
is "the user cannot log in" /usr/sbin/nologin "$(getent passwd keyvigil | cut -d: -f7)"

fake_start
configure
check "it starts" systemctl start keyvigild.service
check "it is active" state_is active
check "it says what it does" [ -n "$(property keyvigild.service StatusText)" ]
pid=$(main_pid)
[ "$pid" -gt 0 ] || exit 1
is "it runs as its user" keyvigil "$(ps -o user= -p "$pid")"
is "it has no capability" 0000000000000000 "$(sed -n 's/^CapEff:\t//p' "/proc/$pid/status")"
is "it cannot leave a core" 0 "$(awk '/^Max core file size/ { print $6 }' "/proc/$pid/limits")"
is "nobody else of its user can look into it" root "$(stat -c %U "/proc/$pid/environ")"

modes() { stat -c '%a %U:%G' "$@"; }
is "state directory" "750 keyvigil:keyvigil" "$(modes /var/lib/keyvigil)"
is "runtime directory" "750 keyvigil:keyvigil" "$(modes /run/keyvigil)"
is "control socket" "660 keyvigil:keyvigil" "$(modes /run/keyvigil/control.sock)"
is "master key" "600 keyvigil:keyvigil" "$(modes /var/lib/keyvigil/master.key)"
is "all else in the state directory is the group's to read" "" \
        "$(find /var/lib/keyvigil -type f ! -name master.key ! -name lock ! -perm 640 -printf '%f %m\n')"

second=$(runuser -u keyvigil -- /usr/local/sbin/keyvigild --config $config 2>&1)
is "a second daemon fails" 1 $?
case $second in
*"$pid"*) ok "and names the first" ;;
*) not_ok "and names the first" "$second" ;;
esac

check "a killed one comes back" eval "kill -KILL $pid && within 20 property_is keyvigild.service NRestarts 1"
check "and is ready again" within 20 state_is active
check "it stops within five seconds" timeout 5 systemctl stop keyvigild.service
is "with success" "success 0 inactive" \
        "$(property keyvigild.service Result) $(property keyvigild.service ExecMainStatus) $(property keyvigild.service ActiveState)"
check "its runtime directory is gone" [ ! -e /run/keyvigil ]

printf 'stripe:\n  tiemout: 3s\n' >$config
refuse "a broken configuration keeps it from starting" systemctl start keyvigild.service
is "with the status for that" 6 "$(property keyvigild.service ExecMainStatus)"
is "and without another try" "failed 0" "$(property keyvigild.service ActiveState) $(property keyvigild.service NRestarts)"
check "saying where" eval "journal_of -o cat | grep -q 'keyvigil.yaml:2:3'"
check "and what was meant" eval "journal_of -o cat | grep -q timeout"

keyvigild --nonsense >/dev/null 2>&1
is "a wrong option is a usage error" 2 $?
configure
runuser -u nobody -- /usr/local/sbin/keyvigild --config $config >/dev/null 2>&1
is "another user has no permission" 4 $?
