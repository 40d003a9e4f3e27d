# Checks for shell tests: each says what it checks, the first lines of what it got if that is wrong, and goes on.
#   is WHAT GOT WANTED            the same text
#   like WHAT GOT PATTERN         a shell pattern
#   ok WHAT COMMAND [ARG...]      the command succeeds
#   tap_end                       the last line: fails if any check did

tap_count=0
tap_failed=0

tap_result() # good?, what
{
        tap_count=$((tap_count + 1))
        if [ "$1" = 1 ]; then
                echo "ok $tap_count - $2"
        else
                echo "not ok $tap_count - $2"
                tap_failed=$((tap_failed + 1))
        fi
}

is()
{
        if [ "$2" = "$3" ]; then
                tap_result 1 "$1"
        else
                tap_result 0 "$1"
                printf '#   got:    %.600s\n#   wanted: %.600s\n' "$2" "$3"
        fi
}

like()
{
        case $2 in
        $3) tap_result 1 "$1" ;;
        *)
                tap_result 0 "$1"
                printf '#   got:       %.600s\n#   wanted like: %.600s\n' "$2" "$3"
                ;;
        esac
}

ok()
{
        tap_what=$1
        shift
        if "$@"; then
                tap_result 1 "$tap_what"
        else
                tap_result 0 "$tap_what"
        fi
}

tap_end()
{
        echo "1..$tap_count"
        [ "$tap_failed" -eq 0 ] || {
                echo "$tap_failed of $tap_count failed"
                exit 1
        }
}
