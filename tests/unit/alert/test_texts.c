/* Every text there is: each kind in each phase, live and test, for each reason, with much and with nothing
 * known. Each is held to what every text must be; those of the usual case are written to texts.txt in the
 * build folder, for people to read in one go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/notice.h"

#define SINCE INT64_C(1795230733)

static const char *const phases[] = { "opened", "cleared", "reminder", "listed" };

static const char *const reasons[] = {
        "",
        "expired-code",
        "unknown-to-stripe",
        "unknown-to-stripe unwitnessed",
        "expired-code three-holds",
        "revoked",
        "blocked",
        "unconfirmed",
        "lost",
        "gained",
        "profile",
        "money profile",
        "unlisted-answer",
        "age",
        "expiry",
        "shape",
        "grace",
        "clock",
        "redeemed",
        "promotion-code",
        "promotion-codes-unreadable",
        "mode",
        "no-coupons-write",
        "unusual-number",
        "report-only",
        "no-daemon",
        "round-old",
        "outage",
        "no-key",
        "cleanup-off",
        "removed",
        "replaced",
        "paused",
};

/* Little known, as much as is usual, and the longest of everything. */
static const struct notice knowledge[] = {
        { .key = "acme" },
        { .key = "acme",
          .account = "acct_1AbCdEfGhIjKlMnO",
          .profile = "selgeo",
          .missing = "coupon_write invoice_read",
          .missing_labels = "Coupons: Write, Invoices: Read",
          .excess = "payout_write",
          .excess_labels = "Payouts: Write",
          .coupon = "selgeo_probe_abc",
          .incident = 17,
          .since = SINCE,
          .at = SINCE + 12000,
          .count = 6 },
        { .key = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl",
          .account = "acct_1AbCdEfGhIjKlMnOpQrS",
          .profile = "selgeo",
          .missing_labels = "Checkout Sessions: Read, Charges and Refunds: Read, Balance transactions: Read, "
                            "Customers: Read, Invoices: Read, Promotion codes: Write, Coupons: Write, "
                            "Webhook Endpoints and Event Destinations: Write",
          .excess_labels = "Payouts: Write, Transfers: Write, Top-ups: Write, Customers: Write, "
                           "Disputes: Write, Files: Write, Identity verification sessions: Write, "
                           "Webhook Endpoints and Event Destinations: Write, Terminal readers: Write",
          .coupon = "selgeo_probe_abcdefghijklmnop",
          .incident = 1234567890,
          .since = SINCE,
          .at = SINCE + 8640000,
          .expires = SINCE,
          .count = 1000000,
          .detail = "no answer within 20 s. A second look, taken on a new connection, gave none either." },
        { .mode = "", .count = 12, .since = SINCE },
        { .mode = "" },
};

#define USUAL 1

struct run {
        FILE *out;
        regex_t key_like;
        size_t n;
        char *plain[2]; /* test, live: the last text without a reason, to tell which reasons make a difference
                         */
};

static size_t count_of(const char *text, const char *what)
{
        size_t n = 0;

        for (; (text = strstr(text, what)); text += strlen(what))
                n++;
        return n;
}

/* NULL, or what is wrong with the text. */
static const char *fault(const struct run *run, const struct notice *notice, const char *text)
{
        static const char *const never[] = { ". ", "  ", " ,", " .", " :", ",,",
                                             "..", "()", ":.", ",.", "(,", "null" };
        size_t size = strlen(text);

        if (size == 0 || text[size - 1] != '.')
                return "no full stop at the end";
        if (size > 400)
                return "too long";
        if (text[0] >= 'a' && text[0] <= 'z')
                return "starts in lower case";
        if (regexec(&run->key_like, text, 0, NULL, 0) == 0)
                return "looks like a key";
        for (size_t i = 0; i < ELEMENTSOF(never); i++)
                if (strstr(text, never[i]))
                        return never[i];
        if (count_of(text, "(") != count_of(text, ")") || count_of(text, "“") != count_of(text, "”") ||
            count_of(text, "\"") % 2 != 0)
                return "something is opened and not closed";
        if (notice->key && notice->kind <= INCIDENT_PROBE_COUPON_STUCK && !strstr(text, notice->key))
                return "does not name the key";
        bool has_no_length = notice->kind == INCIDENT_OPERATOR_ACTION || notice->kind == INCIDENT_TEST_ALERT;
        if (notice->since > 0 && (!has_no_length || notice->phase == NOTICE_CLEARED) &&
            !strstr(text, "since 2026-11-21T03:12:13Z"))
                return "does not say since when";
        return NULL;
}

