# Source this at the beginning of a shell test of the programs as they are:
#   kv_open [YAML-LINES]          a fake Stripe, a configuration against it, and the daemon, ready
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

random() { seed=$(((seed * 1103515245 + 12345) % 2147483648)); random=$((seed / 65536 % $1)); }
