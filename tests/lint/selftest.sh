#!/bin/sh
# Each lint finds what it is for: a small good tree passes it, the same tree with one bad thing fails it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
builddir=$tree
unset srcdir
export builddir
failures=0

good()
{
        rm -rf "$tree"
        mkdir -p "$tree/src/base" "$tree/src/model" "$tree/src/http" "$tree/src/store" "$tree/src/view" "$tree/src/cli" "$tree/src/control" "$tree/src/engine/requests" \
                "$tree/src/engine/keys" "$tree/src/engine/watch" "$tree/tests/support" "$tree/systemd" "$tree/man"
        cp "$here/../../.clang-format" "$tree/"
        : >"$tree/config.h"
        printf '#pragma once\nint base_twice(int n);\n' >"$tree/src/base/twice.h"
        printf '#include "base/twice.h"\n\nint base_twice(int n)\n{\n        return 2 * n;\n}\n' >"$tree/src/base/twice.c"
        id=0123456789abcdef0123456789abcdef
        printf '#pragma once\n\n#define KINDS(X) X(KEY_BAD, "key-bad", "%s", 2, 4)\n' $id >"$tree/src/model/incident.h"
        printf -- '-- %s\nSubject: Bad\nDefined-By: us\n\nSeen: @KEYVIGIL_KEY@\nMeans: bad\nDo: mend\n' $id >"$tree/systemd/keyvigil.catalog"
        mkdir -p "$tree/doc"
        printf '#define SILENCES(X) X(PAUSED, 5, "a pause", "its end", "list")\n' >"$tree/src/model/silence.h"
        printf '## Every silence\n\n| what keeps |\n|---|\n| a pause | its end | list |\n' >"$tree/doc/design.md"
        printf '/* SILENCE_PAUSED_MAX */\nstatic int pause_length(void);\n' >"$tree/src/engine/keys/pause.c"
        printf '.TH X 7\n%s\nKEYVIGIL_KEY\n' $id >"$tree/man/keyvigil.journal.7"
}

# run LINT: 0 passes, 1 fails, 77 cannot be told here.
run() { sh "$here/$1.sh" "$tree" >"$tree/out" 2>&1; }

# bad LINT WHAT FILE: the good tree with standard input appended to FILE must fail.
bad()
{
        good
        cat >>"$tree/$3"
        rc=0
        run "$1" || rc=$?
        case $rc in
        0)
                echo "not ok: $1 lets pass: $2"
                failures=$((failures + 1))
                ;;
        77) echo "skipped: $1: $2" ;;
        *) echo "ok: $1 finds: $2" ;;
        esac
}
# fine LINT WHAT FILE: ... must pass.
fine()
{
        good
        cat >>"$tree/$3"
        rc=0
        run "$1" || rc=$?
        case $rc in
        0) echo "ok: $1 allows: $2" ;;
        77) echo "skipped: $1: $2" ;;
        *)
                echo "not ok: $1 refuses: $2"
                cat "$tree/out"
                failures=$((failures + 1))
                ;;
        esac
}
repeat() { awk -v n="$1" -v line="$2" 'BEGIN { while (n--) print line }'; }
function_of() { printf 'static int f(int a)\n{\n'; cat; printf '        return a;\n}\n'; }

for lint in includes size banned headers format words messages names shell; do
        fine $lint "the good tree" src/base/twice.c </dev/null
done

