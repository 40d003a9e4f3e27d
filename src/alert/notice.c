#include "alert/notice.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "alert/sentence.h"
#include "base/memory.h"

/* These two are only MESSAGE_IDs of a phase; as a kind of their own they have nothing to tell. */
static void say_incident(FILE *out, const struct notice *notice)
{
        fputs("an incident is on record", out);
        say_since(out, notice);
        say_detail(out, notice);
}

/* The sentence that opens an incident of this kind. Never NULL. */
static sentence_fn sentence_opened(enum incident_kind kind)
{
        static const sentence_fn sentences[] = {
                [INCIDENT_KEY_REVOKED] = say_key_revoked,
                [INCIDENT_KEY_EXPIRED] = say_key_expired,
                [INCIDENT_KEY_ROLLED] = say_key_rolled,
                [INCIDENT_KEY_INVALID] = say_key_invalid,
                [INCIDENT_KEY_BLOCKED] = say_key_blocked,
                [INCIDENT_KEY_ACCOUNT_REFUSED] = say_key_account_refused,
                [INCIDENT_KEY_PERMISSIONS_MISSING] = say_key_permissions_missing,
                [INCIDENT_KEY_PERMISSIONS_EXCESS] = say_key_permissions_excess,
                [INCIDENT_KEY_WRONG_ACCOUNT] = say_key_wrong_account,
                [INCIDENT_KEY_UNRESTRICTED] = say_key_unrestricted,
                [INCIDENT_KEY_ROTATION_DUE] = say_key_rotation_due,
                [INCIDENT_KEY_OLD_STILL_ALIVE] = say_key_old_still_alive,
                [INCIDENT_KEY_UNVERIFIED] = say_key_unverified,
                [INCIDENT_KEY_UNREADABLE] = say_key_unreadable,
                [INCIDENT_KEY_FLAPPING] = say_key_flapping,
                [INCIDENT_PROBE_COUPON_FOUND] = say_coupon_found,
                [INCIDENT_PROBE_COUPON_DELETED] = say_coupon_deleted,
                [INCIDENT_PROBE_COUPON_KEPT] = say_coupon_kept,
                [INCIDENT_PROBE_COUPON_STUCK] = say_coupon_stuck,
                [INCIDENT_STRIPE_OUTAGE] = say_stripe_outage,
                [INCIDENT_MASS_REVOCATION] = say_mass_revocation,
                [INCIDENT_KEYS_DEAD_ON_ARRIVAL] = say_keys_dead_on_arrival,
                [INCIDENT_PERMISSION_CHANGED] = say_permission_changed,
                [INCIDENT_MANY_ALIKE] = say_many_alike,
                [INCIDENT_CATALOGUE_STALE] = say_catalogue_stale,
                [INCIDENT_WATCH_BEHIND] = say_watch_behind,
                [INCIDENT_WATCH_SILENT] = say_watch_silent,
                [INCIDENT_STORE_TROUBLE] = say_store_trouble,
                [INCIDENT_INCIDENT_CLEARED] = say_incident,
                [INCIDENT_INCIDENT_REMINDER] = say_incident,
                [INCIDENT_ROUND_COMPLETED] = say_round_completed,
                [INCIDENT_JOURNAL_SUMMARY] = say_journal_summary,
                [INCIDENT_NOTIFY_FAILING] = say_notify_failing,
                [INCIDENT_OPERATOR_ACTION] = say_operator_action,
                [INCIDENT_TEST_ALERT] = say_test_alert,
        };

        return sentences[kind];
}

static void say_reminder(FILE *out, const struct notice *notice)
{
        if (notice->kind <= INCIDENT_PROBE_COUPON_STUCK && !is_given(notice->key) && notice->count > 0) {
                say_many_open(out, notice);
                return;
        }
        if (notice->incident > 0)
                fprintf(out, "still open (%" PRId64 "): ", notice->incident);
        else
                fputs("still open: ", out);
        sentence_opened(notice->kind)(out, notice);
}

static void say(FILE *out, const struct notice *notice)
{
        switch (notice->phase) {
        case NOTICE_CLEARED:
                say_cleared(out, notice);
                break;
        case NOTICE_REMINDER:
                say_reminder(out, notice);
                break;
        case NOTICE_LISTED:
                fprintf(out, "listed under incident %" PRId64 ": ", notice->parent);
                sentence_opened(notice->kind)(out, notice);
                break;
        case NOTICE_OPENED:
                sentence_opened(notice->kind)(out, notice);
                break;
        }
        fputc('.', out);
}

/* `detail` may hold what somebody else wrote: no byte of it may end the line or steer a terminal. */
static void make_printable(char *text)
{
        for (; *text != '\0'; text++)
                if ((unsigned char) *text < ' ' || *text == 0x7f)
                        *text = ' ';
}

int notice_message(const struct notice *notice, char **ret)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *out = memory_stream(&text, &size);

        if (!out)
                return -ENOMEM;
        say(out, notice);
        if (fclose(out) != 0)
                return -ENOMEM;
        make_printable(text);
        if (text[0] >= 'a' && text[0] <= 'z')
                text[0] = (char) (text[0] - 'a' + 'A');
        *ret = TAKE(text);
        return 0;
}
