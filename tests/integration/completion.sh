#!/bin/sh
# What bash, zsh and fish offer while somebody types: asked of the real shells, each with its completion as it is installed.
set -eu
. "$srcdir/tests/support/daemon.sh"
for tool in bash zsh fish python3; do
        command -v $tool >/dev/null || { echo "$tool is not here; ./bootstrap check installs it"; exit 77; }
done
[ -e /usr/share/bash-completion/bash_completion ] || { echo "bash-completion is not here"; exit 77; }
completion=$(cd "$srcdir" && pwd)/completion
PATH=$builddir:$PATH
export PATH

# offers SHELL LINE WORDS: that is offered for the last word of the line. On a busy machine the daemon may come too late.
offers()
{
        kv_until 20 is_offered "$@" || :
        is "$1: $2" "$offered" "$3"
}
is_offered()
{
        offered=$(offered_by_$1 "$2" | sort | tr '\n' ' ' | sed 's/ $//')
        [ "$offered" = "$3" ]
}
offered_by_bash()
{
        bash --norc -c '
                . /usr/share/bash-completion/bash_completion
                . "$1/bash/keyvigil"
                COMP_LINE=$2 COMP_POINT=${#2} COMP_TYPE=9
                # The words as readline has them: "=" and ":" are words of their own.
                mapfile -t COMP_WORDS < <(printf "%s" "$2" | sed "s/\([=:]\)/\n\1\n/g; s/ /\n/g" | grep -v "^$")
                [[ $2 == *[\ ] ]] && COMP_WORDS+=("")
                [[ $2 == *[=:] ]] && [[ ${COMP_WORDS[-1]} != [=:] ]] && COMP_WORDS+=("")
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _keyvigil keyvigil
                printf "%s\n" "${COMPREPLY[@]}"' - "$completion" "$1" 2>"$kv/said/bash"
}
offered_by_fish()
{
        XDG_CONFIG_HOME=$fs_dir/fish XDG_DATA_HOME=$fs_dir/fish fish --no-config -c '
                source $argv[1]/keyvigil.fish
                complete -C "$argv[2]"' "$completion" "$1" 2>"$kv/said/fish" | cut -f 1
}
# zsh completes on a terminal only: one is made for it, a key pressed, and what it then shows is read.
offered_by_zsh() { python3 "$srcdir/tests/support/zsh_completion.py" "$completion" "$1" 2>"$kv/said/zsh"; }

kv_open
for name in acme acme:eu beta; do
        kv_add $name
done

for shell in bash fish zsh; do
        offers $shell 'keyvigil re' "reload remove resume"
        offers $shell 'keyvigil status --' "--brief --help --json --utc"
        offers $shell 'keyvigil show be' "beta"
        offers $shell 'keyvigil list --state healthy,un' "healthy,unreadable healthy,unverified"
        offers $shell 'keyvigil link keybrake-re' "keybrake-reconciliation keybrake-refunds"
        offers $shell 'keyvigil show zzz' ""
done
# readline's words end at a colon and at an equals sign, so the rest alone is offered.
offers bash 'keyvigil show acme:' "eu"
offers fish 'keyvigil show acme:' "acme:eu"
offers zsh 'keyvigil show ac' "acme acme:eu"
offers bash 'keyvigil list --mode=' "live test"
offers fish 'keyvigil list --mode=' "--mode=live --mode=test"
touch "$fs_dir/keys.jsonl"
offers bash "keyvigil import $fs_dir/keys.j" "$fs_dir/keys.jsonl"
offers fish "keyvigil import $fs_dir/keys.j" "$fs_dir/keys.jsonl"
offers fish "keyvigil --config /nowhere.yaml show be" ""

completes()
{
        kv complete "$@"
        [ -n "$out" ]
}
kv_until 20 completes keys ac || :
is "the names are asked of the daemon" "$out" "acme
acme:eu"
kv complete nonsense
is "what is not there is wrong usage" "$rc" 2
kill -STOP "$kv_pid"
kv complete keys ac
is "a daemon that stands still is not waited for" "$rc$out$err" "0"
kill -CONT "$kv_pid"
kv_stop
kv complete line show ac
is "without a daemon nothing is said" "$rc$out$err" "0"
kv_clean
tap_end
