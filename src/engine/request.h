/* What is said of a key when it is stored, and what a check of it found. */
#ifndef ENGINE_REQUEST_H
#define ENGINE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stripe/judge.h"

struct key;

struct label {
        const char *name, *value;
};

#define LABELS_MAX 32

/* What is said of a key when it is stored. NULL / 0: not said. */
struct key_request {
        const char *name;
        const char *profile; /* NULL: "selgeo" for add, required for import */
        const char *account;
        int64_t created, expires;
        const struct label *labels;
        size_t n_labels;
        bool has_mode;        /* the secret must be of this mode */
        int mode;             /* enum key_mode */
        bool connect;         /* try a real coupon, too */
        bool excess;          /* add: look at once for the riskiest of what is too much; put: right after */
        bool force;           /* store it although something is missing or could not be told */
        bool replace_account; /* rotate: the new secret may be of another account */
};

enum check_kind {
        CHECK_PULSE,
        CHECK_FULL,
        CHECK_EXCESS,
        CHECK_COUPONS,
        CHECK_CONNECT,
};

enum check_outcome {
        OUTCOME_WELL,     /* as the profile wants it */
        OUTCOME_FINDINGS, /* dead, blocked, refused, something missing or too much */
        OUTCOME_UNCLEAR,  /* could not tell */
};

/* Borrowed during the callback. Texts are "" where there is nothing to say. */
struct check_result {
        const char *name;
        const struct key *key; /* NULL: not (or no longer) stored */
        enum check_outcome outcome;
        enum answer answer;  /* the last one */
        const char *message; /* plain words: what was found, or why it could not be told */
        const char *account;
        const char *missing, *missing_labels; /* as in struct notice */
        const char *excess, *excess_labels;
        const char
                *unprobed; /* required permissions that cannot be probed, or were not answered, as labels */
        const char *remedy_url;
        const char *warning; /* odd length, name pattern … */
        bool stored;         /* add: it is in the store now */
        bool wrong_account;  /* not stored: it is of another account than it must be */
};

/* Called exactly once, from the loop, unless the engine is freed first (then never). */
typedef void (*check_done_fn)(const struct check_result *result, void *userdata);

#endif