echo '#include "model/incident.h"' | bad includes "base over model" src/base/twice.c
echo '#include "http/client.h"' | bad includes "model over http" src/model/incident.h
echo '#include "twice.h"' | bad includes "a path without folder" src/base/twice.c
echo '#include <sqlite3.h>' | bad includes "sqlite3 in http" src/http/client.c
echo '#  include <curl/curl.h>' | bad includes "libcurl in model" src/model/incident.h
echo '#include "engine/watch/watch.h"' | bad includes "a room over one to its right" src/engine/keys/keys.c
echo '#include "engine/load.h"' | bad includes "the engine's own in a room" src/engine/watch/life.c
echo '#include "store/store.h"' | bad includes "the store in the room of requests" src/engine/requests/ask.c
echo '#include "engine/coupons/coupons.h"' | bad includes "a room of the engine in control" src/control/keys.c
echo '#include "engine/state.h"' | bad includes "what the rooms share in control" src/control/keys.c
echo '#include "engine/across.h"' | bad includes "what is done for the rooms in the daemon" src/keyvigild.c
echo '#include "engine/engine.h"' | fine includes "the engine in control" src/control/keys.c
printf '#include "engine/keys/keys.h"\n#include "engine/state.h"\n' | fine includes "a room over one to its left" src/engine/watch/life.c
echo 'int x;' | bad includes "an unknown file in src" src/other.c
echo '#include "cli/args.h"' | bad includes "cli in the daemon" src/keyvigild.c
echo '#include "control/visit.h"' | bad includes "view over control" src/view/key.c
echo '#include "store/store.h"' | fine includes "the store in view" src/view/key.c
echo '#include <curl/curl.h>' | fine includes "libcurl in http" src/http/client.c
printf '#include "http/client.h"\n#include "model/incident.h"\n' | fine includes "the daemon over all" src/keyvigild.c

echo 'static int pause_length(int a);' | bad names "a name that another file has" src/engine/watch/life.c
echo 'static void on_alarm(int a);' | bad names "a callback of nobody" src/engine/watch/life.c
echo 'static int life_length(int a);' | fine names "a name of its own" src/engine/watch/life.c

repeat 58 '        a++;' | function_of | bad size "61 lines" src/http/client.c
repeat 57 '        a++;' | function_of | fine size "60 lines" src/http/client.c
{ echo '/* lint-ok: length */'; repeat 80 '        a++;' | function_of; } | fine size "a marked one" src/http/client.c
{ echo '/* lint-ok: length */'; repeat 80 '        a++;' | function_of
  repeat 80 '        a++;' | function_of; } | bad size "one marked, the next not" src/http/client.c
repeat 15 '        if (a)' | function_of | bad size "complexity 16" src/http/client.c
repeat 14 '        if (a) /* if */' | function_of | fine size "complexity 15" src/http/client.c
repeat 8 '        a = a && a ? 1 : 2;' | function_of | bad size "operators count" src/http/client.c
repeat 15 '        case 1:' | function_of | fine size "labels of one case" src/http/client.c
repeat 15 '        case 1: break;' | function_of | bad size "fifteen cases" src/http/client.c
repeat 401 'int x;' | bad size "401 lines" tests/support/x.h

for call in 'strcpy(a, b)' 'strcat (a, b)' 'sprintf(a, b)' 'atoi(a)' 'strtol(a, b, 0)' 'strtoull(a, b, 0)' 'gets(a)' \
        'alloca(2)' 'system(a)' 'popen(a, b)' 'usleep(1)' 'signal(1, a)' 'exit(1)' 'curl_easy_perform(c)' \
        'curl_easy_setopt(c, CURLOPT_VERBOSE, 1L)' 'curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L)' 'sqlite3_exec(d)'; do
        echo "        $call;" | bad banned "$call" src/http/client.c
done
echo '        sqlite3_exec(d);' | fine banned "sqlite3_exec in store" src/store/x.c
echo '        curl_easy_perform(c);' | fine banned "curl_easy_perform in cli" src/cli/x.c
echo '        curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);' | fine banned "redirects off" src/http/client.c
echo '        exit(1); /* the main */' | fine banned "exit in main" src/keyvigild.c
echo '        /* never sprintf(a, b) */ puts("exit(1)"); my_exit(1); o->exit(2);' | fine banned "words in comments" src/base/twice.c

echo 'struct y { struct x x; };' | bad headers "an incomplete type" src/base/twice.h
echo 'struct y { int a; };' | bad headers "no guard" src/base/other.h
echo 'int   x ;' | bad format "odd spaces" src/base/twice.c

printf '/%s/%s\n' work shared | bad words "a path of one machine" src/base/twice.c
printf 'see %s%s\n' plan .md | bad words "a document that is not here" src/base/twice.c
printf 'TO%s\n' DO | bad words "a promise" src/base/twice.c

