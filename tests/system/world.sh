# The other side, for the tests inside the machine: a Stripe on the loopback address, its keys, and our configuration.
. /test/lib.sh

fake_port=12111
config=/etc/keyvigil/keyvigil.yaml

# Started once; whoever begins again finds it there.
fake_start()
{
        ! fake GET stats >/dev/null 2>&1 || return 0
        systemd-run --quiet --unit=fakestripe /test/fakestripe --http 127.0.0.1:$fake_port
        within 30 fake GET stats || not_ok "the fake Stripe is there" "$(journalctl --no-pager -u fakestripe)"
}

# fake METHOD PATH [JSON]
fake() { curl -sSf -X "$1" ${3:+--data "$3"} "http://127.0.0.1:$fake_port/_fake/$2"; }
fake_requests() { fake GET stats | jq .requests; }
fake_was_asked_since() { [ "$(fake_requests)" -gt "$1" ]; }

# Secrets and accounts follow from the key's name; they are nobody's.
hex_of() { printf '%s' "$1" | sha512sum | head -c "$2"; }
secret_of() { printf 'rk_live_51%s' "$(hex_of "$1" 97)"; }
account_of() { printf 'acct_1%s' "$(hex_of "$1" 15)"; }

# fake_key NAME: a key that may read customers, on an account of its own.
fake_key()
{
        fake PUT keys "{\"key\":\"$(secret_of "$1")\",\"account\":\"$(account_of "$1")\",\"permissions\":[\"customer_read\"]}"
}
# fake_state NAME STATE: alive, expired, unknown, ...
fake_state() { fake PATCH keys "{\"key\":\"$(secret_of "$1")\",\"state\":\"$2\"}"; }

# configure [LINE...]: quick checks against the fake Stripe; LINEs are added.
configure()
{
        mkdir -p /etc/keyvigil/profiles.d
        printf '%s\n' 'stripe:' "  api_base: http://127.0.0.1:$fake_port" 'checks:' '  confirm: [1s, 1s]' "$@" >$config
        printf '%s\n' 'profile: watched' 'title: For tests' 'kind: any' 'modes: [live, test]' 'require:' \
                '  Customers: read' 'excess: allow' 'pulse: 10s' 'coupons: off' >/etc/keyvigil/profiles.d/watched.yaml
}

# watch NAME...: known to the fake Stripe and stored.
watch()
{
        for name in "$@"; do
                fake_key "$name" >/dev/null
                secret_of "$name" | keyvigil add "$name" --profile watched --account "$(account_of "$name")"
        done
}

key_state() { keyvigil show "$1" --json | jq -r .state; }
key_state_is() { [ "$(key_state "$1")" = "$2" ]; }

# begin [NAME...]: all of it, with the daemon running and these keys stored and healthy.
begin()
{
        settle
        fake_start
        configure
        check "the daemon starts" systemctl start keyvigild.service
        state_is active || exit 1
        for name in "$@"; do
                check "$name is stored" watch "$name"
        done
        for name in "$@"; do
                check "$name is healthy" within 30 key_state_is "$name" healthy
        done
}
