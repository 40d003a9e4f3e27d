#!/bin/sh
# Every shell script is understood by its own interpreter.
set -eu
root=${1:-${srcdir:-.}}
status=0
for file in $(find "$root/tests" "$root/bootstrap" "$root/.ci" -type f 2>/dev/null | sort); do
        case $(head -c 64 "$file" | head -n 1 | tr -d '\0') in
        '#!/bin/sh'*) sh -n "$file" || status=1 ;;
        '#!/bin/bash'* | '#!/usr/bin/env bash'*) bash -n "$file" || status=1 ;;
        *) case $file in *.sh) sh -n "$file" || status=1 ;; esac ;;
        esac
done
exit $status
