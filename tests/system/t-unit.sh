# The unit by itself: well formed, closed, with its user; starting, stopping and refusing as systemd expects.
. /test/lib.sh

settle
unit=/usr/local/lib/systemd/system/keyvigild.service
is "systemd-analyze verify has nothing to say" "" "$(systemd-analyze verify --man=no $unit 2>&1)"
check "exposure is 1.5 or less" systemd-analyze security --threshold=15 --no-pager keyvigild.service
check "the user is there" id keyvigil
is "the user cannot log in" /usr/sbin/nologin "$(getent passwd keyvigil | cut -d: -f7)"
