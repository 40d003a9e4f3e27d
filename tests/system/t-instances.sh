# Two instances beside each other on one machine: each has its keys, its files, its socket and its timer, and neither sees
# the other's.
. /test/world.sh

settle
fake_start
configure
for name in east west; do
        cp $config /etc/keyvigil/$name.yaml
        check "$name starts" systemctl start keyvigild@$name.service
        is "$name runs as its user" keyvigil "$(ps -o user= -p "$(property keyvigild@$name.service MainPID)")"
        check "$name has a socket" [ -S /run/keyvigil-$name/control.sock ]
        check "and a master key" [ -f /var/lib/keyvigil-$name/master.key ]
        check "and a timer that watches it" systemctl is-active --quiet keyvigil-watch@$name.timer
        fake_key merchant-$name >/dev/null
        check "$name takes a key" eval "secret_of merchant-$name |
                keyvigil --instance $name add merchant-$name --profile watched --account $(account_of merchant-$name)"
done
names() { keyvigil --instance "$1" --json list | jq -r '.keys[].name' | tr '\n' ' '; }
is "east has its key" "merchant-east " "$(names east)"
is "west has its own" "merchant-west " "$(names west)"
check "the master keys differ" eval "! cmp -s /var/lib/keyvigil-east/master.key /var/lib/keyvigil-west/master.key"

fake_state merchant-west unknown
died() { keyvigil --instance west --json show merchant-west | jq -r .state | grep -q revoked; }
keyvigil --instance west check merchant-west >/dev/null 2>&1
check "a key of west dies" within 900 died
is "and east does not care" healthy "$(keyvigil --instance east --json show merchant-east | jq -r .state)"
is "the journal says whose it was" keyvigild@west.service \
        "$(journalctl -q -o json MESSAGE_ID=$key_revoked | head -n 1 | jq -r ._SYSTEMD_UNIT)"
check "east is reloaded alone" systemctl reload keyvigild@east.service
check "its timer asks it" systemctl start keyvigil-watch@east.service
systemctl kill --signal=KILL keyvigild@east.service
check "a killed one comes back" within 30 property_is keyvigild@east.service NRestarts 1
check "west goes on" property_is keyvigild@west.service NRestarts 0
refuse "a name that is none is refused" keyvigild --instance ../east
refuse "an instance without a file does not start" systemctl start keyvigild@north.service
