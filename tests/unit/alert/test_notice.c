/* What is said word for word, and what the fields hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/notice.h"

#define SINCE INT64_C(1795230733) /* 2026-11-21T03:12:13Z */
#define KEY   .key = "acme", .mode = "live", .account = "acct_1A", .since = SINCE

static const struct {
        struct notice notice;
        const char *message;
} sentences[] = {
        { { .kind = INCIDENT_KEY_REVOKED, KEY, .reason = "expired-code" },
          "Key \"acme\" (live mode, acct_1A) has been revoked: Stripe has rejected it since "
          "2026-11-21T03:12:13Z as expired or revoked, and no expiry or rotation is on record; what uses it "
          "fails until ‘keyvigil rotate’ stores a new one." },
        { { .kind = INCIDENT_KEY_REVOKED, KEY, .reason = "unknown-to-stripe unwitnessed" },
          "Key \"acme\" (live mode, acct_1A) has been revoked: Stripe has rejected it since "
          "2026-11-21T03:12:13Z as unknown, and no expiry or rotation is on record; what uses it fails until "
          "‘keyvigil rotate’ stores a new one; no second key could be "
          "asked." },
        { { .kind = INCIDENT_KEY_REVOKED, .key = "acme", .reason = "three-holds" },
          "Key \"acme\" has been revoked: Stripe has rejected it, and no expiry or rotation is on record; "
          "what uses it fails until ‘keyvigil rotate’ stores a new one; "
          "believed after three holds, no healthy key confirming it." },
        { { .kind = INCIDENT_KEY_EXPIRED, KEY, .expires = SINCE - 60 },
          "Key \"acme\" (live mode, acct_1A) has expired: Stripe has rejected it since 2026-11-21T03:12:13Z, "
          "and its declared expiry is 2026-11-21T03:11:13Z; what uses it fails until ‘keyvigil rotate’ "
          "stores a new one." },
        { { .kind = INCIDENT_KEY_INVALID, KEY },
          "Key \"acme\" (live mode, acct_1A) has never worked: Stripe has rejected it since "
          "2026-11-21T03:12:13Z, most likely because it was copied badly; what uses it fails until ‘keyvigil "
          "rotate’ stores a new one." },
        { { .kind = INCIDENT_KEY_BLOCKED, KEY },
          "Key \"acme\" (live mode, acct_1A) is alive, but not from here: Stripe has refused our IP address "
          "since 2026-11-21T03:12:13Z, because it is not on the key's list of allowed addresses." },
        { { .kind = INCIDENT_KEY_PERMISSIONS_MISSING,
            KEY,
            .missing = "coupon_write invoice_read",
            .missing_labels = "Coupons: Write, Invoices: Read" },
          "STRIPE_PERMISSIONS_MISSING: key \"acme\" (live mode, acct_1A) has lacked “Coupons: Write, "
          "Invoices: Read” since 2026-11-21T03:12:13Z; what needs them fails until they are set in the "
          "Dashboard." },
        { { .kind = INCIDENT_PROBE_COUPON_FOUND, KEY, .coupon = "selgeo_probe_x" },
          "Probe coupon \"selgeo_probe_x\" (key \"acme\", live mode, acct_1A) has been left behind since "
          "2026-11-21T03:12:13Z by an interrupted connection check, which is harmless." },
        { { .kind = INCIDENT_PROBE_COUPON_FOUND, .mode = "test", .account = "acct_1A", .count = 3 },
          "3 probe coupons (test mode, acct_1A) have been left behind by interrupted connection checks, "
          "which is harmless." },
        { { .kind = INCIDENT_PROBE_COUPON_KEPT, KEY, .coupon = "selgeo_probe_x", .reason = "redeemed" },
          "Probe coupon \"selgeo_probe_x\" (key \"acme\", live mode, acct_1A) has been kept since "
          "2026-11-21T03:12:13Z: it has been redeemed, so it may be in real use; it is harmless." },
        { { .kind = INCIDENT_PROBE_COUPON_STUCK, KEY, .coupon = "selgeo_probe_x", .count = 6 },
          "Probe coupon \"selgeo_probe_x\" (key \"acme\", live mode, acct_1A) could not be deleted in 6 "
          "tries "
          "since 2026-11-21T03:12:13Z: it is harmless where it is, and tried again once a day." },
        { { .kind = INCIDENT_STRIPE_OUTAGE,
            .since = SINCE,
            .count = 40,
            .mode = "test",
            .detail = "5xx, timeout." },
          "Stripe cannot be reached, or does not answer properly, for keys of test mode since "
          "2026-11-21T03:12:13Z: 40 keys get no verdict; what is believed of these stays as it was, and all "
          "others are watched as usual (5xx, timeout)." },
        { { .kind = INCIDENT_MASS_REVOCATION, .since = SINCE, .count = 20, .reason = "unconfirmed" },
          "20 accounts have keys that Stripe has rejected since 2026-11-21T03:12:13Z, but no healthy key "
          "confirms it, so none is called dead and all are asked again." },
        { { .kind = INCIDENT_MASS_REVOCATION, .since = SINCE, .count = 20, .reason = "revoked" },
          "20 accounts have lost keys since 2026-11-21T03:12:13Z, too many at a time for chance; each is "
          "listed under this incident." },
        { { .kind = INCIDENT_MASS_REVOCATION, .since = SINCE, .count = 20, .reason = "blocked" },
          "20 accounts have keys for which Stripe has refused our IP address since 2026-11-21T03:12:13Z, "
          "which is one cause rather than many: the keys are alive; each is listed under this incident." },
        { { .kind = INCIDENT_KEYS_DEAD_ON_ARRIVAL, .mode = "live", .since = SINCE, .count = 20 },
          "20 accounts (live mode) have keys that never worked: Stripe has rejected them since "
          "2026-11-21T03:12:13Z, most likely because the list that they came from is old or was copied "
          "badly; each is listed under this incident." },
        { { .kind = INCIDENT_PERMISSION_CHANGED,
            .mode = "live",
            .since = SINCE,
            .count = 20,
            .reason = "lost",
            .missing = "coupon_write",
            .missing_labels = "Coupons: Write" },
          "20 accounts (live mode) have lacked “Coupons: Write” since 2026-11-21T03:12:13Z, which all of "
          "them lost within minutes; each is listed under this incident." },
        { { .kind = INCIDENT_PERMISSION_CHANGED,
            .since = SINCE,
            .count = 20,
            .reason = "profile",
            .excess = "coupon_write",
            .excess_labels = "Coupons: Write" },
          "20 accounts have granted “Coupons: Write” since 2026-11-21T03:12:13Z, which the changed profile "
          "does not want any more; each is listed under this incident." },
        { { .kind = INCIDENT_MANY_ALIKE, .since = SINCE, .count = 20, .reason = "key-unverified" },
          "20 accounts have incidents of kind key-unverified since 2026-11-21T03:12:13Z, too many at a time "
          "for chance; each is listed under this incident." },
        { { .kind = INCIDENT_KEY_UNREADABLE, KEY, .detail = "wrong master key" },
          "Nobody watches key \"acme\" (live mode, acct_1A): its stored secret cannot be opened since "
          "2026-11-21T03:12:13Z; ‘keyvigil rotate’ stores it anew (wrong master key)." },
        { { .kind = INCIDENT_NOTIFY_FAILING, .since = SINCE, .detail = "webhook https://example.net: 500" },
          "Alerts have not reached a receiver since 2026-11-21T03:12:13Z, although the journal has them all "
          "(webhook https://example.net: 500)." },
        { { .kind = INCIDENT_OPERATOR_ACTION, KEY, .action = "paused", .by_uid = "1000", .detail = "moving" },
          "Key \"acme\" (live mode, acct_1A) was paused by uid 1000 (moving)." },
        { { .kind = INCIDENT_OPERATOR_ACTION, .action = "imported", .by_uid = "0", .count = 12 },
          "12 keys: imported by uid 0." },
        { { .kind = INCIDENT_OPERATOR_ACTION, .action = "acknowledged", .incident = 17, .by_uid = "0" },
          "Incident 17 was acknowledged by uid 0." },
        { { .kind = INCIDENT_TEST_ALERT },
          "This is a test of the way that alerts go, and nothing is wrong." },
        { { .kind = INCIDENT_STORE_TROUBLE, .since = SINCE, .detail = "disk full. really" },
          "The database has not taken writes since 2026-11-21T03:12:13Z: verdicts wait in memory, and no key "
          "is blamed for it (disk full; really)." },
        { { .kind = INCIDENT_ROUND_COMPLETED, .has_count = true },
          "A round over all keys was completed: none checked." },
        { { .kind = INCIDENT_KEY_REVOKED, .phase = NOTICE_REMINDER, KEY, .incident = 17 },
          "Still open (17): key \"acme\" (live mode, acct_1A) has been revoked: Stripe has rejected it since "
          "2026-11-21T03:12:13Z, and no expiry or rotation is on record; what uses it fails until ‘keyvigil "
          "rotate’ stores a new one." },
        { { .kind = INCIDENT_KEY_REVOKED, .phase = NOTICE_REMINDER, .since = SINCE, .count = 12 },
          "12 incidents of kind key-revoked are still open, the oldest since 2026-11-21T03:12:13Z." },
        { { .kind = INCIDENT_KEY_BLOCKED, .phase = NOTICE_LISTED, .key = "acme", .parent = 17 },
          "Listed under incident 17: key \"acme\" is alive, but not from here: Stripe has refused our IP "
          "address, because it is not on the key's list of allowed addresses." },
        { { .kind = INCIDENT_KEY_REVOKED, .phase = NOTICE_CLEARED, KEY, .at = SINCE + 12000 },
          "Key \"acme\" (live mode, acct_1A) is accepted by Stripe again: it had been rejected as revoked "
          "since 2026-11-21T03:12:13Z, for 3h20m." },
        { { .kind = INCIDENT_KEY_REVOKED, .phase = NOTICE_CLEARED, KEY, .reason = "removed" },
          "Key \"acme\" (live mode, acct_1A) was removed and is watched no more: it had been rejected as "
          "revoked since 2026-11-21T03:12:13Z." },
        { { .kind = INCIDENT_KEY_PERMISSIONS_MISSING,
            .phase = NOTICE_CLEARED,
            KEY,
            .at = SINCE + 60,
            .missing_labels = "Coupons: Write" },
          "Key \"acme\" (live mode, acct_1A) has every permission that its profile needs: it had lacked "
          "“Coupons: Write” since 2026-11-21T03:12:13Z, for 1m." },
        { { .kind = INCIDENT_STRIPE_OUTAGE, .phase = NOTICE_CLEARED, .since = SINCE, .at = SINCE + 90 },
          "Verdicts can be had from Stripe again: there had been none since 2026-11-21T03:12:13Z, for "
          "1m30s." },
        { { .kind = INCIDENT_MASS_REVOCATION,
            .phase = NOTICE_CLEARED,
            .reason = "revoked",
            .count = 43,
            .since = SINCE,
            .at = SINCE + 600 },
          "No more accounts join the incident of kind mass-revocation, 43 accounts in all: it had gone on "
          "since 2026-11-21T03:12:13Z, for 10m." },
};

