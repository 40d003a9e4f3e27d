/* The words: what an incident says to people, and the fields it carries. Pure. */
#ifndef ALERT_NOTICE_H
#define ALERT_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/incident.h"
#include "model/key.h"

enum notice_phase {
        NOTICE_OPENED,
        NOTICE_CLEARED,  /* MESSAGE_ID of incident-cleared, KEYVIGIL_KIND of what is cleared */
        NOTICE_REMINDER, /* MESSAGE_ID of incident-reminder, PRIORITY as opened */
        NOTICE_LISTED,   /* one key of a mass incident: its own MESSAGE_ID, PRIORITY 6 */
};

/* All that a sentence or a field may need. Strings are borrowed; NULL or "" where it does not apply: no such
 * field is then sent. Times in seconds since 1970, 0: not. */
struct notice {
        enum incident_kind kind;
        enum notice_phase phase;
        int priority; /* syslog */
        const char *event_id;
        int64_t incident;
        const char *key, *mode, *profile, *account;
        const char *state, *previous_state;
        const char *reason;  /* one word: expired-code, unknown-to-stripe, unwitnessed, unconfirmed … */
        const char *missing; /* ids: "coupon_write invoice_read" */
        const char *missing_labels; /* "Coupons: Write, Invoices: Read" */
        const char *excess, *excess_labels;
        const char *coupon;
        const char *http_status, *stripe_code, *request_id;
        const char *remedy_url;
        const char *detail; /* free words of the engine's about this case, without a full stop: which failure
                               was seen … */
        int64_t since;      /* of the trouble */
        int64_t expires;
        uint64_t count; /* 0: not sent, unless `has_count` */
        bool has_count;
};

/* One plain sentence: what, which key, since when. The caller frees. -ENOMEM. */
int notice_message(const struct notice *notice, char **ret);

/* All fields in the form of struct event:
 * "MESSAGE=…\nMESSAGE_ID=…\nPRIORITY=…\nSYSLOG_IDENTIFIER=keyvigild\n…", values without control bytes. The
 * caller frees. -ENOMEM. */
int notice_fields(const struct notice *notice, char **ret);

#endif
