#!/bin/sh
# The unit denies what it can: systemd's own measure of exposure stays at 1.5 or less; no path was left unsubstituted.
set -eu
build=${builddir:-.}
command -v systemd-analyze >/dev/null || { echo "systemd-analyze is not here"; exit 77; }
! grep -n '@[A-Za-z]*@' "$build"/systemd/*.service
systemd-analyze security --offline=true --threshold=15 --no-pager "$build/systemd/keyvigild.service"
