#!/bin/sh
# mandoc has nothing to say about the pages, but for references to pages that are not installed here.
set -eu
command -v mandoc >/dev/null || { echo "mandoc is not here"; exit 77; }
! mandoc -T lint "${srcdir:-.}"/man/*.[1-8] 2>&1 | grep -vE 'referenced manual not found|outdated mandoc.db'
