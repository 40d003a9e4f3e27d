# For the tests that run inside the machine, as root. Each point prints "ok - WHAT" or "not ok - WHAT".
set -u

ok() { echo "ok - $1"; }
not_ok()
{
        echo "not ok - $1"
        shift
        [ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/# /'
}

# check WHAT COMMAND...: the command succeeds.
check()
{
        what=$1
        shift
        if said=$("$@" 2>&1); then ok "$what"; else not_ok "$what" "$said"; fi
}

# refuse WHAT COMMAND...: the command fails.
refuse()
{
        what=$1
        shift
        if said=$("$@" 2>&1); then not_ok "$what" "$said"; else ok "$what"; fi
}

# is WHAT EXPECTED ACTUAL
is()
{
        if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "expected: $2" "was: $3"; fi
}

# within SECONDS COMMAND...: the command succeeds before the time is over; it is tried ten times a second.
within()
{
        left=$(($1 * 10))
        shift
        until "$@" >/dev/null 2>&1; do
                left=$((left - 1))
                [ $left -gt 0 ] || return 1
                sleep 0.1
        done
}

property() { systemctl show -p "$2" --value "$1"; }
property_is() { [ "$(property "$1" "$2")" = "$3" ]; }
main_pid() { property keyvigild.service MainPID; }
state_is() { property_is keyvigild.service ActiveState "$1"; }

# What README tells people to do after "make install".
settle()
{
        systemd-sysusers
        systemd-tmpfiles --create keyvigil.conf
        journalctl --update-catalog
        systemctl daemon-reload
}

# What systemd and the journal say of the daemon's last run.
journal_of() { journalctl --quiet --no-pager -u keyvigild.service "$@"; }
key_revoked=28d5c947cd4d45048ef999dc67e12748
incident_cleared=5329417baee54facafb01bfc039044d4

# entries ID [MATCH...]: the daemon's entries with that message id, as JSON, one a line.
entries()
{
        id=$1
        shift
        journalctl --quiet --no-pager -o json MESSAGE_ID="$id" "$@"
}
entry_count() { entries "$@" | wc -l; }
entry_count_is() { [ "$(entry_count "$2")" -eq "$1" ]; }
entry_field() { entries "$1" | head -n 1 | jq -r ".$2 // empty"; }
