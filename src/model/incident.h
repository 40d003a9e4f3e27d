/* Something that is wrong now, and the events that tell of it. The table below is the one place where a kind,
 * its MESSAGE_ID and its priority are said; systemd/keyvigil.catalog and keyvigil.journal(7) are held to it
 * by a test. */
#ifndef MODEL_INCIDENT_H
#define MODEL_INCIDENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"
#include "model/reason.h"

/*      name, text, MESSAGE_ID, syslog priority for a live key, for a test key
 *
 * Of a group: for the keys of that mode. many-alike is as urgent as its members, permission-changed as urgent
 * as said here when the permission was lost, and as key-permissions-excess when it was gained. */
#define INCIDENT_KINDS(X)                                                                                    \
        X(KEY_REVOKED, "key-revoked", "28d5c947cd4d45048ef999dc67e12748", 2, 4)                              \
        X(KEY_EXPIRED, "key-expired", "d185422420804fd691ecfddecb14353a", 2, 4)                              \
        X(KEY_ROLLED, "key-rolled", "c4fa3685b434499b9dd984820f28b0a5", 5, 5)                                \
        X(KEY_INVALID, "key-invalid", "39873e277d5a435e89d12eb34684d87d", 3, 4)                              \
        X(KEY_BLOCKED, "key-blocked", "ad2a6cb976194b3387c0aca004238419", 3, 4)                              \
        X(KEY_ACCOUNT_REFUSED, "key-account-refused", "6d6c8ba279924452bf297bfdd986050c", 3, 4)              \
        X(KEY_PERMISSIONS_MISSING, "key-permissions-missing", "88298422e90a4c0c838419a14acc9550", 3, 4)      \
        X(KEY_PERMISSIONS_EXCESS, "key-permissions-excess", "0280564714634c9faae93def6af5806e", 4, 5)        \
        X(KEY_WRONG_ACCOUNT, "key-wrong-account", "596d723d99774899895506615cdd0690", 2, 3)                  \
        X(KEY_UNRESTRICTED, "key-unrestricted", "dd9b4ca6952540108acdd0db134c3d91", 4, 5)                    \
        X(KEY_ROTATION_DUE, "key-rotation-due", "7217bb36173d401881620b59d264fd9d", 5, 5)                    \
        X(KEY_OLD_STILL_ALIVE, "key-old-still-alive", "df0e1f0aad594bd6874dcd22a312524f", 4, 5)              \
        X(KEY_UNVERIFIED, "key-unverified", "d48ab468f69643df9c57b2251217ba7e", 4, 5)                        \
        X(KEY_UNREADABLE, "key-unreadable", "81f4fb011304483c9271c076f3d83c03", 2, 4)                        \
        X(KEY_FLAPPING, "key-flapping", "d74a3378c92244bf97e89373953dae83", 4, 5)                            \
        X(PROBE_COUPON_FOUND, "probe-coupon-found", "7f1d24e2cc634ec790b1a47f0bdff3a3", 5, 6)                \
        X(PROBE_COUPON_DELETED, "probe-coupon-deleted", "9720893dc3e14badbb243c0f435cf1d5", 5, 6)            \
        X(PROBE_COUPON_KEPT, "probe-coupon-kept", "65fa712fbe404d619284ef95e8bb5865", 4, 5)                  \
        X(PROBE_COUPON_STUCK, "probe-coupon-stuck", "cd4f7c15739d47339a29bd4c69bc4615", 4, 5)                \
        X(STRIPE_OUTAGE, "stripe-outage", "e334abc1565b4f0183794ee5da126934", 4, 4)                          \
        X(MASS_REVOCATION, "mass-revocation", "e40b8846ed5d494dae4206495bab1c99", 1, 4)                      \
        X(KEYS_DEAD_ON_ARRIVAL, "keys-dead-on-arrival", "ba98b1bbeb4b4b6b9a5da0b61b82a881", 4, 5)            \
        X(PERMISSION_CHANGED, "permission-changed", "1580f7ce641449b48b5ef85ef52c16b8", 2, 4)                \
        X(MANY_ALIKE, "many-alike", "7adb0237cd244128aa1bf3a1d4640202", 4, 5)                                \
        X(CATALOGUE_STALE, "catalogue-stale", "0a673baa69f34a82bee92722285d7739", 4, 4)                      \
        X(WATCH_BEHIND, "watch-behind", "82086a5812c049b68a93905c7c9c24d3", 4, 4)                            \
        X(WATCH_SILENT, "watch-silent", "548658517b6a4ba7be115cbbe82251d3", 2, 2)                            \
        X(STORE_TROUBLE, "store-trouble", "1b8a42fa16ea4a398d4966268e8c86c4", 2, 2)                          \
        X(INCIDENT_CLEARED, "incident-cleared", "5329417baee54facafb01bfc039044d4", 5, 5)                    \
        X(INCIDENT_REMINDER, "incident-reminder", "a7242b900adb4f1780fa0ca39535ab51", 5, 5)                  \
        X(ROUND_COMPLETED, "round-completed", "97853fbdea9346ada2c6e9a9c428e0f8", 6, 6)                      \
        X(JOURNAL_SUMMARY, "journal-summary", "0b0a414394ca49f4a6a86ecff7fb9d82", 4, 4)                      \
        X(NOTIFY_FAILING, "notify-failing", "cb4cbb82151c48ce9394aed2a492c607", 4, 4)                        \
        X(OPERATOR_ACTION, "operator-action", "030f3bb573734c1abc841c7f5033b39f", 5, 5)                      \
        X(TEST_ALERT, "test-alert", "a8f7d7926fad4e5ba425c8f5c3076966", 5, 5)

