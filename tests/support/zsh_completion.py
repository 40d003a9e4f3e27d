"""zsh_completion.py FOLDER LINE: what zsh offers for LINE with the completions of FOLDER, one a line.

zsh completes on a terminal only, so it is given one. Instead of reading a screen, compadd is taken the words from."""
import os
import pty
import select
import subprocess
import sys
import tempfile

SETUP = r'''
PS1='' ; RPS1='' ; unsetopt zle_bracketed_paste 2>/dev/null
fpath=("$FOLDER" $fpath) ; autoload -Uz compinit ; compinit -u -d "$WORK/dump"
compadd() {
        local -a words ; local here
        if (( ${@[(I)-[OAD]]} )) { builtin compadd "$@" ; return }
        builtin compadd -O words "$@" ; print -l -- $words >>"$WORK/offered"
        builtin compadd "$@"
}
ended() { : >"$WORK/ended" }
zle -N ended ; bindkey '^X^E' ended
: >"$WORK/ready"
'''


def main(folder, line):
    with tempfile.TemporaryDirectory() as work:
        with open(work + "/.zshrc", "w") as rc:
            rc.write(SETUP)
        master, slave = pty.openpty()
        env = dict(os.environ, ZDOTDIR=work, WORK=work, FOLDER=folder, TERM="dumb", HISTFILE="")
        shell = subprocess.Popen(["zsh", "-i"], stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True)
        os.close(slave)

        def until(name, seconds=60):
            for _ in range(seconds * 10):
                if select.select([master], [], [], 0.1)[0]:
                    os.read(master, 65536)
                if os.path.exists(work + "/" + name):
                    return
            sys.exit("zsh did not get as far as " + name)

        until("ready")
        os.write(master, line.encode() + b"\t\x18\x05")
        until("ended")
        shell.kill()
        shell.wait()
        try:
            with open(work + "/offered") as offered:
                words = {word.strip() for word in offered} - {""}
        except FileNotFoundError:
            words = set()
        print("\n".join(sorted(words)))


main(sys.argv[1], sys.argv[2])
