/* The words: what an incident says to people, and the fields it carries. Pure. */
#ifndef ALERT_NOTICE_H
#define ALERT_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/incident.h"
#include "model/key.h"

enum notice_phase {
        NOTICE_OPENED,
        NOTICE_CLEARED,  /* MESSAGE_ID of incident-cleared, KEYVIGIL_KIND of what is cleared; PRIORITY 5 */
        NOTICE_REMINDER, /* MESSAGE_ID of incident-reminder, PRIORITY as opened */
        NOTICE_LISTED,   /* one member of a group: its own MESSAGE_ID, the group's number, PRIORITY 6 */
};

/* All that a sentence or a field may need. Strings are borrowed; NULL or "" where it does not apply: no such
 * field is then sent. Times in seconds since 1970, 0: not.
 *
 * `reason` is one word or several, separated by a blank. The sentences know these, and ignore others:
 *   dead keys               expired-code | unknown-to-stripe, and unwitnessed | three-holds
 *   mass-revocation         revoked | blocked | unconfirmed
 *   permission-changed      lost | gained | profile: not Stripe changed it, but what we want, and missing
 *                           or excess says which of the two it is
 *   key-permissions-…       profile, the same of one key
 *   many-alike              the kind of its members
 *   key-unverified          unlisted-answer
 *   key-rotation-due        age | expiry
 *   key-flapping            the kind that keeps opening and ending
 *   probe-coupon-kept       shape | grace | clock | redeemed | promotion-code | promotion-codes-unreadable |
 *                           mode | no-coupons-write | unusual-number | report-only | several
 *   watch-silent            no-daemon | round-old
 *   cleared, about coupons  no-key | cleanup-off
 *   cleared, about a key    removed | replaced | paused | dead: there is nothing left that it could be about
 */
struct notice {
        enum incident_kind kind;
        enum notice_phase phase;
        int priority; /* syslog, as the incident was opened; 0: the usual one of its kind */
        const char *event_id;
        int64_t incident;
        int64_t parent; /* the group; LISTED only */
        const char *key, *mode, *profile, *account;
        const char *state, *previous_state;
        const char *reason;
        const char *missing;        /* ids: "coupon_write invoice_read" */
        const char *missing_labels; /* "Coupons: Write, Invoices: Read" */
        const char *excess, *excess_labels;
        const char *coupon;
        long http_status; /* 0: no answer */
        const char *stripe_code, *request_id;
        const char *remedy_url;
        const char *action; /* operator-action: added | imported | rotated | removed | set | paused | resumed
                               | acknowledged | forced | decided */
        const char *by_uid; /* operator-action: who, as a number */
        const char *detail; /* free words of the engine's about this case, without a full stop: which failure
                               was seen, which account was declared … Cut to what there is
                               room for */
        int64_t since;      /* of the trouble */
        int64_t at;         /* of this event; CLEARED: the trouble lasted from `since` until then */
        int64_t expires;
        uint64_t count; /* what the kind counts: keys (stripe-outage, watch-behind, round-completed,
                           operator-action), accounts (groups, catalogue-stale), changes (key-flapping), tries
                           (probe-coupon-stuck), coupons (the other coupon kinds, without `coupon`), entries
                           (journal-summary). A REMINDER of a key's kind without `key`: that many incidents
                           of the kind are open. 0: not sent, unless `has_count` */
        bool has_count;
        bool quiet;   /* PRIORITY 6: it is told for the record only */
        bool unsaved; /* KEYVIGIL_UNSAVED=1: the database does not hold this event */
};

/* The PRIORITY that notice_fields() gives it. */
int notice_priority(const struct notice *notice);

/* One plain sentence of at most 400 bytes: what, which key, since when. The caller frees. -ENOMEM. */
int notice_message(const struct notice *notice, char **ret);

/* All fields in the form of struct event:
 * "MESSAGE=…\nMESSAGE_ID=…\nPRIORITY=…\nSYSLOG_IDENTIFIER=keyvigild\n…", values without control bytes, each
 * at most 8 KiB. The caller frees. -ENOMEM. */
int notice_fields(const struct notice *notice, char **ret);

#endif
