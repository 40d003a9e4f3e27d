#!/bin/sh
# With --json every failure of every command is one problem on standard output, and a line for people on standard error.
set -eu
. "$srcdir/tests/support/daemon.sh"

# Of each command what follows it, and what it is without a daemon and a database: fails (with that code), lives or listed.
table='
add      | one                       | unreachable
import   | FILE                      | unreachable
list     |                           | failed
show     | one                       | failed
status   |                           | failed
check    | one                       | listed
history  | one                       | failed
coupons  |                           | failed
incidents|                           | failed
events   |                           | unreachable
ack      | 1 --reason known          | unreachable
rotate   | one                       | unreachable
set      | one --label a=b           | unreachable
pause    | one                       | unreachable
resume   | one                       | unreachable
remove   | one                       | unreachable
profiles | nobody                    | not-found
link     | nobody                    | not-found
prove    | --all-key /nowhere --none-key /nowhere | bad-file
plan     |                           | lives
check-config |                       | lives
reload   |                           | unreachable
backup   | FOLDER/copy               | failed
metrics  |                           | unreachable
notify   |                           | service
web      |                           | service
doctor   |                           | listed
test-alert |                         | unreachable
plugin   |                           | monitoring
'
row() { printf '%s\n' "$table" | sed -n "s/^$1 *| *//p"; }

problem() # WHAT CODE: what the last command said is a problem with that code
{
        seen=$(printf '%s' "$out" | jq -r -s 'if length == 1 then .[0] else {code: "\(length) values"} end
                | if .type == "urn:keyvigil:problem:\(.code)" and (.title | type) == "string" and (.detail | type) == "string" and .detail != ""
                  then .code else "\(.code), but not whole" end' 2>&1) || :
        is "$1" "$([ "$rc" -ne 0 ] && echo failed): $seen" "failed: $2"
        detail=$(printf '%s' "$out" | jq -r '.detail // "?"' 2>/dev/null) || :
        case $err in
        *"$detail"*) ;;
        *) is "$1: people are told the same" "$err" "$detail" ;;
        esac
}

fs_start --http 127.0.0.1:0
kv_conf
echo '{"name":"one","key":"none"}' >"$fs_dir/list"
many=$(i=0; while [ $i -lt 70 ]; do echo x; i=$((i + 1)); done)
commands=$("$builddir/keyvigil" --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')
ok "there are commands" [ "$(printf '%s\n' "$commands" | wc -l)" -ge 29 ]
for command in $commands; do
        is "$command is in the table" "$(row "$command" | wc -l)" 1
        rest=$(row "$command" | sed "s|FILE|$fs_dir/list|; s|FOLDER|$fs_dir|")
        words=$(printf '%s' "$rest" | sed 's/ *|.*//')
        alone=$(printf '%s' "${rest##*|}" | tr -d ' ')
        kv "$command" --no-such-option --json
        problem "$command with an unknown option" usage
        # shellcheck disable=SC2086 # words
        kv --json "$command" $many
        problem "$command with too many words" usage
        case $alone in
        service) continue ;;
        monitoring) continue ;;
        esac
        # shellcheck disable=SC2086 # words
        kv_with "$(new_key rk live)" "$command" $words --json
        case $alone in
        lives) is "$command needs no daemon" "$rc:$(printf '%s' "$out" | jq -s length)" 0:1 ;;
        listed) is "$command says in its list what was wrong" "$([ "$rc" -ne 0 ] && echo failed):$(printf '%s' "$out" | jq -c -s '[length, (.[0] | type)]')" 'failed:[1,"array"]' ;;
        *) problem "$command without a daemon" "$alone" ;;
        esac
done
for line in "nonsense" "--nonsense list" "--config /nowhere/at/all check-config" "--instance A/B list" "add" "show" "ack 1" "set one" \
        "add rk_live_51abcdefghijklmnopqrst"; do
        # shellcheck disable=SC2086 # words
        kv --json $line
        problem "keyvigil $line" "$(case $line in *nowhere*) echo bad-configuration ;; *) echo usage ;; esac)"
done
kv --json import "$fs_dir/nowhere"
problem "a file that is not there" bad-file
kv --json rotate --file "$fs_dir/nowhere"
problem "another one" bad-file
cp "$KEYVIGIL_CONFIG" "$fs_dir/good.yaml"
printf 'chekcs: {pulse: 1}\nnonsense: 1\n' >>"$KEYVIGIL_CONFIG"
kv --json check-config
problem "a bad configuration" bad-configuration
is "with all that is wrong" "$(printf '%s' "$out" | jq '.errors | length')" 2
cp "$fs_dir/good.yaml" "$KEYVIGIL_CONFIG"

# --- with a daemon: its own problems, as they are

kv_start
key=$(new_key rk live)
fs_control PUT keys "{\"key\":\"$key\",\"account\":\"acct_one\",\"permissions\":$selgeo}" >/dev/null
kv_with "$key" add one
for line in "show nobody|not-found" "history nobody|not-found" "incidents 99|not-found" "list --columns red|bad-parameter" \
        "list --state red|bad-parameter" "list --sort red|usage" "events --after nonsense|bad-parameter" "events --after 00000001-1|cursor-gone" "coupons sweep nobody|not-found" \
        "pause nobody|not-found" "ack 99 --reason x|not-found" "remove x* --yes|not-found" "pause * --state paused|not-found" \
        "history nobody --limit 0|usage" "list --limit x|usage" "remove --label a=b --label c=d --yes|usage" "list --state healthy --state paused|usage"; do
        # shellcheck disable=SC2086 # words
        kv --json ${line%|*}
        problem "${line%|*}" "${line#*|}"
done
kv_with "$key" --json add two
problem "a secret that is stored" already-stored
kv_with nonsense --json add two
problem "one that is none" bad-key
kv_with "" --json add two
problem "none at all" failed
kv_add two
kv --json pause '*'
problem "more than one without --yes" refused
kv --json pause '*' --dry-run
is "what would be touched" "$rc:$(printf '%s' "$out" | jq -c .)" '0:["one","two"]'

# --- for whom it is not

if [ "$(id -u)" = 0 ]; then
        chmod 0711 "$fs_dir" "$kv"
        for command in list show\ one status events "pause one" "remove one" reload; do
                rc=0
                # shellcheck disable=SC2086 # words
                setpriv --reuid 65534 --regid 65534 --clear-groups "$builddir/keyvigil" --json $command \
                        >"$kv/said/out" 2>"$kv/said/err" </dev/null || rc=$?
                kv_keep
                problem "$command by somebody else" no-access
        done
fi

# --- lists in another order

names() { printf '%s' "$out" | jq -r '[.keys[].name] | join(" ")'; }
kv_add three
kv pause two --reason z
kv --json list --sort name
is "a list for programs is sorted" "$rc:$(names)" "0:one three two"
kv --json list --sort state --columns name
is "by what is not shown" "$rc:$(names) $(printf '%s' "$out" | jq -c '.keys[0] | keys')" '0:one three two ["name"]'
kv --json list --sort name --limit 2
is "and then cut" "$(names)" "one three"
is "it is the same otherwise" "$(printf '%s' "$out" | jq -c .keys[0])" "$("$builddir/keyvigil" --json list one | jq -c .keys[0])"
kv list --sort checks --columns name
is "the table, too, by what it does not show" "$rc:$(printf '%s\n' "$out" | head -n 1 | tr -d ' ')" 0:NAME
kv_stop
kv --json list --sort name
is "without a daemon" "$rc:$(names)" "0:one three two"
kv --json list --sort red
problem "there is no other column, either" usage

kv_clean
fs_stop
tap_end