echo '        X(KEY_NEW, "key-new", "fedcba9876543210fedcba9876543210", 2, 4)' | bad messages "an id in the code only" src/model/incident.h
echo '        X(KEY_NEW, "key-new", "0123456789abcdef0123456789abcdef", 2, 4)' | bad messages "an id twice" src/model/incident.h
printf -- '\n-- fedcba9876543210fedcba9876543210\nSubject: New\n\na\nb\nc\n' | bad messages "an id in the catalogue only" systemd/keyvigil.catalog
echo 'fedcba9876543210fedcba9876543210' | bad messages "an id in the man page only" man/keyvigil.journal.7
echo '@KEYVIGIL_NOWHERE@' | bad messages "a field without description" systemd/keyvigil.catalog

echo '| another | never | nowhere |' | bad silences "a silence in the document only" doc/design.md
echo 'X(OTHER, 6, "another", "never", "nowhere")' | bad silences "a silence in the code only" src/model/silence.h
echo '/* SILENCE_OTHER_MAX */' | bad silences "a silence that is in no table" src/engine/keys/pause.c
echo '        incident->quiet = true;' | bad silences "an event that is lowered, without a word" src/engine/watch/x.c
echo '        key->paused_until = 5;' | bad silences "questions that are stopped, without a word" src/engine/watch/x.c
echo '#define MIXED_FOR (7 * USEC_PER_DAY)' | bad silences "a long span that is in no table" src/engine/watch/x.c
echo '        return now - s->told < 3 * USEC_PER_HOUR;' | bad silences "one without a name" src/engine/watch/x.c
echo '#define MIXED_FOR (SILENCE_PAUSED_MAX * USEC_PER_DAY)' | fine silences "one from the table" src/engine/watch/x.c
echo '        key->paused_until = 5; /* SILENCE_PAUSED_MAX */' | fine silences "what names its line" src/engine/watch/x.c

echo '        abort();' | bad banned "an end without a word" src/http/client.c
echo '        open_memstream(a, b);' | bad banned "a text with holes" src/http/client.c

# hardening: two small programs, built as the real ones are, pass; built with one thing less they do not.
hardened='-O2 -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
        -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack'
# hard WANTED WHAT [FLAG...]: the lint gives WANTED for programs built with the usual flags and these.
hard()
{
        wanted=$1 what=$2
        shift 2
        good
        {
                echo '#include <stdio.h>'
                echo '#include <string.h>'
                echo 'char copy[64];'
                echo 'int main(int argc, char **argv) { char text[64]; strcpy(text, argv[0]);'
                echo 'memcpy(copy, argv[0], (size_t) argc); return printf("%s%s", text, copy); }'
                awk 'BEGIN { for (i = 0; i < 120; i++) printf "void f%d(void);\nvoid f%d(void) { puts(\"%d\"); }\n", i, i, i }'
        } >"$tree/main.c"
        echo "HARDEN_CFLAGS = -fcf-protection
HARDEN_CPPFLAGS = -D_FORTIFY_SOURCE=2" >"$tree/Makefile"
        if ! ${CC:-cc} $hardened "$@" -w -o "$tree/keyvigil" "$tree/main.c" 2>"$tree/out"; then
                echo "skipped: hardening: $what"
                return
        fi
        cp "$tree/keyvigil" "$tree/keyvigild"
        rc=0
        run hardening || rc=$?
        if [ $rc -eq 77 ]; then
                echo "skipped: hardening: $what"
        elif [ $rc -eq "$wanted" ]; then
                echo "ok: hardening tells: $what"
        else
                echo "not ok: hardening gives $rc for: $what"
                cat "$tree/out"
                failures=$((failures + 1))
        fi
}
hard 0 "all of it"
hard 1 "not position-independent" -no-pie -fno-pie
hard 1 "bound lazily" -Wl,-z,lazy
hard 1 "tables that stay writable" -Wl,-z,norelro
hard 1 "an executable stack" -Wl,-z,execstack
hard 1 "no guard of the stack" -fno-stack-protector
hard 1 "not fortified" -U_FORTIFY_SOURCE
case $(uname -m) in x86_64) hard 1 "no control-flow enforcement" -fcf-protection=none ;; esac

printf '#!/bin/sh\nif true\n' | bad shell "an if without end" tests/broken.sh

[ "$failures" -eq 0 ]
