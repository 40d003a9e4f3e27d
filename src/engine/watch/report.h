/* What somebody who asked about a key is told. */
#ifndef ENGINE_REPORT_H
#define ENGINE_REPORT_H

#include "engine/watch/watch.h"

struct report {
        const struct key *key; /* profile, mode; not necessarily stored */
        const struct grants *grants;
        enum answer answer;
        const char *text; /* of the last answer */
        const char *account;
        const char *edit_url; /* where the key is mended, if that is known */
        const char *warning;
        bool incomplete, stored;
        bool wrong_account;
        bool pulse_only; /* what it may do was not asked */
};

/* A result that is nothing but its reason. The texts stay the caller's. */
void report_reason(const char *name, const char *reason, const char *warning, enum check_outcome outcome,
                   struct check_result *ret);

/* It could not be done, and this is why. */
void report_refusal(const struct report *report, const char *why, check_done_fn done, void *userdata);

/* Compose the result and call `done`. */
void report_tell(struct engine *e, const struct report *report, check_done_fn done, void *userdata);

#endif
