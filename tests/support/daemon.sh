# Source this at the beginning of a shell test of the programs as they are:
#   kv_open [YAML-LINES]          a fake Stripe, a configuration against it, and the daemon, ready
#   kv_add NAME [OPTION...]       stores a key of acct_NAME that may do all that selgeo requires; it is in $key
#   random N                      sets $random to 0 … N-1; the same numbers for the same $seed
. "$srcdir/tests/support/tap.sh"
. "$srcdir/tests/support/fakestripe.sh"
. "$srcdir/tests/support/keyvigil.sh"

kv_open()
{
        fs_start --http 127.0.0.1:0
        kv_conf "$@"
        kv_start
}

kv_add()
{
        key=$(new_key rk live)
        fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_$1\",\"permissions\":$selgeo}" >/dev/null
        kv_with "$key" add "$@"
}

random() { seed=$(((seed * 1103515245 + 12345) % 2147483648)); random=$((seed / 65536 % $1)); }
