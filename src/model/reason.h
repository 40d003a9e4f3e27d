/* The words of KEYVIGIL_REASON by which something is decided. They are words in the database, the journal and
 * JSON, and bits inside; any other word is only told, and stays as it is. */
#ifndef MODEL_REASON_H
#define MODEL_REASON_H

#include <stdbool.h>

/* clang-format off */
#define REASONS(X) \
        X(UNCONFIRMED, "unconfirmed")         /* mass-revocation: nobody vouches for the path */ \
        X(UNLISTED_ANSWER, "unlisted-answer") /* key-unverified: answered as no rule lists */ \
        X(EXPIRY, "expiry")                   /* key-rotation-due: a deadline */ \
        X(AGE, "age")                         /* key-rotation-due: a habit */ \
        X(READER, "reader")                   /* store-trouble: somebody keeps the log from beginning anew */ \
        X(LOST, "lost")                       /* permission-changed: what its members miss */ \
        X(GAINED, "gained")                   /* permission-changed: what its members have too much */ \
        X(PROFILE, "profile")                 /* permissions: not Stripe changed it, but what we want */ \
        /* key-flapping: what keeps opening and ending */ \
        X(KEY_REVOKED, "key-revoked") \
        X(KEY_BLOCKED, "key-blocked") \
        X(KEY_ACCOUNT_REFUSED, "key-account-refused") \
        X(KEY_PERMISSIONS_MISSING, "key-permissions-missing")
/* clang-format on */

enum reason {
#define X(name, word) REASON_##name,
        REASONS(X)
#undef X
                _REASON_MAX
};

const char *reason_name(enum reason reason);

/* A bit for each known one among words with blanks between; NULL: none. */
unsigned reasons_parse(const char *words);

static inline bool reasons_have(unsigned reasons, enum reason reason)
{
        return reasons & (1u << reason);
}

#endif
