# A key that Stripe no longer accepts is told once, with all its fields and a text for people; so is its recovery.
. /test/world.sh

begin acme witness
fake_state acme expired
check "the end of acme is told" within 60 entry_count_is 1 $key_revoked

field() { is "$1" "$2" "$(entry_field $key_revoked "$1")"; }
# field_like FIELD EXPRESSION
field_like()
{
        value=$(entry_field $key_revoked "$1")
        if printf '%s\n' "$value" | grep -qxE "$2"; then ok "$1"; else not_ok "$1" "was: $value"; fi
}
field PRIORITY 2
field SYSLOG_IDENTIFIER keyvigild
field _SYSTEMD_UNIT keyvigild.service
field KEYVIGIL_KIND key-revoked
field KEYVIGIL_KEY acme
field KEYVIGIL_ACCOUNT "$(account_of acme)"
field KEYVIGIL_MODE live
field KEYVIGIL_PROFILE watched
field KEYVIGIL_STATE revoked
field KEYVIGIL_PREVIOUS_STATE healthy
field KEYVIGIL_REASON expired-code
field KEYVIGIL_HTTP_STATUS 401
field KEYVIGIL_STRIPE_CODE api_key_expired
field_like KEYVIGIL_REQUEST_ID 'req_[A-Za-z0-9]+'
field_like KEYVIGIL_INCIDENT '[0-9]+'
field_like KEYVIGIL_EVENT_ID '[0-9a-f]{16,}'
field_like KEYVIGIL_SINCE '20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})'
field_like KEYVIGIL_REMEDY_URL 'https://dashboard\.stripe\.com/.*'
field_like MESSAGE '.*acme.*'

check "journalctl -x explains it" eval "journalctl --no-pager -x MESSAGE_ID=$key_revoked | grep -q ' Subject: '"
refuse "with every field filled in" eval "journalctl --no-pager -x MESSAGE_ID=$key_revoked | grep -q '@KEYVIGIL_'"

asked=$(fake_requests)
check "the dead key and the witness are asked on" within 60 fake_was_asked_since $((asked + 3))
is "it is not told again" 1 "$(entry_count $key_revoked)"
systemctl restart keyvigild.service
asked=$(fake_requests)
check "after a restart the questions go on" within 60 fake_was_asked_since $((asked + 1))
is "a restart does not tell it again" 1 "$(entry_count $key_revoked)"
check "a restart forgets nothing" key_state_is acme revoked

fake_state acme alive
check "its recovery is told" within 180 entry_count_is 1 $incident_cleared
is "and says of what" key-revoked "$(entry_field $incident_cleared KEYVIGIL_KIND)"
check "it is healthy again" within 10 key_state_is acme healthy

secret=$(secret_of acme | cut -c9-)
leaks()
{
        journalctl --no-pager -o export
        cat /var/lib/keyvigil/*
        cat "/proc/$(main_pid)/environ" "/proc/$(main_pid)/cmdline"
        keyvigil show acme --json
}
parts=$(i=1; while [ $i -le 86 ]; do printf '%s\n' "$secret" | cut -c$i-$((i + 11)); i=$((i + 6)); done)
is "no part of the key is anywhere" "" "$(leaks | grep -aoF "$parts")"