static void write_down(struct run *run, const struct notice *notice, const char *message)
{
        char **plain = &run->plain[strcmp(notice->mode, "live") == 0];

        if (*notice->reason == '\0') {
                free(*plain);
                *plain = strdup(message);
                assert_non_null(*plain);
        } else if (strcmp(*plain, message) == 0) {
                return;
        }
        fprintf(run->out, "%-24s %-8s %-4s %-30s %s\n", incident_kind_name(notice->kind),
                phases[notice->phase], notice->mode, notice->reason, message);
}

static void check_one(struct run *run, const struct notice *notice, bool is_usual)
{
        char *message = NULL, *fields = NULL;

        assert_int_equal(notice_message(notice, &message), 0);
        assert_int_equal(notice_fields(notice, &fields), 0);
        if (is_usual)
                write_down(run, notice, message);
        const char *wrong = fault(run, notice, message);
        if (wrong)
                fail_msg("%s, %s, \"%s\": %s: %s", incident_kind_name(notice->kind), phases[notice->phase],
                         notice->reason, wrong, message);
        if (regexec(&run->key_like, fields, 0, NULL, 0) == 0)
                fail_msg("looks like a key: %s", fields);
        run->n++;
        free(message);
        free(fields);
}

static void check_kind(struct run *run, enum incident_kind kind, enum notice_phase phase)
{
        for (size_t i = 0; i < ELEMENTSOF(knowledge); i++)
                for (size_t j = 0; j < ELEMENTSOF(reasons); j++)
                        for (int live = 0; live < 2; live++) {
                                struct notice notice = knowledge[i];

                                notice.kind = kind;
                                notice.phase = phase;
                                notice.reason = reasons[j];
                                notice.parent = notice.incident;
                                notice.priority = incident_kind_priority(kind, live);
                                if (!notice.mode)
                                        notice.mode = live ? "live" : "test";
                                check_one(run, &notice, i == USUAL);
                        }
}

static void test_every_text(void **state)
{
        struct run run = { .out = fopen("texts.txt", "we") };

        (void) state;
        assert_non_null(run.out);
        assert_int_equal(regcomp(&run.key_like, "(^|[^A-Za-z0-9_])(sk|rk|rkcs|pk|ek|pss|whsec)_",
                                 REG_EXTENDED | REG_NOSUB),
                         0);
        assert_int_equal(regexec(&run.key_like, "a (rk_live_***abc)", 0, NULL, 0), 0);
        for (int kind = 0; kind < _INCIDENT_KIND_MAX; kind++)
                for (int phase = NOTICE_OPENED; phase <= NOTICE_LISTED; phase++)
                        check_kind(&run, (enum incident_kind) kind, (enum notice_phase) phase);
        assert_int_equal(run.n, _INCIDENT_KIND_MAX * 4u * ELEMENTSOF(knowledge) * ELEMENTSOF(reasons) * 2);
        assert_int_equal(fclose(run.out), 0);
        regfree(&run.key_like);
        free(run.plain[0]);
        free(run.plain[1]);
}

/* A kind that says the same as another was copied and forgotten. */
static void test_no_two_alike(void **state)
{
        char *messages[_INCIDENT_KIND_MAX];

        (void) state;
        for (int i = 0; i < _INCIDENT_KIND_MAX; i++) {
                struct notice notice = knowledge[USUAL];

                notice.kind = (enum incident_kind) i;
                assert_int_equal(notice_message(&notice, &messages[i]), 0);
                for (int j = 0; j < i; j++)
                        if (i != INCIDENT_INCIDENT_REMINDER)
                                assert_string_not_equal(messages[i], messages[j]);
        }
        for (int i = 0; i < _INCIDENT_KIND_MAX; i++)
                free(messages[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_text),
                cmocka_unit_test(test_no_two_alike),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
