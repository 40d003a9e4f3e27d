#!/bin/sh
# Which folder of src/ may include which: the arrows of the house. A foreign library has one folder.
set -eu
root=${1:-${srcdir:-.}}
find "$root/src" -name '*.[ch]' | sort | xargs awk -v root="$root/src/" '
BEGIN {
        may["base"] = ""
        may["model"] = "base"
        may["stripe"] = "model base"
        may["conf"] = "stripe model base"
        may["http"] = "base"
        may["vault"] = "base"
        may["store"] = "model base"
        may["alert"] = "model base"
        # The rooms of the engine, each with those to its left; what lies in engine/ itself is for all of them.
        pure = "stripe model base"
        may["engine/requests"] = "http vault " pure
        may["engine/keys"] = "engine/requests " may["engine/requests"]
        may["engine/incidents"] = "engine/keys store alert " may["engine/keys"]
        may["engine/watch"] = "engine/incidents " may["engine/incidents"]
        may["engine/coupons"] = "engine/watch " may["engine/watch"]
        may["engine/people"] = "engine/coupons " may["engine/coupons"]
        may["engine"] = "engine/people " may["engine/people"]
        may["view"] = "store model base"
        may["control"] = "engine view store stripe model base"
        may["daemon"] = "base model stripe conf http vault store alert engine view control"
        may["web"] = may["notify"] = "http alert conf model base"
        may["prove"] = "http conf stripe model base"
        may["cli"] = "prove web notify conf store view stripe model base"

        home["yaml.h"] = "conf"
        home["sqlite3.h"] = "store"
        home["curl/"] = "http cli"
        home["sodium"] = "vault notify"
        home["systemd/sd-journal.h"] = "alert"
        home["microhttpd"] = "control web"
        home["jansson"] = "stripe view control web notify cli"
}
function complain(what) {
        printf "%s:%d: %s\n", FILENAME, FNR, what
        bad = 1
}
function among(word, list) {
        return index(" " list " ", " " word " ") > 0
}
# What a room may take of engine/ itself.
function is_shared(other, target) {
        return folder ~ /^engine\// && other == "engine" && target != "engine/load.h"
}
# What lies in engine/ for its rooms alone.
function is_inner(target) {
        return folder !~ /^engine/ && target ~ /^engine\/(state|across|load)\.h$/
}
FNR == 1 {
        path = substr(FILENAME, length(root) + 1)
        folder = path
        if (folder ~ /^engine\/.*\//)
                sub(/\/[^\/]*$/, "", folder)
        else if (!sub(/\/.*/, "", folder))
                folder = path == "keyvigild.c" ? "daemon" : path == "keyvigil.c" ? "cli" : path
        if (!(folder in may))
                complain(folder " has no place in the house")
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
        target = $0
        sub(/^[^"]*"/, "", target)
        sub(/".*/, "", target)
        other = target
        if (target == "config.h")
                complain("config.h is included by force already")
        else if (!sub(/\/[^\/]*$/, "", other))
                complain("\"" target "\": write the path below src/")
        else if (is_inner(target))
                complain("\"" target "\" is for the rooms of the engine alone")
        else if (other != folder && !among(other, may[folder]) && !is_shared(other, target))
                complain(folder "/ may not include " other "/")
}
/^[ \t]*#[ \t]*include[ \t]*</ {
        target = $0
        sub(/^[^<]*</, "", target)
        for (name in home)
                if (index(target, name) == 1 && !among(folder, home[name]))
                        complain("<" name " belongs to " home[name] "/")
}
END { exit bad }'
