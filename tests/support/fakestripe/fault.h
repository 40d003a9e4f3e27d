#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "answer.h"

/* Troubles on demand: X(id, name). */
#define FAULTS(X)                                                                                            \
        X(500, "500")                                                                                        \
        X(502_HTML, "502-html")                                                                              \
        X(503, "503")                                                                                        \
        X(503_HTML, "503-html")                                                                              \
        X(504_HTML, "504-html")                                                                              \
        X(401_HTML, "401-html")                                                                              \
        X(403_HTML, "403-html")                                                                              \
        X(407_HTML, "407-html")                                                                              \
        X(200_HTML, "200-html")                                                                              \
        X(DELETED_KEY_HTML, "deleted-key-html")                                                              \
        X(UNESCAPED_QUOTE, "unescaped-quote")                                                                \
        X(EMPTY, "empty")                                                                                    \
        X(ARRAY, "array")                                                                                    \
        X(STRING_ERROR, "string-error")                                                                      \
        X(UNRECOGNIZED_URL, "unrecognized-url")                                                              \
        X(INVALID_VERSION, "invalid-version")                                                                \
        X(429, "429")                                                                                        \
        X(429_LOCK, "429-lock")                                                                              \
        X(409, "409")                                                                                        \
        X(400_RATE_LIMIT, "400-rate_limit")                                                                  \
        X(REDIRECT, "redirect")                                                                              \
        X(EXPIRED_ALL, "expired-all")                                                                        \
        X(INVALID_ALL, "invalid-all")                                                                        \
        X(BLOCKED_ALL, "blocked-all")                                                                        \
        X(UNSERVED_ALL, "unserved-all")                                                                      \
        X(HANG, "hang")                                                                                      \
        X(CLOSE, "close")                                                                                    \
        /* From here on the request is carried out, and its answer spoiled. */                               \
        X(LOSE_ANSWER, "lose-answer")                                                                        \
        X(TRUNCATED, "truncated")                                                                            \
        X(CUT, "cut")                                                                                        \
        X(BODY_CUT, "body-cut")                                                                              \
        X(SLOW, "slow")                                                                                      \
        X(DELAY, "delay")                                                                                    \
        X(HUGE, "huge")                                                                                      \
        X(HEADERS, "headers")

enum fault_kind {
#define X(id, name) FAULT_##id,
        FAULTS(X)
#undef X
                _FAULT_KINDS,
};

enum { FAULT_EXTRA_HEADERS = 8 };

struct fault {
        unsigned number;
        enum fault_kind kind;
        char *key, *account, *path, *method; /* where it applies; NULL: everywhere. path is a prefix */
        int live;                            /* 1, 0, or -1: both modes */
        int64_t skip;                        /* so many requests pass first */
        int64_t count;                       /* then so many are hit; -1: all */
        double probability;
        uint64_t random;
        double seconds; /* -1: not given */
        int64_t bytes;  /* -1: not given */
        int status;     /* 0: the usual one */
        char *url;
        struct fault_header {
                char *name, *value;
        } headers[FAULT_EXTRA_HEADERS];
        uint64_t hits;
        struct fault *next;
};

struct fault_list {
        struct fault *first;
        unsigned last_number;
};

/* What a fault is matched against. `key` and `account` may be NULL. */
struct fault_subject {
        const char *key, *account, *path, *method;
        bool live;
};

const char *fault_kind_name(enum fault_kind kind);
bool fault_kind_parse(const char *name, enum fault_kind *ret);

/* Whether the request is carried out before its answer is spoiled. */
bool fault_carries_out(enum fault_kind kind);

/* The oldest fault that hits this request; it is counted as used. NULL: none. */
struct fault *fault_pick(struct fault_list *l, const struct fault_subject *s);

struct fault *fault_new(enum fault_kind kind);
void fault_add(struct fault_list *l, struct fault *f); /* takes it */
bool fault_remove(struct fault_list *l, unsigned number);
void fault_list_clear(struct fault_list *l);

/* Fills `a` with the fixed answers; false: the kind has none. */
bool fault_body(const struct fault *f, struct answer *a);
