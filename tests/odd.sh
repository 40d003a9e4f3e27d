#!/bin/sh
# The tests that are named, in surroundings that somebody may have: with and without the processor's wide registers, with
# libraries bound lazily, on one core, in another time zone, language and locale, without HOME, with a proxy in the
# environment, with a blank in TMPDIR, as another user who may not write where the source lies.
#   odd.sh [--only WORLD] TEST...      from the build directory; srcdir and builddir as for every test
set -u
only=
[ "${1:-}" != --only ] || { only=$2; shift 2; }
log=$(mktemp -d)
chmod 777 "$log"
trap 'rm -rf "$log"' EXIT
failed=0

# run_one TEST [COMMAND...]: the test, started by the command.
run_one()
{
        test=$1
        shift
        case $test in
        *.sh) "$@" sh "$srcdir/$test" ;;
        *) "$@" "$builddir/$test" ;;
        esac
}

# world NAME COMMAND...: every test, started by the command. A test that says 77 skips itself.
world()
{
        name=$1
        shift
        [ -z "$only" ] || [ "$only" = "$name" ] || return 0
        passed=0 skipped=0 bad=
        for one in $tests; do
                rc=0
                run_one "$one" "$@" >"$log/out" 2>&1 </dev/null || rc=$?
                case $rc in
                0) passed=$((passed + 1)) ;;
                77) skipped=$((skipped + 1)) ;;
                *)
                        bad="$bad $one"
                        grep -E 'not ok|FAILED|error|#   got|#   wanted' "$log/out" | head -n 6 | sed "s|^|    $one: |"
                        ;;
                esac
        done
        echo "$name: $passed passed, $skipped skipped${bad:+, FAILED:$bad}"
        [ -z "$bad" ] || failed=1
}

tests=$*
srcdir=$(cd "$srcdir" && pwd)
export srcdir
KEYVIGIL_DATADIR=$srcdir/conf
export KEYVIGIL_DATADIR
wide=AVX,AVX2,AVX_Usable,AVX2_Usable,AVX512F,AVX512VL,AVX512F_Usable,ERMS,FSRM
narrow=-$(printf '%s' $wide | sed 's/,/,-/g')
world "narrow registers" env GLIBC_TUNABLES="glibc.cpu.hwcaps=$narrow"
world "wide registers" env GLIBC_TUNABLES="glibc.cpu.hwcaps=$wide"
world "bound lazily" env -u LD_BIND_NOW
world "one core" taskset -c "$(taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/')"
world "Chatham" env TZ=Pacific/Chatham
if locale -a 2>/dev/null | grep -qi '^tr_TR.utf-\?8'; then
        world "Turkish" env LANG=tr_TR.UTF-8 LC_ALL=tr_TR.UTF-8
else
        echo "Turkish: skipped, there is no tr_TR.UTF-8 here"
fi
world "no such locale" env LANG=xx_YY.UTF-8 LC_ALL=xx_YY.UTF-8
world "no HOME" env -u HOME -u USER -u LOGNAME
world "a proxy" env http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1
mkdir -m 777 "$log/a b"
world "a blank in TMPDIR" env TMPDIR="$log/a b"
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
        world "nobody" setpriv --reuid=65534 --regid=65534 --clear-groups env -C "$log/a b" HOME=/nonexistent TMPDIR="$log"
else
        echo "nobody: skipped, only root can become another user"
fi
exit $failed