static void test_sentences(void **state)
{
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(sentences); i++) {
                char *message = NULL;

                assert_int_equal(notice_message(&sentences[i].notice, &message), 0);
                assert_string_equal(message, sentences[i].message);
                free(message);
        }
}

static void test_all_fields(void **state)
{
        const struct notice notice = {
                .kind = INCIDENT_KEY_PERMISSIONS_MISSING,
                .priority = 3,
                .event_id = "0123456789abcdef0123456789abcdef",
                .incident = 7,
                KEY,
                .profile = "selgeo",
                .state = "degraded",
                .previous_state = "healthy",
                .reason = "a b",
                .missing = "coupon_write",
                .missing_labels = "Coupons: Write",
                .excess = "payout_write",
                .coupon = "selgeo_probe_x",
                .http_status = 403,
                .stripe_code = "more_permissions_required",
                .request_id = "req_1",
                .remedy_url = "https://dashboard.stripe.com/b/acct_1A",
                .count = 1,
                .unsaved = true,
        };
        char *fields = NULL;

        (void) state;
        assert_int_equal(notice_fields(&notice, &fields), 0);
        assert_string_equal(
                fields, "MESSAGE=STRIPE_PERMISSIONS_MISSING: key \"acme\" (live mode, acct_1A) has lacked "
                        "“Coupons: Write” since 2026-11-21T03:12:13Z; what needs them fails until they are "
                        "set in the Dashboard.\n"
                        "MESSAGE_ID=88298422e90a4c0c838419a14acc9550\n"
                        "PRIORITY=3\n"
                        "SYSLOG_IDENTIFIER=keyvigild\n"
                        "KEYVIGIL_KIND=key-permissions-missing\n"
                        "KEYVIGIL_EVENT_ID=0123456789abcdef0123456789abcdef\n"
                        "KEYVIGIL_KEY=acme\n"
                        "KEYVIGIL_ACCOUNT=acct_1A\n"
                        "KEYVIGIL_MODE=live\n"
                        "KEYVIGIL_PROFILE=selgeo\n"
                        "KEYVIGIL_STATE=degraded\n"
                        "KEYVIGIL_PREVIOUS_STATE=healthy\n"
                        "KEYVIGIL_REASON=a b\n"
                        "KEYVIGIL_MISSING=coupon_write\n"
                        "KEYVIGIL_EXCESS=payout_write\n"
                        "KEYVIGIL_COUPON=selgeo_probe_x\n"
                        "KEYVIGIL_STRIPE_CODE=more_permissions_required\n"
                        "KEYVIGIL_REQUEST_ID=req_1\n"
                        "KEYVIGIL_REMEDY_URL=https://dashboard.stripe.com/b/acct_1A\n"
                        "KEYVIGIL_INCIDENT=7\n"
                        "KEYVIGIL_HTTP_STATUS=403\n"
                        "KEYVIGIL_SINCE=2026-11-21T03:12:13Z\n"
                        "KEYVIGIL_COUNT=1\n"
                        "KEYVIGIL_UNSAVED=1\n");
        free(fields);
}

