# The package in a booted machine: installed, it watches; upgraded, it keeps its keys and watches on; removed, it leaves
# the state and the settings; purged, it takes the state only if that is wished.
. /test/world.sh

export DEBIAN_FRONTEND=noninteractive
deb=$(ls /test/keyvigil_*.deb)

# next_deb VERSION [DEB]: the same package, or that one, under another version.
next_deb()
{
        rm -rf /test/next
        dpkg-deb --raw-extract "${2:-$deb}" /test/next && sed -i "s/^Version: .*/Version: $1/" /test/next/DEBIAN/control &&
                dpkg-deb --build --root-owner-group /test/next "/test/next-$1.deb" >/dev/null
}
installed() { dpkg-query -W -f '${db:Status-Abbrev}' keyvigil 2>/dev/null; }
started() { property "$1" ActiveEnterTimestampMonotonic; }
keyvigild_is_up() { keyvigil --json status | jq -e .running; }

fake_start
check "it installs" dpkg -i "$deb"
is "whole" "ii " "$(installed)"
for unit in keyvigild.service keyvigil-watch.timer; do
        check "$unit runs" within 20 systemctl is-active --quiet $unit
        check "$unit is enabled" systemctl is-enabled --quiet $unit
done
check "the user is there" id keyvigil
check "the journal has its explanations" eval "journalctl --list-catalog | grep -q ^$key_revoked"
for file in bash-completion/completions/keyvigil zsh/vendor-completions/_keyvigil fish/vendor_completions.d/keyvigil.fish; do
        check "there is $file" [ -s /usr/share/$file ]
done
check "dpkg knows the settings as such" eval \
        "dpkg-query -W -f '\${Conffiles}' keyvigil | grep -q /etc/keyvigil/keyvigil.yaml"
for test in smoke watch; do
        check "what a build daemon would test passes: $test" sh /test/$test
done
is "nothing was told" 0 "$(journalctl -q --no-pager -t keyvigild -p warning | wc -l)"

configure
systemctl reload keyvigild.service
check "acme is stored" watch acme
check "acme is healthy" within 30 key_state_is acme healthy
added=$(keyvigil --json show acme | jq -r .added)

pid=$(main_pid)
next_deb 0.1.0+next1
check "it is upgraded" dpkg --force-confold -i /test/next-0.1.0+next1.deb
check "the new one runs" within 20 state_is active
refuse "it is another process" [ "$pid" = "$(main_pid)" ]
check "it answers" within 20 keyvigild_is_up
is "acme is as it was" "healthy $added" "$(key_state acme) $(keyvigil --json show acme | jq -r .added)"
check "my settings are as they were" grep -q 127.0.0.1:$fake_port $config
asked=$(fake_requests)
check "it watches on" within 30 fake_was_asked_since "$asked"
check "and so does the timer" systemctl is-active --quiet keyvigil-watch.timer

systemctl disable --now --quiet keyvigild.service keyvigil-watch.timer
next_deb 0.1.0+next2
check "one that was switched off is upgraded" dpkg --force-confold -i /test/next-0.1.0+next2.deb
refuse "and stays off" systemctl is-enabled --quiet keyvigild.service
systemctl enable --now --quiet keyvigild.service

check "it is removed" dpkg --remove keyvigil
refuse "nothing runs" systemctl is-active --quiet keyvigild.service
check "the keys are still there" [ -s /var/lib/keyvigil/keyvigil.db ]
check "the settings are still there" [ -e $config ]
purge_said=$(dpkg --purge keyvigil 2>&1)
check "a purge that nobody answers keeps the keys" [ -s /var/lib/keyvigil/keyvigil.db ]
check "and says so" eval 'printf "%s" "$purge_said" | grep -q "Leaving /var/lib/keyvigil"'
refuse "the settings are gone" [ -e $config ]

check "it installs again" dpkg -i "$deb"
check "it runs again" within 20 keyvigild_is_up
is "with its key" acme "$(keyvigil --json list | jq -r '.keys[].name')"
rm /etc/keyvigil/profiles.d/watched.yaml # mine, and no business of dpkg
check "a wish is obeyed" env KEYVIGIL_PURGE_STATE=yes dpkg --purge keyvigil
refuse "the state is gone" [ -e /var/lib/keyvigil ]
nothing_is_left()
{
        find /etc /usr /var/lib /run /lib -xdev -name '*keyvigil*' ! -path '/test/*' 2>/dev/null |
                grep -v -e /var/lib/dpkg -e /var/lib/private 2>/dev/null
}
is "nothing of it is left" "" "$(nothing_is_left)"

# --- from the package of the commit before, where run.sh has one

before=$(ls /test/before/keyvigil_*.deb 2>/dev/null)
[ -n "$before" ] || exit 0
next_deb 0.1.0~before "$before"
check "the package of the commit before installs" dpkg -i /test/next-0.1.0~before.deb
configure
check "it runs" systemctl reload-or-restart keyvigild.service
check "keys are stored with it" watch acme witness
check "acme is healthy" within 30 key_state_is acme healthy
added=$(keyvigil --json show acme | jq -r .added)
check "it is upgraded to this one" dpkg --force-confold -i "$deb"
is "which is there" "$(dpkg-deb -f "$deb" Version)" "$(dpkg-query -W -f '${Version}' keyvigil)"
check "it answers" within 20 keyvigild_is_up
is "acme is as it was" "healthy $added" "$(key_state acme) $(keyvigil --json show acme | jq -r .added)"
asked=$(fake_requests)
check "it watches on" within 30 fake_was_asked_since "$asked"
check "and so does the timer" systemctl is-active --quiet keyvigil-watch.timer
fake_state acme expired >/dev/null
check "what happens is told" within 60 entry_count_is 1 $key_revoked
rm /etc/keyvigil/profiles.d/watched.yaml
check "it goes away" env KEYVIGIL_PURGE_STATE=yes dpkg --purge keyvigil
is "wholly" "" "$(nothing_is_left)"
