/* What is counted while the daemon runs, for whoever draws curves of it. Only ever grows; nothing is decided
 * by it. */
#ifndef ENGINE_FIGURES_H
#define ENGINE_FIGURES_H

#include "base/histogram.h"
#include "stripe/judge.h"

/* What kept a request waiting when it was made. */
#define LIMITS(X)                                                                                            \
        X(CONCURRENCY, "concurrency")                                                                        \
        X(RATE, "rate")                                                                                      \
        X(ACCOUNT_CONCURRENCY, "account_concurrency")                                                        \
        X(ACCOUNT_RATE, "account_rate")                                                                      \
        X(BACKOFF, "backoff")

enum limit {
#define X(name, text) LIMIT_##name,
        LIMITS(X)
#undef X
                _LIMIT_MAX
};

const char *limit_name(enum limit limit);

#define CHECKS(X)                                                                                            \
        X(PULSES, "pulse")                                                                                   \
        X(FULL, "full")                                                                                      \
        X(EXCESS, "excess")

enum checks {
#define X(name, text) CHECKS_##name,
        CHECKS(X)
#undef X
                _CHECKS_MAX
};

const char *checks_name(enum checks checks);

struct figures {
        uint64_t checks[_CHECKS_MAX]; /* that came to their end */
        uint64_t answers[_ANSWER_MAX];
        struct histogram request; /* from start to answer */
        uint64_t waits[_LIMIT_MAX];
        double wait_seconds[_LIMIT_MAX];
        uint64_t sent, send_failures; /* to the journal */
        uint64_t sweeps, deletions;
        struct histogram commit;
        uint64_t commit_failures;
};

/* Zeroed, with bounds. */
void figures_init(struct figures *figures);

#endif
