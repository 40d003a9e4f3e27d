/* Replies for tests of stripe/. */
#ifndef TESTS_UNIT_STRIPE_ANSWERS_H
#define TESTS_UNIT_STRIPE_ANSWERS_H

#include <string.h>

#include "base/transport.h"
#include "stripe/judge.h"

static inline struct reply reply_bytes(long status, const char *body, size_t size)
{
        return (struct reply){
                .error = TRANSPORT_NONE,
                .detail = "",
                .status = status,
                .body = body,
                .size = size,
                .request_id = "req_Abc123",
                .date_wall = 1795230000,
                .retry_after = -1,
                .should_retry = -1,
                .duration_usec = 80000,
        };
}

static inline struct reply reply_text(long status, const char *body)
{
        return reply_bytes(status, body, strlen(body));
}

/* All texts of a judgement, for tests that look for something in any of them. */
#define JUDGEMENT_TEXTS(j)                                                                                   \
        {                                                                                                    \
                (j)->code, (j)->request_id, (j)->account, (j)->key_object, (j)->permission, (j)->label,      \
                        (j)->text                                                                            \
        }
#define N_JUDGEMENT_TEXTS 7

#endif
