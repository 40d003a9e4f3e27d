/* What is over. */
#include "alert/sentence.h"

#include "base/datetime.h"
#include "base/usec.h"

/* How it is now, and what it had been; both follow the subject, if there is one. */
static const struct over {
        const char *now, *was;
} overs[] = {
        [INCIDENT_KEY_REVOKED] = { "is accepted by Stripe again", "it had been rejected as revoked" },
        [INCIDENT_KEY_EXPIRED] = { "is accepted by Stripe again", "it had been rejected as expired" },
        [INCIDENT_KEY_ROLLED] = { "is accepted by Stripe again",
                                  "it had been rejected as replaced by a rotation" },
        [INCIDENT_KEY_INVALID] = { "is accepted by Stripe now", "it had been rejected as unknown" },
        [INCIDENT_KEY_BLOCKED] = { "works from our IP address again", "it had been refused from here" },
        [INCIDENT_KEY_ACCOUNT_REFUSED] = { "is served by Stripe again", "its account had been refused" },
        [INCIDENT_KEY_PERMISSIONS_MISSING] = { "has every permission that its profile needs",
                                               "it had lacked some" },
        [INCIDENT_KEY_PERMISSIONS_EXCESS] = { "no longer grants more than its profile needs",
                                              "it had granted more" },
        [INCIDENT_KEY_WRONG_ACCOUNT] = { "is of the declared account", "it had been of another" },
        [INCIDENT_KEY_UNRESTRICTED] = { "is no longer a full secret key", "it had been one" },
        [INCIDENT_KEY_ROTATION_DUE] = { "is no longer due for rotation", "it had been due" },
        [INCIDENT_KEY_OLD_STILL_ALIVE] = { "has no old secret any more that works",
                                           "the old one had been overdue" },
        [INCIDENT_KEY_UNVERIFIED] = { "has a verdict again", "there had been none" },
        [INCIDENT_KEY_UNREADABLE] = { "can be watched again", "its stored secret could not be opened" },
        [INCIDENT_KEY_FLAPPING] = { "has been steady for a day", "it had kept changing its state" },
        [INCIDENT_PROBE_COUPON_FOUND] = { "is no longer there", "it had been there" },
        [INCIDENT_PROBE_COUPON_DELETED] = { "is settled", "it had been on record" },
        [INCIDENT_PROBE_COUPON_KEPT] = { "is no longer kept", "it had been kept" },
        [INCIDENT_PROBE_COUPON_STUCK] = { "is gone", "it had not been possible to delete it" },
        [INCIDENT_STRIPE_OUTAGE] = { "verdicts can be had from Stripe again", "there had been none" },
        [INCIDENT_MASS_REVOCATION] = { "", "it had gone on" },
        [INCIDENT_KEYS_DEAD_ON_ARRIVAL] = { "", "it had gone on" },
        [INCIDENT_PERMISSION_CHANGED] = { "", "it had gone on" },
        [INCIDENT_MANY_ALIKE] = { "", "it had gone on" },
        [INCIDENT_CATALOGUE_STALE] = { "every permission probe proves something again",
                                       "one had proved nothing" },
        [INCIDENT_WATCH_BEHIND] = { "no key is overdue any more", "keys had been overdue" },
        [INCIDENT_WATCH_SILENT] = { "rounds over all keys are completed again", "there had been none" },
        [INCIDENT_STORE_TROUBLE] = { "the database takes writes again", "it had taken none" },
        [INCIDENT_INCIDENT_CLEARED] = { "an incident is over", "it had been open" },
        [INCIDENT_INCIDENT_REMINDER] = { "an incident is over", "it had been open" },
        [INCIDENT_ROUND_COMPLETED] = { "rounds over all keys are completed again", "there had been none" },
        [INCIDENT_JOURNAL_SUMMARY] = { "every entry goes to the journal again",
                                       "some had been kept out of it" },
        [INCIDENT_NOTIFY_FAILING] = { "alerts reach the receiver again", "it had taken none" },
        [INCIDENT_OPERATOR_ACTION] = { "an operator’s action is done", "it had been on record" },
        [INCIDENT_TEST_ALERT] = { "the test of the way that alerts go is over", "it had begun" },
};

static void say_subject(FILE *out, const struct notice *notice)
{
        if (notice->kind <= INCIDENT_KEY_FLAPPING) {
                say_key(out, notice);
                fputc(' ', out);
        } else if (notice->kind <= INCIDENT_PROBE_COUPON_STUCK) {
                say_coupon(out, notice);
                fputc(' ', out);
        }
}

/* An incident also ends when there is nothing left that it could be about. */
static const char *now(const struct notice *notice)
{
        if (notice->kind == INCIDENT_STORE_TROUBLE && has_reason(notice, "reader"))
                return "nothing keeps the database's log from being emptied any more";
        if (has_reason(notice, "no-key"))
                return "is seen to no more, as no key of its account lives";
        if (has_reason(notice, "cleanup-off"))
                return "is seen to no more, as clean-up is off";
        if (notice->kind > INCIDENT_KEY_FLAPPING)
                return overs[notice->kind].now;
        if (has_reason(notice, "removed"))
                return "was removed and is watched no more";
        if (has_reason(notice, "replaced"))
                return "has a new secret";
        if (has_reason(notice, "declared-anew"))
                return "was declared to be of another account";
        if (has_reason(notice, "week"))
                return "goes on changing, and is told of as it is now";
        if (has_reason(notice, "dead"))
                return "is dead";
        if (has_reason(notice, "paused"))
                return "is paused";
        return overs[notice->kind].now;
}

static const char *was(const struct notice *notice)
{
        return notice->kind == INCIDENT_STORE_TROUBLE && has_reason(notice, "reader")
                       ? "a reader had done so"
                       : overs[notice->kind].was;
}

void say_cleared(FILE *out, const struct notice *notice)
{
        char duration[DATETIME_MAX];

        say_subject(out, notice);
        if (incident_kind_is_group(notice->kind))
                say_group_over(out, notice);
        else
                fputs(now(notice), out);
        fputs(": ", out);
        if (notice->kind == INCIDENT_KEY_PERMISSIONS_MISSING && is_given(notice->missing_labels)) {
                fputs("it had lacked ", out);
                say_labels(out, notice->missing_labels);
        } else {
                fputs(was(notice), out);
        }
        say_since(out, notice);
        if (notice->since > 0 && notice->at >= notice->since)
                fprintf(out, ", for %s",
                        duration_format((usec_t) (notice->at - notice->since) * USEC_PER_SEC, duration));
        say_detail(out, notice);
}