/* What does not apply is not there, not even empty. */
static void test_no_fields(void **state)
{
        const struct notice notice = {
                .kind = INCIDENT_ROUND_COMPLETED, .priority = 6, .has_count = true, .key = ""
        };
        char *fields = NULL;

        (void) state;
        assert_int_equal(notice_fields(&notice, &fields), 0);
        assert_string_equal(fields, "MESSAGE=A round over all keys was completed: none checked.\n"
                                    "MESSAGE_ID=97853fbdea9346ada2c6e9a9c428e0f8\n"
                                    "PRIORITY=6\n"
                                    "SYSLOG_IDENTIFIER=keyvigild\n"
                                    "KEYVIGIL_KIND=round-completed\n"
                                    "KEYVIGIL_COUNT=0\n");
        free(fields);
}

static void test_phases(void **state)
{
        static const struct {
                enum notice_phase phase;
                const char *message_id;
                int priority;
        } table[] = {
                { NOTICE_OPENED, "MESSAGE_ID=28d5c947cd4d45048ef999dc67e12748\nPRIORITY=2\n", 2 },
                { NOTICE_CLEARED, "MESSAGE_ID=5329417baee54facafb01bfc039044d4\nPRIORITY=5\n", 5 },
                { NOTICE_REMINDER, "MESSAGE_ID=a7242b900adb4f1780fa0ca39535ab51\nPRIORITY=2\n", 2 },
                { NOTICE_LISTED, "MESSAGE_ID=28d5c947cd4d45048ef999dc67e12748\nPRIORITY=6\n", 6 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                struct notice notice = {
                        .kind = INCIDENT_KEY_REVOKED, .phase = table[i].phase, .priority = 2, KEY
                };
                char *fields = NULL;

                assert_int_equal(notice_fields(&notice, &fields), 0);
                assert_non_null(strstr(fields, table[i].message_id));
                assert_non_null(strstr(fields, "\nKEYVIGIL_KIND=key-revoked\n"));
                assert_int_equal(notice_priority(&notice), table[i].priority);
                free(fields);
        }
}

/* Text from outside neither ends a field nor adds one, and does not grow without bound. */
static void test_hostile_values(void **state)
{
        static char huge[20000];
        struct notice notice = { .kind = INCIDENT_KEY_REVOKED,
                                 .key = "acme",
                                 .stripe_code = "a\nPRIORITY=0\t\033[2J\177b",
                                 .request_id = huge,
                                 .detail = "x\nMESSAGE_ID=0\r" };
        char *fields = NULL, *message = NULL;
        size_t lines = 0;

        (void) state;
        huge[0] = 'x';
        for (size_t i = 1; i + 2 < sizeof(huge); i += 2) /* an é at every odd place: the limit cuts one */
                memcpy(huge + i, "\xc3\xa9", 2);
        assert_int_equal(notice_fields(&notice, &fields), 0);
        for (const char *line = fields; *line != '\0'; line = strchr(line, '\n') + 1)
                lines++;
        assert_int_equal(lines, 8);
        assert_non_null(strstr(fields, "\nKEYVIGIL_STRIPE_CODE=a PRIORITY=0  [2J b\n"));
        const char *id = strstr(fields, "KEYVIGIL_REQUEST_ID=") + strlen("KEYVIGIL_REQUEST_ID=");
        assert_int_equal(strcspn(id, "\n"), 8191);

        assert_int_equal(notice_message(&notice, &message), 0);
        assert_null(strpbrk(message, "\n\r\t\033"));
        free(fields);
        free(message);
}

static void test_many_labels(void **state)
{
        char labels[2048] = "", *message = NULL;
        const struct notice notice = { .kind = INCIDENT_KEY_PERMISSIONS_EXCESS,
                                       KEY,
                                       .excess_labels = labels };

        (void) state;
        for (size_t i = 0, used = 0; i < 60; i++)
                used += (size_t) snprintf(labels + used, sizeof(labels) - used, "%sThing number %zu: Write",
                                          i ? ", " : "", i);
        assert_int_equal(notice_message(&notice, &message), 0);
        assert_non_null(strstr(message, "“Thing number 0: Write, Thing number 1: Write, "));
        assert_true(strlen(message) <= 400);
        unsigned shown = 0, left = 0;
        for (const char *thing = message; (thing = strstr(thing, "Thing number ")); thing++)
                shown++;
        const char *more = strstr(message, ": Write” and ");
        assert_non_null(more);
        assert_int_equal(sscanf(more, ": Write” and %u more.", &left), 1);
        assert_true(shown >= 6);
        assert_int_equal(shown + left, 60);
        free(message);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sentences),      cmocka_unit_test(test_all_fields),
                cmocka_unit_test(test_no_fields),      cmocka_unit_test(test_phases),
                cmocka_unit_test(test_hostile_values), cmocka_unit_test(test_many_labels),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
