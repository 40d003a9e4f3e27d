#pragma once

#include <stdbool.h>

#include "answer.h"
#include "form.h"
#include "world.h"

/* One request on its way through the pretended provider. */
struct call {
        /* in */
        struct world *world;
        const char *method, *path, *query; /* path and query as they came; query may be NULL */
        const char *body;
        size_t body_size;
        const char *authorization;     /* the header, or NULL */
        const char *key_text;          /* what it holds, or NULL if it is of no use */
        const char *stripe_account;    /* the header, or NULL */
        const char *version, *address; /* Stripe-Version, the client's address; may be NULL */
        const char *idempotency_key;   /* the header, or NULL */

        /* on the way */
        struct key *key; /* NULL: unknown */
        struct form query_form, body_form;
        const struct route *route;
        char id[512]; /* of the object in the path */
        char request_id[24];

        /* out */
        struct answer answer;
        const char *fault; /* name of the fault that hit it, or NULL */
};

/* Answers the call: faults, rate limit, 401, 403, 400 and 404, then what was asked for, in this order. */
void judge(struct call *c);

/* Ends the call's own memory but not the answer's. */
void call_clear(struct call *c);
