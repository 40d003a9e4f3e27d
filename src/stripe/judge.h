/* What an answer of Stripe's means. Pure: bytes in, judgement out. */
#ifndef STRIPE_JUDGE_H
#define STRIPE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/transport.h"
#include "stripe/catalogue.h"

/* feature-off: the account lacks the product that was asked for, which is no verdict about the permission.
 * Most of these texts speak of the account, so the key was accepted; UNROUTED is the one that is told before
 * anybody looks at the key ("Unrecognized request URL", for Treasury), and says nothing about it. */
#define ANSWERS(X)                                                                                           \
        X(GRANTED, "granted")                                                                                \
        X(REFUSED, "refused")                                                                                \
        X(DEAD_EXPIRED, "dead-expired")                                                                      \
        X(DEAD_INVALID, "dead-invalid")                                                                      \
        X(BLOCKED, "blocked")                                                                                \
        X(ACCOUNT_REFUSED, "account-refused")                                                                \
        X(FEATURE_OFF, "feature-off")                                                                        \
        X(FEATURE_UNROUTED, "feature-off")                                                                   \
        X(THROTTLED, "throttled")                                                                            \
        X(UNCLEAR, "unclear")

enum answer {
#define X(name, text) ANSWER_##name,
        ANSWERS(X)
#undef X
                _ANSWER_MAX
};

const char *answer_name(enum answer answer);

/* Why an answer is unclear: what an outage's incident says was seen. */
#define CAUSES(X)                                                                                            \
        X(NONE, "")                                                                                          \
        X(RESOLVE, "name lookup")                                                                            \
        X(CONNECT, "connect")                                                                                \
        X(TLS, "TLS")                                                                                        \
        X(TIMEOUT, "timeout")                                                                                \
        X(BROKEN, "broken connection")                                                                       \
        X(SERVER_ERROR, "5xx")                                                                               \
        X(REDIRECT, "redirect")                                                                              \
        X(FOREIGN, "foreign page")                                                                           \
        X(UNLISTED, "unlisted answer")                                                                       \
        X(LOCAL, "our own side")

enum cause {
#define X(name, text) CAUSE_##name,
        CAUSES(X)
#undef X
                _CAUSE_MAX
};

const char *cause_name(enum cause cause);

/* Everything that is kept of an answer. No key and no part of one is in it, whatever the body held; never the
 * message of a 401. Texts are cut to their field; "" where there is nothing. */
struct judgement {
        enum answer answer;
        enum cause cause; /* NONE unless `answer` is unclear */
        bool stale_probe; /* a 400/404 of the provider's shape that proves nothing (retired endpoint, bad
                             version) */
        long status;      /* 0: no answer */
        bool everyone; /* a 5xx, or a 429 of somebody in front of the provider: no doing of this account's */
        int64_t retry_after; /* seconds; -1: not said */
        signed char should_retry;
        int64_t date_wall;    /* -1: not said */
        char code[CODE_SIZE]; /* whole, or "" */
        char request_id[64];
        char account[40];     /* acct_… that a refusal names as the key's own */
        char key_object[64];  /* mk_… named by a refusal: the stable id of the key, not a credential */
        char permission[160]; /* hint of a refusal, without rak_: "coupon_write", or several with blanks
                                 between */
        char label[80];       /* hint of a refusal: "Coupons Write" */
        char text[256];       /* redacted message, or what went wrong on our side */
};

/* Judge the reply to `probe`: a verdict only from an answer of the provider's shape, that is a JSON object
 * with `error` as an object or, for 2xx, with `object` (lists of /v2/ have an array `data` instead). `probe`
 * NULL: no particular row of the catalogue; what any row counts as granted does (2xx, 404 resource_missing,
 * 400 resource_missing or parameter_missing). */
void judge(const struct reply *reply, const struct probe *probe, struct judgement *ret);

/* healthy = the answer proves that the key is accepted, whatever it may do. */
static inline bool answer_is_healthy(enum answer answer)
{
        return answer == ANSWER_GRANTED || answer == ANSWER_REFUSED || answer == ANSWER_FEATURE_OFF;
}

/* Does the answer say whether the permission is granted? */
static inline bool answer_is_about_permission(enum answer answer)
{
        return answer == ANSWER_GRANTED || answer == ANSWER_REFUSED;
}

/* Does it tell anything about the key? */
static inline bool answer_is_judged(enum answer answer)
{
        return answer != ANSWER_UNCLEAR && answer != ANSWER_THROTTLED && answer != ANSWER_FEATURE_UNROUTED;
}

static inline bool answer_is_feature_off(enum answer answer)
{
        return answer == ANSWER_FEATURE_OFF || answer == ANSWER_FEATURE_UNROUTED;
}

/* A well-formed answer that leaves the question open, however often it is asked. */
static inline bool judgement_is_in_vain(const struct judgement *j)
{
        return j->stale_probe || j->answer == ANSWER_FEATURE_UNROUTED;
}

static inline bool answer_is_dead(enum answer answer)
{
        return answer == ANSWER_DEAD_EXPIRED || answer == ANSWER_DEAD_INVALID;
}

#endif
