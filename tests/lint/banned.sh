#!/bin/sh
# Calls that we do without. The few that have one right place are allowed there only.
set -eu
here=$(dirname "$0")
root=${1:-${srcdir:-.}}
status=0

# forbid REASON PATTERN ALLOWED-PATHS: PATTERN may stand in files below ALLOWED-PATHS (an extended expression) only.
forbid()
{
        hits=$(grep -E "$2" "$code" | grep -v 'lint-ok: banned' | grep -vE "^($3):" || :)
        [ -z "$hits" ] && return
        printf '%s\n' "$hits" | sed "s|\$|    <- $1|"
        status=1
}

code=$(mktemp)
trap 'rm -f "$code"' EXIT
(cd "$root" && find src tests/support -name '*.[ch]' 2>/dev/null) | sort | while read -r file; do
        awk -f "$here/strip.awk" "$root/$file" | awk -v file="$file" '{ printf "%s:%d:%s\n", file, NR, $0 }'
done >"$code"

call() { printf '[^A-Za-z0-9_>.](%s)[ ]*\\(' "$1"; }
main='src/keyvigild?\.c|tests/support/.*'
forbid "knows no bound" "$(call 'strcpy|strcat|sprintf|vsprintf|gets|stpcpy')" none
forbid "hides errors; parse with the functions of base/" "$(call 'ato[ilf]|atoll')" none
forbid "parse with the functions of base/" "$(call 'strto[a-z]+')" 'src/base/.*'
forbid "grows the stack" "$(call 'alloca')" none
forbid "ends without a word; memory_end() and door_broken() say one" "$(call 'abort')" 'src/base/(memory|door)\.c|tests/support/.*'
forbid "loses bytes when memory is short; use memory_stream()" "$(call 'open_memstream')" 'tests/support/.*'
forbid "starts a shell" "$(call 'system|popen')" none
forbid "use the event loop, or nanosleep in tests" "$(call 'usleep')" none
forbid "use sigaction, or a signal source of the event loop" "$(call 'signal')" none
forbid "return the error" "$(call 'exit|_exit|_Exit')" "$main"
forbid "blocks the loop" "$(call 'curl_easy_perform')" 'src/cli/.*'
forbid "prints the key" 'CURLOPT_(VERBOSE|DEBUGFUNCTION)' none
forbid "sends the key to another host" 'CURLOPT_FOLLOWLOCATION *, *[^0 ]' none
forbid "switches off the proof of who answers" 'CURLOPT_SSL_VERIFY(PEER|HOST) *, *0' none
forbid "belongs to store/" "$(call 'sqlite3_exec')" 'src/store/.*'
exit $status
