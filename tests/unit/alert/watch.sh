#!/bin/sh
# keyvigil-watch: silence is said at once, not again before four hours, and its end once. Its ids are the catalogue's.
set -eu
watch=${srcdir:-.}/systemd/keyvigil-watch
catalog=${srcdir:-.}/systemd/keyvigil.catalog
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
RUNTIME_DIRECTORY=$work/run
mkdir "$RUNTIME_DIRECTORY" "$work/bin"
PATH=$work/bin:$PATH
export RUNTIME_DIRECTORY PATH work
status=0

cat >"$work/bin/logger" <<'END'
#!/bin/sh
[ "$*" = --journald ] && [ ! -e "$work/no-journal" ] && cat >>"$work/journal"
END
cat >"$work/bin/plugin" <<'END'
#!/bin/sh
[ "$*" = "plugin --watch" ] || exit 64
cat "$work/line"
exit "$(cat "$work/status")"
END
chmod +x "$work/bin/logger" "$work/bin/plugin"

# look STATUS LINE: one run of the timer, with the command ending so; leaves what was said in $work/journal.
look()
{
        printf '%s\n' "$1" >"$work/status"
        printf '%b' "$2" >"$work/line"
        : >"$work/journal"
        rc=0
        sh "$watch" plugin plugin --watch || rc=$?
}

# expect WHAT RC [PATTERN...]: that run ended with RC; every pattern is one of the lines said; without one, none was.
expect()
{
        what=$1
        ok=1
        [ "$rc" -eq "$2" ] || ok=0
        shift 2
        [ $# -gt 0 ] || [ ! -s "$work/journal" ] || ok=0
        for pattern; do
                [ "$(grep -cE "^$pattern\$" "$work/journal")" -eq 1 ] || ok=0
        done
        if [ $ok = 1 ]; then
                echo "ok: $what"
        else
                echo "not ok: $what (exit $rc)"
                cat "$work/journal"
                status=1
        fi
}
time='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z'

look 0 'OK - all well | keys=3\n'
expect "nothing is said while all is well" 0

touch "$work/no-journal"
look 2 'CRITICAL - no daemon\n'
expect "not said while the journal does not take it" 1
rm "$work/no-journal"

look 2 'CRITICAL - the daemon does not answer. | keys=3\nmore\n'
expect "silence is said at once" 2 \
        "MESSAGE=The watch over the keys has been silent since $time: CRITICAL - the daemon does not answer\\." \
        MESSAGE_ID=548658517b6a4ba7be115cbbe82251d3 PRIORITY=2 SYSLOG_IDENTIFIER=keyvigild KEYVIGIL_KIND=watch-silent \
        "KEYVIGIL_SINCE=$time" OBJECT_SYSTEMD_UNIT=keyvigild.service
since=$(sed -n 's/^KEYVIGIL_SINCE=//p' "$work/journal")

look 2 'CRITICAL - the daemon does not answer\n'
expect "not again ten minutes later" 2

touch -d '-4 hours' "$RUNTIME_DIRECTORY/silent"
look 3 'one\nPRIORITY=7\n'
expect "again after four hours, and a line never ends a field" 3 \
        "MESSAGE=Still open: the watch over the keys has been silent since $since: one PRIORITY=7\\." \
        MESSAGE_ID=a7242b900adb4f1780fa0ca39535ab51 PRIORITY=2 "KEYVIGIL_SINCE=$since" KEYVIGIL_KIND=watch-silent

look 2 ''
expect "and then not for another four" 2

look 0 'OK\n'
expect "its end is said" 0 "MESSAGE=The watch goes on: it had been silent since $since\\." \
        MESSAGE_ID=5329417baee54facafb01bfc039044d4 PRIORITY=5 "KEYVIGIL_SINCE=$since" KEYVIGIL_KIND=watch-silent
look 0 'OK\n'
expect "once" 0

look 139 ''
expect "a crash without a word is silence" 139 \
        "MESSAGE=The watch over the keys has been silent since $time: no word why\\." PRIORITY=2

for id in $(grep -oE '\b[0-9a-f]{32}\b' "$watch"); do
        grep -q "^-- $id\$" "$catalog" || { echo "not ok: $id is not in the catalogue"; status=1; }
done
exit $status
