#!/bin/sh
# Within the engine, a function or struct of a file's own has a name that no other file uses: whoever reads a backtrace
# or searches for it finds one place. A callback says whose it is.
set -eu
root=${1:-${srcdir:-.}}
find "$root/src/engine" -name '*.[ch]' | sort | xargs awk '
function complain(what) {
        printf "%s:%d: %s\n", FILENAME, FNR, what
        bad = 1
}
function claim(name) {
        if (name in home && home[name] != FILENAME)
                complain(name " is in " home[name] " too: begin it with the name of its module")
        home[name] = FILENAME
}
/^static [^=;{]*[a-z0-9_]\(/ {
        name = $0
        sub(/\(.*/, "", name)
        sub(/.*[ *]/, "", name)
        claim(name)
        if (name ~ /^on_/)
                complain(name ": begin it with the name of its module")
}
/^struct [a-z0-9_]+ \{/ { claim("struct " $2) }
END { exit bad }'