enum incident_kind {
#define X(name, text, id, live, test) INCIDENT_##name,
        INCIDENT_KINDS(X)
#undef X
                _INCIDENT_KIND_MAX
};

const char *incident_kind_name(enum incident_kind kind);
const char *incident_kind_message_id(enum incident_kind kind);
int incident_kind_priority(enum incident_kind kind, bool live);

/* Does one incident of it stand for those of many accounts? */
bool incident_kind_is_group(enum incident_kind kind);

/* -EINVAL: no such kind. */
int incident_kind_parse(const char *name, enum incident_kind *ret);

/* "key-revoked,key-expired" as a bit for each; NULL: UINT64_MAX. -EINVAL: one is none. */
int incident_kinds_parse(const char *names, uint64_t *ret);

/* For the record, not for people. */
#define PRIORITY_QUIET 6

/* 32 hexadecimal digits and a NUL. */
#define EVENT_ID_MAX 33

/* What a monitoring program makes of it. */
enum incident_class {
        INCIDENT_CRITICAL, /* priority <= 2 */
        INCIDENT_WARNING,  /* 3 and 4 */
        INCIDENT_LESSER,
        INCIDENT_ACKNOWLEDGED, /* of whatever priority */
        _INCIDENT_CLASS_MAX,
};

/* Opened once, cleared once. All texts owned, never NULL but where it is said. Times in seconds since 1970;
 * 0: not. */
struct incident {
        int64_t id; /* > 0, for life */
        enum incident_kind kind;
        int64_t key_id;     /* 0: about no single key */
        int64_t account_id; /* 0: about no single account, or not known */
        int64_t parent;     /* the group under which it is listed; 0: none */
        const char *mode;   /* "live", "test", or "" if it is about neither; static */
        uint32_t number;    /* the how-manieth of its kind about its key */
        bool quiet;         /* the journal told it at PRIORITY 6 */
        int64_t since;      /* what it tells of; it opens when that is sure enough */
        int64_t opened, cleared;
        int64_t reminded; /* when it was last announced: opening or reminder */
        uint32_t reminders;
        int64_t acknowledged, acknowledged_until; /* until: INT64_MAX without a date */
        uint32_t acknowledged_uid;
        int priority;                /* syslog */
        uint32_t count;              /* keys, coupons …: whatever the kind counts */
        char event_id[EVENT_ID_MAX]; /* of the event that opened it */
        char *reason;     /* KEYVIGIL_REASON as it was opened; what the acknowledging person wrote comes in
                             `acknowledgement` */
        unsigned reasons; /* reasons_parse() of it */
        char *detail;     /* what is repeated in reminders: ids of permissions, codes …; machine-readable */
        /* Texts for people are in the database alone. NULL: as they are there; else they wait to be written.
         */
        char *message; /* the sentence that opened it */
        char *acknowledgement;
        struct incident *next; /* engine/: the next one of the same key */
        uint8_t counted;       /* engine/: 1 + enum incident_class; 0: not */
};

struct incident *incident_free(struct incident *incident);
DEFINE_CLEANUP(struct incident, incident_free)

enum send_state {
        SEND_UNSENT,
        SEND_SENT,
        SEND_SUMMARISED, /* counted in a journal-summary instead of being sent */
};

/* One entry for the journal, with all its fields as they will be sent. */
struct event {
        int64_t seq;      /* > 0, the order in which they came to be */
        int64_t incident; /* 0: none (round-completed) */
        int64_t key_id;   /* 0: none */
        int64_t at_wall;
        enum incident_kind kind;
        int priority;
        enum send_state send_state;
        char id[EVENT_ID_MAX];
        char *fields; /* "NAME=value\n" …, owned */
};

struct event *event_free(struct event *event);
DEFINE_CLEANUP(struct event, event_free)

#endif
